"""Which documents a trace uses, and whom it believes."""

from __future__ import annotations

import json
import os

import pytest
from workshop import drawn, edge, step

from sbom.cyclonedx import document as documents
from sbom.cyclonedx.strict_json import Limits
from sbom.errors import (
    ChainError,
    DocumentError,
    Error,
    NotADocumentError,
    SignatureError,
    UndecidedError,
    UnstableError,
)
from sbom.signing.keys import load_public
from sbom.tracing import load


def upstream(shop, **more):
    raw = shop.put("raw.json", ["x"], prefix="", name="raw", **{"by": "raw", **more})
    steps = [step("clean", [edge("raw/x", "x")], ["data/a"])]
    return raw, shop.put("one.json", ["a"], steps, upstream=(shop.upstream(raw),))


def roles(found):
    return sorted((one.role, os.path.basename(one.release.path)) for one in found.every)


def chain(shop, **more):
    first = shop.put("1.json", ["a"], version="1")
    second = shop.put("2.json", ["a"], version="2", previous=first, **more)
    return first, second, shop.put("3.json", ["a"], version="3", previous=second)


def test_predecessors_and_what_they_were_made_from(shop):
    _, bom = upstream(shop)
    second = shop.put("two.json", ["a"], version="2", previous=bom)
    shop.put("apart.json", ["a"], name="apart")
    assert roles(shop.load(second)) == [("asked", "two.json"), ("predecessor", "one.json"), ("upstream", "raw.json")]
    found = shop.load(second)
    assert found.checked
    assert found.predecessors == ((0, 1),)
    assert [signer.status for one in found.every for signer in one.release.signers] == ["valid"] * 3
    assert ("other", "apart.json") in roles(shop.load(second, every=True))


def test_without_keys_it_says_that_nothing_was_checked(shop):
    *_, third = chain(shop, by="stranger")
    found = shop.load(third, by=())
    assert not found.checked
    assert len(found.every) == 3
    assert all(not one.release.signers for one in found.every)


def test_the_asked_document_is_not_signed(shop):
    for by in (None, "stranger"):
        with pytest.raises(SignatureError) as error:
            shop.load(shop.put("one.json", ["a"], by=by))
        assert error.value.path.endswith("one.json")


def test_a_forged_signature_of_a_predecessor(shop):
    def forge(tree):
        tree["metadata"]["component"]["description"] = "changed"

    first, second, _ = chain(shop)
    tree = json.loads(second.read_bytes())
    forge(tree)
    second.write_text(json.dumps(tree))
    third = shop.put("3.json", ["a"], version="3", previous=second)
    with pytest.raises(SignatureError, match="signature") as error:
        shop.load(third)
    assert error.value.path.endswith("2.json")
    assert first.exists()


def test_a_predecessor_that_a_stranger_signed(shop):
    *_, third = chain(shop, by="stranger")
    with pytest.raises(SignatureError):
        shop.load(third)
    with pytest.raises(SignatureError):
        shop.load(third, every=True)


def test_a_predecessor_that_was_replaced_is_missing(shop):
    _, second, third = chain(shop)
    second.write_bytes(second.read_bytes() + b"\n")
    found = shop.load(third)
    assert len(found.every) == 1
    assert "birds 2 (" in found.notes[0]


def test_the_key_for_releases_is_none_for_datasets_upstream(shop):
    _, bom = upstream(shop, by="release")
    with pytest.raises(SignatureError) as error:
        shop.load(bom)
    assert error.value.path.endswith("raw.json")
    assert len(shop.load(bom, upstream=("release",)).every) == 2


def test_a_dataset_upstream_for_which_no_key_was_given_is_not_followed(shop):
    _, bom = upstream(shop)
    found = shop.load(bom, upstream=())
    assert len(found.every) == 1
    assert found.notes == ("the document of raw 1.0 is not followed: give --upstream-key PUB",)


def test_a_dataset_upstream_with_other_bytes_is_no_substitute(shop):
    raw, bom = upstream(shop)
    tree = json.loads(raw.read_bytes())
    tree["metadata"]["component"]["description"] = "another one"
    raw.write_text(json.dumps(shop.sign(tree, "raw")))
    found = shop.load(bom)
    assert len(found.every) == 1
    assert "is not at hand" in found.notes[0]
    assert any("is not at hand" in one for one in drawn(shop.trace(bom, "a")))


def test_another_serial_number_for_the_same_bytes(shop):
    raw = shop.put("raw.json", ["x"], prefix="", name="raw", by="raw")
    link = shop.upstream(raw)._replace(version=2)
    bom = shop.put("one.json", ["a"], [step("s", [], ["data/a"])], upstream=(link,))
    with pytest.raises(ChainError, match="is not what"):
        shop.load(bom)


def test_a_predecessor_is_named_by_two_links(shop):
    first, second, third = chain(shop)

    def edit(tree):
        for one in tree["components"]:
            for reference in one.get("externalReferences", ()):
                reference["url"] = reference["url"].replace("/1", "/2")

    bad = shop.put("4.json", ["a"], version="4", previous=third, edit=edit)
    with pytest.raises(ChainError, match="is not what"):
        shop.load(bad)
    assert first.exists() and second.exists()


