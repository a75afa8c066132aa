"""Documents given as one chain: everything that is not exactly that is refused."""

from __future__ import annotations

import itertools
import json
import shutil

import pytest

from sbom import api
from sbom.cyclonedx.strict_json import Limits
from sbom.errors import LimitError, UsageError
from sbom.verification import releasechain
from sbom.verification.interface import Trust, skipped
from sbom.verification.releasechain import verify_chain


@pytest.fixture
def verify(publisher):
    def verify(*paths, trust=publisher.trust):
        return verify_chain([str(path) for path in paths], trust)

    return verify


def failed(verified):
    return {check.id for check in verified.report.checks if check.status == "fail"}


def test_a_good_chain(publisher, verify):
    paths = publisher.line("1", "2", "3")
    for order in itertools.permutations(paths):
        verified = verify(*order)
        assert verified.report.exit_code == 0
        assert [release.version for release in verified.releases] == ["1", "2", "3"]
        assert verified.outside == ()
    report = verified.report
    assert report.document.path == str(paths[-1])
    assert report.document.spec_version == "1.7"
    assert (report.dataset.version, report.dataset.pinned) == ("3", False)
    assert [signer.status for signer in report.signers] == ["valid"]
    assert report.check("bom.parse").sentence == "held for 3 documents"
    report.require()


def test_one_first_release_is_a_chain(publisher, verify):
    verified = verify(publisher.publish("1"))
    assert verified.report.exit_code == 0
    assert verified.report.check("bom.parse").sentence == "held for 1 document"


def test_a_document_given_twice_counts_once(publisher, verify, tmp_path):
    paths = publisher.line("1", "2")
    copy = shutil.copy(paths[0], tmp_path / "copy.json")
    verified = verify(*paths, paths[1], copy)
    assert verified.report.exit_code == 0
    assert len(verified.releases) == 2
    assert verified.report.notes == (f"{copy} is the same document as {paths[0]}: it counts once",)
    assert verified.report.check("bom.parse").sentence == "held for 3 documents"


def attacks(publisher):
    one, two, three = publisher.line("1", "2", "3")
    publish = publisher.publish
    yield "gap", (one, three), "is missing"
    yield "no beginning", (two, three), "is missing"
    yield "fork", (one, two, three, publish("2b", one)), "forks"
    yield "first twice", (one, publish("0")), "both are first releases"
    yield "foreign", (one, two, three, publish("1", name="puffins")), "different datasets"
    yield "foreign successor", (one, two, publish("3", two, name="puffins")), "different datasets"
    yield "version twice", (one, two, publish("1", two, path="again.json", content="x")), "the version 1"
    again = api.Bom.read(one)
    again.sign(publisher.strangers)
    again.write(publisher.home / "again.json")
    yield "signed again", (publisher.home / "again.json", two, three), "was replaced"
    yield "both", (one, publisher.home / "again.json", two, three), "same serial number"
    false = publish(
        "2", publisher.link(one, serial_number=again.document["serialNumber"][:-1] + "z"), path="false.json"
    )
    yield "no BOM-Link", (one, false), None
    false = publish("2", publisher.link(one, version=2), path="false.json")
    yield "other BOM-Link", (one, false), "another BOM-Link"
    false = publish("2", publisher.link(one, release="0.9"), path="lies.json")
    yield "other name", (one, false), "calls its predecessor penguins 0.9"


def test_attacks(publisher, verify):
    for name, paths, expected in attacks(publisher):
        for order in (paths, paths[::-1]):
            report = verify(*order).report
            assert report.exit_code == 1, name
            if expected is not None:
                assert expected in report.check("chain.continuity").sentence, name


def test_an_untrusted_document_in_the_middle(publisher, verify):
    one = publisher.publish("1")
    two = publisher.publish("2", one, key=publisher.strangers)
    three = publisher.publish("3", two)
    verified = verify(one, two, three)
    assert verified.report.exit_code == 1
    assert failed(verified) == {"signature.threshold", "chain.previous", "chain.continuity"}
    assert [(f.path, f.kind) for f in verified.report.check("signature.threshold").findings] == [(str(two), "FAIL")]
    assert "is not trusted" in verified.report.check("chain.previous").sentence
    assert [release.version for release in (*verified.releases, *verified.outside)] in (["1", "3"], ["3", "1"])


def test_an_untrusted_document_at_the_end(publisher, verify):
    one = publisher.publish("1")
    verified = verify(one, publisher.publish("2", one, key=None))
    assert verified.report.exit_code == 1
    assert failed(verified) == {"signature.present"}
    assert verified.report.check("signature.valid").required
    assert verified.report.check("signature.valid").status == "skipped"


def test_nothing_trusted(publisher, verify):
    verified = verify(publisher.publish("1", key=None))
    assert verified.report.exit_code == 1
    assert verified.releases == ()
    assert verified.report.dataset is None
    assert verified.report.check("chain.continuity").status == "skipped"


def test_a_document_that_is_none(publisher, verify, tmp_path):
    (tmp_path / "x.json").write_text("{")
    one, two, three = publisher.line("1", "2", "3")
    assert verify(tmp_path / "x.json").report.exit_code == 3
    assert verify(one, tmp_path / "x.json", two, three).report.exit_code == 3
    verified = verify(one, tmp_path / "x.json", three)
    assert verified.report.exit_code == 3
    assert verified.report.check("chain.continuity").status == "error"
    assert verify(one, tmp_path / "x.json", publisher.publish("0")).report.exit_code == 1


def test_a_changed_document(publisher, verify):
    one, two = publisher.line("1", "2")
    tree = json.loads(two.read_bytes())
    tree["metadata"]["component"]["version"] = "9"
    two.write_text(json.dumps(tree))
    verified = verify(one, two)
    assert verified.report.exit_code == 1
    assert "signature.valid" in failed(verified)


def test_each_document_needs_all_required_signatures(publisher, verify, strict):
    one = publisher.publish("1")
    assert verify(one, trust=strict).report.exit_code == 1
    bom = api.Bom.read(one)
    bom.sign(publisher.strangers)
    bom.write(one)
    two = publisher.publish("2", one)
    assert verify(one, trust=strict).report.exit_code == 0
    assert failed(verify(one, two, trust=strict)) == {"signature.threshold"}


def test_of_two_checks_that_were_not_made_the_required_one_counts():
    both = [("1.json", skipped("x", "lawful", required=False)), ("2.json", skipped("x", "unlawful", required=True))]
    for order in (both, both[::-1]):
        assert releasechain._fold("x", order, 2).required
    assert releasechain._fold("x", [], 2).required


def test_wrong_calls(publisher, verify):
    with pytest.raises(UsageError, match="no document"):
        verify()
    with pytest.raises(UsageError, match="nobody was named"):
        verify(publisher.publish("1"), trust=Trust(()))
    with pytest.raises(UsageError, match="no such document"):
        verify(publisher.home / "nowhere.json")
    with pytest.raises(LimitError):
        verify_chain([str(publisher.publish("1"))], publisher.trust, Limits(size=10))
