"""Frictionless data packages: ``datapackage.json`` or ``.yaml``, and ``dataresource.json``.

Specification: Data Package 1.0 and 2.0, and what was usual before (``license``, ``url``, ``web``, ``author``). Schemas,
profiles and resources that are described elsewhere are never fetched.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom.manifests import texts, values
from sbom.manifests.errors import ManifestError
from sbom.manifests.interface import FileReader

if TYPE_CHECKING:
    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

_PROFILE = re.compile(r"https?://\S{1,300}/profiles/([0-9]+(?:\.[0-9]+)*)/\S{1,200}")
#: A package without ``$schema`` is of this version (Data Package 2.0, section "$schema").
_DEFAULT_VERSION = "1.0"
_KNOWN_VERSIONS = frozenset({"1.0", "2.0"})
#: Data Package 1.0 names the roles; a contributor without one is a contributor.
_ROLES = {
    "author": "creator",
    "creator": "creator",
    "publisher": "supplier",
    "maintainer": "maintainer",
    "steward": "maintainer",
}
#: Not in the specification, but usual, some as texts and some as objects: only texts are taken.
_COVERAGE = (("spatialCoverage", "geography"), ("temporalCoverage", "collection-period"))
_MODIFIED = ("last_updated", "lastUpdated", "last_modified", "modified")
#: Keys of a resource that are about more than its file; most of many resources have none.
_WORDS = ("schema", "sources", "licenses", "license")
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


class Frictionless(FileReader):
    """Reads a package's own words, and a digest per resource where there is one."""

    name = "frictionless"
    patterns = (
        "datapackage.json",
        "datapackage.yaml",
        "datapackage.yml",
        "dataresource.json",
        "dataresource.yaml",
        "dataresource.yml",
    )

    def read(self, given: Given, reading: Reading) -> None:
        """Read a package, or a resource that stands alone.

        :raises ManifestError: when it is no object.
        """
        lower = given.path.lower()
        tree = given.json() if lower.endswith(".json") else given.yaml()
        if not isinstance(tree, dict):
            raise ManifestError(f"is {values.kind(tree)}, not an object")
        package = values.mapping(tree)
        _version(package, reading)
        _describe(package, reading)
        if lower.rpartition("/")[2].startswith("dataresource."):
            _Resources(given, reading, licensed=True).read(package, "")
            return
        _resources(package, given, reading)


READER = Frictionless()


def _version(package: dict[str, object], reading: Reading) -> None:
    schema = package.get("$schema")
    if schema is None:
        reading.version = _DEFAULT_VERSION
        return
    named = _PROFILE.fullmatch(schema) if isinstance(schema, str) else None
    if named is None:  # a profile of somebody else's: allowed, and never fetched
        return
    reading.version = named[1]
    if named[1] not in _KNOWN_VERSIONS:
        reading.problem(f"version {named[1]} of Data Package is not known; read as far as it is understood", "/$schema")


def _describe(package: dict[str, object], reading: Reading) -> None:
    """Say what a package says of itself."""
    title = "title" if values.text(package.get("title")) else "name"
    reading.say("name", package.get(title), f"/{title}")
    for key, field in (
        ("version", "version"),
        ("description", "description"),
        ("id", "identifier"),
        ("homepage", "homepage"),
        ("keywords", "keyword"),
        ("languages", "language"),
    ):
        reading.say(field, package.get(key), f"/{key}")
    for key, field in _COVERAGE:
        if isinstance(package.get(key), str):
            reading.say(field, package[key], f"/{key}")
    _date(package, "created", "built-date", reading)
    for key in _MODIFIED:
        if key in package:
            _date(package, key, "modified-date", reading)
            break
    _licenses(package, "", reading)
    _sources(package.get("sources"), "/sources", reading)
    _people(package, reading)


def _date(package: dict[str, object], key: str, field: str, reading: Reading) -> None:
    value = package.get(key)
    if value is None:
        return
    if texts.date(value) is None:
        reading.problem(f"{key} is not a date", f"/{key}")
    else:
        reading.say(field, value, f"/{key}")


