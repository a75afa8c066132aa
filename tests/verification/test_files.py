"""The ``files.*`` checks on trees and inventories; attacks are in tests/attacks/test_content.py."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import os

import pytest

from sbom.errors import MissingExtraError, UsageError
from sbom.inventory import merkle, pool
from sbom.inventory.hashing import Failed
from sbom.inventory.walk import locate
from sbom.model import Dataset, FileEntry
from sbom.verification import files
from sbom.verification.interface import Options

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def listed(*paths, **more):
    entries = tuple(FileEntry(path, 0, (("SHA-256", EMPTY),)) for path in paths)
    return Dataset("d", None, entries, merkle.root(entries), **more)


@pytest.fixture
def data(tmp_path):
    root = tmp_path / "data"
    for path in ("a", "b/c", "b/d"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    return root


def check(data, dataset, omit=(), progress=lambda _done, _total: None, **options):
    judged = {path: hashlib.sha256((data / path).read_bytes()).hexdigest() for path in omit}
    return files.check(dataset, locate(str(data)), judged, Options(**options), progress)


def status(checked):
    return {result.id.removeprefix("files."): result.status.value for result in checked.results}


GOOD = dict.fromkeys(["modified", "missing", "extra", "type", "name", "unstable"], "pass")


def test_all_is_right(data):
    seen = []
    checked = check(data, listed("a", "b/c", "b/d"), progress=lambda done, total: seen.append((done, total)))
    assert status(checked) == GOOD
    assert (checked.counts.files_checked, checked.counts.files_listed, checked.counts.bytes_checked) == (3, 3, 0)
    assert seen[-1] == (0, 0)


@pytest.mark.parametrize(
    ("paths", "bad"),
    [(("a", "b/c"), "extra"), (("a", "b/c", "b/d", "e"), "missing"), (("a", "b/c", "b/d", "b"), "type")],
    ids=["extra", "missing", "a directory"],
)
def test_one_thing_is_wrong(data, paths, bad):
    assert status(check(data, listed(*paths))) == {**GOOD, bad: "fail"}


def test_findings_are_sorted_and_counted_in_the_sentence(data):
    result = check(data, listed("x", "a")).results[2]
    assert [finding.path for finding in result.findings] == ["b/c", "b/d"]
    assert result.sentence == "b/c: is not listed, and 1 more"


def test_omitted_and_allowed(data):
    checked = check(data, listed("a", "b/c"), omit=["b/d"])
    assert status(checked) == GOOD
    (data / "b" / "d").write_bytes(b"changed")
    assert [path for path, _ in checked.watch.moved()] == ["b/d"]
    place = locate(str(data))
    for omit in ({"b/d": "00" * 32}, {"b/d": "00" * 32, "gone": "00" * 32}):
        found = files.check(listed("a", "b/c"), place, omit, Options(), lambda _done, _total: None)
        assert status(found) == {**GOOD, "unstable": "error"}
    checked = check(data, listed("a"), allow_extra=("b/",))
    assert status(checked) == GOOD
    assert checked.allowed_extra == ("b/c", "b/d")
    assert checked.counts.files_allowed_extra == 2


def test_part(data):
    checked = check(data, listed("b/c", "gone"), only=("b/c",))
    assert status(checked) == GOOD
    assert checked.counts.files_checked == 1
    assert status(check(data, listed("gone"), only=("b/c",)))["missing"] == "fail"


def test_patterns_are_looked_at_before_the_data(data):
    for options in ({"only": ("[z-a]",)}, {"allow_extra": ("",)}):
        with pytest.raises(UsageError):
            check(data, listed("a"), **options)


def test_size_is_compared_without_reading(data, monkeypatch):
    (data / "a").write_bytes(b"x")
    asked = []
    real = pool.run
    monkeypatch.setattr(pool, "run", lambda fd, jobs, **more: asked.extend(jobs) or real(fd, jobs, **more))
    checked = check(data, listed("a", "b/c", "b/d"))
    assert status(checked)["modified"] == "fail"
    assert "the size differs" in checked.results[0].sentence
    assert [job.path for job in asked] == ["b/c", "b/d"]


def test_every_digest_must_hold(data):
    entry = FileEntry("a", 0, (("SHA-256", EMPTY), ("SHA-1", "0" * 40)))
    checked = check(data, Dataset("d", None, (entry,), merkle.root([entry])), allow_extra=("b/",))
    finding = checked.results[0].findings[0]
    assert (finding.algorithm, finding.expected) == ("SHA-1", "0" * 40)


@pytest.mark.parametrize(
    ("failed", "where", "kind"),
    [
        (Failed("gone", unstable=True), "unstable", "UNSTABLE"),
        (Failed("locked", unstable=False), "modified", "UNREADABLE"),
    ],
)
def test_what_cannot_be_hashed(data, monkeypatch, failed, where, kind):
    monkeypatch.setattr(pool, "run", lambda _fd, jobs, **_more: ((job, failed) for job in jobs))
    checked = check(data, listed("a", "b/c", "b/d"))
    assert status(checked) == {**GOOD, where: "error"}
    assert {finding.kind for result in checked.results for finding in result.findings} == {kind}


def test_missing_extra_is_undecided(data, monkeypatch):
    def refuse(*args, **kwargs):
        raise MissingExtraError("BLAKE3 digests need the blake3 extra")

    monkeypatch.setattr(pool, "run", refuse)
    checked = check(data, listed("a", "b/c", "b/d"))
    assert set(status(checked).values()) == {"error"}
    assert checked.watch is None


def test_root_that_cannot_be_opened(data, monkeypatch):
    place = locate(str(data))
    data.rename(data.with_name("gone"))
    checked = files.check(listed("a"), place, {}, Options(), lambda _done, _total: None)
    assert set(status(checked).values()) == {"error"}
    assert "No such file" in checked.results[0].sentence


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO])
def test_listed_file_that_cannot_be_examined_is_undecided(data, monkeypatch, number):
    real = os.stat

    def refuse(path, *, dir_fd=None, follow_symlinks=True):
        if path == "gone":
            raise OSError(number, os.strerror(number))
        return real(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "stat", refuse)
    assert status(check(data, listed("a", "b/c", "b/d", "gone"))) == {**GOOD, "missing": "error"}


def test_failure_outweighs_doubt(data, monkeypatch):
    monkeypatch.setattr(pool, "run", lambda _fd, jobs, **_more: ((job, Failed("x", unstable=False)) for job in jobs))
    (data / "a").write_bytes(b"x")
    result = check(data, listed("a", "b/c", "b/d")).results[0]
    assert result.status == "fail"
    assert len(result.findings) == 3


def test_root_of_the_list():
    good = listed("a", "b")
    assert files.root(good).status == "pass"
    assert files.root(dataclasses.replace(good, root="0" * 64)).status == "fail"


# -- looking again ----------------------------------------------------------------------------------------------------


def test_watch_sees_what_matters(data):
    (data / "extra.log").touch()
    watch = check(data, listed("a", "b/c", "b/d"), allow_extra=("*.log",)).watch
    assert watch.moved() == []
    (data / "more.log").touch()
    (data / "extra.log").unlink()
    assert watch.moved() == []
    (data / "evil").touch()
    (data / "b" / "c").write_bytes(b"x")
    (data / "a").unlink()
    assert sorted(watch.moved()) == [("a", "was removed"), ("b/c", "was changed"), ("evil", "was added")]


def test_watch_of_a_part(data):
    watch = check(data, listed("a", "b/c", "b/d"), only=("b/*",)).watch
    (data / "a").write_bytes(b"x")
    (data / "new").touch()
    assert watch.moved() == []
    (data / "b" / "new").touch()
    assert watch.moved() == [("b/new", "was added")]


def test_watch_of_data_given_by_another_path(data, tmp_path):
    link = tmp_path / "current"
    link.symlink_to("data")
    place = locate(str(link))
    checked = files.check(listed("a", "b/c", "b/d"), place, {}, Options(), lambda _done, _total: None, given=str(link))
    assert checked.watch.moved() == []
    link.unlink()
    assert checked.watch.moved() == [("", "the path of the data leads to another place than before")]
    link.symlink_to(tmp_path)
    assert checked.watch.moved()


def test_watch_of_data_given_by_a_relative_path(data, monkeypatch):
    monkeypatch.chdir(data.parent)
    checked = files.check(
        listed("a", "b/c", "b/d"), locate("data"), {}, Options(), lambda _done, _total: None, given="data"
    )
    monkeypatch.chdir(data)
    assert checked.watch.moved() == []


def test_links_are_followed_only_where_the_document_says_so(data, tmp_path):
    (tmp_path / "outside").touch()
    (data / "link").symlink_to("../outside")
    entry = FileEntry("link", 0, (("SHA-256", EMPTY),), "../outside")
    for followed, outcome in ((False, "fail"), (True, "pass")):
        entries = (*listed("a", "b/c", "b/d").files, entry)
        dataset = Dataset("d", None, entries, merkle.root(entries), symlinks_followed=followed)
        assert status(check(data, dataset, follow_symlinks=True))["type"] == outcome
        assert status(check(data, dataset))["type"] == "fail"


def test_clock_is_waited_for_only_where_something_is_new(data, monkeypatch):
    waited = []
    monkeypatch.setattr(files.time, "sleep", waited.append)
    check(data, listed("a", "b/c", "b/d"))
    assert waited == [0.02]
    real = files.time.time_ns
    monkeypatch.setattr(files.time, "time_ns", lambda: real() + 10**9)
    check(data, listed("a", "b/c", "b/d"))
    assert waited == [0.02]
