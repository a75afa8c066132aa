"""Licences as people write them → SPDX identifiers and expressions, only where that is certain.

Certain means: an identifier of the SPDX licence list in any case, the licence's full name or another well-known
spelling of exactly one licence (the tables below), the address of the licence's own text, or an expression of these.

Not certain, and therefore ``None``: a family without its version (``CC-BY``, ``BSD``, ``GPL``), and the deprecated
identifiers of the GNU licences (``GPL-3.0``): SPDX reads them as "only", people write them for "or later" as well.

The list of identifiers is the one that ``cyclonedx-python-lib`` ships: CycloneDX's ``license.id`` must be in it;
the first call loads it. Only new releases of that library ship names, too: ours are in a table, so that the same text
means the same everywhere.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

#: Longer texts are licence texts, not names of licences.
MAX_LENGTH = 1_000
#: Parentheses within each other in an expression; readers of documents parse them with recursion.
MAX_NESTING = 20

#: Spelling (lower case, hyphens for spaces) → identifier, where the spelling can mean that one only.
_ALIASES: dict[str, str] = {
    "apache2": "Apache-2.0",
    "apache-license-2": "Apache-2.0",
    "c-uda": "C-UDA-1.0",
    "cc-zero": "CC0-1.0",
    "cc0": "CC0-1.0",
    "cc0:-public-domain": "CC0-1.0",
    "lgpl-lr": "LGPLLR",
    "mit-license": "MIT",
    "odbl": "ODbL-1.0",
    "odc-by": "ODC-By-1.0",
    "odc-odbl": "ODbL-1.0",
    "odc-odbl-1.0": "ODbL-1.0",
    "odc-pddl": "PDDL-1.0",
    "odc-pddl-1.0": "PDDL-1.0",
    "pddl": "PDDL-1.0",
    "the-unlicense": "Unlicense",
}

#: Identifier → full names, without regard to what :func:`_plain` drops. Creative Commons' are made from their parts.
_NAMES: dict[str, tuple[str, ...]] = {
    "AFL-3.0": ("Academic Free License v3.0",),
    "AGPL-3.0-only": ("GNU Affero General Public License v3.0 only",),
    "AGPL-3.0-or-later": ("GNU Affero General Public License v3.0 or later",),
    "Apache-2.0": ("Apache License 2.0", "Apache Software License 2.0"),
    "Artistic-2.0": ("Artistic License 2.0",),
    "BSD-2-Clause": ('BSD 2-Clause "Simplified" License', "BSD 2-Clause License"),
    "BSD-3-Clause": ('BSD 3-Clause "New" or "Revised" License', "BSD 3-Clause License"),
    "BSL-1.0": ("Boost Software License 1.0",),
    "C-UDA-1.0": ("Computational Use of Data Agreement v1.0",),
    "CC-PDDC": ("Creative Commons Public Domain Dedication and Certification",),
    "CC-PDM-1.0": ("Creative Commons Public Domain Mark 1.0 Universal", "Public Domain Mark 1.0"),
    "CC0-1.0": (
        "Creative Commons Zero v1.0 Universal",
        "Creative Commons CC0 1.0 Universal",
        "Creative Commons CC0 1.0 Universal Public Domain Dedication",
        "CC0 1.0 Universal",
        "CC0 1.0 Universal Public Domain Dedication",
    ),
    "CDLA-Permissive-1.0": ("Community Data License Agreement Permissive 1.0",),
    "CDLA-Permissive-2.0": ("Community Data License Agreement Permissive 2.0",),
    "CDLA-Sharing-1.0": ("Community Data License Agreement Sharing 1.0",),
    "DL-DE-BY-2.0": ("Data licence Germany - attribution - version 2.0",),
    "DL-DE-ZERO-2.0": ("Data licence Germany - zero - version 2.0",),
    "EPL-2.0": ("Eclipse Public License 2.0",),
    "EUPL-1.2": ("European Union Public License 1.2",),
    "GPL-2.0-only": ("GNU General Public License v2.0 only",),
    "GPL-2.0-or-later": ("GNU General Public License v2.0 or later",),
    "GPL-3.0-only": ("GNU General Public License v3.0 only",),
    "GPL-3.0-or-later": ("GNU General Public License v3.0 or later",),
    "ISC": ("ISC License",),
    "LGPL-2.1-only": ("GNU Lesser General Public License v2.1 only",),
    "LGPL-2.1-or-later": ("GNU Lesser General Public License v2.1 or later",),
    "LGPL-3.0-only": ("GNU Lesser General Public License v3.0 only",),
    "LGPL-3.0-or-later": ("GNU Lesser General Public License v3.0 or later",),
    "MIT": ("MIT License",),
    "MIT-0": ("MIT No Attribution",),
    "MPL-2.0": ("Mozilla Public License 2.0",),
    "NLOD-1.0": ("Norwegian Licence for Open Government Data (NLOD) 1.0",),
    "NLOD-2.0": ("Norwegian Licence for Open Government Data (NLOD) 2.0",),
    "O-UDA-1.0": ("Open Use of Data Agreement v1.0",),
    "ODC-By-1.0": ("Open Data Commons Attribution License v1.0",),
    "ODbL-1.0": ("Open Data Commons Open Database License v1.0", "Open Database License v1.0"),
    "OFL-1.1": ("SIL Open Font License 1.1",),
    "OGL-UK-1.0": ("Open Government Licence v1.0",),
    "OGL-UK-2.0": ("Open Government Licence v2.0",),
    "OGL-UK-3.0": ("Open Government Licence v3.0",),
    "PDDL-1.0": ("Open Data Commons Public Domain Dedication & License 1.0",),
    "Unlicense": ("The Unlicense",),
    "etalab-2.0": ("Etalab Open License 2.0",),
}
_COMMONS_PARTS = {"BY": "attribution", "NC": "non commercial", "ND": "no derivatives", "SA": "share alike"}
#: Version → what Creative Commons calls licences of it that are made for no country.
_COMMONS_PORTS = {"1.0": "generic", "2.0": "generic", "2.5": "generic", "3.0": "unported", "4.0": "international"}

#: Address (host and path) of a licence's own text → identifier. Creative Commons, SPDX and OSI have patterns below.
_ADDRESSES: dict[str, str] = {
    "apache.org/licenses/license-2.0": "Apache-2.0",
    "cdla.dev/permissive-1-0": "CDLA-Permissive-1.0",
    "cdla.dev/permissive-2-0": "CDLA-Permissive-2.0",
    "cdla.dev/sharing-1-0": "CDLA-Sharing-1.0",
    "cdla.io/permissive-1-0": "CDLA-Permissive-1.0",
    "cdla.io/sharing-1-0": "CDLA-Sharing-1.0",
    "creativecommons.org/publicdomain/mark/1.0": "CC-PDM-1.0",
    "creativecommons.org/publicdomain/zero/1.0": "CC0-1.0",
    "govdata.de/dl-de/by-2-0": "DL-DE-BY-2.0",
    "govdata.de/dl-de/zero-2-0": "DL-DE-ZERO-2.0",
    "mit-license.org": "MIT",
    "nationalarchives.gov.uk/doc/open-government-licence/version/1": "OGL-UK-1.0",
    "nationalarchives.gov.uk/doc/open-government-licence/version/2": "OGL-UK-2.0",
    "nationalarchives.gov.uk/doc/open-government-licence/version/3": "OGL-UK-3.0",
    "opendatacommons.org/licenses/by": "ODC-By-1.0",
    "opendatacommons.org/licenses/by/1-0": "ODC-By-1.0",
    "opendatacommons.org/licenses/by/1.0": "ODC-By-1.0",
    "opendatacommons.org/licenses/odbl": "ODbL-1.0",
    "opendatacommons.org/licenses/odbl/1-0": "ODbL-1.0",
    "opendatacommons.org/licenses/odbl/1.0": "ODbL-1.0",
    "opendatacommons.org/licenses/pddl": "PDDL-1.0",
    "opendatacommons.org/licenses/pddl/1-0": "PDDL-1.0",
    "opendatacommons.org/licenses/pddl/1.0": "PDDL-1.0",
    "opensource.org/licenses/mit-license": "MIT",
    "unlicense.org": "Unlicense",
}

#: Exceptions of the list that are not called so. With those that are, they are no licences.
_EXCEPTIONS = frozenset({"GPL-CC-1.0", "LLGPL", "Linux-syscall-note", "SHL-2.0", "SHL-2.1"})
_LICENSES_CALLED_EXCEPTION = frozenset({"CAL-1.0-Combined-Work-Exception", "MPL-2.0-no-copyleft-exception"})
_EXCEPTION = re.compile(r"(?i)^(?!L?GPL-[0-9.]+-with-).*exception")

#: Deprecated: whether "only" or "or later" is meant is not said. Group 1 where it is said after all.
_GNU = re.compile(r"((?:A|L)?GPL-[0-9.]+|GFDL-[0-9.]+)(?:\+|-with-.*)?")

_ADDRESS = re.compile(r"https?://(?:www\.)?([a-z0-9.-]+)(/[^?#\s]*)?(?:[?#]\S*)?", re.IGNORECASE)
_COMMONS = re.compile(r"creativecommons\.org/licenses/([a-z-]{2,9}/[0-9]\.[0-9](?:/[a-z]{2,3})?)")
_ADDRESS_TAIL = re.compile(
    r"(?:/(?:deed|legalcode)(?:[.][a-z_-]{2,12}|-plain)?|/summary|/index|[.](?:html?|php|json|jsonld|txt))$"
)
_LISTED = re.compile(r"(?:spdx\.org/licenses|opensource\.org/licenses?|choosealicense\.com/licenses)/([a-z0-9.+-]+)")
_WORD = re.compile(r"[()]|[^\s()]+")
#: Words of an expression that are not names; the operators in capitals or small letters, as SPDX has it.
_KINDS = {"(": "(", ")": ")"} | {word: f" {word.upper()} " for word in ("AND", "OR", "WITH", "and", "or", "with")}
#: What may come after what; an expression begins as after an opening parenthesis.
_FOLLOWS = {
    "(": {"(", "name"},
    " AND ": {"(", "name"},
    " OR ": {"(", "name"},
    " WITH ": {"name"},
    "name": {")", " AND ", " OR ", " WITH "},
    "exception": {")", " AND ", " OR "},
    ")": {")", " AND ", " OR "},
}
_BOTH = re.compile(r"([^()]+?)\s*\(([^()]+)\)")


class _List(NamedTuple):
    """The SPDX licence list: exact identifiers, and the tables to find one by identifier, address or name."""

    ids: frozenset[str]
    by_id: dict[str, str]
    by_slug: dict[str, str]
    by_name: dict[str, str]
    exceptions: dict[str, str]


def expression(text: str) -> str | None:
    """Return the SPDX licence identifier or expression that ``text`` certainly means, else ``None``.

    It is spelled as SPDX spells it. Expressions are those of the specification's annex "SPDX license expressions",
    without ``LicenseRef-`` (which names nothing that others know) and ``+`` (but for the GNU licences: "or later").
    """
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        return None
    stripped = " ".join(text.split())
    if not stripped:
        return None
    found = _one(stripped)
    if found is not None:
        return found
    both = _BOTH.fullmatch(stripped)
    if both is not None and (found := _one(both[1])) is not None:
        return found if _one(both[2]) == found else None
    return _compound(stripped)


def is_identifier(text: str) -> bool:
    """Tell whether it is, letter by letter, a licence of the SPDX list that the official CycloneDX schemas know."""
    return isinstance(text, str) and text in _spdx().ids


@lru_cache(maxsize=1)
def _spdx() -> _List:
    import orjson  # noqa: PLC0415  # with the list: only when it is needed

    listed = orjson.loads((files("cyclonedx.schema._res") / "spdx.SNAPSHOT.schema.json").read_bytes())["enum"]
    ids = frozenset(one for one in listed if not _is_exception(one))
    certain = {one for one in ids if not _GNU.fullmatch(one)}
    by_id = [(one.casefold(), one) for one in certain]
    named = [(_plain(name), one) for one, names in _NAMES.items() for name in names]
    return _List(
        ids=ids,
        by_id=_unambiguous(by_id + list(_ALIASES.items()), certain),
        by_slug=_unambiguous([(key.replace(".", "-"), one) for key, one in by_id], certain),
        by_name=_unambiguous(named + list(_commons_names()), certain),
        exceptions={one.casefold(): one for one in listed if _is_exception(one)},
    )


def _commons_names() -> Iterator[tuple[str, str]]:
    """Yield the names of Creative Commons' licences that are made for no country."""
    for kind in ("BY", "BY-NC", "BY-NC-ND", "BY-NC-SA", "BY-ND", "BY-SA"):
        words = " ".join(_COMMONS_PARTS[part] for part in kind.split("-"))
        for version, port in _COMMONS_PORTS.items():
            yield f"creative commons {words} {version} {port}", f"CC-{kind}-{version}"
            yield f"{words} {version} {port}", f"CC-{kind}-{version}"


