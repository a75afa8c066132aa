"""How readers put into words what manifests hold as trees: columns, dates, licences."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sbom import spdx
from sbom.manifests import values

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Columns of one table that are named; a hostile schema has millions.
MAX_COLUMNS = 500
#: Characters of a column's name or type.
_MAX_NAME = 200
_YEAR_OR_MONTH = re.compile(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SECRET = re.compile(
    r"://[^/?#@:\s]{0,200}:[^/?#@\s]{0,200}@"
    r"|[?&;](?:[a-z0-9_.-]{0,40}[_.-])?(?:password|passwd|pwd|secret|token|sig|signature)="
    r"|[?&;](?:[a-z0-9_.-]{0,40}[_.-]|api|access)key=",
    re.IGNORECASE,
)


def columns(fields: object, *, of: str = "", name: str = "name", kind: str = "type") -> str | None:
    """Write down the columns of a table: ``of: id (integer), label (string)``; ``None`` when there are none.

    :param fields: a list of objects.
    :param of: what the table is called.
    :param name: the key of a column's name.
    :param kind: the key of its type.
    """
    found: list[str] = []
    number = 0
    for field in values.items(fields):
        title = values.text(values.mapping(field).get(name))
        if title is None:
            continue
        number += 1
        if number > MAX_COLUMNS:
            continue
        type_ = values.text(values.mapping(field).get(kind))
        found.append(title[:_MAX_NAME] + (f" ({type_[:_MAX_NAME]})" if type_ else ""))
    if not found:
        return None
    more = f" and {number - MAX_COLUMNS} more" if number > MAX_COLUMNS else ""
    return (f"{of}: " if of else "") + ", ".join(found) + more


def date(value: object) -> str | None:
    """Return a date (a year, month or day) or a time (ISO 8601) as written; ``None`` when it is neither."""
    text = values.text(value)
    if text is None or len(text) > 40:  # noqa: PLR2004  # no time is longer
        return None
    if _YEAR_OR_MONTH.fullmatch(text) is not None:
        return text
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return text if _DAY.match(text) is not None else None


def moment(milliseconds: object) -> str | None:
    """Return milliseconds since 1970 as a time (RFC 3339, UTC)."""
    number = values.integer(milliseconds)
    try:
        return None if number is None else datetime.fromtimestamp(number // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return None


def license_of(candidates: Iterable[tuple[object, str]]) -> tuple[str, str] | None:
    """Choose among the spellings of one licence: the first that SPDX certainly knows, else the first that there is.

    :param candidates: values with their pointers: name, address, title, in the format's order.
    :return: the value as written, and its pointer.
    """
    there = [(text, pointer) for value, pointer in candidates if isinstance(value, str) and (text := value.strip())]
    certain = (one for one in there if spdx.expression(one[0]) is not None)
    return next(certain, there[0] if there else None)


def secret(url: str) -> bool:
    """Tell whether a URL holds a password or a token, which must not get into a document."""
    return _SECRET.search(url) is not None
