"""A whole inventory: entries, refusals, warnings, the cache, and changes between the two walks."""

from __future__ import annotations

import hashlib
import os
import sqlite3

import pytest

from sbom.errors import DataError, EmptyDatasetError, UnreadableError, UnstableError, UsageError
from sbom.inventory import cache, files, pool, take, walk
from sbom.inventory.hashing import Failed
from sbom.model import FileEntry, TableStats

OLD = 1_000_000_000_000_000_000


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_entries_are_sorted_and_complete(data, taken):
    (data / "train-2").write_bytes(b"2")
    (data / "train" / "link").symlink_to("../a.txt")
    (data / "Z").write_bytes(b"Z")
    inventory = taken(data)
    assert [entry.path for entry in inventory.entries] == [
        "Z", "a.txt", "train-2", "train/.hidden", "train/b.csv", "train/link",
    ]  # fmt: skip
    by_path = {entry.path: entry for entry in inventory.entries}
    table = b"x,y\n1,2\n"
    assert by_path["train/b.csv"] == FileEntry(
        "train/b.csv", 8, (("SHA-256", sha256(table)),), None, "text/csv", TableStats(1, 2)
    )
    assert by_path["train/link"] == FileEntry(
        "train/link", 1, (("SHA-256", sha256(b"a")),), "../a.txt", by_path["Z"].media_type
    )
    assert (inventory.left_out, inventory.warnings) == (False, ())


def test_several_digests_in_order(data, taken):
    (entry, *_) = taken(data, algorithms=("SHA-256", "SHA-512")).entries
    assert entry.digests == (("SHA-256", sha256(b"a")), ("SHA-512", hashlib.sha512(b"a").hexdigest()))


@pytest.mark.parametrize("processes", [1, 2])
def test_progress_adds_up_to_the_total(data, monkeypatch, processes):
    monkeypatch.setattr(pool, "_ALONE_FILES", 0)
    (data / "big").write_bytes(b"x" * (6 << 20))
    seen = []
    request = take.Request(walk.Options(), ("SHA-256",), processes=processes, use_cache=False)
    take.take(walk.locate(str(data)), request, lambda done, total: seen.append((done, total)))
    assert sum(done for done, _ in seen) == (6 << 20) + 9
    assert seen[-1][1] == (6 << 20) + 9
    assert sorted(total for _, total in seen) == [total for _, total in seen]


@pytest.mark.parametrize(
    ("stats", "extras", "expected"),
    [
        ("auto", True, {"train/b.csv", "small.parquet"}),
        ("auto", False, {"train/b.csv"}),
        ("full", True, {"train/b.csv", "small.parquet", "large.csv"}),
        ("none", True, set()),
    ],
)
def test_statistics_as_asked_for(  # noqa: PLR0913, PLR0917
    data, taken, monkeypatch, stats, extras, expected
):
    monkeypatch.setattr(take, "STATS_LIMIT", 100)
    (data / "small.parquet").write_bytes(b"PAR1")
    (data / "large.csv").write_bytes(b"a,b\n" * 100)
    entries = taken(data, stats=stats, stats_extras=extras).entries
    assert {entry.path for entry in entries if entry.stats is not None} == expected


def test_what_a_rule_left_out_is_told(data, taken):
    inventory = taken(data, exclude=("*.csv",))
    assert inventory.left_out
    assert [entry.path for entry in inventory.entries] == ["a.txt", "train/.hidden"]
    assert not taken(data, exclude=("*.none",)).left_out
    with pytest.raises(UsageError, match="can match nothing"):
        taken(data, exclude=("a//b",))


def test_first_paths_that_were_left_out_are_kept(data, monkeypatch):
    monkeypatch.setattr(take, "MAX_LEFT_OUT", 20)
    for number in range(30):
        (data / f"{number}.log").touch()
    place = walk.locate(str(data))
    root_fd = files.open_root(place.root)
    try:
        tree = take.walk(place, root_fd, walk.Options(exclude=("*.log",)))
    finally:
        os.close(root_fd)
    assert len(tree.left_out) == 20
    assert tree.left_out[0] == "0.log"


