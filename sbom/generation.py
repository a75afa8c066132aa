"""Describe a dataset: crawl what its publisher wrote, hash every file, and put both together."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from sbom import __version__, names, resolution
from sbom.cyclonedx import document as documents
from sbom.cyclonedx import spec, write
from sbom.errors import ChainError, DataError, UnreadableError, UsageError
from sbom.inventory import files, git, merkle, take, walk
from sbom.model import SHA256, Dataset, ReleaseLink, Selection
from sbom.provenance import BY_CONFIGURATION, BY_OPTION, FIELD_BY_ID, Assertion, Provenance
from sbom.transformation import Upstream
from sbom.verification import releases, whom
from sbom.verification.interface import Trust
from sbom.verification.run import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sbom.cyclonedx.strict_json import Limits
    from sbom.manifests.assemble import Crawled
    from sbom.manifests.crawl import Crawler
    from sbom.manifests.crawl import Found as Reading
    from sbom.verification.interface import Progress

    Path = str | os.PathLike[str]
    #: What a caller says of a dataset: field id → one value, or several.
    Said = Mapping[str, str | Sequence[str]]

#: What to do about files that are not what a manifest declares.
ON_MISMATCH = ("fail", "warn")
_SHOWN = 20


class Request(NamedTuple):
    """How to describe a dataset; :func:`sbom.generate` explains each."""

    name: str | None
    version: str | None
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    hashes: tuple[str, ...]
    previous: Path | None
    previous_keys: tuple[Path, ...]
    spec_version: str
    jobs: int | None
    cache: bool
    stats: str
    follow_symlinks: bool
    strict_names: bool
    reproducible: bool
    output: Path | None
    limits: Limits
    crawl: bool
    manifests: tuple[Path, ...]
    provenance: Said
    configured: Said
    on_mismatch: str
    steps: tuple[Path, ...]
    workspace: Path | None
    source_boms: tuple[Path, ...]
    upstream_keys: tuple[Path, ...]
    sources: tuple[tuple[str, str], ...]
    record_digests: tuple[str, ...]


class Described(NamedTuple):
    """A dataset, the document that describes it, and what a person should know."""

    tree: dict[str, object]
    dataset: Dataset
    place: walk.Place
    warnings: tuple[str, ...]


def describe(data: Path, request: Request, progress: Progress) -> Described:
    """Walk, crawl, hash, and build the document. See :func:`sbom.generate` for what is raised."""
    timestamp = _timestamp(reproducible=request.reproducible)
    algorithms = _algorithms(request.hashes)
    said = _said(request)
    _check(request)
    link = None if request.previous is None else _predecessor(os.fspath(request.previous), request)
    place = walk.locate(os.fspath(data))
    with _root(place) as root_fd:
        crawlers: list[Crawler] = []
        taken = take.take(
            place,
            _taking(place, request, algorithms),
            progress,
            _making(place, request.manifests, crawlers, algorithms) if request.crawl else None,
        )
        crawled = _assembled(crawlers[-1], root_fd, taken, said) if crawlers else None
    entries, provenance, warnings = taken.entries, Provenance(assertions=said), taken.warnings
    if crawled is not None:
        entries, provenance = crawled.entries, crawled.provenance
        warnings += (*crawled.warnings, *_disagreements(crawled, fail=request.on_mismatch == "fail"))
    title, version = _title(request, provenance, link, place)
    dataset = Dataset(
        name=title,
        version=version,
        files=entries,
        root=merkle.root(entries),
        selection=Selection(request.include, request.exclude, taken.left_out),
        previous=link,
        git=git.read(place.root, search_parents=not request.reproducible),
        symlinks_followed=request.follow_symlinks,
        provenance=_with_title(provenance, request),
    )
    dataset, more = _with_lineage(dataset, place, request)
    warnings += more
    origin = write.Origin(request.spec_version, timestamp, __version__, request.reproducible)
    return Described(write.build(dataset, origin), dataset, place, warnings)


class Found(NamedTuple):
    """What a crawl found, before anything is made of it.

    :param readings: each manifest with all that its reader collected, most trusted first.
    """

    readings: tuple[Reading, ...]
    crawled: Crawled


def crawl(data: Path, manifests: Sequence[str], options: walk.Options, progress: Progress) -> Found:
    """Crawl a dataset: read its manifests, and only those files that they declare.

    :raises Error: as :func:`describe`, but for what manifests say.
    """
    place = walk.locate(os.fspath(data))
    request = take.Request(options, (SHA256,), stats="none", use_cache=False, only_wanted=True)
    crawlers: list[Crawler] = []
    with _root(place) as root_fd:
        taken = take.take(place, request, progress, _making(place, manifests, crawlers))
        crawled = _assembled(crawlers[-1], root_fd, taken, ())  # which finds pointers of Git LFS, too
        return Found(tuple(crawlers[-1].found), crawled)


@contextmanager
def _root(place: walk.Place) -> Iterator[int]:
    """Hold the dataset's root open."""
    try:
        root_fd = files.open_root(place.root)
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}", path=place.root, hint="make it readable") from error
    try:
        yield root_fd
    finally:
        os.close(root_fd)


