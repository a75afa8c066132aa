"""Names in a workspace, from what scripts call them."""

from __future__ import annotations

import pytest

from sbom.lineage.paths import is_url, resolve


@pytest.mark.parametrize(
    ("text", "directory", "expected"),
    [
        ("a/../b", "", "b"),
        ("../b", "a", "b"),
        ("b/", "a", "a/b/"),
        (r"b\c", "", "b/c"),
        ("file://b", "a", "a/b"),
        ("FILE:///etc/passwd", "", None),
        ("https://e.org/a/../b", "a", "https://e.org/a/../b"),
        ("https://e.org/a b", "", None),
        ("https://e.org/\x1b", "", None),
        ("table:a.b", "x", "table:a.b"),
        ("/etc/passwd", "", None),
        ("~/x", "", None),
        (r"C:\x", "", None),
        ("..", "", None),
        ("a/../..", "", None),
        ("../../b", "a", None),
        (".", "", None),
        (" ", "", None),
        ("", "", None),
        ("a\0b", "", None),
        ("a\nb", "", None),
        ("a" * 5_000, "", None),
        ("https://e.org/" + "a" * 5_000, "", None),
    ],
)
def test_resolve(text, directory, expected) -> None:
    assert resolve(text, directory) == expected


def test_directories() -> None:
    assert resolve("a", "", is_directory=True) == resolve("a/", "", is_directory=True) == "a/"
    assert resolve(".", "", is_directory=True) == "./"
    assert resolve("..", "a", is_directory=True) == "./"
    assert resolve("..", "", is_directory=True) is None


def test_urls() -> None:
    assert is_url("s3://b/k") and is_url("https://e.org")
    assert not is_url("mailto:a") and not is_url("a/b://c") and not is_url("C:/x")
