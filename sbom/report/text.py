"""How names, sizes, digests and numbers are written for a person, in every format that a person reads."""

from __future__ import annotations

import re

from sbom.names import display

_SHOWN = 400
_VALUE_SHOWN = 60
_DIGEST = re.compile(r"[0-9a-fA-F]{16,}")
# What the log of a step must not hold: GitHub Actions and Azure Pipelines obey "##[…]" and "##vso[…]" anywhere in a
# line, and "::name …::" where a line starts; any word may come to start one, because long lines are wrapped.
_LOG_COMMAND = re.compile(r"#(?P<hash>#)(?=\w*\[)|(?<!\S):(?P<colon>:)")
_KILO = 1000
_ROUNDS_UP = 999.5
_THREE_DIGITS = 99.95


def shown(text: str, limit: int = _SHOWN) -> str:
    """Return foreign text so that it neither steers a terminal nor commands the log of a CI system.

    :param limit: characters shown before an ellipsis.
    """
    return _LOG_COMMAND.sub(lambda match: r"#\x23" if match["hash"] else r":\x3a", display(text, limit))


def size(count: int) -> str:
    """Return a number of bytes in the largest fitting unit, with decimal prefixes: ``1.2 MB``."""
    if count < _KILO:
        return f"{count} B"
    value = float(count)
    unit = "B"
    for larger in ("kB", "MB", "GB", "TB", "PB"):
        if value < _ROUNDS_UP:
            break
        value /= _KILO
        unit = larger
    return f"{value:.1f} {unit}" if value < _THREE_DIGITS else f"{value:,.0f} {unit}"


def plural(count: int, noun: str) -> str:
    """Return ``1 file``, ``2 files``, ``100,000 files``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def short(value: str, keep: int = 6) -> str:
    """Return the first ``keep`` digits of a digest; anything else is shown, and cut only where it is long."""
    return f"{value[:keep]}…" if _DIGEST.fullmatch(value) else shown(value, _VALUE_SHOWN)


def algorithm(name: str) -> str:
    """Return an algorithm as people type it: ``SHA-256`` is ``sha256``."""
    return shown(name, _VALUE_SHOWN).lower().replace("sha-", "sha")


def listed(items: list[str], cap: int) -> str:
    """Join items by commas; those beyond ``cap`` are only counted."""
    rest = len(items) - cap
    return ", ".join(items[:cap]) + (f" and {rest:,} more" if rest > 0 else "")
