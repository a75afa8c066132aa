"""The cache of ``huggingface_hub``: ``datasets--ORG--NAME/{refs,blobs,snapshots}``, and what ``local_dir`` leaves.

A blob is named by its content: 64 hex digits are the SHA-256 of a file in Git LFS or Xet, 40 are the SHA-1 of a Git
blob (https://huggingface.co/docs/huggingface_hub/guides/manage-cache). A file in ``refs`` holds the commit
that was fetched.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote

from sbom.manifests import values
from sbom.manifests.digests import GIT_BLOB
from sbom.manifests.errors import ManifestError, OtherFormatError
from sbom.manifests.interface import FileReader

if TYPE_CHECKING:
    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

#: Refs of one repository whose snapshots are declared.
MAX_REFS = 64
_COMMIT = re.compile(rb"[0-9a-f]{40}")
_REPOSITORY = re.compile(r"datasets--[A-Za-z0-9._-]{1,200}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHA1 = re.compile(r"[0-9a-f]{40}")
_LOCAL = ".cache/huggingface/download"
_SUFFIX = ".metadata"
_MAX_METADATA = 4_096
#: Files that are looked at to find the first of those that ``local_dir`` leaves.
_MAX_SEARCH = 1_000


class HuggingFaceCacheReader(FileReader):
    """Reads refs with their snapshots and blobs, and the metadata of ``local_dir`` downloads."""

    name = "huggingface-cache"
    patterns = ("refs/*", "pr/*", "convert/*", "*.metadata")

    def accepts(self, path: str, head: bytes) -> bool:
        """Take a ref of a dataset that holds a commit, or metadata where the library puts it."""
        if path.endswith(_SUFFIX):
            return f"/{_LOCAL}/" in f"/{path}" and _COMMIT.match(head) is not None
        repository = _repository(path)
        if repository is None or _COMMIT.fullmatch(head.strip()) is None:
            return False
        return not repository or _REPOSITORY.fullmatch(repository.rpartition("/")[2]) is not None

    def scope(self, path: str) -> str:
        """Return the repository's directory, or the ``local_dir``."""
        if path.endswith(_SUFFIX):
            return f"/{path}".partition(f"/{_LOCAL}/")[0].removeprefix("/")
        return _repository(path) or ""

    def read(self, given: Given, reading: Reading) -> None:
        """Read one ref, or all metadata of a ``local_dir``."""
        if given.path.endswith(_SUFFIX):
            _local(given, reading)
        else:
            _ref(given, reading)


def _repository(path: str) -> str | None:
    """Return the directory that has the ``refs`` in which a path lies; ``""`` is the dataset's root."""
    before, found, _ = f"/{path}".partition("/refs/")
    return before.removeprefix("/") if found else None


def _ref(given: Given, reading: Reading) -> None:
    repository = _repository(given.path)
    if repository is None:
        raise OtherFormatError("is not a ref")
    name = repository.rpartition("/")[2] if repository else given.root_name
    if _REPOSITORY.fullmatch(name) is None:
        raise OtherFormatError("is not in a dataset's cache")
    commit = given.data(_MAX_METADATA).decode("latin-1").strip()
    identity = "/".join(name.split("--")[1:])
    address = f"https://huggingface.co/datasets/{identity}"
    reading.say("identifier", address)
    reading.say("version", commit)
    inner = f"{repository}/" if repository else ""
    refs = list(islice(given.below(f"{inner}refs"), MAX_REFS))
    if given.path not in refs:
        reading.problem(f"is one of more than {MAX_REFS} refs; its files are not looked at")
        return
    blobs = f"{inner}blobs"
    snapshot = f"{inner}snapshots/{commit}"
    found = False
    if any(_commit(given, ref) == commit for ref in refs[: refs.index(given.path)]):
        return  # the files of this commit are declared by an earlier ref
    for path in given.below(snapshot):
        found = True
        _snapshot_file(path, f"{address}/resolve/{commit}/{quote(path[len(snapshot) + 1 :])}", blobs, given, reading)
    if not found:
        reading.problem(f"names the commit {commit}, of which there is no snapshot")
    if given.path == refs[0]:
        for path in given.below(blobs):
            _declare(path, path[len(blobs) + 1 :], reading)


def _commit(given: Given, ref: str) -> str | None:
    """Return the commit that another ref names."""
    try:
        return given.other(ref, _MAX_METADATA).decode("latin-1").strip()
    except ManifestError:
        return None


def _snapshot_file(path: str, url: str, blobs: str, given: Given, reading: Reading) -> None:
    """Declare a file of a snapshot by the blob that it leads to."""
    target = given.link(path)
    if target is None:
        reading.mention(path)  # where there are no symlinks, the file itself is here, and its name says nothing
        reading.source(url, path=path, size=given.size(path))
        return
    blob = target.removeprefix(f"{blobs}/")
    if blob == target or "/" in blob:
        reading.problem(f"{path} does not lead to a blob of its repository")
        return
    _declare(path, blob, reading)
    hashes = (("SHA-256", blob),) if _SHA256.fullmatch(blob) else ()
    reading.source(url, path=path, hashes=hashes, size=given.size(path))


def _declare(path: str, blob: str, reading: Reading) -> None:
    """Declare what a blob's name says; a name of another kind says nothing, and neither does an unfinished one."""
    if _SHA256.fullmatch(blob):
        reading.declare(path, "SHA-256", blob)
    elif _SHA1.fullmatch(blob):
        reading.declare(path, GIT_BLOB, blob)
    elif not blob.endswith(".incomplete"):
        reading.mention(path)


def _local(given: Given, reading: Reading) -> None:
    """Read what ``local_dir`` leaves for each file. The first one stands for all, or there were as many manifests."""
    before = f"/{given.path}".partition(f"/{_LOCAL}/")[0].removeprefix("/")
    directory = f"{before}/{_LOCAL}" if before else _LOCAL
    start = len(directory) + 1
    nearby = islice(given.below(directory), _MAX_SEARCH)
    leader = next((path for path in nearby if path.endswith(_SUFFIX)), None)
    if leader is not None and leader != given.path:
        raise OtherFormatError("is read with the first of its kind")
    commits: dict[str, None] = {}
    for path in given.below(directory) if leader else [given.path]:
        if not path.endswith(_SUFFIX):
            continue
        try:
            lines = values.decode(given.other(path, _MAX_METADATA)).split("\n")
        except ManifestError as error:
            reading.problem(str(error))
            continue
        commit, etag = lines[0].strip(), lines[1].strip() if len(lines) > 1 else ""
        target = given.resolve(path[start:].removesuffix(_SUFFIX), before)
        if target is None or not _SHA1.fullmatch(commit):
            reading.problem(f"{path} is malformed")
            continue
        if commit not in commits:
            commits[commit] = None
            reading.say("version", commit, when=_time(lines[2] if len(lines) > 2 else ""))  # noqa: PLR2004  # third line
        _declare(target, etag, reading)


def _time(text: str) -> str | None:
    """Return a time in seconds since 1970 as RFC 3339."""
    whole = values.integer(text.strip().partition(".")[0])
    if whole is None or whole >= 1 << 35:
        return None
    return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


READER = HuggingFaceCacheReader()
