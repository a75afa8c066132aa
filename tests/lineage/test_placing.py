from __future__ import annotations

from sbom.lineage.placing import place
from sbom.model import FileEntry
from sbom.transformation import DECLARED, OBSERVED, Edge, Word

A, B = "a" * 64, "b" * 64


def entry(path: str, sha256: str = A) -> FileEntry:
    return FileEntry(path, 1, (("SHA-256", sha256),))


def edge(name: str, sha256: str | None = A) -> Edge:
    return Edge(name, (Word(OBSERVED if sha256 else DECLARED, ""),), sha256)


def test_the_place_is_found_by_name_and_digest() -> None:
    files = [entry("train.csv"), entry("sub/test.csv", B)]
    assert place(files, [edge("repo/data/train.csv"), edge("repo/data/sub/test.csv", B)], None) == "repo/data"
    assert place(files, [edge("train.csv")], None) == ""


def test_without_a_match_the_default_counts() -> None:
    assert place([entry("a")], [edge("x/a", B)], "d") == "d"
    assert place([entry("a")], [edge("x/a", None)], "d") == "d"
    assert place([entry("a")], [edge("xa")], None) is None
    assert place([], [], None) is None


def test_most_files_decide_and_the_default_breaks_a_tie() -> None:
    files = [entry("a"), entry("b", B)]
    assert place(files, [edge("x/a"), edge("y/a"), edge("y/b", B)], "x") == "y"
    assert place(files, [edge("x/a"), edge("y/a")], "y") == "y"
    assert place(files, [edge("x/a"), edge("y/a")], "z") == "x"


def test_many_files_of_one_content_do_not_multiply() -> None:
    files = [entry(f"{n}.csv") for n in range(5_000)]
    edges = [edge(f"data/{n}.csv") for n in range(5_000)]
    assert place(files, edges, None) == "data"