def test_nothing_to_describe(tmp_path, data, taken):
    (tmp_path / "empty").mkdir()
    for path, rules in ((tmp_path / "empty", ()), (data, ("a.txt", "train"))):
        with pytest.raises(EmptyDatasetError, match="no file to describe"):
            taken(path, exclude=rules)


def test_dataset_of_one_file(data, tmp_path, taken):
    (tmp_path / "link.csv").symlink_to("data/train/b.csv")
    (entry,) = taken(tmp_path / "link.csv").entries
    assert (entry.path, entry.sha256) == ("b.csv", sha256(b"x,y\n1,2\n"))


# -- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda root: os.mkfifo(root / "bad"), "remove it"),
        (lambda root: (root / "bad").symlink_to("nowhere"), "--follow-symlinks"),
        (lambda root: (root / "bad\n").touch(), "rename it"),
    ],
    ids=["type", "link", "name"],
)
def test_what_no_inventory_may_hold(data, taken, make, hint):
    make(data)
    os.mkfifo(data / "train" / "also")
    with pytest.raises(DataError) as caught:
        taken(data)
    assert caught.value.exit_code == 1
    assert (caught.value.path or "").startswith("bad")
    assert hint in str(caught.value.hint)
    assert [path for path, _ in caught.value.problems][-1] == "train/also"


def test_unreadable_comes_before_refused(open_data, unprivileged, taken):
    os.mkfifo(open_data / "a-pipe")
    (open_data / "closed").mkdir(mode=0)
    with unprivileged(), pytest.raises(UnreadableError, match="closed"):
        taken(open_data)


def test_unreadable_file_and_root(open_data, unprivileged, taken):
    (open_data / "a.txt").chmod(0)
    with unprivileged(), pytest.raises(UnreadableError, match="Permission denied") as caught:
        taken(open_data)
    assert caught.value.path == "a.txt"
    open_data.chmod(0o111)
    with unprivileged(), pytest.raises(UnreadableError, match="Permission denied"):
        taken(open_data)


# -- doubtful names ---------------------------------------------------------------------------------------------------


def test_doubtful_names_are_warned_about_or_refused(data, taken):
    (data / "A.txt").write_bytes(b"")
    (data / "bidi\u202e").write_bytes(b"")
    warnings = taken(data).warnings
    assert len(warnings) == 1 + (not (data / "A.txt").samefile(data / "a.txt"))
    assert warnings[0] == "bidi\\u202e: the name holds a bidirectional or invisible character"
    with pytest.raises(DataError, match="invisible") as caught:
        taken(data, strict_names=True)
    assert len(caught.value.problems) == len(warnings)
    assert "--strict-names" in str(caught.value.hint)


def test_many_doubtful_names_are_counted(data, taken):
    for number in range(25):
        (data / f"{number} ").touch()
    warnings = taken(data).warnings
    assert len(warnings) == 21
    assert warnings[-1] == "and 5 more doubtful names"


# -- changes ----------------------------------------------------------------------------------------------------------


def changed_between_walks(monkeypatch, change):
    real = take._Taking._hash

    def hashing(self):
        real(self)
        change()

    monkeypatch.setattr(take._Taking, "_hash", hashing)


