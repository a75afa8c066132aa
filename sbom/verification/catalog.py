"""The table of check ids, as ``data-sbom explain`` and every output format read it."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from sbom.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Check(NamedTuple):
    """What one check id means.

    :param means: what holds when the check passes.
    :param required: when it must be made.
    :param skip: when leaving it out is legal.
    :param do: what to do when it fails.
    """

    id: str
    means: str
    required: str
    skip: str
    do: str


@cache
def load() -> Mapping[str, Check]:
    """Return every check by its id, in the order in which they are made."""
    import json  # noqa: PLC0415  # a verification that succeeds never reads the table
    from importlib.resources import files  # noqa: PLC0415

    table = json.loads(files("sbom.verification").joinpath("checks.json").read_bytes())
    return MappingProxyType({check_id: Check(check_id, **texts) for check_id, texts in table.items()})


def get(check_id: str) -> Check:
    """Return one check.

    :raises UsageError: when there is no such check id; the hint names those that are spelled alike, or all of them.
    """
    check = load().get(check_id)
    if check is None:
        from difflib import get_close_matches  # noqa: PLC0415  # only for a misspelled id

        near = get_close_matches(check_id, load(), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"the check ids are {' '.join(load())}"
        msg = f"there is no check {check_id!a}"
        raise UsageError(msg, hint=hint)
    return check
