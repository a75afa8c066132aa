"""The Python API. Everything here is exported by :mod:`sbom` and documented in ``docs/api.md``."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from sbom import __version__, names
from sbom import output as outputs
from sbom.cyclonedx import document as documents
from sbom.cyclonedx import read as reader
from sbom.cyclonedx import references, schema, spec, write
from sbom.cyclonedx.canonical import canonical
from sbom.cyclonedx.strict_json import Limits
from sbom.errors import ChainError, DocumentError, Error, UnstableError, UsageError
from sbom.inventory import git, merkle, take, walk
from sbom.model import SHA256, Dataset, ReleaseLink, Selection
from sbom.signing import jsf
from sbom.signing.keys import PrivateKey, load_private, load_public
from sbom.verification import guard as guarding
from sbom.verification import releases
from sbom.verification import run as verification
from sbom.verification.interface import Expect, Options, Trust, load_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sbom.verification.interface import Progress
    from sbom.verification.report import Report

    Path = str | os.PathLike[str]

__all__ = ["Bom", "generate", "guard", "load_private_key", "load_public_key", "verify"]

load_private_key = load_private
load_public_key = load_public


def _no_progress(done: int, total: int) -> None:
    """Show nothing."""


class Bom:
    """A data SBOM in memory: the document, and the dataset that it describes."""

    def __init__(
        self,
        tree: dict[str, object],
        dataset: Dataset,
        *,
        place: walk.Place | None = None,
        sha256: str | None = None,
    ) -> None:
        self._tree = tree
        self._dataset = dataset
        self._place = place
        self._sha256 = sha256
        #: What a person should know about how it was made.
        self.warnings: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path, *, limits: Limits | None = None) -> Bom:
        """Read a document. Its form is checked; its signatures and the data are not: that is :func:`verify`.

        :param path: file, or ``-`` for standard input.
        :raises Error: when it is not a data SBOM.
        """
        document = documents.load(os.fspath(path), limits)
        for pointer, message in schema.problems(document.tree):
            raise DocumentError(f"is not valid CycloneDX: {pointer} {message}", path=document.path)
        for problem in references.problems(document.tree):
            raise DocumentError(f"has {problem}", path=document.path)
        try:
            return cls(document.tree, reader.read(cast("dict[str, Any]", document.tree)), sha256=document.sha256)
        except DocumentError as error:
            raise DocumentError(error.message, path=document.path, hint=error.hint) from error

    @property
    def document(self) -> dict[str, object]:
        """The document as JSON values. Changing it invalidates its signatures."""
        return self._tree

    @property
    def dataset(self) -> Dataset:
        """The dataset that the document describes."""
        return self._dataset

    @property
    def root(self) -> str:
        """The Merkle root (hex): the dataset's identity."""
        return self._dataset.root

    @property
    def sha256(self) -> str | None:
        """SHA-256 (hex) of the exact bytes that it was read from; ``None`` when it was made here or signed since."""
        return self._sha256

    def sign(self, key: PrivateKey) -> bool:
        """Add a signature (JSF 0.82, form ``signers``); earlier ones stay valid.

        :return: ``False`` when this key had signed already and nothing was added.
        :raises SignatureError: when the document was changed after somebody signed it.
        """
        added = jsf.add(self._tree, key, canonical)
        self._tree = dict(added.document)
        if added.added:
            self._sha256 = None
        return added.added

    def to_bytes(self) -> bytes:
        """Return the document as it is written to files."""
        return write.serialize(self._tree)

    def write(self, path: Path) -> None:
        """Write the document atomically.

        :raises UsageError: when ``path`` is a file of the dataset, a link or no regular file.
        :raises OutputError: when it cannot be written.
        """
        target = os.fspath(path)
        if self._place is not None:
            inner = walk.relative(self._place, target)
            if inner is not None and any(entry.path == inner for entry in self._dataset.files):
                raise UsageError("is a file of the dataset that the document describes", path=target)
        outputs.write(target, self.to_bytes())