def _is_exception(name: str) -> bool:
    return name in _EXCEPTIONS or (name not in _LICENSES_CALLED_EXCEPTION and _EXCEPTION.match(name) is not None)


def _unambiguous(pairs: Iterable[tuple[str, str]], known: Container[str]) -> dict[str, str]:
    """Make a table of what has one meaning only, and a known one."""
    found: dict[str, str | None] = {}
    for key, value in pairs:
        found[key] = value if value in known and found.get(key, value) == value else None
    return {key: value for key, value in found.items() if value is not None}


def _plain(name: str) -> str:
    """Reduce a licence's name to what tells it from others: ``The Foo Licence, Version 2.0`` → ``foo license 2.0``."""
    text = name.casefold().replace("&", " and ").replace("licence", "license").replace("sharealike", "share alike")
    text = (
        text.replace("noncommercial", "non commercial")
        .replace("noderiv", "no deriv")
        .replace("no derivs", "no derivatives")
    )
    text = re.sub(r"\b(?:version |v\.? ?)(?=[0-9])", "", text)
    words = re.findall(r"[^\W_]+(?:[.'][^\W_]+)*", text)
    return " ".join(word for word in words if word != "the")


def _one(text: str) -> str | None:
    """Find one licence: by identifier, address or name."""
    if "://" in text:
        return _by_address(text)
    return _by_id(text.replace(" ", "-").replace("_", "-")) or _spdx().by_name.get(_plain(text))


