"""The whole of a trace: signatures of records, and what they prove."""

from __future__ import annotations

import pytest
from workshop import Workshop, edge, step

from sbom.errors import LimitError
from sbom.lineage import statement
from sbom.signing import dsse
from sbom.tracing import graph as graphs
from sbom.tracing import run, signers


def judged(shop: Workshop, one, *keys):
    return signers.judge(one, [shop.keys[name].public for name in keys])


def test_what_is_said_of_a_record(shop):
    one = step("clean", ["raw"], ["data/a"])
    signed = shop.signed(one, "raw")
    known = judged(shop, signed, "raw")
    assert known.says.startswith("the record is signed by key ")
    assert known.problem is None
    strange = judged(shop, signed, "release")
    assert "which was not checked" in strange.says
    assert strange.problem is None
    assert judged(shop, one).says == "the record is not signed"
    assert judged(shop, one._replace(observation=None)).says == ""


def test_a_step_that_is_not_what_its_record_says(shop):
    signed = shop.signed(step("clean", ["raw"], ["data/a"]))
    bom = shop.put("one.json", ["a"], [signed._replace(actor="Mallory")])
    found = shop.trace(bom, "a")
    assert found.exit_code == 1
    assert "step clean is not what its signed record says: actor differ" in found.problems[0]
    assert shop.trace(shop.put("one.json", ["a"], [signed]), "a").exit_code == 0


def test_a_signature_that_claims_a_given_key(shop):
    one = step("clean", ["raw"], ["data/a"])
    envelope = dsse.sign(statement.dump(one), statement.PAYLOAD_TYPE, shop.keys["stranger"]).decode()
    strange, given = (shop.keys[name].public.spki_sha256 for name in ("stranger", "release"))
    assert strange in envelope
    assert judged(shop, one._replace(envelope=envelope.replace(strange, given)), "release").problem is not None


def test_a_record_that_cannot_be_read(shop):
    one = step("clean", ["raw"], ["data/a"])
    assert judged(shop, one._replace(envelope="{}")).problem is not None
    empty = dsse.sign(statement.dump(one), statement.PAYLOAD_TYPE, shop.keys["raw"]).decode()
    assert judged(shop, one._replace(envelope=empty.replace('"signatures":[', '"signatures":[[],'))).problem is not None


def test_too_many_links_are_refused(shop, monkeypatch):
    monkeypatch.setattr(graphs, "MAX_LINKS", 2)
    bom = shop.put("one.json", ["a"], [step("s", [edge("x"), edge("y")], ["data/a"])], sources=())
    documents = shop.load(bom)
    assert len(run.trace(documents, "a").links) == 2
    monkeypatch.setattr(graphs, "MAX_LINKS", 1)
    with pytest.raises(LimitError):
        run.trace(documents, "a")