def generate(  # noqa: PLR0913  # each is one decision of the caller, all but the first by name
    data: Path,
    *,
    name: str | None = None,
    version: str | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    hashes: Sequence[str] = (),
    previous: Path | None = None,
    previous_keys: Sequence[Path] = (),
    spec_version: str = spec.SPEC_VERSIONS[0],
    jobs: int | None = None,
    cache: bool = True,
    stats: str = "auto",
    follow_symlinks: bool = False,
    strict_names: bool = False,
    reproducible: bool = False,
    output: Path | None = None,
    limits: Limits | None = None,
    progress: Progress = _no_progress,
) -> Bom:
    """Describe a dataset: walk it, hash every file, and build the document.

    :param data: directory or file.
    :param name: default: the predecessor's name, else that of the directory or file.
    :param include: globs that the inventory is limited to; ``exclude``: globs that it leaves out.
    :param hashes: algorithms besides SHA-256, as ``--hash`` takes them (``sha512``, ``blake3``, …).
    :param previous: the predecessor's published document; verified with ``previous_keys`` before it is linked to.
    :param jobs: worker processes at most; default: one per core.
    :param stats: rows and columns of tables: ``auto`` (files up to 16 MiB), ``full`` or ``none``.
    :param reproducible: identical bytes on any machine; needs ``SOURCE_DATE_EPOCH``.
    :param output: where the document will be written: that path is no part of the dataset.
    :param progress: called with the bytes done since the last call, and the total.
    :raises DataError: when something is there that no inventory may hold.
    :raises UndecidedError: when something cannot be read, or changes meanwhile.
    :raises ChainError: when the predecessor does not verify.
    :raises UsageError: when the arguments make no sense.
    """
    bounds = limits or Limits()
    timestamp = _timestamp(reproducible=reproducible)
    algorithms = _algorithms(hashes)
    if spec_version not in spec.SPEC_VERSIONS:
        raise UsageError(f"CycloneDX {spec_version} cannot be written", hint=f"use {' or '.join(spec.SPEC_VERSIONS)}")
    if stats not in {"auto", "full", "none"}:
        raise UsageError(f"statistics cannot be {stats!r}", hint="use auto, full or none")
    if jobs is not None and jobs < 1:
        raise UsageError("at least one process is needed", hint="correct --jobs")
    link = None if previous is None else _predecessor(os.fspath(previous), previous_keys, bounds)
    place = walk.locate(os.fspath(data))
    title = _title(name, version, link, place)
    own = None if output is None else walk.relative(place, os.fspath(output))
    inventory = take.take(
        place,
        take.Request(
            walk.Options(
                include=tuple(include),
                exclude=tuple(exclude),
                omit=frozenset() if own is None else frozenset({own}),
                follow_symlinks=follow_symlinks,
                max_files=bounds.components,
            ),
            algorithms,
            processes=jobs,
            stats=stats,
            stats_extras=not reproducible,
            strict_names=strict_names,
            use_cache=cache,
        ),
        progress,
    )
    dataset = Dataset(
        name=title,
        version=version,
        files=inventory.entries,
        root=merkle.root(inventory.entries),
        selection=Selection(tuple(include), tuple(exclude), inventory.left_out),
        previous=link,
        git=git.read(place.root, search_parents=not reproducible),
        symlinks_followed=follow_symlinks,
    )
    origin = write.Origin(spec_version, timestamp, __version__, reproducible)
    bom = Bom(write.build(dataset, origin), dataset, place=place)
    bom.warnings = inventory.warnings
    return bom


def check_replaceable(path: Path) -> None:
    """Make sure that a document may be written here: nothing is there yet, or a data SBOM is.

    :raises UsageError: otherwise.
    """
    target = os.fspath(path)
    if outputs.check_target(target) is None:
        return
    try:
        Bom.read(target)
    except Error as error:
        raise UsageError(
            "exists and is not a data SBOM; it will not be overwritten", path=target, hint="name another file"
        ) from error


def _timestamp(*, reproducible: bool) -> str:
    if not reproducible:
        return verification.now()
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


def _title(name: str | None, version: str | None, link: ReleaseLink | None, place: walk.Place) -> str:
    """Decide the dataset's name, and refuse one that does not fit the predecessor."""
    title = (
        name if name is not None else link.name if link is not None else (place.only or os.path.basename(place.root))
    )
    for what, text in (("name", title), ("version", version)):
        if text is not None and (not text.strip() or names.text_refusal(text) is not None):
            raise UsageError(f"the dataset's {what} is empty, not UTF-8 or holds control characters")
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
    return title


