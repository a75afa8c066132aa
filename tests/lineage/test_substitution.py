"""What a few commands print."""

from __future__ import annotations

import pytest

from sbom.lineage.expansion import ROOT, UNKNOWN, Word
from sbom.lineage.substitution import printed


@pytest.mark.parametrize(
    ("text", "directory", "expected"),
    [
        ("echo -n a b", "", "a b"),
        ("echo -e a\\n", "", None),
        ("pwd -P", "d", f"{ROOT}d"),
        ("pwd", None, None),
        ("pwd x", "", None),
        ("dirname a/b/", "", "a"),
        ("dirname -- a", "", "."),
        (f"dirname {ROOT}a/b", "", f"{ROOT}a"),
        (f"dirname {ROOT}", "", None),
        ("dirname a b", "", None),
        ("basename a/b.csv", "", "b.csv"),
        ("basename a/b.csv .csv", "", "b"),
        ("basename -s .csv a/b.csv", "", "b"),
        ("basename", "", None),
        ("realpath -m a/b", "d", f"{ROOT}d/a/b"),
        ("readlink -f /etc", "d", None),
        (f"realpath {ROOT}a", "d", f"{ROOT}a"),
        ("realpath a", None, None),
        ("git rev-parse --show-toplevel", "d", ROOT),
        ("git rev-parse HEAD", "d", None),
        ("seq 3", "", "1\n2\n3"),
        ("seq 1 2 5", "", "1\n3\n5"),
        ("seq 3 -1 1", "", "3\n2\n1"),
        ("seq 1 0 3", "", None),
        ("seq 999999999", "", None),
        ("seq 9999999999999999999", "", None),
        ("seq a", "", None),
        ("seq", "", None),
        ("cat x", "", None),
        ("", "", None),
    ],
)
def test_printed(text, directory, expected) -> None:
    found = printed([Word(word, known=True) for word in text.split(" ") if word], directory)
    assert (found.text if found.known else None) == expected


def test_nothing_unknown_is_printed() -> None:
    assert printed([Word("echo", known=True), UNKNOWN], "") == UNKNOWN
    assert printed([Word("echo", known=True), Word("d/*", known=True, pattern=True)], "").pattern