def _making(
    place: walk.Place, manifests: Sequence[Path], made: list[Crawler], reading: tuple[str, ...] = ()
) -> Callable[[], Crawler]:
    """Return how to start a crawl; each one that was started is kept, the last of them counts.

    :param reading: the algorithms that every file is read with anyway.
    """

    def make() -> Crawler:
        from sbom.manifests.crawl import Crawler  # noqa: PLC0415  # only where manifests are read

        made.append(Crawler(place, tuple(os.fspath(path) for path in manifests), reading))
        return made[-1]

    return make


def _taking(place: walk.Place, request: Request, algorithms: tuple[str, ...]) -> take.Request:
    own = None if request.output is None else walk.relative(place, os.fspath(request.output))
    return take.Request(
        walk.Options(
            include=request.include,
            exclude=request.exclude,
            omit=frozenset() if own is None else frozenset({own}),
            follow_symlinks=request.follow_symlinks,
            max_files=request.limits.components,
        ),
        algorithms,
        processes=request.jobs,
        stats=request.stats,
        stats_extras=not request.reproducible,
        strict_names=request.strict_names,
        use_cache=request.cache,
    )


def _assembled(crawler: Crawler, root_fd: int, taken: take.Inventory, said: tuple[Assertion, ...]) -> Crawled:
    from sbom.manifests.assemble import assemble  # noqa: PLC0415  # only where manifests are read

    return assemble(crawler, root_fd, taken, said)


def _disagreements(crawled: Crawled, *, fail: bool) -> list[str]:
    """Refuse, or name, what is not what manifests declare.

    :raises DataError: when ``fail``, and there is anything.
    """
    problems = [
        (one.path, f"{one.algorithm} is {one.found}, but {one.manifest} declares {one.declared}")
        for one in crawled.mismatches
    ]
    problems += [(one.manifest, f"is not valid: {one.reason}") for one in crawled.rejected]
    if problems and fail:
        path, reason = problems[0]
        raise DataError(
            reason,
            path=path,
            hint="fetch the data again or correct the manifest; --on-mismatch warn records it and goes on",
            problems=tuple(problems),
        )
    lines = [f"{names.display(path)}: {names.display(reason)}" for path, reason in problems[:_SHOWN]]
    more = len(problems) - _SHOWN
    return [*lines, *([f"and {more:,} more that are not what is declared; the document lists all"] if more > 0 else [])]


def _check(request: Request) -> None:
    if request.spec_version not in spec.SPEC_VERSIONS:
        hint = f"use {' or '.join(spec.SPEC_VERSIONS)}"
        raise UsageError(f"CycloneDX {request.spec_version} cannot be written", hint=hint)
    if request.stats not in {"auto", "full", "none"}:
        raise UsageError(f"statistics cannot be {request.stats!r}", hint="use auto, full or none")
    if request.jobs is not None and request.jobs < 1:
        raise UsageError("at least one process is needed", hint="correct --jobs")
    if request.on_mismatch not in ON_MISMATCH:
        raise UsageError(f"--on-mismatch cannot be {request.on_mismatch!r}", hint="use fail or warn")
    if request.manifests and not request.crawl:
        raise UsageError("a manifest is named, but manifests are not to be read", hint="leave --no-crawl out")
    for what, text in (("name", request.name), ("version", request.version)):
        if text is not None:
            _check_title(what, text)
            if what in request.provenance:
                raise UsageError(f"the dataset's {what} is given twice", hint=f"leave one of them out: --set {what}=…")


def _check_title(what: str, text: str) -> None:
    if not text.strip() or names.text_refusal(text) is not None:
        raise UsageError(f"the dataset's {what} is empty, not UTF-8 or holds control characters")
    if what == "version" and len(text) > spec.MAX_VERSION:
        raise UsageError(f"the dataset's version has more than {spec.MAX_VERSION:,} characters")


def _timestamp(*, reproducible: bool) -> str:
    if not reproducible:
        return now()
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        moment = datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            "a reproducible document needs SOURCE_DATE_EPOCH, in seconds since 1970",
            hint='set it, for example to "$(git log -1 --format=%ct)"',
        ) from error
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _algorithms(hashes: Sequence[str]) -> tuple[str, ...]:
    """Translate what ``--hash`` takes; SHA-256 comes first, always."""
    chosen = [SHA256]
    for option in hashes:
        algorithm = spec.HASH_OPTIONS.get(option.lower())
        if algorithm is None:
            raise UsageError(f"{option!r} is not a known hash", hint=f"choose from {', '.join(spec.HASH_OPTIONS)}")
        if algorithm not in chosen:
            chosen.append(algorithm)
    return tuple(chosen)