def _by_id(text: str) -> str | None:
    return _spdx().by_id.get(text.casefold()) or _or_later(text)


def _or_later(text: str) -> str | None:
    """Read the deprecated ``GPL-3.0+``, which does say what it means."""
    if not text.endswith("+"):
        return None
    return _spdx().by_id.get(f"{text[:-1]}-or-later".casefold()) if _GNU.fullmatch(text.upper()) else None


def _by_address(text: str) -> str | None:
    parts = _ADDRESS.fullmatch(text)
    if parts is None:
        return None
    address = (parts[1] + (parts[2] or "")).casefold().rstrip("/")
    while True:
        if (known := _ADDRESSES.get(address)) is not None:
            return known
        if (commons := _COMMONS.fullmatch(address)) is not None:
            return _spdx().by_id.get(f"cc-{commons[1].replace('/', '-')}")
        if (listed := _LISTED.fullmatch(address)) is not None and (known := _by_listed(listed[1])) is not None:
            return known
        shorter = _ADDRESS_TAIL.sub("", address)
        if shorter == address:
            return None
        address = shorter


def _by_listed(name: str) -> str | None:
    return _spdx().by_id.get(name) or _spdx().by_slug.get(name) or _or_later(name)


def _compound(text: str) -> str | None:
    """Check an expression word by word, without building a tree, and write it canonically."""
    written: list[str] = []
    depth, alone, before = 0, True, "("
    for word in _WORD.findall(text):
        kind = _KINDS.get(word, "name")
        if kind not in _FOLLOWS[before]:
            return None
        if kind == "name":
            known = _spdx().exceptions.get(word.casefold()) if before == " WITH " else _by_id(word)
            if known is None:
                return None
            written.append(known)
            before = "exception" if before == " WITH " else "name"
            continue
        depth += (kind == "(") - (kind == ")")
        if not 0 <= depth <= MAX_NESTING:
            return None
        alone = alone and kind in "()"
        written.append(kind)
        before = kind
    if depth or before not in {"name", "exception", ")"}:
        return None
    return "".join(written).strip("()") if alone else "".join(written)