@pytest.mark.parametrize(
    ("change", "path", "what"),
    [
        (lambda root: (root / "new").touch(), "new", "was added"),
        (
            lambda root: (root / "train" / "deep").mkdir() or (root / "train/deep/x").touch(),
            "train/deep/x",
            "was added",
        ),
        (lambda root: (root / "train" / "b.csv").unlink(), "train/b.csv", "was removed"),
        (lambda root: (root / "a.txt").write_bytes(b"bb"), "a.txt", "was changed"),
        (lambda root: os.utime(root / "a.txt", ns=(1, 1)), "a.txt", "was changed"),
        (lambda root: (root / "a.txt").chmod(0o600), "a.txt", "was changed"),
        (lambda root: (root / "link").unlink() or (root / "link").symlink_to("./a.txt"), "link", "was changed"),
        (lambda root: os.mkfifo(root / "pipe"), "pipe", "became a named pipe, not a regular file"),
        (lambda root: (root / "a.txt").unlink() or os.mkfifo(root / "a.txt"), "a.txt", "became a named pipe"),
        (lambda root: (root / "bad\n").touch(), "bad\n", "the name holds a control character"),
    ],
)
def test_a_change_before_the_second_walk(  # noqa: PLR0913, PLR0917
    data, taken, monkeypatch, change, path, what
):
    (data / "link").symlink_to("a.txt")
    changed_between_walks(monkeypatch, lambda: change(data))
    with pytest.raises(UnstableError, match=what) as caught:
        taken(data)
    assert caught.value.path == path
    assert caught.value.exit_code == 3


def test_every_change_is_named_once(data):
    os.mkfifo(data / "pipe")
    place = walk.locate(str(data))
    root_fd = files.open_root(place.root)
    try:
        tree = take.walk(place, root_fd, walk.Options())
        assert take.changes(place, root_fd, walk.Options(), tree) == []
        (data / "train" / "b.csv").unlink()
        os.mkfifo(data / "train" / "b.csv")
        (data / "a.txt").unlink()
        (data / "c").touch()
        (data / "pipe").unlink()
        assert sorted(take.changes(place, root_fd, walk.Options(), tree)) == [
            ("a.txt", "was removed"),
            ("c", "was added"),
            ("train/b.csv", "became a named pipe, not a regular file"),
        ]
        (data / "train").rename(data / "moved")
        (data / "train").symlink_to("moved")
        found = dict(take.changes(place, root_fd, walk.Options(), tree))
        assert found["train"] == "became a link to a directory"
        assert found["train/.hidden"] == "was removed"
        assert found["moved/.hidden"] == "was added"
    finally:
        os.close(root_fd)


def test_what_a_rule_leaves_out_may_change(data, taken, monkeypatch):
    changed_between_walks(monkeypatch, (data / "x.log").touch)
    assert len(taken(data, exclude=("*.log",)).entries) == 3


@pytest.mark.parametrize(("unstable", "error"), [(True, UnstableError), (False, UnreadableError)])
def test_a_file_that_could_not_be_hashed(data, taken, monkeypatch, unstable, error):
    monkeypatch.setattr(pool, "hash_file", lambda *_args: Failed("for a reason", unstable=unstable))
    with pytest.raises(error, match="for a reason"):
        taken(data)


def test_a_file_changed_in_its_own_clock_tick_is_hashed_later(data, taken, monkeypatch):
    waited = []
    monkeypatch.setattr(take.time, "sleep", waited.append)
    monkeypatch.setattr(take.time, "time_ns", lambda: max(path.lstat().st_ctime_ns for path in data.rglob("*")) + 5)
    taken(data)
    assert len(waited) == 1
    monkeypatch.setattr(take.time, "time_ns", lambda: max(path.lstat().st_ctime_ns for path in data.rglob("*")) + 10**9)
    taken(data)
    assert len(waited) == 1


# -- the cache --------------------------------------------------------------------------------------------------------


