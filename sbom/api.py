"""The Python API. Everything here is exported by :mod:`sbom` and documented in ``docs/api.md``."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sbom import generation, profiles
from sbom import output as outputs
from sbom.bom import Bom
from sbom.cyclonedx import document as documents
from sbom.cyclonedx import spec
from sbom.cyclonedx.strict_json import Limits
from sbom.errors import Error, UnstableError, UsageError
from sbom.inventory import walk
from sbom.signing.keys import PrivateKey, PublicKey, load_private, load_public
from sbom.verification import guard as guarding
from sbom.verification import run as verification
from sbom.verification.interface import Expect, Options, Trust
from sbom.verification.whom import load_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sbom.attestation.signing import Means
    from sbom.recording import run as recordings
    from sbom.tracing.interface import Trace
    from sbom.transformation import Step
    from sbom.verification.interface import Progress
    from sbom.verification.report import Report

    Path = str | os.PathLike[str]

__all__ = ["Bom", "crawl", "generate", "guard", "load_private_key", "load_public_key", "trace", "verify"]

load_private_key = load_private
load_public_key = load_public


def _no_progress(done: int, total: int) -> None:
    """Show nothing."""


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
    crawl_manifests: bool = True,
    manifests: Sequence[Path] = (),
    provenance: generation.Said | None = None,
    configured: generation.Said | None = None,
    on_mismatch: str = "fail",
    require_profile: str | None = None,
    steps: Sequence[Path] = (),
    workspace: Path | None = None,
    source_boms: Sequence[Path] = (),
    upstream_keys: Sequence[Path] = (),
    sources: Sequence[tuple[str, str]] = (),
    record_digests: Sequence[str] = (),
    progress: Progress = _no_progress,
) -> Bom:
    """Describe a dataset: crawl its manifests, hash every file, and build the document.

    :param data: directory or file.
    :param name: default: the predecessor's name, else what a manifest says, else that of the directory or file.
    :param version: default: what a manifest says.
    :param include: globs that the inventory is limited to; ``exclude``: globs that it leaves out.
    :param hashes: algorithms besides SHA-256, as ``--hash`` takes them (``sha512``, ``blake3``, …).
    :param previous: the predecessor's published document; verified with ``previous_keys`` before it is linked to.
    :param jobs: worker processes at most; default: one per core.
    :param stats: rows and columns of tables: ``auto`` (files up to 16 MiB), ``full`` or ``none``.
    :param reproducible: identical bytes on any machine; needs ``SOURCE_DATE_EPOCH``.
    :param output: where the document will be written: that path is no part of the dataset.
    :param crawl_manifests: read the manifests that are in the data, and the pipelines and scripts of the workspace.
    :param manifests: read these too, inside the data or elsewhere.
    :param provenance: what the caller says of the dataset: field id → text or texts; counts before any manifest.
    :param configured: the same, said by a configuration; counts after ``provenance``.
    :param on_mismatch: ``fail`` when a file is not what a manifest declares, or ``warn``.
    :param require_profile: fail unless the document has what a profile requires (``g7``, ``cisa``, ``dps``, ``spdx``).
    :param steps: records of the steps that made the data, as :func:`record` writes them.
    :param workspace: the directory that the steps ran in; default: the repository around the data, else the data.
    :param source_boms: documents of other datasets that steps read from; verified with ``upstream_keys`` if given.
    :param sources: ``(name, URL)`` of files of the workspace that were downloaded.
    :param record_digests: globs of tables whose rows are to be found again in other releases.
    :param progress: called with the bytes done since the last call, and the total.
    :raises DataError: when something is there that no inventory may hold, or is not what a manifest declares.
    :raises UndecidedError: when something cannot be read, or changes meanwhile.
    :raises ChainError: when the predecessor does not verify.
    :raises UsageError: when the arguments make no sense.
    """
    request = generation.Request(
        name=name,
        version=version,
        include=tuple(include),
        exclude=tuple(exclude),
        hashes=tuple(hashes),
        previous=previous,
        previous_keys=tuple(previous_keys),
        spec_version=spec_version,
        jobs=jobs,
        cache=cache,
        stats=stats,
        follow_symlinks=follow_symlinks,
        strict_names=strict_names,
        reproducible=reproducible,
        output=output,
        limits=limits or Limits(),
        crawl=crawl_manifests,
        manifests=tuple(manifests),
        provenance=provenance or {},
        configured=configured or {},
        on_mismatch=on_mismatch,
        steps=tuple(steps),
        workspace=workspace,
        source_boms=tuple(source_boms),
        upstream_keys=tuple(upstream_keys),
        sources=tuple(sources),
        record_digests=tuple(record_digests),
    )
    described = generation.describe(data, request, progress)
    if require_profile is not None:
        profiles.require(require_profile, described.dataset, described.tree)
    bom = Bom(described.tree, described.dataset, place=described.place, limits=request.limits)
    bom.warnings = described.warnings
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


def record(request: recordings.Request) -> recordings.Recorded:
    """Run a transformation step, and record what it read and wrote.

    :raises UsageError: when the call is wrong, or the command cannot be started.
    """
    from sbom.recording.run import record as run  # noqa: PLC0415  # only where something is recorded

    return run(request)


def check_record_replaceable(path: Path) -> None:
    """Make sure that the record of a step may be written here: nothing is there yet, or a record is.

    :raises UsageError: otherwise.
    """
    from sbom.lineage import statement  # noqa: PLC0415  # only where something is recorded

    target = os.fspath(path)
    if outputs.check_target(target) is None:
        return
    try:
        statement.read(documents.read_bytes(target, Limits()).data, target)
    except Error as error:
        raise UsageError(
            "exists and is no record of a step; it will not be overwritten", path=target, hint="name another with -o"
        ) from error


def write_record(step: Step, path: Path, key: PrivateKey | None = None) -> None:
    """Write the record of a step atomically, signed where there is a key (DSSE around an in-toto Statement).

    :raises OutputError: when it cannot be written.
    """
    from sbom.lineage import statement  # noqa: PLC0415  # only where something is recorded
    from sbom.signing import dsse  # noqa: PLC0415

    payload = statement.dump(step)
    data = payload if key is None else dsse.sign(payload, statement.PAYLOAD_TYPE, key)
    outputs.write(os.fspath(path), data + b"\n")


def sign_beside(path: Path, means: Means, target: Path | None = None, *, limits: Limits | None = None) -> str:
    """Sign a document in a Sigstore bundle beside it, and leave the document as it is; return the bundle's path.

    :param means: what to sign with: a key, a key and certificates, or Sigstore.
    :param target: default: ``BOM.sigstore.json``, or the next number that is free.
    :raises UsageError: when the target exists, or ``means`` does not fit together.
    """
    from sbom import attesting  # noqa: PLC0415  # only where something is said beside a document

    return attesting.sign(os.fspath(path), means, None if target is None else os.fspath(target), limits)


def approve(path: Path, role: str, reason: str, means: Means, target: Path | None = None) -> str:
    """Approve of a release in a role, by a signed statement beside the document; return its path.

    :raises UsageError: when the target exists, or role or reason cannot be.
    """
    from sbom import attesting  # noqa: PLC0415  # only where something is said beside a document

    return attesting.approve(os.fspath(path), role, reason, means, None if target is None else os.fspath(target))


def revoke(path: Path, reason: str, means: Means, target: Path | None = None) -> str:
    """Revoke a release, by a signed statement beside the document; return its path.

    :raises UsageError: when the target exists, or the reason cannot be.
    """
    from sbom import attesting  # noqa: PLC0415  # only where something is said beside a document

    return attesting.revoke(os.fspath(path), reason, means, None if target is None else os.fspath(target))


def list_revoked(paths: Sequence[Path], reason: str | None, means: Means, target: Path) -> int:
    """Add releases to a revocation list, and sign it anew; without any it is only renewed.

    :return: how many releases it holds.
    :raises UsageError: when there is something else in its place.
    """
    from sbom import attesting  # noqa: PLC0415  # only where something is said beside a document

    return attesting.list_revoked([os.fspath(path) for path in paths], reason, means, os.fspath(target))


def crawl(  # noqa: PLR0913  # all but the first by name
    data: Path,
    *,
    manifests: Sequence[Path] = (),
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    follow_symlinks: bool = False,
    progress: Progress = _no_progress,
) -> generation.Found:
    """Read the manifests of a dataset, and the files that they declare; write nothing.

    :param manifests: read these too, inside the data or elsewhere.
    :return: manifests, provenance, states of declared hashes, problems.
    :raises Error: as :func:`generate`, but never for what a manifest says.
    """
    options = walk.Options(tuple(include), tuple(exclude), follow_symlinks=follow_symlinks)
    return generation.crawl(data, tuple(os.fspath(path) for path in manifests), options, progress)


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


def trace(  # noqa: PLR0913  # all but the first two by name
    bom: Path,
    file: str,
    *,
    keys: Sequence[PublicKey | Path] = (),
    upstream_keys: Sequence[PublicKey | Path] = (),
    chain: Path | None = None,
    descendants: bool = False,
    record: int | None = None,
    limits: Limits | None = None,
) -> Trace:
    """Find out where a file or a row comes from, or what came of it.

    :param bom: the document's path, or ``-`` for standard input.
    :param file: a path of the dataset, or a name that its steps know: a path in the workspace, a URL, a script.
    :param keys: public keys, or paths of PEM files: every document that is used must be signed by one of them. Without
        any, no signature is checked, and the trace says so.
    :param upstream_keys: the same for datasets that steps read from.
    :param chain: directory with the documents of other releases and datasets.
    :param descendants: what came of it, instead of where it comes from.
    :param record: number of a row of the table, from 1.
    :raises UsageError: when the call is wrong, or ``file`` is the name of nothing.
    :raises RefusedError: when a document is wrong, or not signed by a given key.
    :raises UndecidedError: when a document cannot be read, or does not hold what is needed.
    """
    from sbom.tracing import load, run  # noqa: PLC0415  # only where something is traced

    bounds = limits or Limits()
    if upstream_keys and not keys:
        raise UsageError("keys for other datasets were given, but none for this one", hint="give --public-key PUB")
    every = load_keys((*keys, *upstream_keys)) if keys else ()
    trusted = load.Trusted(every[: len(keys)], every[len(keys) :])
    raw = documents.read_bytes(os.fspath(bom), bounds)
    found = load.load(raw, None if chain is None else os.fspath(chain), trusted, bounds, every=descendants)
    return run.with_signatures(run.trace(found, file, descendants=descendants, record=record), every)


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