def _said(request: Request) -> tuple[Assertion, ...]:
    """Turn the caller's own word into assertions, most trusted first."""
    found: list[Assertion] = []
    for by, said in ((BY_OPTION, request.provenance), (BY_CONFIGURATION, request.configured)):
        for field, given in said.items():
            if field not in FIELD_BY_ID:
                raise UsageError(f"{field!r} is not a provenance field", hint=f"choose from {', '.join(FIELD_BY_ID)}")
            texts = [given] if isinstance(given, str) else list(given)
            if FIELD_BY_ID[field].single and len(texts) > 1:
                raise UsageError(f"{field} can have one value only", hint="give one of them")
            for text in texts:
                if not text.strip() or names.text_refusal(text.replace("\n", " ").replace("\t", " ")) is not None:
                    raise UsageError(f"the value of {field} is empty, not UTF-8 or holds control characters")
                found.append(Assertion(field, text.strip(), by))
    return tuple(found)


def _with_title(provenance: Provenance, request: Request) -> Provenance:
    """Let ``name`` and ``version`` of the caller stand beside what manifests say, where any says something."""
    if not provenance.assertions:
        return provenance
    said = tuple(
        Assertion(field, text, BY_OPTION)
        for field, text in (("name", request.name), ("version", request.version))
        if text is not None
    )
    return Provenance(provenance.manifests, said + provenance.assertions, provenance.sources, provenance.elsewhere)


def _title(
    request: Request, provenance: Provenance, link: ReleaseLink | None, place: walk.Place
) -> tuple[str, str | None]:
    """Decide name and version: the caller's, the predecessor's, a manifest's, the directory's."""
    inherited = None if link is None else link.name
    directory = place.only or os.path.basename(place.root)
    title = request.name or inherited or _asserted(provenance, "name") or directory
    version = request.version or _fitting(_asserted(provenance, "version"))
    _check_title("name", title)
    if link is not None and title != link.name:
        raise UsageError(
            f"the predecessor is a release of {names.display(link.name)}, not of {names.display(title)}",
            hint="a chain of releases has one name",
        )
    if link is not None and version is not None and version == link.release:
        raise UsageError(
            f"the predecessor has the version {names.display(version)} already",
            hint="give the new release a version of its own with --dataset-version",
        )
    return title, version


def _asserted(provenance: Provenance, field: str) -> str | None:
    chosen = resolution.resolve(provenance, field).chosen
    return " ".join(chosen[0].value.split()) if chosen else None


def _fitting(version: str | None) -> str | None:
    """Leave out a version that CycloneDX has no room for; it stays among what manifests say."""
    return version if version is not None and len(version) <= spec.MAX_VERSION else None


def _with_lineage(dataset: Dataset, place: walk.Place, request: Request) -> tuple[Dataset, tuple[str, ...]]:
    """Say how the dataset came about, as far as that is known; return what a person should know, too."""
    from sbom.lineage import assemble  # noqa: PLC0415  # heavy

    wanted = assemble.Request(
        workspace=None if request.workspace is None else os.fspath(request.workspace),
        search=not request.reproducible,
        read=request.crawl,
        records=tuple(os.fspath(path) for path in request.steps),
        sources=request.sources,
        rows=request.record_digests,
    )
    named = [_upstream(os.fspath(path), request) for path in request.source_boms]
    warnings = tuple(
        f"{names.display(os.fspath(path))}: its signature was not checked; give --upstream-key PUB"
        for path in (() if request.upstream_keys else request.source_boms)
    )
    assembled = assemble.assemble(place.root, dataset, wanted, named)
    return replace(dataset, lineage=assembled.lineage), (*warnings, *assembled.warnings)


def _upstream(path: str, request: Request) -> tuple[Upstream, Dataset]:
    """Read the document of another dataset that steps read from, once; its signatures count where there are keys."""
    people = whom.load(Trust(request.upstream_keys)) if request.upstream_keys else None
    release, other, results = releases.examine(documents.read_bytes(path, request.limits), people, request.limits)
    if release is None or other is None:
        bad = next(result for result in results if result.status != "pass")
        raise ChainError(f"the upstream dataset does not verify: {bad.sentence}", path=path, hint="fetch it again")
    link = release.serial_number, release.document_version, release.sha256
    return Upstream(*link, other.name, other.version, None), other


def _predecessor(path: str, request: Request) -> ReleaseLink:
    """Verify the document of the previous release, and link to its exact bytes."""
    if not request.previous_keys:
        raise UsageError("a predecessor is linked to only after it verified", hint="give --previous-key PUB")
    release, results = releases.judge(path, whom.load(Trust(tuple(request.previous_keys))), request.limits)
    if release is None:
        bad = next(result for result in results if result.status != "pass")
        raise ChainError(f"the predecessor does not verify: {bad.sentence}", path=path, hint="fetch it again")
    return ReleaseLink(release.serial_number, release.document_version, release.sha256, release.name, release.version)
