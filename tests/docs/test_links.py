"""Every link inside the documentation leads somewhere, and no page names a place of somebody's machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md"), *(REPOSITORY / "examples").glob("*.md")]
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def anchors(path: Path) -> set[str]:
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in _HEADING.findall(path.read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.parent.name != "adr"], ids=lambda path: str(path.relative_to(REPOSITORY))
)
def test_files_that_are_named_exist(page: Path) -> None:
    named = re.findall(r"`((?:sbom|tests|schemas|examples|docs)/[\w./-]+)`", page.read_text(encoding="utf-8"))
    made = {"docs/performance.md"}  # by make bench
    assert [name for name in named if name not in made and not (REPOSITORY / name).exists()] == []


def test_every_page_is_reachable_from_the_readme() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    pages = [path for path in (REPOSITORY / "docs").glob("*.md") if path.name != "performance.md"]
    assert [path.name for path in pages if f"docs/{path.name}" not in text] == []
