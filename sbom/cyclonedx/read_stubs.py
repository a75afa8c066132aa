"""Stubs of other datasets → links to their documents: the previous release, and what steps read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sbom.cyclonedx import lineage_values, spec
from sbom.cyclonedx.digests import read_digests
from sbom.cyclonedx.properties import single_valued
from sbom.cyclonedx.refusal import refuse
from sbom.model import SHA256, ReleaseLink
from sbom.transformation import Upstream

if TYPE_CHECKING:
    from collections.abc import Collection

Json = dict[str, Any]


class Stubs:
    """Collects what the components of type ``data`` say.

    :ivar previous: the previous release, where one is named.
    """

    def __init__(self, repeatable: Collection[str], *, with_lineage: bool) -> None:
        """Start with none.

        :param repeatable: properties that may be given more than once.
        :param with_lineage: the format of the document has upstream datasets.
        """
        self.previous: ReleaseLink | None = None
        self._upstream: dict[tuple[str, int, str | None], Upstream] = {}
        self._repeatable = repeatable
        self._with_lineage = with_lineage

    @property
    def upstream(self) -> tuple[Upstream, ...]:
        """The datasets that steps read from, in the order of the document."""
        return tuple(self._upstream.values())

    def add(self, component: Json) -> None:
        """Read one stub; that of something else is left alone."""
        values = single_valued(component.get("properties", ()), self._repeatable)
        relation = values.get(spec.RELATION)
        if relation == spec.PREVIOUS:
            if self.previous is not None:
                refuse("it names two predecessors")
            self.previous = _link(component, "the predecessor")
        elif relation == spec.UPSTREAM and self._with_lineage:
            self._add_upstream(component, values.get(spec.LINEAGE_PREFIX))

    def _add_upstream(self, component: Json, prefix: str | None) -> None:
        name = component["name"]
        texts = (name, component.get("version", name))
        problems = (lineage_values.directory_refusal(prefix or ""), *map(lineage_values.text_refusal, texts))
        reason = next(filter(None, problems), None)
        if reason is not None:
            refuse(reason, name)
        one = Upstream(*_link(component, "the upstream dataset"), prefix)
        if self._upstream.setdefault((one.serial_number, one.version, prefix), one) is not one:
            refuse("the upstream dataset is named twice", name)


def _link(component: Json, what: str) -> ReleaseLink:
    """Read where a stub leads: exactly one BOM-Link, with the SHA-256 of the document."""
    name = component["name"]
    links = [reference for reference in component.get("externalReferences", ()) if reference.get("type") == "bom"]
    if len(links) != 1:
        refuse(f"{what} needs exactly one BOM-Link", name)
    match = spec.BOM_LINK.fullmatch(links[0].get("url", ""))
    digests = dict(read_digests(links[0].get("hashes", ()), name))
    if match is None:
        refuse(f"the BOM-Link of {what} is not urn:cdx:UUID/VERSION", name)
    return ReleaseLink(f"urn:uuid:{match[1]}", int(match[2]), digests[SHA256], name, component.get("version"))