def _licenses(owner: dict[str, object], pointer: str, reading: Reading, *, of: str = "") -> None:
    """Say licences; those of one resource (``of``) among others as restrictions, since they are not the dataset's."""
    field, prefix = ("restriction", f"{of}: licence ") if of else ("license", "")
    key = "licenses" if "licenses" in owner else "license"
    for one, where in values.pointed(owner.get(key), f"{pointer}/{key}"):
        if isinstance(one, dict):
            entry = values.mapping(one)
            keys = ("name", "path", "title", "id", "type", "url")
            chosen = texts.license_of([(entry.get(name), f"{where}/{name}") for name in keys])
        else:
            chosen = texts.license_of([(one, where)])
        if chosen is None:
            reading.problem("a licence without name, path and title", where)
        else:
            reading.say(field, prefix + chosen[0], chosen[1])


def _sources(sources: object, pointer: str, reading: Reading) -> None:
    for one, where in values.pointed(sources, pointer):
        source = values.mapping(one) if isinstance(one, dict) else {"path": one}
        title = values.text(source.get("title")) or values.text(source.get("name"))
        key = next((key for key in ("path", "url", "web") if values.text(source.get(key))), None)
        place = values.text(source.get(key)) if key else None
        if title is None and place is None:
            reading.problem("a source without title and path", where)
        if title is not None:
            reading.say("origin", title, where)
        if place is not None and values.url(place):
            reading.source(place, f"{where}/{key}" if isinstance(one, dict) else where)
        elif place is not None and place != title:
            reading.say("origin", place, where)


def _people(package: dict[str, object], reading: Reading) -> None:
    for one, where in values.pointed(package.get("contributors"), "/contributors"):
        person = values.mapping(one)
        who = _name(one)
        if who is None:
            reading.problem("a contributor without a title", where)
            continue
        roles = [role for role in map(values.text, values.items(person.get("roles", person.get("role")))) if role]
        fields = {_ROLES.get(role.lower(), "contributor"): role for role in roles} or {"contributor": "contributor"}
        for field, role in fields.items():
            known = role.lower() in _ROLES or role.lower() == "contributor"
            reading.say(field, who if known else f"{who} ({role})", where)
    for key, field in (
        ("author", "creator"),
        ("authors", "creator"),
        ("maintainers", "maintainer"),
        ("publisher", "supplier"),
    ):
        for one, where in values.pointed(package.get(key), f"/{key}"):
            reading.say(field, _name(one), where)


def _name(one: object) -> str | None:
    """Name a person or organisation: ``Title <email> (https://orcid.org/…)``."""
    if not isinstance(one, dict):
        return values.text(one)
    person = values.mapping(one)
    parts = [part for key in ("givenName", "familyName") if (part := values.text(person.get(key)))]
    titles = (values.text(person.get("title")), values.text(person.get("name")), " ".join(parts))
    title = next(filter(None, titles), None) or values.text(person.get("organization"))
    email = values.text(person.get("email"))
    path = values.url(person.get("path"))
    orcid = f" ({path})" if path is not None and path.startswith("https://orcid.org/") else ""
    return f"{title} <{email}>{orcid}" if title and email else f"{title}{orcid}" if title else email


def _resources(package: dict[str, object], given: Given, reading: Reading) -> None:
    resources = package.get("resources")
    if resources is not None and not isinstance(resources, list):
        reading.problem(f"resources is {values.kind(resources)}, not a list", "/resources")
    elif not resources:
        reading.problem("names no resources", "/resources")
    else:
        reader = _Resources(given, reading, licensed="licenses" in package or "license" in package)
        for one, where in values.pointed(resources, "/resources"):
            if isinstance(one, dict):
                reader.read(values.mapping(one), where)
            elif isinstance(one, str):
                reading.problem(f"a resource that is described elsewhere is not read: {values.clean(one)[:200]}", where)
            else:
                reading.problem(f"a resource is {values.kind(one)}, not an object", where)
        reader.count(len(resources))