def _predecessor(path: str, keys: Sequence[Path], limits: Limits) -> ReleaseLink:
    """Verify the document of the previous release, and link to its exact bytes."""
    if not keys:
        raise UsageError("a predecessor is linked to only after it verified", hint="give --previous-key PUB")
    release, results = releases.judge(path, load_keys(Trust(tuple(keys))), 1, limits)
    if release is None:
        bad = next(result for result in results if result.status != "pass")
        raise ChainError(f"the predecessor does not verify: {bad.sentence}", path=path, hint="fetch it again")
    return ReleaseLink(release.serial_number, release.document_version, release.sha256, release.name, release.version)


def verify(  # noqa: PLR0913  # all but the first two by name
    bom: Path,
    data: Path,
    *,
    trust: Trust,
    expect: Expect | None = None,
    options: Options | None = None,
    progress: Progress = _no_progress,
) -> Report:
    """Verify a document, its signatures, and the data against it.

    :param bom: the document's path, or ``-`` for standard input.
    :param data: directory or file.
    :return: the report; call :meth:`Report.require` to raise unless everything held.
    :raises UsageError: when the call itself is wrong: no key, no such data, a key inside the data.
    """
    return _verification(bom, data, trust, expect, options, progress).report


def _verification(  # noqa: PLR0913, PLR0917  # what verify and both guards pass on
    bom: Path, data: Path, trust: Trust, expect: Expect | None, options: Options | None, progress: Progress
) -> verification.Verification:
    chosen = options or Options()
    # Handed over without a name here: whoever holds the bytes keeps them in memory.
    return verification.verify(
        documents.read_bytes(os.fspath(bom), chosen.limits),
        os.fspath(data),
        trust,
        expect or Expect(),
        chosen,
        progress,
    )


@contextmanager
def guard(  # noqa: PLR0913  # all but the first two by name
    bom: Path,
    data: Path,
    *,
    trust: Trust,
    expect: Expect | None = None,
    options: Options | None = None,
    allow_partial: bool = False,
    progress: Progress = _no_progress,
) -> Iterator[Report]:
    """Run a block on verified data only: verify, look again right before the block, and once more after it.

    :raises VerificationFailedError: when the data does not verify; the block is not entered.
    :raises UsageError: when the call is wrong: what :func:`verify` raises, or ``only`` without ``allow_partial``.
    :raises UnstableError: when the data moved before or during the block.
    """
    guarding.refuse_partial(options, allow_partial=allow_partial)
    verified = _verification(bom, data, trust, expect, options, progress)
    verified.report.require()
    _refuse_moves(guarding.moved(verified), "after it was verified")
    yield verified.report
    _refuse_moves(guarding.moved(verified), "while it was in use")


def _refuse_moves(moves: Sequence[tuple[str, str]], when: str) -> None:
    for path, what in moves:
        raise UnstableError(f"{what} {when}", path=path or None, hint="find out what writes to the data")


def guard_command(  # noqa: PLR0913  # all but the first three by name
    bom: Path,
    data: Path,
    command: Sequence[str],
    *,
    trust: Trust,
    expect: Expect | None = None,
    options: Options | None = None,
    allow_partial: bool = False,
    progress: Progress = _no_progress,
    verified: Callable[[Report], None] | None = None,
) -> guarding.Guarded:
    """Run a command on verified data only.

    :param verified: called with the verification report before the command starts.
    :return: whether it ran, its exit code, and what moved; a command that cannot be started has not run.
    :raises UsageError: when the call is wrong: what :func:`verify` raises, or ``only`` without ``allow_partial``.
    """
    if not command:
        raise UsageError("no command was given", hint="write it after --, as in: data-sbom guard … -- python train.py")
    guarding.refuse_partial(options, allow_partial=allow_partial)
    result = _verification(bom, data, trust, expect, options, progress)
    if verified is not None:
        verified(result.report)
    return guarding.run(result, command, allow_partial=allow_partial)
