from __future__ import annotations

import hashlib
import os

import pytest

from sbom.manifests import huggingface_cache
from sbom.manifests.digests import GIT_BLOB
from sbom.provenance import ABSENT, MATCH, MISMATCH, NOT_DECLARED

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "f" * 40


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def git_blob(text: str) -> str:
    data = text.encode()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def repository(root, *, commit=COMMIT, snapshot=COMMIT, links=True, ref="refs/main"):
    """Make a cache of one repository: a card in Git, a table in LFS."""
    names = {"README.md": git_blob("card"), "data/a b.parquet": sha256("table")}
    contents = {"README.md": "card", "data/a b.parquet": "table"}
    (root / "blobs").mkdir(parents=True, exist_ok=True)
    (root / ref).parent.mkdir(parents=True, exist_ok=True)
    (root / ref).write_text(commit)
    for path, blob in names.items():
        place = root / "snapshots" / snapshot / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if links:
            (root / "blobs" / blob).write_text(contents[path])
            place.symlink_to(os.path.relpath(root / "blobs" / blob, place.parent))
        else:
            place.write_text(contents[path])


def states(found):
    inside = [(entry.path, one) for entry in found.crawled.entries for one in entry.declared]
    return {(path, one.algorithm): one.state for path, one in [*inside, *found.crawled.provenance.elsewhere]}


def named(found, path):
    return next(one for one in found.readings if one.manifest.path == path)


def said(found, path, field):
    return [one.value for one in named(found, path).reading.said if one.field == field]


@pytest.mark.parametrize("prefix", ["hub/datasets--org--name/", "datasets--org--name/", ""])
def test_blobs_and_links_to_them_match(crawl, tmp_path, prefix):
    name = "datasets--org--name" if not prefix else "dataset"
    root = tmp_path / name / prefix
    repository(root)
    found = crawl({}, name=name)
    assert [
        (one.manifest.path, one.manifest.scope) for one in found.readings if one.manifest.reader == "huggingface-cache"
    ] == [(f"{prefix}refs/main", prefix.rstrip("/"))]
    assert states(found) == {
        (f"{prefix}blobs/{git_blob('card')}", GIT_BLOB): MATCH,
        (f"{prefix}blobs/{sha256('table')}", "SHA-256"): MATCH,
        (f"{prefix}snapshots/{COMMIT}/README.md", GIT_BLOB): MATCH,
        (f"{prefix}snapshots/{COMMIT}/data/a b.parquet", "SHA-256"): MATCH,
    }
    main = f"{prefix}refs/main"
    assert said(found, main, "version") == [COMMIT]
    assert said(found, main, "identifier") == ["https://huggingface.co/datasets/org/name"]
    assert not named(found, main).reading.problems
    card, table = named(found, main).reading.sources
    assert card.url == f"https://huggingface.co/datasets/org/name/resolve/{COMMIT}/README.md"
    assert (card.digests, card.size) == ((), 4)
    assert table.url.endswith("/data/a%20b.parquet")
    assert table.digests == (("SHA-256", sha256("table")),)
    assert table.path == f"{prefix}snapshots/{COMMIT}/data/a b.parquet"


def test_a_changed_blob_is_found_by_its_own_name(crawl, tmp_path):
    root = tmp_path / "dataset/datasets--o--n"
    repository(root)
    for blob in (sha256("table"), git_blob("card")):
        (root / "blobs" / blob).write_text("evil!")
    found = crawl({})
    assert set(states(found).values()) == {MISMATCH}
    assert len(found.crawled.mismatches) == 4


def test_a_link_swapped_to_another_blob_shows_the_blob_that_it_leads_to(crawl, tmp_path):
    # Nothing in the cache says which blob a name should have: the declaration is that of the blob, and it holds.
    root = tmp_path / "dataset/datasets--o--n"
    repository(root)
    link = root / "snapshots" / COMMIT / "README.md"
    link.unlink()
    link.symlink_to(f"../../blobs/{sha256('table')}")
    found = crawl({})
    assert (f"datasets--o--n/snapshots/{COMMIT}/README.md", "SHA-256") in states(found)


def test_a_link_out_of_the_repository_declares_nothing(crawl, tmp_path):
    root = tmp_path / "dataset/datasets--o--n"
    repository(root)
    (tmp_path / "dataset/blobs").mkdir()
    (tmp_path / "dataset/blobs" / sha256("x")).write_text("y")
    link = root / "snapshots" / COMMIT / "README.md"
    link.unlink()
    link.symlink_to(f"../../../blobs/{sha256('x')}")
    found = crawl({})
    assert "does not lead to a blob" in named(found, "datasets--o--n/refs/main").reading.problems[0].message
    assert not [path for path, _ in states(found) if path.endswith("README.md")]


def test_without_symlinks_files_are_named_and_not_declared(crawl, tmp_path):
    repository(tmp_path / "dataset/datasets--squad", links=False)
    found = crawl({})
    assert set(states(found).values()) == {NOT_DECLARED}
    assert said(found, "datasets--squad/refs/main", "identifier") == ["https://huggingface.co/datasets/squad"]
    assert len(named(found, "datasets--squad/refs/main").reading.sources) == 2


