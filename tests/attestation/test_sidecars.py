"""Finding and reading what lies beside a document."""

from __future__ import annotations

import os

import pytest

from sbom.attestation import keyed, predicates, sidecars
from sbom.attestation.sidecars import Place, Sidecar, Unreadable
from sbom.errors import UndecidedError, UsageError
from sbom.signing import keys

DATA = keyed.sign(predicates.policy("p", "aa" * 32, "bb" * 32), keys.generate())


def put(*paths):
    for path in paths:
        path.write_bytes(DATA)


def test_beside_and_in_a_directory(tmp_path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    bom = tmp_path / "a.cdx.json"
    put(tmp_path / "a.cdx.json.sigstore.json", tmp_path / "a.cdx.json.approval-x.sigstore.json")
    put(tmp_path / "b.cdx.json.sigstore.json", more / "z.sigstore.json", more / "z.json")
    names = [(os.path.basename(one.path), one.beside) for one in sidecars.find(str(bom), str(more))]
    assert names == [
        ("a.cdx.json.approval-x.sigstore.json", True),
        ("a.cdx.json.sigstore.json", True),
        ("z.sigstore.json", False),
    ]
    assert sidecars.find("-", None) == []
    # What is beside stays so when its directory is given, too.
    both = sidecars.find(str(bom), str(tmp_path))
    assert [one.beside for one in both] == [True, True, False]


def test_relative_and_missing(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "a.sigstore.json")
    assert sidecars.find("a", None) == [Place("a.sigstore.json", beside=True)]
    assert sidecars.find("nowhere/a", None) == []
    with pytest.raises(UsageError, match="is no directory"):
        sidecars.find("a", "nowhere")


def test_too_many(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sidecars, "MAX_BUNDLES", 1)
    put(tmp_path / "a.1.sigstore.json", tmp_path / "a.2.sigstore.json")
    with pytest.raises(UndecidedError, match="more than 1 bundles"):
        sidecars.find(str(tmp_path / "a"), None)


def test_too_many_bytes_together(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sidecars, "MAX_BYTES", len(DATA))
    put(*(tmp_path / f"a.{number}.sigstore.json" for number in range(3)))
    found = list(sidecars.load(sidecars.find(str(tmp_path / "a"), None)))
    assert [type(one) for one in found] == [Sidecar, Sidecar, Unreadable]
    assert "together" in str(found[2])


def test_beside_what_a_link_leads_to(tmp_path) -> None:
    (tmp_path / "links").mkdir()
    put(tmp_path / "a", tmp_path / "a.sigstore.json", tmp_path / "links" / "b.sigstore.json")
    (tmp_path / "links" / "b").symlink_to("../a")
    found = sidecars.find(str(tmp_path / "links" / "b"), None)
    assert sorted(os.path.basename(one.path) for one in found) == ["a.sigstore.json", "b.sigstore.json"]


def test_a_directory_that_cannot_be_listed(tmp_path) -> None:
    with pytest.raises(UndecidedError, match="cannot be listed"):
        sidecars.find(str(put(tmp_path / "file") or tmp_path / "file" / "a"), None)


def test_reading(tmp_path) -> None:
    good, bad, pipe = (tmp_path / f"{name}.sigstore.json" for name in ("good", "bad", "pipe"))
    put(good)
    bad.write_text("{}")
    os.mkfifo(pipe)
    places = [Place(str(path), beside=False) for path in (good, bad, pipe, tmp_path / "gone")]
    found = list(sidecars.load(places))
    assert isinstance(found[0], Sidecar)
    assert all(isinstance(one, Unreadable) for one in found[1:])
    assert found[1].error.exit_code == 1


def test_names() -> None:
    assert sidecars.default_path("a.json") == "a.json.sigstore.json"
    assert sidecars.default_path("a.json", "revocation") == "a.json.revocation.sigstore.json"
