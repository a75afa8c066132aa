"""Media types: a fixed table, of the form that CycloneDX takes."""

from __future__ import annotations

import re
from importlib.resources import files

import orjson
import pytest

from sbom.inventory import mediatypes, stats


@pytest.mark.parametrize("version", ["1.6", "1.7"])
def test_every_type_is_of_the_form_that_the_schema_wants(version):
    schema = orjson.loads((files("cyclonedx.schema._res") / f"bom-{version}.SNAPSHOT.schema.json").read_bytes())
    pattern = re.compile(schema["definitions"]["component"]["properties"]["mime-type"]["pattern"])
    for media_type in [*mediatypes._TYPES, mediatypes.DEFAULT]:
        assert pattern.search(media_type), media_type


def test_no_suffix_has_two_types():
    suffixes = [suffix for suffixes in mediatypes._TYPES.values() for suffix in suffixes.split()]
    assert len(suffixes) == len(set(suffixes)) == len(mediatypes._BY_SUFFIX)
    assert all(suffix == suffix.lower() for suffix in suffixes)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.csv", "text/csv"),
        ("d.e/A.CSV", "text/csv"),
        ("a.tar.gz", "application/gzip"),
        (".csv", "text/csv"),
        ("csv", mediatypes.DEFAULT),
        ("a.csv/x", mediatypes.DEFAULT),
        ("a.csv/csv", mediatypes.DEFAULT),
        ("a.", mediatypes.DEFAULT),
        ("", mediatypes.DEFAULT),
        ("a.unheard-of", mediatypes.DEFAULT),
        ("a.csv.", mediatypes.DEFAULT),
    ],
)
def test_type_by_name(path, expected):
    assert mediatypes.media_type(path) == expected


def test_every_table_has_a_type():
    assert set(stats._KINDS) <= set(mediatypes._TYPES)