@pytest.fixture
def aged(data, monkeypatch):
    """A file large and old enough to be remembered."""
    (data / "big.csv").write_bytes(b"a,b\n" + b"1,2\n" * (cache.MIN_SIZE // 4))
    real = cache.HashCache.__init__

    def later(self, where):
        real(self, where)
        self._started += 10_000_000_000

    monkeypatch.setattr(cache.HashCache, "__init__", later)
    return data / "big.csv"


def hashed_paths(monkeypatch):
    seen = []
    real = pool.run

    def noted(jobs):
        seen.append([])
        for job in jobs:
            seen[-1].append(job.path)
            yield job

    def run(root_fd, jobs, **more):
        return real(root_fd, noted(jobs), **more)

    monkeypatch.setattr(pool, "run", run)
    return seen


def test_a_second_run_hashes_only_what_the_cache_does_not_know(data, aged, taken, monkeypatch):
    seen = hashed_paths(monkeypatch)
    first = taken(data, use_cache=True)
    second = taken(data, use_cache=True)
    assert first == second == taken(data)
    assert first.entries[1].stats == TableStats(cache.MIN_SIZE // 4, 2)
    small = ["a.txt", "train/.hidden", "train/b.csv"]
    assert list(map(sorted, seen)) == [["a.txt", "big.csv", *small[1:]], small, ["a.txt", "big.csv", *small[1:]]]
    taken(data, use_cache=True, algorithms=("SHA-256", "SHA-512"))
    assert "big.csv" in seen[-1]
    taken(data, use_cache=True, algorithms=("SHA-256", "SHA-512"))
    assert "big.csv" not in seen[-1]
    os.utime(aged)
    taken(data, use_cache=True)
    assert "big.csv" in seen[-1]


def test_an_unstable_run_teaches_the_cache_nothing(data, aged, taken, monkeypatch):
    changed_between_walks(monkeypatch, (data / "new").touch)
    with pytest.raises(UnstableError):
        taken(data, use_cache=True)
    database = sqlite3.connect(os.path.join(cache.directory(), "hashes-1.sqlite"))
    assert database.execute("SELECT count(*) FROM digests").fetchone() == (0,)
    database.close()


def test_a_cache_that_cannot_be_opened_is_a_warning(data, aged, taken):
    os.makedirs(cache.directory())
    os.chmod(cache.directory(), 0o755)  # noqa: S103  # that is the mistake
    inventory = taken(data, use_cache=True)
    assert inventory.entries == taken(data).entries
    assert len(inventory.warnings) == 1
    assert "the hash cache is not used" in inventory.warnings[0]


def test_a_cache_that_cannot_store_is_a_warning(data, aged, taken, monkeypatch):
    seen = hashed_paths(monkeypatch)
    taken(data, use_cache=True)
    database = sqlite3.connect(os.path.join(cache.directory(), "hashes-1.sqlite"))
    database.execute("DROP TABLE digests")
    database.execute("CREATE TABLE digests (path BLOB)")
    database.commit()
    database.close()
    inventory = taken(data, use_cache=True)
    assert inventory.entries == taken(data).entries
    assert "the hash cache is not used" in inventory.warnings[0]
    assert len(seen) == 3  # nothing was hashed twice because of it


def test_a_cache_inside_the_data_is_not_used(data, aged, taken, monkeypatch):
    monkeypatch.setenv("DATA_SBOM_CACHE_DIR", str(data / "train" / "cache"))
    inventory = taken(data, use_cache=True)
    assert "lies inside the data" in inventory.warnings[0]
    assert not (data / "train" / "cache").exists()


def test_links_are_remembered_by_what_they_lead_to(data, aged, taken, monkeypatch):
    (data / "link").symlink_to("big.csv")
    taken(data, use_cache=True)
    seen = hashed_paths(monkeypatch)
    inventory = taken(data, use_cache=True)
    assert "link" not in seen[0]
    assert {entry.link for entry in inventory.entries} == {None, "big.csv"}


def test_a_file_whose_result_never_arrives_is_not_left_out_silently(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "b").write_bytes(b"2")

    def forgetful(root_fd, jobs, **options):
        return list(run(root_fd, jobs, **options))[:1]

    run = take.pool.run
    monkeypatch.setattr(take.pool, "run", forgetful)
    request = take.Request(walk.Options(), ("SHA-256",), use_cache=False)
    with pytest.raises(UnreadableError, match="never read"):
        take.take(walk.locate(str(tmp_path)), request, lambda done, total: None)
