from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sbom.errors import OutputError, UsageError
from sbom.sources import record
from sbom.sources.record import Retrieval

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schemas/retrieval-record.schema.json").read_text())
ONE = Retrieval("https://h/a", "https://g/a", "2026-01-02T03:04:05Z", "a", 3, "0" * 64, 200, ("https://g/a",), '"1"')


def test_what_is_written_is_read_and_fits_the_schema(tmp_path):
    two = ONE._replace(path="b", etag=None, status=206, redirects=(), content_type="text/csv", content_encoding="gzip")
    record.add(str(tmp_path), ONE)
    record.add(str(tmp_path), two)
    assert record.load(str(tmp_path)) == (ONE, two)
    data = (tmp_path / record.FILE_NAME).read_bytes()
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(json.loads(data))
    assert os.listdir(tmp_path) == [record.FILE_NAME]
    assert data == record.dump((ONE, two))


def test_a_newer_entry_replaces_the_one_of_its_path(tmp_path):
    newer = ONE._replace(sha256="1" * 64)
    for one in (ONE, ONE._replace(path="b"), newer):
        record.add(str(tmp_path), one)
    assert [(one.path, one.sha256[0]) for one in record.load(str(tmp_path))] == [("b", "0"), ("a", "1")]


def test_there_may_be_none(tmp_path):
    assert record.load(str(tmp_path)) == ()


def entry(**changes):
    return json.dumps({"format": record.FORMAT, "retrievals": [{**ONE._asdict(), **changes}]}).encode()


@pytest.mark.parametrize(
    "data",
    [
        *(
            b"",
            b"{",
            b"[]",
            b"null",
            b'{"format": "data-sbom-retrieval-record/2", "retrievals": []}',
            b"\xff",
            b"[" * 100_000,
        ),
        *(
            b'{"format": "data-sbom-retrieval-record/1"}',
            b'{"format": "data-sbom-retrieval-record/1", "retrievals": [1]}',
        ),
        *(
            entry(path="../x"),
            entry(path="/x"),
            entry(path=1),
            entry(sha256="x"),
            entry(sha256="A" * 64),
            entry(size=-1),
        ),
        *(
            entry(size=True),
            entry(size="3"),
            entry(etag=1),
            entry(redirects="x"),
            entry(redirects=[1]),
            entry(new="x"),
            entry(url=None),
        ),
    ],
)
def test_what_is_no_record_is_not_overwritten(tmp_path, data):
    assert record.parse(data) is None
    (tmp_path / record.FILE_NAME).write_bytes(data)
    with pytest.raises(UsageError, match="no retrieval record"):
        record.add(str(tmp_path), ONE)
    assert (tmp_path / record.FILE_NAME).read_bytes() == data


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.just("0" * 64),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(Retrieval._fields), inner, max_size=12),
    max_leaves=30,
)


@given(json_values)
def test_parsing_anything_ends_in_a_record_or_none(value):
    found = record.parse(json.dumps({"format": record.FORMAT, "retrievals": value}).encode())
    assert found is None or all(isinstance(one, Retrieval) for one in found)


@pytest.mark.parametrize("kind", ["link", "directory", "pipe"])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path, kind):
    path = tmp_path / record.FILE_NAME
    if kind == "link":
        (tmp_path / "other").write_bytes(record.dump((ONE,)))
        path.symlink_to("other")
    elif kind == "directory":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(UsageError):
        record.add(str(tmp_path), ONE)


def test_a_record_that_is_too_large_is_refused(tmp_path, monkeypatch):
    record.add(str(tmp_path), ONE)
    monkeypatch.setattr(record, "MAX_SIZE", 100)
    with pytest.raises(UsageError):
        record.load(str(tmp_path))


def test_two_at_once_lose_nothing(tmp_path):
    def several(start):
        for number in range(start, start + 10):
            record.add(str(tmp_path), ONE._replace(path=str(number)))

    threads = [threading.Thread(target=several, args=(start,)) for start in (0, 10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.path for one in record.load(str(tmp_path))} == set(map(str, range(30)))


def test_a_directory_that_is_gone(tmp_path):
    with pytest.raises(OutputError):
        record.add(str(tmp_path / "gone"), ONE)
