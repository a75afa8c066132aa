"""TOML that somebody else may have written, in bounded memory."""

from __future__ import annotations

from typing import Any, Final

#: Dots in one line. A dotted key of n parts takes the parser of the standard library memory of n².
MAX_DOTS: Final = 1_000


def loads(text: str) -> dict[str, Any]:
    """Parse TOML.

    :raises ValueError: when it is none, or nested too deeply, or could take too much memory.
    """
    import tomllib  # noqa: PLC0415  # only where there is TOML

    if any(line.count(".") > MAX_DOTS for line in text.split("\n")):
        problem = f"a line has more than {MAX_DOTS:,} dots: write it on several lines"
        raise ValueError(problem)
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
