"""Threat "lineage", across documents and keys: whom the caller trusts for steps and for the datasets they read from."""

from __future__ import annotations

import json

import pytest
from chains import OTHER, digest

from sbom.lineage import statement
from sbom.signing import dsse
from sbom.transformation import DECLARED, NONE, Step


def test_a_dataset_that_steps_read_from(chain, above):
    chain.put(above.steps, upstream=(above.named,))
    chain.accepted(*above.asked)
    chain.accepted()
    chain.refused("lineage.complete", more=("--require-lineage", "observed"))


def test_another_document_with_the_same_name(chain, above):
    chain.put(above.steps, upstream=(above.named,))
    above.write("team", digest("raw/export.csv"))
    above.bom.write_text(above.bom.read_text() + "\n")
    chain.refused("lineage.upstream", "raw", more=above.asked)


def test_a_stranger_signs_the_other_document(chain, above):
    above.write("stranger", digest("raw/export.csv"))
    chain.put(above.steps, upstream=(above.name(),))
    chain.refused("lineage.upstream", "raw", more=above.asked)


def test_the_other_document_has_other_bytes(chain, above):
    above.write("team", OTHER)
    chain.put(above.steps, upstream=(above.name(),))
    chain.refused("lineage.materials", "step clean: raw/export.csv", more=above.asked)


def test_another_serial_number_for_the_same_bytes(chain, above):
    chain.put(
        above.steps,
        upstream=(above.named._replace(serial_number="urn:uuid:" + "0" * 8 + "-395b-41f5-a30f-a58921a69b79"),),
    )
    chain.refused("lineage.upstream", "raw", more=above.asked)


def test_the_release_key_is_no_key_for_other_datasets(chain, above):
    chain.put(above.steps, upstream=(above.named,))
    more = ("--require-lineage", "observed", "--chain", str(above.boms), "--upstream-key", str(chain.home / "jane.pub"))
    chain.refused("lineage.upstream", "raw", more=more)


def test_a_missing_document_hides_no_dropped_step(chain, above):
    chain.put([above.steps[1]], upstream=(above.named,))
    chain.refused("lineage.materials", "step split: clean.csv")


def test_the_other_document_is_compared_whatever_is_required(chain, above):
    above.write("team", OTHER)
    chain.put(above.steps, NONE, upstream=(above.name(),))
    chain.accepted()
    more = ("--chain", str(above.boms), "--upstream-key", str(chain.home / "team.pub"))
    chain.refused("lineage.materials", "step clean: raw/export.csv", "but the dataset raw has", more=more)


def test_one_link_to_two_documents(chain, above):
    twin = above.named._replace(sha256=OTHER, prefix="other")
    chain.put(above.steps, NONE, upstream=(above.named, twin))
    chain.refused("lineage.upstream", "is named with two digests")


def test_one_document_at_two_places(chain, above):
    chain.put(above.steps, upstream=(above.named, above.named._replace(prefix="copy")))
    chain.accepted(*above.asked)
    above.bom.unlink()
    chain.refused("lineage.upstream", "raw", more=above.asked)


def test_two_links_to_one_document(chain, above):
    """The bytes are the right ones for one of the links; the other one has no document."""
    other = above.named._replace(serial_number="urn:uuid:" + "0" * 8 + "-395b-41f5-a30f-a58921a69b79", prefix="other")
    for upstream in ((above.named, other), (other, above.named)):
        chain.put(above.steps, upstream=upstream)
        chain.refused("lineage.upstream", "is not what", more=above.asked)


def test_an_upstream_key_without_a_directory_decides_nothing(chain, above):
    chain.put(above.steps, upstream=(above.named,))
    ran = chain.verify("--upstream-key", str(chain.home / "team.pub"))
    assert ran.code == 3, ran.text
    assert "give --chain DIR" in ran.text


def test_a_directory_that_is_none_decides_nothing(chain, above):
    chain.put(above.steps, upstream=(above.named,))
    more = ("--chain", str(chain.home / "nowhere"), "--upstream-key", str(chain.home / "team.pub"))
    assert chain.verify(*more).code == 3


# -- the keys of steps ------------------------------------------------------------------------------------------------


def test_a_key_for_every_step_is_none_for_a_step_with_a_key_of_its_own(chain):
    chain.put([chain.download, chain.signed(chain.clean, "team"), chain.split])
    chain.accepted(*chain.key("*", "team"))
    chain.refused("lineage.signatures", "step clean", more=(*chain.key("*", "team"), *chain.key("clean", "jane")))


def test_a_record_that_was_taken_away(chain):
    """What was recorded is only said now, and nobody has to have signed it: unless every step has to be."""
    said = Step("clean", "dvc.yaml", inputs=chain.clean.inputs, outputs=chain.clean.outputs)
    chain.put([chain.download, said, chain.split], DECLARED)
    chain.accepted("--require-lineage", "declared")
    chain.refused("lineage.signatures", "step clean: was not recorded", more=chain.key("*", "team"))
    chain.refused("lineage.signatures", "step clean: was not recorded", more=chain.key("clean", "jane"))
    chain.refused("lineage.steps", "step clean: was not recorded", more=("--require-lineage", "observed"))


def test_a_key_for_every_step_where_there_is_none(chain):
    source_only = chain.dataset((), NONE)
    chain.put_dataset(source_only)
    chain.refused("lineage.signatures", "names no step", more=chain.key("*", "team"))


def test_a_claim_of_a_key_that_does_not_hold(chain):
    """Beside jane's good signature stands one that says it is the team's: whoever wrote it lied."""
    clean = chain.signed(chain.clean)
    envelope = json.loads(clean.envelope)
    stranger = json.loads(dsse.sign(statement.dump(clean), statement.PAYLOAD_TYPE, chain.keys["stranger"]))
    forged = {**stranger["signatures"][0], "keyid": chain.keys["team"].public.spki_sha256}
    envelope["signatures"].append(forged)
    chain.put([chain.download, clean._replace(envelope=json.dumps(envelope)), chain.split])
    chain.accepted(*chain.key("clean", "jane"))
    chain.refused("lineage.signatures", "step clean", more=(*chain.key("clean", "jane"), *chain.key("split", "team")))


def test_two_people_sign_one_record(chain):
    clean = chain.signed(chain.clean)
    both = dsse.add(clean.envelope.encode(), chain.keys["stranger"]).decode()
    chain.put([chain.download, clean._replace(envelope=both), chain.split])
    chain.accepted(*chain.demanding)


# -- the caller's keys ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--step-key", "--upstream-key"])
def test_a_key_inside_the_data(chain, option):
    chain.put(chain.steps)
    inner = chain.data / "evil.pub"
    inner.write_bytes((chain.home / "stranger.pub").read_bytes())
    ran = chain.verify(option, f"clean={inner}" if option == "--step-key" else str(inner))
    assert ran.code == 2
    assert "inside the data" in ran.text


def test_a_private_key_is_no_key_to_trust(chain):
    chain.put(chain.steps)
    for option, value in (("--step-key", "clean={}"), ("--upstream-key", "{}")):
        ran = chain.verify(option, value.format(chain.home / "jane.key"))
        assert ran.code == 2, ran.text
        assert "private" in ran.text


@pytest.mark.parametrize("value", ["clean", "=x.pub", "clean=none.pub"])
def test_a_step_key_that_is_none(chain, value):
    chain.put(chain.steps)
    assert chain.verify("--step-key", value).code == 2


def test_an_unknown_level(chain):
    chain.put(chain.steps)
    assert chain.verify("--require-lineage", "all").code == 2
