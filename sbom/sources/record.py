"""The retrieval record: what was downloaded into a directory, from where, when, and as which bytes.

One JSON file beside the data, ``schemas/retrieval-record.schema.json``; one entry for each file.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import orjson

from sbom import __version__, names, output
from sbom.errors import OutputError, UsageError
from sbom.sources import smallfile

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_NAME = "data-sbom-retrieval.json"
FORMAT = "data-sbom-retrieval-record/1"
MAX_SIZE = 64 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TEXTS = ("url", "final_url", "retrieved", "path", "sha256", "tool_version")
_OPTIONAL = ("etag", "last_modified", "content_type", "content_encoding")


class Retrieval(NamedTuple):
    """One file that was downloaded.

    :param url: that was asked for, without user, password and secret parameters; ``final_url`` and ``redirects`` too.
    :param final_url: that the bytes came from.
    :param retrieved: when the last byte had come (RFC 3339, UTC).
    :param path: relative to the record's directory.
    :param size: bytes as they were sent and stored, and ``sha256`` their digest.
    :param status: of the HTTP answer: 200, or 206 when the last part of a resumed download came.
    :param redirects: URLs that were redirected to, in order; the last is ``final_url``.
    :param content_encoding: that the server stored the bytes in, where it says so; it was not undone.
    """

    url: str
    final_url: str
    retrieved: str
    path: str
    size: int
    sha256: str
    status: int
    redirects: tuple[str, ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    tool_version: str = __version__


def dump(retrievals: tuple[Retrieval, ...]) -> bytes:
    """Return the record as it is written."""
    tree = {
        "format": FORMAT,
        "retrievals": [{key: value for key, value in one._asdict().items() if value is not None} for one in retrievals],
    }
    return orjson.dumps(tree, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def parse(data: bytes) -> tuple[Retrieval, ...] | None:
    """Read a record; ``None`` when it is none, or one of a later form."""
    try:
        tree: Any = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(tree, dict) or tree.get("format") != FORMAT or not isinstance(tree.get("retrievals"), list):
        return None
    found = [_retrieval(one) for one in tree["retrievals"]]
    return None if None in found else tuple(cast("list[Retrieval]", found))


def _retrieval(value: object) -> Retrieval | None:
    if not isinstance(value, dict) or not value.keys() <= set(Retrieval._fields):
        return None
    given = cast("dict[str, Any]", value)
    redirects = given.get("redirects", [])
    good = (
        all(isinstance(given.get(name), str) for name in _TEXTS)
        and all(isinstance(given.get(name, ""), str) for name in _OPTIONAL)
        and all(type(given.get(name)) is int and given[name] >= 0 for name in ("size", "status"))
        and isinstance(redirects, list)
        and all(isinstance(one, str) for one in redirects)
        and _SHA256.fullmatch(given["sha256"]) is not None
        and names.refusal(given["path"]) is None
    )
    return Retrieval(**{**given, "redirects": tuple(redirects)}) if good else None


def load(directory: str) -> tuple[Retrieval, ...]:
    """Read the record of a directory; an empty one where there is none.

    :raises UsageError: when a file of that name is there and is no record: it is not to be overwritten.
    """
    path = os.path.join(directory, FILE_NAME)
    try:
        data = smallfile.read(path, MAX_SIZE)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", path=path, hint="move it away") from error
    found = None if data is None else parse(data)
    if found is None:
        raise UsageError("is no retrieval record that this version can add to", path=path, hint="move it away")
    return found


def add(directory: str, retrieval: Retrieval) -> None:
    """Add an entry, atomically; it replaces an older one of the same path.

    :raises UsageError: when what is there is no record.
    :raises OutputError: when it cannot be written.
    """
    with _locked(directory):
        kept = tuple(one for one in load(directory) if one.path != retrieval.path)
        output.write(os.path.join(directory, FILE_NAME), dump((*kept, retrieval)))


@contextmanager
def _locked(directory: str) -> Iterator[None]:
    """Keep another fetch into the same directory from losing our entry."""
    try:
        fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise OutputError(
            f"cannot be opened: {error.strerror}", path=directory, hint="check its permissions"
        ) from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
