from __future__ import annotations

import pytest

from sbom.model import SHA256, Dataset, FileEntry
from sbom.provenance import ABSENT, MATCH, MISMATCH, NOT_DECLARED, STATES, Declaration, Manifest, Provenance
from sbom.verification import catalog, declared
from sbom.verification.report import Status


def dataset(states=(), elsewhere=(), valid=None) -> Dataset:
    entry = FileEntry(
        "a", 1, ((SHA256, "0" * 64),), declared=tuple(Declaration(state, "MD5", "0" * 32, "M") for state in states)
    )
    provenance = Provenance(
        manifests=(Manifest("M", "bagit", valid=valid),),
        elsewhere=tuple(("b", Declaration(state, "MD5", "0" * 32, "M")) for state in elsewhere),
    )
    return Dataset("d", None, (entry,), "0" * 64, provenance=provenance)


@pytest.mark.parametrize("states", [(), (NOT_DECLARED,)])
def test_nothing_declared(states):
    result = declared.check(dataset(states))
    assert (result.status, result.required) == (Status.SKIPPED, False)
    assert declared.notes(result) == ()


def test_all_hold():
    result = declared.check(dataset((MATCH, NOT_DECLARED), (ABSENT,), valid=True))
    assert result.status is Status.PASS
    assert result.evidence == {"match": 1, "data-absent": 1, "not-declared": 1}
    assert "2 hashes" in result.sentence
    assert declared.notes(result) == ()


@pytest.mark.parametrize("where", ["states", "elsewhere"])
def test_a_recorded_mismatch_is_told_and_decides_nothing(where):
    result = declared.check(dataset(**{where: (MISMATCH, MATCH)}))
    assert (result.status, result.required) == (Status.SKIPPED, False)
    assert result.evidence["mismatch"] == 1
    (note,) = declared.notes(result)
    assert note.startswith("1 of 2 declared hashes differ")


def test_so_is_a_bag_that_is_not_valid():
    result = declared.check(dataset((MATCH,), valid=False))
    assert result.status is Status.SKIPPED
    assert result.evidence["not-valid"] == ["M"]
    assert "not valid: M" in declared.notes(result)[0]


@pytest.mark.parametrize("state", sorted(STATES))
def test_every_state_is_counted(state):
    assert declared.check(dataset((state,), (state,))).evidence.get(state, 2 if state == NOT_DECLARED else 0) == 2


def test_it_is_in_the_table():
    assert declared.CHECK in catalog.load()


def test_the_verdict_has_a_note(tmp_path, cli):
    data = tmp_path / "data"
    data.mkdir()
    (data / "a.csv").write_text("x", encoding="utf-8")
    (data / "SHA256SUMS").write_text(f"{'0' * 64}  a.csv\n", encoding="utf-8")
    bom, key = str(tmp_path / "b.cdx.json"), str(tmp_path / "k")
    assert cli("keygen", "-o", key).code == 0
    assert cli("generate", str(data), "-o", bom, "--sign-key", f"{key}.key").code == 1
    assert cli("generate", str(data), "-o", bom, "--on-mismatch", "warn", "--sign-key", f"{key}.key").code == 0
    ran = cli("verify", bom, str(data), "--public-key", f"{key}.pub")
    assert ran.code == 0
    assert "note: 1 of 1 declared hashes differ" in " ".join(ran.out.split())
