"""The value types, and the list of fields that everything else is about."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path

import pytest

from sbom import provenance
from sbom.provenance import FIELD_BY_ID, FIELDS, STATES, Assertion, Provenance


def test_fields_are_named_once_and_for_the_command_line():
    assert len(FIELD_BY_ID) == len(FIELDS)
    for field in FIELDS:
        assert field.id == field.id.lower()
        assert field.id.replace("-", "").isalpha()
        assert field.title
        assert field.title[0].islower() or field.title.startswith("SPDX")


def test_which_can_have_one_value_only():
    assert [field.id for field in FIELDS if field.single] == [
        *("name", "version", "description", "supplier", "license", "copyright"),
        *("built-date", "release-date", "modified-date", "previous-release", "record-count"),
        *("classification", "document-author"),
    ]


def test_there_are_seven_states():
    assert list(STATES) == [
        *("match", "mismatch", "match-after-line-endings", "data-absent", "malformed", "not-declared", "live")
    ]
    assert len(set(STATES.values())) == 7


def test_what_is_said_of_a_part_is_not_about_the_whole():
    name = Assertion("name", "whole", "m")
    known = Provenance(assertions=(Assertion("version", "1", "m", scope="sub"), name, name._replace(scope="sub")))
    assert known.about("name") == (name,)
    assert known.about("version") == ()
    assert "version" in known.unknown()
    assert "name" not in known.unknown()


def test_unknown_names_every_field_in_order():
    assert Provenance().unknown() == tuple(FIELD_BY_ID)


def test_nobody_changes_what_is_known():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Provenance().assertions = ()


def test_it_knows_nobody():
    tree = ast.parse(Path(provenance.__file__).read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in getattr(node, "names", [])]
        )
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    assert imported == {"__future__", "dataclasses", "typing"}
