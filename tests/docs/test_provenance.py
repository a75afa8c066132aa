"""docs/provenance.md names every reader, field and state, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from sbom.manifests import registry
from sbom.provenance import FIELDS, STATES

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "provenance.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return re.split(r"^#+ ", TEXT, flags=re.MULTILINE)[
        [part.partition("\n")[0] for part in re.split(r"^#+ ", TEXT, flags=re.MULTILINE)].index(title)
    ]


def test_every_reader_in_order_of_precedence() -> None:
    readers, _ = registry.readers()
    assert re.findall(r"^\| `([a-z-]+)` \|", section("Which manifests are read"), re.MULTILINE) == [
        reader.name for reader in readers
    ]


def test_every_field_and_which_have_one_value_only() -> None:
    rows = re.findall(r"^\| (\*?)`([a-z-]+)`\*? \| (.*) \|$", section("Fields"), re.MULTILINE)
    assert [(name, bool(star), title) for star, name, title in rows] == [tuple(field) for field in FIELDS]


def test_every_state() -> None:
    rows = re.findall(r"^\| ([a-z, -]+) \| `([a-z-]+)` \|", section("Declared hashes"), re.MULTILINE)
    assert {name: title for title, name in rows} == STATES