class _Resources:
    """Reads resources.

    :param licensed: the package says its licence itself.
    """

    def __init__(self, given: Given, reading: Reading, *, licensed: bool) -> None:
        self._given = given
        self._reading = reading
        self._licensed = licensed
        self._rows = 0
        self._counted = 0

    def read(self, resource: dict[str, object], pointer: str) -> None:
        """Declare a resource's file, and say what it holds."""
        key = "path" if "path" in resource else "url"
        paths = list(values.pointed(resource.get(key), f"{pointer}/{key}"))
        if not paths and "data" not in resource:
            self._reading.problem("a resource with neither path nor data", pointer)
        stats = values.mapping(resource.get("stats"))
        size = resource.get("bytes", stats.get("bytes"))
        digest = self._digest(resource, stats, pointer)
        if digest is not None and len(paths) > 1:
            self._reading.problem("one hash for several files is compared with none of them", digest[2])
            digest = size = None
        for path, where in paths:
            self._file(path, where, digest, size)
        if any(key in resource for key in _WORDS):
            first = paths[0][0] if paths else None
            title = values.text(resource.get("name")) or values.text(first) or ""
            self._words(resource, pointer, title[:200])
        rows = values.integer(stats.get("rows"))
        if rows is not None:
            self._rows += rows
            self._counted += 1

    def count(self, resources: int) -> None:
        """Say how many records there are, when every resource says it."""
        if self._counted == resources:
            self._reading.say("record-count", self._rows, "/resources")

    def _digest(
        self, resource: dict[str, object], stats: dict[str, object], pointer: str
    ) -> tuple[object, object, str] | None:
        """Find algorithm, value and pointer: ``hash`` as the specification has it, or what frictionless-py wrote."""
        if resource.get("hash") is not None:
            return *_split(resource["hash"]), f"{pointer}/hash"
        for key in ("sha256", "md5", "hash"):
            if stats.get(key) is not None:
                algorithm, value = _split(stats[key])
                return (algorithm if key == "hash" else key), value, f"{pointer}/stats/{key}"
        return None

    def _file(self, path: object, pointer: str, digest: tuple[object, object, str] | None, size: object) -> None:
        text = values.text(path)
        if text is None:
            self._reading.problem(f"path is {values.kind(path)}, not a text", pointer)
        elif _REMOTE.match(text):
            self._reading.source(text, pointer, hashes=(digest[:2],) if digest else (), size=size)
        elif (found := self._resolve(path)) is None:
            self._reading.problem("is absolute, leads out of the package or is no path; it is not looked at", pointer)
        elif digest is None:
            self._reading.mention(found, pointer, size=size)
        else:
            self._reading.declare(found, digest[0], digest[1], digest[2], size=size)

    def _resolve(self, path: object) -> str | None:
        """Resolve a path; ``..`` is not allowed in one (Data Resource, section "path")."""
        if not isinstance(path, str) or ".." in path.split("/"):
            return None
        return self._given.resolve(path) or None

    def _words(self, resource: dict[str, object], pointer: str, title: str) -> None:
        schema = resource.get("schema")
        if isinstance(schema, str):
            self._reading.say("schema", f"{title}: {schema}", f"{pointer}/schema")
        else:
            fields = values.mapping(schema).get("fields")
            self._reading.say("schema", texts.columns(fields, of=title), f"{pointer}/schema")
        if pointer:  # a resource that stands alone has said this already
            _sources(resource.get("sources"), f"{pointer}/sources", self._reading)
            _licenses(resource, pointer, self._reading, of=title or "a resource" if self._licensed else "")


def _split(value: object) -> tuple[object, object]:
    """Split ``algorithm:hex``; a bare value is an MD5 (Data Resource, section "hash")."""
    if isinstance(value, str) and ":" in value:
        algorithm, _, digest = value.partition(":")
        return algorithm, digest
    return "MD5", value
