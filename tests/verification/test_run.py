"""One verification from start to end: the order of the checks, what is made of unmade ones, and the report."""

from __future__ import annotations

import os
import shutil

import pytest

from sbom.cyclonedx.document import Raw
from sbom.errors import UsageError
from sbom.verification import catalog, run
from sbom.verification.interface import Expect, Options, Trust, failed, passed, skipped
from sbom.verification.report import Status, Verdict

LINEAGE = [one for one in catalog.load() if one.startswith("lineage.")]
POLICY = [one for one in catalog.load() if one.startswith("policy.") or one == "signature.revoked"]


def verify(release, *, path=None, data=None, trust=None, expect=None, **options):
    raw = Raw(str(path or release.bom), release.bom.read_bytes())
    given = trust or Trust([release.pub])
    where = os.fspath(data or release.data)
    return run.verify(raw, where, given, expect or Expect(), Options(**options), lambda _done, _total: None)


def test_report_of_a_good_release(release):
    report, watch = verify(release, expect=Expect(name="penguins"))
    assert report.verdict is Verdict.VERIFIED
    assert report.exit_code == 0
    assert [check.id for check in report.checks] == list(catalog.load())
    assert report.dataset.name == "penguins"
    assert report.dataset.pinned
    assert report.document.path == str(release.bom)
    assert report.data == str(release.data)
    assert report.started <= report.finished
    assert report.counts.files_checked == 9
    assert watch.moved() == []


def test_optional_checks_are_skipped_lawfully(release):
    report, _ = verify(release)
    left = {check.id: check.required for check in report.checks if check.status is Status.SKIPPED}
    assert left == dict.fromkeys(
        [
            "bom.expected",
            "signature.time",
            "chain.previous",
            "chain.continuity",
            "chain.rollback",
            "manifest.declared",
            "sources.online",
            *LINEAGE,
            *POLICY,
        ],
        False,
    )


def test_checks_behind_a_failure_are_unmade_and_required(release, tmp_path):
    release.bom.write_bytes(b"[")
    report, watch = verify(release, expect=Expect(name="x"), chain=str(tmp_path))
    assert watch is None
    assert report.dataset is None
    unmade = {check.id for check in report.checks if check.status is Status.SKIPPED and check.required}
    never = {"bom.parse", "signature.time", "manifest.declared", "sources.online", *LINEAGE, *POLICY}
    assert unmade == set(catalog.load()) - never
    assert report.verdict is Verdict.UNDECIDED


def test_lineage_that_was_asked_for_is_required_behind_a_failure(release):
    release.bom.write_bytes(b"[")
    trust = Trust(keys=(str(release.pub),), step_keys=(("clean", str(release.pub)),))
    report, _ = verify(release, trust=trust, require_lineage="declared")
    unmade = {check.id for check in report.checks if check.status is Status.SKIPPED and check.required}
    assert unmade.intersection(LINEAGE) == {"lineage.complete", "lineage.signatures"}


def test_part_is_a_verdict_of_its_own(release):
    report, _ = verify(release, only=("train/",))
    assert report.verdict is Verdict.SUBSET
    assert report.exit_code == 0


def test_wrong_usage_comes_before_any_check(release, tmp_path):
    with pytest.raises(UsageError, match="nobody was named"):
        verify(release, trust=Trust([]))
    with pytest.raises(UsageError, match="cannot be opened"):
        verify(release, data=tmp_path / "gone")
    inner = release.data / "x.pub"
    inner.write_bytes(release.pub.read_bytes())
    with pytest.raises(UsageError, match="inside the data"):
        verify(release, trust=Trust([inner]))
    outer = tmp_path / "hard.pub"
    os.link(inner, outer)
    with pytest.raises(UsageError, match="inside the data"):
        verify(release, trust=Trust([outer]))
    report, _ = verify(release, trust=Trust([outer], allow_key_in_data=True), allow_extra=("x.pub",))
    assert report.exit_code == 0


def test_keys_without_a_file_are_nowhere(release):
    from sbom.signing import keys  # noqa: PLC0415  # for this test only

    loaded = keys.load_public(release.pub)
    report, _ = verify(release, trust=Trust([keys.PublicKey.of(loaded.key)]))
    assert report.exit_code == 0


def test_standard_input_is_no_path_of_the_data(release, monkeypatch):
    monkeypatch.chdir(release.data)
    (release.data / "-").touch()
    report, _ = verify(release, path="-", data=".")
    assert [finding.path for finding in report.findings] == ["-"]


def test_own_path_is_left_out_and_nothing_else(release):
    for name in ("bom.json", "copy.json"):
        shutil.copy(release.bom, release.data / name)
    report, _ = verify(release, path=release.data / "bom.json")
    assert [finding.path for finding in report.findings] == ["copy.json"]
    # Somebody exchanges it while the data is looked at.
    (release.data / "copy.json").unlink()
    (release.data / "bom.json").write_text("poison")
    report, _ = verify(release, path=release.data / "bom.json")
    assert [(finding.path, finding.check) for finding in report.findings] == [("bom.json", "files.unstable")]


def test_chain_that_cannot_be_listed_is_undecided(release):
    report, _ = verify(release, chain="nothing")
    assert {check.status for check in report.checks if check.id.startswith("chain.")} == {Status.ERROR}
    assert report.exit_code == 3


def test_chain_of_one(release, tmp_path):
    directory = tmp_path / "releases"
    directory.mkdir()
    report, _ = verify(release, chain=str(directory))
    assert {check.status for check in report.checks if check.id.startswith("chain.")} == {Status.PASS}


def test_results_are_put_in_order_and_unknown_ones_kept():
    made = [passed("files.extra", "x"), failed("log.inclusion", "y"), skipped("bom.schema", "z", required=True)]
    complete = run._complete(made, Options(), Expect(), run._Further((), ()), None)
    assert [check.id for check in complete] == [*catalog.load(), "log.inclusion"]
    assert complete[-1].status is Status.FAIL


def test_time_is_utc_to_the_second(monkeypatch):
    assert len(run.now()) == len("2026-01-01T00:00:00Z")
    assert run.now().endswith("Z")


def test_data_that_could_not_be_walked_leaves_no_watch(release, monkeypatch):
    monkeypatch.setattr(run.files, "_open_root", lambda _place: (_ for _ in ()).throw(run.UndecidedError("no")))
    report, watch = verify(release)
    assert watch is None
    assert report.exit_code == 3
