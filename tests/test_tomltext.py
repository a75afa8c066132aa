"""TOML in bounded memory."""

from __future__ import annotations

import pytest

from sbom import tomltext


def test_good() -> None:
    assert tomltext.loads('a.b = "x"\n[c]\nd = 1.5\n') == {"a": {"b": "x"}, "c": {"d": 1.5}}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a" + ".a" * 120_000 + " = 1", "more than 1,000 dots"),
        ("a = " + "[" * 5_000 + "]" * 5_000, "nested too deeply"),
        ("a = ", "Invalid value"),
        ("a = 1\na = 2", "Cannot overwrite"),
    ],
)
def test_refused(text, says) -> None:
    with pytest.raises(ValueError, match=says):
        tomltext.loads(text)
