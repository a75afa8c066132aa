"""The documents of a trace: the one that is asked about, its predecessors, upstream datasets, and what is beside it.

Rules of trust: with keys, every document that is used is signed by one of them: releases by ``keys``, datasets that
steps read from by ``upstream_keys``. Predecessors and upstream datasets are found by the SHA-256 of their exact bytes,
which the document that names them states. A document that is named, or names one that is used, and is not trusted, is
an error: whoever hides it, or slips it in, must not shape the answer. Other strangers are left aside, and listed.
"""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, NamedTuple

from sbom.attestation.interface import Anchors
from sbom.cyclonedx import document as documents
from sbom.errors import ChainError, DocumentError, NotADocumentError, SignatureError, UndecidedError, UnstableError
from sbom.names import display
from sbom.tracing.interface import ASKED, OTHER, PREDECESSOR, UPSTREAM, Document, Documents
from sbom.verification import chain, releases
from sbom.verification.report import Status
from sbom.verification.whom import Whom

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sbom.cyclonedx.strict_json import Limits
    from sbom.signing.keys import PublicKey
    from sbom.verification.report import CheckResult

_LISTED = 5


class Trusted(NamedTuple):
    """Whom the caller trusts; without ``keys`` no signature is looked at."""

    keys: tuple[PublicKey, ...] = ()
    upstream: tuple[PublicKey, ...] = ()


def load(raw: documents.Raw, directory: str | None, trusted: Trusted, limits: Limits, *, every: bool) -> Documents:
    """Load the documents of a trace.

    :param directory: with the other documents; ``None``: the given document has to do.
    :param every: use all trusted documents of the directory, not only those that the given one leads to.
    :raises DocumentError: when one that is used is no data SBOM.
    :raises SignatureError: when one that is used is not signed by a given key.
    :raises ChainError: when documents contradict each other.
    :raises UndecidedError: when one that may be needed cannot be looked at.
    """
    return _Loading(raw, directory, trusted, limits).load(every=every)


class _Wanted(NamedTuple):
    """A document that another one names: by SHA-256 and BOM-Link, for people by its name."""

    sha256: str
    link: tuple[str, int]
    name: str
    role: str
    needed: bool = True