def test_a_successor_that_is_not_trusted_stops_the_way_forward(shop):
    first = shop.put("1.json", ["a"], version="1")
    shop.put("2.json", ["a"], version="2", previous=first, by="stranger")
    assert len(shop.load(first).every) == 1
    with pytest.raises(SignatureError) as error:
        shop.load(first, every=True)
    assert error.value.path.endswith("2.json")


def test_a_dataset_made_from_it_that_is_not_trusted_stops_the_way_forward(shop):
    raw = shop.put("raw.json", ["x"], name="raw")
    steps = [step("s", [edge("raw/x", "data/x")], ["data/a"])]
    shop.put("2.json", ["a"], steps, upstream=(shop.upstream(raw),), by="stranger")
    with pytest.raises(SignatureError):
        shop.load(raw, every=True)


def test_strangers_who_have_nothing_to_do_with_it_are_left_aside(shop):
    first = shop.put("1.json", ["a"], version="1")
    shop.put("apart.json", ["a"], name="apart", by="stranger")
    (shop.boms / "notes.txt").write_text("hello")
    (shop.boms / "other.json").write_text("{}")
    found = shop.load(first, every=True)
    assert len(found.every) == 1
    assert all(name in found.notes[0] for name in ("apart.json", "notes.txt", "other.json"))
    for number in range(6):
        (shop.boms / f"{number}.txt").write_text(f"{number}")
    assert "and 4 more" in shop.load(first, every=True).notes[0]


def test_two_documents_with_one_serial_number(shop):
    first = shop.put("1.json", ["a"], version="1")
    tree = json.loads(first.read_bytes())
    tree["metadata"]["component"]["description"] = "a twin"
    twin = shop.boms / "twin.json"
    twin.write_text(json.dumps(shop.sign(tree)))
    with pytest.raises(ChainError, match="same serial number"):
        shop.load(first, every=True)
    twin.write_text(json.dumps(shop.sign(tree, "stranger")))
    with pytest.raises(SignatureError):
        shop.load(first, every=True)


def test_a_chain_that_forks(shop):
    first, *_, third = chain(shop)
    shop.put("fork.json", ["a"], version="2b", previous=first)
    assert len(shop.load(third).every) == 3
    with pytest.raises(ChainError, match="forks"):
        shop.load(third, every=True)


def test_a_predecessor_that_is_called_something_else(shop):
    first = shop.put("1.json", ["a"], version="1")
    link = shop.link(first)._replace(release="7")
    shop.link = lambda _: link
    bad = shop.put("2.json", ["a"], version="2", previous=first)
    with pytest.raises(ChainError, match="calls its predecessor"):
        shop.load(bad)


def test_what_is_no_document(shop):
    bad = shop.boms / "bad.json"
    bad.write_text("not JSON")
    with pytest.raises(NotADocumentError):
        shop.load(bad)
    bad.write_text("{}")
    with pytest.raises(DocumentError):
        shop.load(bad)
    bad.write_text('{"a": 1, "a": 2}')
    with pytest.raises(DocumentError):
        shop.load(bad)


def test_what_cannot_be_looked_at_may_be_what_is_missing(shop):
    first, second, third = chain(shop)
    hidden = shop.boms / "hidden.json"
    hidden.symlink_to("nowhere")
    assert len(shop.load(third).every) == 3
    with pytest.raises(UndecidedError, match="may be a document"):
        shop.load(third, every=True)
    second.unlink()
    with pytest.raises(UndecidedError, match="may be a document"):
        shop.load(third)
    assert first.exists()


def test_a_document_over_the_limits_is_not_passed_over(shop):
    first = shop.put("1.json", ["a"], version="1")
    shop.put("2.json", [f"{number}" for number in range(30)], version="2", previous=first)
    keys = load.Trusted((load_public(shop.pub("release")),))
    raw = documents.read_bytes(str(first), Limits())
    with pytest.raises(Error) as error:
        load.load(raw, str(shop.boms), keys, Limits(components=10), every=True)
    assert error.value.exit_code == 3


def test_a_file_that_changes_meanwhile(shop, monkeypatch):
    _, second, third = chain(shop)
    read = documents.read_bytes

    def changing(path, limits):
        raw = read(path, limits)
        return raw._replace(data=raw.data + b" ") if path == str(second) and changing.again else raw

    changing.again = False
    listed = load._Loading._list

    def late(self, directory):
        listed(self, directory)
        changing.again = True

    monkeypatch.setattr(documents, "read_bytes", changing)
    monkeypatch.setattr(load._Loading, "_list", late)
    with pytest.raises(UnstableError):
        shop.load(third)


def test_the_order_has_predecessors_and_datasets_upstream_first(shop):
    _, bom = upstream(shop)
    second = shop.put("two.json", ["a"], version="2", previous=bom)
    found = shop.load(second, every=True)
    order = [os.path.basename(found.every[at].release.path) for at in load.in_order(found)]
    assert order == ["raw.json", "one.json", "two.json"]


def test_a_twin_of_a_dataset_upstream(shop):
    raw, bom = upstream(shop)
    tree = json.loads(raw.read_bytes())
    tree["metadata"]["component"]["description"] = "a twin"
    (shop.boms / "twin.json").write_text(json.dumps(shop.sign(tree, "release")))
    assert len(shop.load(bom).every) == 2
    with pytest.raises(ChainError, match="same serial number"):
        shop.load(bom, every=True)
