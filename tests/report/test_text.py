from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.report.text import algorithm, listed, plural, short, shown, size


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_234_567, "1.2 MB"),
        (5 * 10**12, "5.0 TB"),
        (12_345 * 10**15, "12,345 PB"),
    ],
)
def test_size(count, text):
    assert size(count) == text


def test_plural():
    assert [plural(count, "file") for count in (0, 1, 2, 100_000)] == ["0 files", "1 file", "2 files", "100,000 files"]


def test_short_keeps_what_is_no_digest():
    assert short("aade78" + "0" * 58) == "aade78…"
    assert short("../target") == "../target"
    assert short("12345") == "12345"
    assert len(short("x" * 100)) == 61


def test_algorithm():
    assert [algorithm(name) for name in ("SHA-256", "SHA3-512", "BLAKE3")] == ["sha256", "sha3-512", "blake3"]


def test_listed():
    assert listed(["a", "b"], 2) == "a, b"
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"


@pytest.mark.parametrize(
    "text",
    ["##[add-mask]x", "a ##[error]", "###[x]", "##vso[task.setvariable]x", "::stop-commands::x", "a ::error::x"],
)
def test_no_log_command_survives(text):
    assert not re.search(r"##\w*\[|(?:^|\s)::\w", shown(text))


def test_harmless_colons_stay():
    assert shown("std::vector a:: b # c ## d") == "std::vector a:: b # c ## d"


@given(st.text(alphabet=st.characters()))
def test_shown_is_printable(text):
    assert shown(text, len(text)).isprintable()
