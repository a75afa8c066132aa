"""What a fetch is asked for: which URL becomes which file, and with which digest. Refusals come before any work."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sbom import names
from sbom.errors import UsageError
from sbom.sources import addresses, client, record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.sources.addresses import Target
    from sbom.sources.client import Policy

#: What partial downloads are called by; the rest of a name comes behind it.
PREFIX = ".data-sbom."
_SUFFIXES = 20
_MAX_NAME = 255 - len(PREFIX) - _SUFFIXES
_SHA256 = re.compile(r"[0-9A-Fa-f]{64}")
_PIN = "sha256="


class Wanted(NamedTuple):
    """One file to fetch.

    :param name: of the file.
    :param sha256: that it must have (hex), where the caller pins it.
    """

    target: Target
    name: str
    sha256: str | None


def plan(urls: Sequence[str], pins: Sequence[str], name: str | None, policy: Policy) -> tuple[Wanted, ...]:
    """Decide which URL becomes which file.

    :param urls: each may end in ``#sha256=HEX``.
    :param pins: SHA-256 digests (hex), as many as URLs and in their order, or none.
    :param name: of the file, where there is one URL only; default: the last segment of the URL's path.
    :raises UsageError: when that does not work out.
    """
    if not urls:
        raise UsageError("no URL was given", hint="give at least one http or https URL")
    if pins and len(pins) != len(urls):
        raise UsageError(
            f"{len(pins)} digests were given for {len(urls)} URLs",
            hint="give --sha256 once for each URL in their order, or write URL#sha256=HEX",
        )
    if name is not None and len(urls) != 1:
        raise UsageError("--name names one file, and there are several URLs", hint="fetch them one by one")
    wanted: list[Wanted] = []
    seen: dict[str, str] = {}
    for index, url in enumerate(urls):
        target = addresses.parse(url)
        client.refuse_written(target, policy)
        chosen = _name(target, name)
        key = chosen.casefold()
        if key in seen:
            raise UsageError(
                f"would become {names.display(chosen)}, and so would {seen[key]}",
                path=target.shown,
                hint="fetch one of them into another directory, or with --name",
            )
        seen[key] = target.shown
        wanted.append(Wanted(target, chosen, _pin(target, pins[index] if pins else None)))
    return tuple(wanted)


def _name(target: Target, name: str | None) -> str:
    """Return the file's name; never one that a server chose (Content-Disposition, a redirect's path)."""
    chosen = addresses.last_segment(target.url) if name is None else name
    hint = "choose a name with --name"
    if not chosen:
        raise UsageError("does not end in the name of a file", path=target.shown, hint=hint)
    reason = "it has several segments" if "/" in chosen else names.refusal(chosen)
    if reason is None and len(chosen.encode()) > _MAX_NAME:
        reason = "the name is too long"
    if reason is None and (chosen.startswith(PREFIX) or chosen.casefold() == record.FILE_NAME):
        reason = "the name is one that data-sbom uses"
    if reason is not None:
        raise UsageError(
            f"cannot become a file named {names.display(chosen, 100)}: {reason}", path=target.shown, hint=hint
        )
    return chosen


def _pin(target: Target, given: str | None) -> str | None:
    inline = target.fragment.removeprefix(_PIN) if target.fragment.startswith(_PIN) else None
    for text in (given, inline):
        if text is not None and not _SHA256.fullmatch(text):
            raise UsageError(
                f"{names.display(text, 80)} is no SHA-256", path=target.shown, hint="give 64 hexadecimal digits"
            )
    if given is not None and inline is not None and given.lower() != inline.lower():
        raise UsageError("is pinned to two digests", path=target.shown, hint="give one of them")
    chosen = given if given is not None else inline
    return None if chosen is None else chosen.lower()
