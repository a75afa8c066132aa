"""The profiles that ship with the package, one JSON file each, in the form of ``schemas/profile.schema.json``."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from sbom.errors import UsageError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_SUFFIX = ".json"


class Standard(NamedTuple):
    """What a profile stands for.

    :param date: of publication: ``2026-05-12``, or as much of it as is known.
    """

    name: str
    publisher: str
    version: str
    date: str
    url: str


class Element(NamedTuple):
    """One thing that a standard asks for.

    :param required: the profile cannot be required without it; else it is recommended.
    :param reference: section, clause or property of the standard.
    :param facts: ids of the facts that fill it.
    :param every: only all of them together do; else any one does.
    :param note: how the element was read, where that is not evident.
    """

    id: str
    title: str
    required: bool
    reference: str
    facts: tuple[str, ...]
    every: bool
    note: str | None = None


class Profile(NamedTuple):
    """The elements of one standard, in its order.

    :param note: how the standard was read, and what could not be confirmed.
    """

    id: str
    title: str
    standard: Standard
    elements: tuple[Element, ...]
    note: str | None = None


@cache
def ids() -> tuple[str, ...]:
    """Return the id of every profile, in alphabetical order."""
    found = (file.name for file in _folder().iterdir() if file.name.endswith(_SUFFIX))
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in found))


@cache
def load(profile_id: str) -> Profile:
    """Return one profile.

    :raises UsageError: when there is no such profile.
    """
    # Only an id from the list becomes a file name.
    if profile_id not in ids():
        raise UsageError(f"there is no profile {profile_id[:80]!a}", hint=f"the profiles are {', '.join(ids())}")
    tree = json.loads(_folder().joinpath(profile_id + _SUFFIX).read_bytes())
    return Profile(
        id=tree["id"],
        title=tree["title"],
        standard=Standard(**tree["standard"]),
        elements=tuple(
            Element(
                id=element["id"],
                title=element["title"],
                required=element["requirement"] == "required",
                reference=element["reference"],
                facts=tuple(element.get("all") or element["any"]),
                every="all" in element,
                note=element.get("note"),
            )
            for element in tree["elements"]
        ),
        note=tree.get("note"),
    )


def _folder() -> Traversable:
    """Return where the profiles are: inside an installed package, or beside the package in a checkout."""
    package = files("sbom")
    installed = package.joinpath("schemas", "profiles")
    return installed if installed.is_dir() else package.joinpath("..", "schemas", "profiles")