def test_each_ref_has_its_snapshot_and_blobs_are_declared_once(crawl, tmp_path):
    root = tmp_path / "dataset/datasets--o--n"
    repository(root)
    repository(root, commit=OTHER, snapshot=OTHER, ref="refs/refs/pr/1")
    repository(root, commit="a" * 40, snapshot="a" * 40, ref="refs/refs/convert/parquet")
    found = crawl({})
    paths = [one.path for one in named(found, "datasets--o--n/refs/main").reading.declared]
    assert sum("/blobs/" in path for path in paths) == 2
    pull = named(found, "datasets--o--n/refs/refs/pr/1")
    assert pull.manifest.scope == "datasets--o--n"
    assert {one.path for one in pull.reading.declared} == {
        f"datasets--o--n/snapshots/{OTHER}/README.md",
        f"datasets--o--n/snapshots/{OTHER}/data/a b.parquet",
    }
    assert said(found, "datasets--o--n/refs/refs/convert/parquet", "version") == ["a" * 40]


def test_a_commit_without_snapshot_is_reported(crawl, tmp_path):
    repository(tmp_path / "dataset/datasets--o--n", commit=OTHER)
    found = crawl({})
    (problem,) = named(found, "datasets--o--n/refs/main").reading.problems
    assert OTHER in problem.message
    assert {path.split("/")[1] for path, _ in states(found)} == {"blobs"}


def test_what_is_no_dataset_or_no_blob_is_left_alone(crawl):
    found = crawl(
        {
            "models--o--n/refs/main": COMMIT,
            ".git/refs/stash": COMMIT + "\n",
            "refs/main": COMMIT,
            "datasets--o--n/refs/main": "not a commit",
            "datasets--o--n/refs/none": "",
            "datasets--a--b/refs/main": COMMIT,
            "datasets--a--b/.no_exist/x/y": "",
            "datasets--a--b/blobs/abc.incomplete": "part",
            "datasets--a--b/blobs/etag-of-something": "x",
            f"datasets--a--b/snapshots/{COMMIT}/x": "",
            "datasets--a--b/../x.metadata": COMMIT,
        }
    )
    assert [one.manifest.path for one in found.readings] == ["datasets--a--b/refs/main"]
    assert states(found) == {
        ("datasets--a--b/blobs/etag-of-something", ""): NOT_DECLARED,
        (f"datasets--a--b/snapshots/{COMMIT}/x", ""): NOT_DECLARED,
    }


def test_many_refs_to_one_snapshot_are_bounded(crawl, tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_cache, "MAX_REFS", 2)
    repository(tmp_path / "dataset/datasets--o--n")
    found = crawl({f"datasets--o--n/refs/z{number}": COMMIT for number in range(3)})
    assert (
        sum(len(one.reading.declared) for one in found.readings) == 4
    )  # by the first ref only: two files and two blobs
    assert "more than 2 refs" in named(found, "datasets--o--n/refs/z2").reading.problems[0].message


META = ".cache/huggingface/download"


def metadata(etag, commit=COMMIT, time="1700000000.5"):
    return f"{commit}\n{etag}\n{time}\n"


@pytest.mark.parametrize("prefix", ["", "in/"])
def test_downloads_into_a_directory_are_declared(crawl, prefix):
    found = crawl(
        {
            f"{prefix}a.csv": "a",
            f"{prefix}sub/b.csv": "changed",
            f"{prefix}{META}/a.csv.metadata": metadata(sha256("a")),
            f"{prefix}{META}/a.csv.lock": "",
            f"{prefix}{META}/sub/b.csv.metadata": metadata(git_blob("b")),
            f"{prefix}{META}/sub/c.csv.metadata": metadata(sha256("c"), OTHER),
            f"{prefix}{META}/sub/d.csv.metadata": "broken",
            f"{prefix}{META}/sub/e.csv.metadata": b"\xff",
            f"{prefix}other.metadata": metadata(sha256("a")),
        }
    )
    (one,) = found.readings
    assert (one.manifest.path, one.manifest.scope) == (f"{prefix}{META}/a.csv.metadata", prefix.rstrip("/"))
    assert states(found) == {
        (f"{prefix}a.csv", "SHA-256"): MATCH,
        (f"{prefix}sub/b.csv", GIT_BLOB): MISMATCH,
        (f"{prefix}sub/c.csv", "SHA-256"): ABSENT,
    }
    assert [(item.value, item.when) for item in one.reading.said] == [
        (COMMIT, "2023-11-14T22:13:20Z"),
        (OTHER, "2023-11-14T22:13:20Z"),
    ]
    assert len(one.reading.problems) == 2


@pytest.mark.parametrize("time", ["", "x", "9" * 16, "-5", "nan", "1e400"])
def test_times_that_are_none(crawl, time):
    found = crawl({"a": "a", f"{META}/a.metadata": metadata(sha256("a"), time=time)})
    assert [one.when for one in found.readings[0].reading.said] == [None]


def test_when_the_first_of_many_is_hard_to_find_each_is_read_alone(crawl, monkeypatch):
    monkeypatch.setattr(huggingface_cache, "_MAX_SEARCH", 2)
    tree = {f"{META}/0{number}.lock": "" for number in range(3)}
    found = crawl({**tree, "a": "a", "b": "b", **{f"{META}/{x}.metadata": metadata(sha256(x)) for x in "ab"}})
    assert len(found.readings) == 2
    assert states(found) == {("a", "SHA-256"): MATCH, ("b", "SHA-256"): MATCH}
