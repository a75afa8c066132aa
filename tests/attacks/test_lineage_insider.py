"""Threat "lineage", by somebody who holds the release key, and perhaps the key of one step, but not those of the others."""

from __future__ import annotations

import base64
import json

import pytest
from chains import OTHER, URL, content, digest, seen, step

from sbom.lineage import custody, statement
from sbom.provenance import Source
from sbom.signing import dsse
from sbom.transformation import DECLARED, NONE, OBSERVED, Edge, Observation, Script, Word


def enveloped(chain, payload: dict, payload_type: str = statement.PAYLOAD_TYPE, by: str = "jane") -> str:
    return dsse.sign(json.dumps(payload).encode(), payload_type, chain.keys[by]).decode()


def payload_of(chain) -> dict:
    return json.loads(statement.dump(chain.clean))


def test_an_earlier_run_of_the_same_step(chain):
    """The record of an earlier run, signed by jane, in place of the run that made this release."""
    earlier = chain.signed(
        chain.clean._replace(
            inputs=(seen("raw.csv", OTHER),), outputs=(seen("clean.csv", OTHER),), started="2026-10-01T10:00:00Z",
            finished="2026-10-01T10:00:30Z",
        )
    )  # fmt: skip
    chain.put([chain.download, earlier, chain.split])
    chain.refused("lineage.materials", "step clean: raw.csv", "but step download wrote", more=chain.demanding)
    # Its envelope beside what the run of this release did: what was signed is not what is said.
    chain.put([chain.download, chain.clean._replace(envelope=earlier.envelope), chain.split])
    chain.refused(
        "lineage.signatures", "step clean: is not what its signed record says", "inputs", more=chain.demanding
    )
    # It read the same bytes, and wrote others.
    other = chain.signed(chain.clean._replace(outputs=(seen("clean.csv", OTHER),)))
    chain.put([chain.download, other, chain.split])
    chain.refused("lineage.materials", "step split: clean.csv", "but step clean wrote", more=chain.demanding)


@pytest.mark.parametrize("level", [NONE, OBSERVED])
def test_a_step_under_another_name(chain, level):
    clean = chain.signed(chain.clean)
    chain.put([chain.download, clean._replace(name="tidy"), chain.split], level)
    chain.refused("lineage.signatures", "step tidy: is not what its signed record says: name")
    chain.put([chain.download, chain.signed(chain.clean._replace(name="tidy"), "team"), chain.split], level)
    chain.refused("lineage.signatures", "step clean: is not there", more=chain.demanding)


@pytest.mark.parametrize("name", ["Clean", "clean ", "cle\u0430n"])
def test_a_name_that_looks_the_same(chain, name):
    chain.put([chain.download, chain.signed(chain.clean._replace(name=name), "team"), chain.split])
    chain.refused("lineage.signatures", "step clean: is not there", more=chain.key("clean", "jane"))


@pytest.mark.parametrize(
    ("change", "payload_type"),
    [
        ({"predicateType": "https://in-toto.io/attestation/link/v0.3"}, statement.PAYLOAD_TYPE),
        ({"predicateType": "urn:data-sbom:predicate:step:2"}, statement.PAYLOAD_TYPE),
        ({"_type": "https://in-toto.io/Statement/v0.1"}, statement.PAYLOAD_TYPE),
        ({"more": 1}, statement.PAYLOAD_TYPE),
        ({}, "application/json"),
        ({}, "application/vnd.in-toto+json; charset=utf-8"),
    ],
)
def test_a_good_signature_over_something_else(chain, change, payload_type):
    """Jane signed it, and it says what the task says: but it is no record of a step."""
    envelope = enveloped(chain, payload_of(chain) | change, payload_type)
    chain.put([chain.download, chain.clean._replace(envelope=envelope), chain.split])
    chain.refused("lineage.signatures", "step clean: has a record that cannot be read", more=chain.demanding)