class _Loading:
    """One loading: what was found, and what is still to be looked at."""

    def __init__(self, raw: documents.Raw, directory: str | None, trusted: Trusted, limits: Limits) -> None:
        self._directory = directory
        self._trusted = trusted
        self._limits = limits
        self._notes: list[str] = []
        self._unseen: list[chain.Ignored] = []
        #: Files of the directory by the SHA-256 of their bytes.
        self._paths: dict[str, str] = {}
        first = self._use(raw, ASKED)
        self._found: dict[str, Document] = {first.release.sha256: first}

    def load(self, *, every: bool) -> Documents:
        """Follow what documents name, then take what else is there."""
        if self._directory is not None:
            self._list(self._directory)
        missing = self._follow()
        if self._unseen and (missing or every):
            one = self._unseen[0]
            raise UndecidedError(f"may be a document, but {one.reason}", path=one.path, hint="move it, or correct it")
        if every:
            self._beside()
        self._contradictions()
        order = list(self._found.values())
        number = {one.release.sha256: at for at, one in enumerate(order)}
        before = tuple(
            (at, number[one.release.previous.sha256])
            for at, one in enumerate(order)
            if one.release.previous is not None and one.release.previous.sha256 in number
        )
        return Documents(tuple(order), bool(self._trusted.keys), before, tuple(self._notes))

    def _list(self, directory: str) -> None:
        for path in releases.listing(directory):
            raw = releases.read(path, self._limits)
            if not isinstance(raw, chain.Ignored):
                self._paths.setdefault(raw.sha256, path)
            elif raw.undecided:
                self._unseen.append(raw)

    def _follow(self) -> bool:
        """Load what is named, and what that names; return whether something is missing."""
        todo = [*_named(*self._found.values())]
        missing = refused = False
        while todo:
            one = todo.pop()
            if one.sha256 in self._found:
                self._same_link(one, self._found[one.sha256])
                continue
            if one.role == UPSTREAM and self._trusted.keys and not self._trusted.upstream:
                self._note(f"the document of {one.name} is not followed: give --upstream-key PUB")
                refused = True
                continue
            path = self._paths.get(one.sha256)
            if path is None:
                if not one.needed:
                    continue
                missing = True
                self._note(f"the document of {one.name} ({one.sha256[:8]}…) is not at hand: give it with --chain DIR")
                continue
            found = self._use(self._again(path, one.sha256), one.role)
            self._same_link(one, found)
            self._found[one.sha256] = found
            todo.extend(_named(found))
        return missing or refused

    def _note(self, text: str) -> None:
        if text not in self._notes:
            self._notes.append(text)

    def _again(self, path: str, sha256: str) -> documents.Raw:
        raw = documents.read_bytes(path, self._limits)
        if raw.sha256 != sha256:
            raise UnstableError("changed while it was read", path=path, hint="let writers finish first")
        return raw

    def _whom(self, role: str) -> Whom | None:
        keys, upstream = self._trusted
        if not keys:
            return None
        if role == UPSTREAM:
            return Whom(Anchors(keys=upstream))
        return Whom(Anchors(keys=keys if role != OTHER else (*keys, *upstream)))

    def _use(self, raw: documents.Raw, role: str) -> Document:
        """Check a document that is to be used.

        :raises Error: when it does not hold.
        """
        release, dataset, results = releases.examine(raw, self._whom(role), self._limits)
        if release is None or dataset is None:
            raise self._refusal(raw.path, results)
        return Document(role, release, dataset)

    @staticmethod
    def _refusal(path: str, results: Sequence[CheckResult]) -> DocumentError | SignatureError | UndecidedError:
        bad = next(one for one in results if one.status in {Status.FAIL, Status.ERROR})
        if bad.status is Status.ERROR:
            kind = NotADocumentError if bad.id == "bom.parse" else UndecidedError
            return kind(bad.sentence, path=path)
        if bad.id.startswith("signature."):
            hint = "it is not used: give the right --public-key or --upstream-key, or another document"
            return SignatureError(bad.sentence, path=path, hint=hint)
        return DocumentError(bad.sentence, path=path, hint="see data-sbom explain " + bad.id)

    @staticmethod
    def _same_link(one: _Wanted, found: Document) -> None:
        release = found.release
        if (release.serial_number, release.document_version) != one.link:
            problem = f"is not what {display(one.link[0])}/{one.link[1]} names, by which another document leads to it"
            raise ChainError(problem, path=release.path)

    def _beside(self) -> None:
        """Take every other document that is trusted; refuse a stranger who names one that is used."""
        strangers: list[tuple[documents.Raw, Document, list[CheckResult]]] = []
        left: list[str] = []
        for sha256, path in self._paths.items():
            if sha256 in self._found:
                continue
            raw = self._again(path, sha256)
            release, dataset, results = releases.examine(raw, self._whom(OTHER), self._limits)
            if release is not None and dataset is not None:
                self._found[sha256] = Document(OTHER, release, dataset)
                continue
            if releases.over_limits(raw, self._limits):
                raise self._refusal(path, results)
            release, dataset, _ = releases.examine(raw, None, self._limits)
            if release is not None and dataset is not None:
                strangers.append((raw, Document(OTHER, release, dataset), results))
            left.append(path)
        for raw, document, results in strangers:
            if self._touches(document):
                raise self._refusal(raw.path, results)
        if left:
            more = f" and {len(left) - _LISTED:,} more" if len(left) > _LISTED else ""
            self._note(f"not used, being no trusted documents: {', '.join(map(display, left[:_LISTED]))}{more}")

    def _touches(self, stranger: Document) -> bool:
        """Tell whether a document says that it belongs to one that is used."""
        known = {one.release.sha256 for one in self._found.values()}
        serials = {one.release.serial_number for one in self._found.values()}
        names = [(one.sha256, one.link[0]) for one in _named(stranger)]
        own = stranger.release.serial_number in serials
        return own or any(sha256 in known or serial in serials for sha256, serial in names)

    def _contradictions(self) -> None:
        """Refuse documents that cannot all be right: with equal BOM-Links, and chains that fork."""
        every = [one.release for one in self._found.values()]
        links: dict[tuple[str, int], chain.Release] = {}
        for release in every:
            other = links.setdefault((release.serial_number, release.document_version), release)
            if other is not release:
                problem = f"has the same serial number as {display(other.path)}, but other bytes"
                raise ChainError(problem, path=release.path, hint="find out which one was published")
        asked = every[0]
        line = chain.trace(asked, every)
        others = [one.release for one in self._found.values() if one.role != UPSTREAM]
        wrong = line.problem or chain.contradiction(line, others)
        if wrong is not None:
            raise ChainError(wrong, path=asked.path, hint="see data-sbom chain")


def _named(*found: Document) -> Iterator[_Wanted]:
    """Yield the documents that others name."""
    for one in found:
        before = one.release.previous
        if before is not None:
            role = PREDECESSOR if one.role in {ASKED, PREDECESSOR} else one.role
            link = (before.serial_number, before.version)
            title = _title(before.name, before.release)
            yield _Wanted(before.sha256, link, title, role, needed=role == PREDECESSOR)
        for other in one.dataset.lineage.upstream:
            link = (other.serial_number, other.version)
            yield _Wanted(other.sha256, link, _title(other.name, other.release), UPSTREAM)


def _title(name: str, release: str | None) -> str:
    return display(name if release is None else f"{name} {release}")


def in_order(found: Documents) -> list[int]:
    """Return the numbers of documents so that each comes after those that it names."""
    number = {one.release.sha256: at for at, one in enumerate(found.every)}
    graph = {
        at: {number[name.sha256] for name in _named(one) if name.sha256 in number} for at, one in enumerate(found.every)
    }
    # A document that names itself, or a loop of names, would need a collision of SHA-256.
    return list(TopologicalSorter(graph).static_order())
