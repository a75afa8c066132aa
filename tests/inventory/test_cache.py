"""The hash cache: it answers for exactly the file that it was told about, or not at all."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading

import pytest

from sbom.inventory import cache, files
from sbom.inventory.cache import CacheUnusableError, HashCache
from sbom.model import TableStats

SIZE = cache.MIN_SIZE
OLD = 1_000_000_000_000_000_000
STATE = (0o100644, 2**64 - 1, 5, SIZE, OLD, OLD + 1)
SHA256, SHA512 = "ab" * 32, "cd" * 64
DIGESTS = [("SHA-256", SHA256), ("SHA-512", SHA512)]


@pytest.fixture
def where(tmp_path):
    return str(tmp_path / "cache")


def store(  # noqa: PLR0913
    where, *, path="/data/f", state=STATE, digests=DIGESTS, stats=None, counted=False
):
    with HashCache(where) as one:
        one.put(path, state, digests, stats, counted=counted)


def get(where, *, path="/data/f", state=STATE, algorithms=("SHA-256",), stats=False):
    with HashCache(where) as one:
        return one.get(path, state, algorithms, stats=stats)


def rows(where):
    database = sqlite3.connect(os.path.join(where, "hashes-1.sqlite"))
    try:
        return database.execute("SELECT path, algorithm, digest FROM digests ORDER BY 2").fetchall()
    finally:
        database.close()


def change(where, sql, *values):
    database = sqlite3.connect(os.path.join(where, "hashes-1.sqlite"))
    try:
        database.execute(sql, values)
        database.commit()
    finally:
        database.close()


# -- what it answers --------------------------------------------------------------------------------------------------


def test_remembers_between_runs(where):
    store(where)
    assert get(where) == ((SHA256,), None)
    assert get(where, algorithms=("SHA-512", "SHA-256")) == ((SHA512, SHA256), None)
    assert os.stat(where).st_mode & 0o777 == 0o700
    assert os.stat(os.path.join(where, "hashes-1.sqlite")).st_mode & 0o777 == 0o600


def test_answers_only_when_every_algorithm_is_known(where):
    store(where, digests=DIGESTS[:1])
    assert get(where, algorithms=("SHA-256", "SHA-512")) is None


@pytest.mark.parametrize("part", range(1, 6), ids=["device", "inode", "size", "mtime", "ctime"])
def test_any_other_state_is_another_file(where, part):
    store(where)
    state = list(STATE)
    state[part] += 1 if part != 1 else -1
    assert get(where, state=tuple(state)) is None
    assert get(where, path="/data/g") is None


def test_change_that_keeps_the_modification_time_is_seen(where, tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"x" * SIZE)
    os.utime(path, ns=(OLD, OLD))
    before = files.state_of(os.stat(path))
    one = HashCache(where)
    one._started = before[5] + 3_000_000_000
    with one:
        one.put(str(path), before, DIGESTS, None, counted=False)
    later = HashCache(where)
    later._started = before[5] + 6_000_000_000
    with later:
        assert later.get(str(path), before, ("SHA-256",), stats=False) == ((SHA256,), None)
        after = before
        while after[5] == before[5]:
            path.write_bytes(b"y" * SIZE)
            os.utime(path, ns=(OLD, OLD))
            after = files.state_of(os.stat(path))
        assert after[:5] == before[:5]
        assert later.get(str(path), after, ("SHA-256",), stats=False) is None


@pytest.mark.parametrize("field", [4, 5], ids=["mtime", "ctime"])
@pytest.mark.parametrize("age", [0, 1_999_999_999, -(10**18), 2_000_000_001])
def test_what_is_too_fresh_is_not_stored(where, field, age):
    with HashCache(where) as one:
        state = list(STATE)
        state[field] = one._started - age
        one.put("/data/f", tuple(state), DIGESTS, None, counted=False)
        fresh = age <= 2_000_000_000
        assert bool(one._new) is not fresh
    assert bool(rows(where)) is not fresh


def test_small_files_are_hashed_faster_than_looked_up(where):
    store(where, state=(*STATE[:3], SIZE - 1, *STATE[4:]))
    assert rows(where) == []
    assert get(where, state=(*STATE[:3], SIZE - 1, *STATE[4:])) is None


@pytest.mark.parametrize("time", [-(10**20), -(2**63) - 1, 0])
def test_times_of_other_centuries(where, time):
    state = (*STATE[:4], time, OLD)
    store(where, state=state)
    assert get(where, state=state) == ((SHA256,), None)
    assert get(where, state=(*STATE[:4], 10**20, OLD)) is None


def test_names_that_are_not_utf_8(where):
    name = os.fsdecode(b"/data/\xe4")
    store(where, path=name)
    assert get(where, path=name) == ((SHA256,), None)


# -- statistics -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [None, TableStats(3, 4), TableStats(None, None), TableStats(5, None)])
def test_statistics_are_remembered(where, shape):
    store(where, stats=shape, counted=True)
    assert get(where, stats=True) == ((SHA256,), shape)
    assert get(where, stats=False) == ((SHA256,), None)


def test_statistics_that_were_not_counted_are_not_known(where):
    store(where)
    assert get(where, stats=True) is None


# -- what it never believes -------------------------------------------------------------------------------------------


def test_poisoned_row_of_another_inode_is_ignored(where):
    store(where)
    change(where, "UPDATE digests SET digest = ?, ino = ino + 1", "00" * 32)
    assert get(where) is None


@pytest.mark.parametrize("bad", ["", "zz", "AB" * 32, "ab" * 15, 7, b"ab" * 32, "ab" * 32 + "\n"])
def test_rows_that_are_no_digest_are_ignored(where, bad):
    store(where)
    change(where, "UPDATE digests SET digest = ? WHERE algorithm = 'SHA-256'", bad)
    assert get(where) is None
    assert get(where, algorithms=("SHA-512",)) == ((SHA512,), None)


@pytest.mark.parametrize("bad", ["x", "1", "1,2,3", "-1,2", "1" * 30 + ",1", 4])
def test_rows_that_are_no_shape_are_ignored(where, bad):
    store(where, stats=TableStats(1, 2), counted=True)
    change(where, "UPDATE digests SET digest = ? WHERE algorithm = 'stats'", bad)
    assert get(where, stats=True) is None


# -- when it cannot be used -------------------------------------------------------------------------------------------


def opened(where):
    with HashCache(where):
        pass


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_directory_open_to_others(where, mode):
    os.mkdir(where)
    os.chmod(where, mode)
    with pytest.raises(CacheUnusableError, match="open to other users"):
        opened(where)
    assert os.listdir(where) == []


def test_directory_of_another_user(where, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with pytest.raises(CacheUnusableError, match="another user"):
        opened(where)


def test_directory_that_is_a_link_or_a_file(where, tmp_path):
    (tmp_path / "real").mkdir(mode=0o700)
    os.symlink(tmp_path / "real", where)
    with pytest.raises(CacheUnusableError, match="is not a directory"):
        opened(where)
    (tmp_path / "file").touch()
    with pytest.raises(CacheUnusableError, match="File exists"):
        opened(str(tmp_path / "file"))


def test_database_that_is_a_link(where, tmp_path):
    os.mkdir(where, 0o700)
    os.symlink(tmp_path / "elsewhere", os.path.join(where, "hashes-1.sqlite"))
    with pytest.raises(CacheUnusableError):
        opened(where)
    assert not (tmp_path / "elsewhere").exists()


def test_broken_database(where):
    os.mkdir(where, 0o700)
    with open(os.path.join(where, "hashes-1.sqlite"), "wb") as stream:
        stream.write(b"this is no database" * 100)
    with pytest.raises(CacheUnusableError, match="not a database"):
        opened(where)


def test_table_of_another_form_is_a_miss_and_said_on_storing(where):
    opened(where)
    change(where, "DROP TABLE digests")
    change(where, "CREATE TABLE digests (path BLOB)")
    assert get(where) is None
    with pytest.raises(CacheUnusableError, match="table digests"):
        store(where)


def test_a_failed_run_stores_nothing(where):
    def failing():
        with HashCache(where) as one:
            one.put("/data/f", STATE, DIGESTS, None, counted=False)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert rows(where) == []


def test_unopened_cache_knows_nothing(where):
    assert HashCache(where).get("/data/f", STATE, ("SHA-256",), stats=False) is None


def test_two_runs_at_once(where):
    opened(where)
    failures = []

    def work(number):
        try:
            for turn in range(20):
                store(where, path=f"/data/{number}/{turn}")
        except CacheUnusableError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(rows(where)) == 3 * 20 * len(DIGESTS)


# -- where it is ------------------------------------------------------------------------------------------------------


def test_directory_is_the_users(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("DATA_SBOM_CACHE_DIR", "own")
    assert cache.directory() == os.path.abspath("own")
    monkeypatch.delenv("DATA_SBOM_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert cache.directory() == "/xdg/data-sbom"
    monkeypatch.setenv("HOME", "/home/me")
    for ignored in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", ignored)
        assert cache.directory() == "/home/me/.cache/data-sbom"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache.directory() == "/home/me/Library/Caches/data-sbom"


def test_no_home_directory(monkeypatch):
    monkeypatch.delenv("DATA_SBOM_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    with pytest.raises(CacheUnusableError, match="no home"):
        cache.directory()