def test_the_payload_type_is_part_of_what_is_signed(chain):
    envelope = json.loads(enveloped(chain, payload_of(chain), "application/json"))
    envelope["payloadType"] = statement.PAYLOAD_TYPE
    chain.put([chain.download, chain.clean._replace(envelope=json.dumps(envelope)), chain.split])
    chain.refused("lineage.signatures", "step clean", more=chain.demanding)


def test_a_product_that_two_steps_claim(chain):
    """Who wrote it last decides, and what that one wrote is not what the dataset has."""
    again = step("again", 3, [seen("clean.csv")], [seen("data/train.csv", OTHER)])
    chain.put([*chain.steps, again])
    chain.refused("lineage.products", "step again: train.csv", more=chain.key("*", "team"))
    first = step("first", 1, [seen("raw.csv")], [seen("clean.csv", OTHER)])
    chain.put([chain.download, chain.clean, first, chain.split])
    chain.refused("lineage.materials", "step split: clean.csv", "but step first wrote")


@pytest.mark.parametrize(
    "name",
    ["x/../clean.csv", "./clean.csv", "/clean.csv", "x//clean.csv", "CLEAN.CSV", "clean.csv\u200b", "clean\\csv"],
)
def test_another_way_to_write_a_name(chain, name):
    """It is refused as a name, or it is another file: never the same one."""
    chain.put([chain.download, chain.clean._replace(outputs=(seen(name, digest("clean.csv")),)), chain.split])
    ran = chain.verify("-f", "json")
    assert ran.code == 1
    assert "clean" in ran.text.lower()


def test_a_directory_does_not_cover_what_nobody_recorded(chain):
    """A record that names the directory, and not the file in it: nobody knows with what it was written."""
    (chain.data / "planted.csv").write_bytes(b"planted")
    whole = Edge("data/", (Word(OBSERVED),))
    chain.put([chain.download, chain.clean, chain.split._replace(outputs=(whole, *chain.split.outputs))])
    chain.refused("lineage.products", "step split: planted.csv", "nobody knows with what", more=chain.demanding)


def test_gaps_that_were_signed_are_taken_away(chain):
    signed = chain.signed(chain.clean._replace(observation=Observation("strace", complete=False, gaps=("it escaped",))))
    chain.put([chain.download, signed, chain.split])
    chain.refused("lineage.steps", "step clean: was not observed completely: it escaped", more=chain.demanding)
    chain.put([chain.download, signed._replace(observation=Observation("strace", complete=True)), chain.split])
    chain.refused("lineage.signatures", "step clean: is not what its signed record says: observation")


def test_an_exit_code_that_was_signed_is_changed(chain):
    signed = chain.signed(chain.clean._replace(exit_code=1))
    chain.put([chain.download, signed, chain.split])
    chain.refused("lineage.steps", "step clean: failed", more=chain.demanding)
    chain.put([chain.download, signed._replace(exit_code=0), chain.split])
    chain.refused("lineage.signatures", "step clean: is not what its signed record says: exit_code")


def test_a_remark_beside_a_signed_record_explains_nothing(chain):
    """Words of a pipeline may stand beside a record, and nobody signed them."""
    (chain.data / "planted.csv").write_bytes(b"planted")
    partial = chain.split._replace(observation=Observation("snapshot", complete=False, gaps=("reads are not seen",)))
    signed = chain.signed(partial)
    remark = Edge("data/planted.csv", (Word(DECLARED, "dvc.yaml:3"),), digest("x"), 1)
    for edge in (remark, remark._replace(sha256=None), remark._replace(name="data/", sha256=None)):
        outputs = tuple(sorted((*signed.outputs, edge)))
        chain.put([chain.download, chain.clean, signed._replace(outputs=outputs)], NONE)
        chain.accepted()
        chain.refused(
            "lineage.products", "planted.csv", "nobody says where it comes from",
            more=("--require-lineage", "declared", *chain.key("split", "team")),
        )  # fmt: skip


