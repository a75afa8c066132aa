"""What the pages below docs/ say is so: their sessions, and their tables."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sbom
from sbom.cyclonedx import spec
from sbom.verification import catalog

if TYPE_CHECKING:
    from conftest import Session

DOCS = Path(__file__).resolve().parents[2] / "docs"
SESSIONS = ["format.md", "verification.md", "cli.md", "api.md", "policy.md", "signing.md"]


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SESSIONS)
def test_its_commands_do_what_it_says(session: Session, name: str) -> None:
    assert session.play(DOCS / name) >= 1


def test_every_page_with_commands_is_run() -> None:
    blocks = {
        path.name
        for path in DOCS.rglob("*.md")
        if re.search(r"^```(console|sh|python)$", path.read_text(), re.MULTILINE)
    }
    assert blocks == set(SESSIONS)


def test_the_table_of_checks_is_the_table_of_checks() -> None:
    rows = [
        "| check | what holds when it passes | required | may be skipped |",
        "|---|---|---|---|",
        *(f"| `{check.id}` | {check.means} | {check.required} | {check.skip} |" for check in catalog.load().values()),
    ]
    block = re.search(r"<!-- begin checks -->\n(.*?)\n<!-- end checks -->", text("verification.md"), re.DOTALL)
    assert block is not None
    assert block[1].splitlines() == rows


def test_the_format_names_every_property_and_no_other() -> None:
    known = {value for value in vars(spec).values() if isinstance(value, str) and value.startswith(spec.PREFIX)} - {
        spec.PREFIX
    }
    named = set(re.findall(r"`(data-sbom:[a-z:-]+)", text("format.md"))) - {spec.PREFIX}
    assert named == known


def test_the_format_names_every_digest() -> None:
    assert [name for name in spec.HASH_OPTIONS.values() if name not in text("format.md")] == []
    assert all(version in text("format.md") for version in spec.SPEC_VERSIONS)


def test_the_api_names_every_public_name_and_its_parts() -> None:
    page = text("api.md")
    assert [
        name for name in sbom.__all__ if name != "__version__" and f"`{name}" not in page.replace("sbom.", "")
    ] == []
    for name in ("generate", "verify", "guard"):
        row = re.search(rf"^\| `{name}\(([^)]*)\)`", page, re.MULTILINE)
        assert row is not None
        stated = [word for word in row[1].split(", ") if word != "*"]
        assert stated == list(inspect.signature(getattr(sbom, name)).parameters)


@pytest.mark.parametrize("name", ["Bom", "Trust", "Expect", "Options", "Limits", "Report", "Verdict", "Status"])
def test_the_api_names_what_a_class_has(name: str) -> None:
    kind = getattr(sbom, name)
    row = re.search(rf"^\| `{name}` \| (.*) \|$", text("api.md"), re.MULTILINE)
    assert row is not None
    stated = {word.removeprefix(f"{name}.") for word in re.findall(r"`([A-Za-z.]\w*(?:\.\w+)?)(?:\(\w*\))?`", row[1])}
    if name == "Bom":
        public = {part for part in vars(kind) if not part.startswith("_")} | {"warnings"}
    elif name in {"Verdict", "Status"}:
        public = set(kind.__members__)
    elif name == "Limits":
        public = set(kind._fields)
    else:
        public = {field.name for field in dataclasses.fields(kind)}
        public |= {part for part, value in vars(kind).items() if isinstance(value, property)} - {"pinned"}
        public |= {"check", "require"} if name == "Report" else set()
    assert stated - {"None"} == public


def test_the_threat_model_names_every_check_and_no_other() -> None:
    named = set(
        re.findall(
            r"`((?:bom|signature|files|inventory|chain|lineage|manifest|policy|sources)\.[a-z]+)`",
            text("threat-model.md"),
        )
    )
    assert named == set(catalog.load()) - {"signature.time"} | ({"signature.time"} & named)


def test_the_decisions_are_numbered_and_complete() -> None:
    pages = sorted((DOCS / "adr").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        content = page.read_text(encoding="utf-8")
        assert content.startswith(f"# {page.name[:4]}. "), page.name
        assert re.findall(r"^## (.*)$", content, re.MULTILINE) == [
            *("Context", "Decision", "Consequences", "What else was thought of")
        ], page.name
        assert len(content.splitlines()) <= 60