def test_signed_steps_beside_a_dataset_that_did_not_go_through_them(chain):
    """What was never cleaned is published, and the records of cleaning lie beside it."""
    raw = Edge("data/train.csv", (Word(OBSERVED),), digest("data/train.csv"), 1)
    test = Edge("data/test.csv", (Word(OBSERVED),), digest("data/test.csv"), 1)
    download = chain.download._replace(outputs=(test, raw, seen("raw.csv")))
    split = chain.split._replace(outputs=(seen("out/train.csv"),))
    chain.put([download, chain.clean, split])
    chain.accepted("--require-lineage", "observed")
    chain.refused(
        "lineage.signatures", "step clean: is there, but no file of the dataset comes from it", more=chain.demanding
    )


def test_a_remark_does_not_lead_through_a_step(chain):
    """A pipeline's words would tie the dataset to jane's step; her record does not."""
    aside = chain.signed(chain.clean._replace(inputs=(), outputs=(seen("log"),)))
    partial = aside._replace(observation=Observation("snapshot", complete=False))
    for one in (aside, chain.signed(partial._replace(envelope=None))):
        remark = Edge("clean.csv", (Word(DECLARED, "dvc.yaml:3"),), digest("clean.csv"), 1)
        chain.put([chain.download, one._replace(outputs=(remark, *one.outputs)), chain.split], NONE)
        chain.refused("lineage.signatures", "step clean: is there, but no file", more=chain.key("clean", "jane"))


def test_a_file_of_a_source_in_place_of_a_step_with_a_key(chain):
    """Everything is said to have been downloaded: nobody split it."""
    sources = tuple(
        Source(URL, "x", path=f"data/{name}", digests=(("SHA-256", digest(f"data/{name}")),))
        for name in ("test.csv", "train.csv")
    )
    chain.put([chain.download], sources=sources)
    chain.accepted("--require-lineage", "observed", *chain.key("*", "team"))
    chain.refused("lineage.signatures", "step split: is not there", more=chain.key("split", "team"))
    chain.refused("lineage.signatures", "step download: is there, but no file", more=chain.key("download", "team"))


def test_a_script_that_jane_did_not_run(chain):
    signed = chain.signed(chain.clean)
    chain.put([chain.download, signed._replace(scripts=(Script("clean.py", OTHER, 3),)), chain.split])
    chain.refused("lineage.signatures", "step clean: is not what its signed record says: scripts")


def test_records_of_two_chains(chain):
    """Each record is good, and signed; they are of runs that never met."""
    other = chain.split._replace(inputs=(seen("clean.csv", OTHER),))
    chain.put([chain.download, chain.clean, other])
    chain.refused("lineage.materials", "step split: clean.csv", "but step clean wrote", more=chain.demanding)


def test_a_signature_that_was_cut_out(chain):
    envelope = json.loads(chain.signed(chain.clean).envelope)
    for signatures in ([], [{**envelope["signatures"][0], "sig": base64.b64encode(b"\0" * 64).decode()}]):
        made = chain.clean._replace(envelope=json.dumps({**envelope, "signatures": signatures}))
        chain.put([chain.download, made, chain.split])
        ran = chain.verify(*chain.demanding)
        assert ran.code == 1
        assert "clean" in ran.text


def test_a_loop_that_explains_itself(chain):
    a = step("a", 1, [seen("b.csv")], [seen("a.csv"), seen("data/train.csv")])
    b = step("b", 2, [seen("c.csv")], [seen("b.csv")])
    c = step("c", 3, [seen("a.csv")], [seen("c.csv"), seen("data/test.csv")])
    chain.put([b, c, a])
    chain.refused("lineage.steps", "is part of a loop", more=chain.key("*", "team"))
    judged = custody.judge(chain.dataset([b, c, a]))
    assert judged.level == NONE


def test_content_is_what_the_chain_says(chain):
    """The chain is good, the file is not: whatever the lineage says."""
    chain.put(chain.steps)
    (chain.data / "train.csv").write_bytes(content("x"))
    ran = chain.verify(*chain.demanding)
    assert ran.code == 1
    assert "train.csv" in ran.text
