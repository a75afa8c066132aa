"""What DVC calls the hash of a directory: the MD5 of a JSON list of its files.

DVC (dvc-data, ``Tree.as_bytes``) writes ``[{"md5": …, "relpath": …}, …]``, sorted by ``relpath``, as ``json.dumps(…,
sort_keys=True)`` does: with spaces after comma and colon, and everything beyond ASCII escaped. The list is kept in the
cache under its own MD5 with the suffix ``.dir``, which is also how manifests write the hash.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from sbom.manifests import values
from sbom.manifests.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SUFFIX = ".dir"


def directory_md5(files: Iterable[tuple[str, str]]) -> str:
    """Compute DVC's hash of a directory.

    :param files: path relative to the directory, and MD5 (lower-case hex), of every file in it, in any order.
    :return: lower-case hex, without ``.dir``.
    """
    listed = [{"md5": md5, "relpath": path} for path, md5 in sorted(files)]
    return _md5(json.dumps(listed, sort_keys=True).encode("ascii"))


def read_list(data: bytes, expected: str) -> Iterator[tuple[object, object]]:
    """Return path and MD5, as written, of each item of a list from DVC's cache.

    :param expected: the MD5 that the list is kept under (lower-case hex).
    :raises ManifestError: when it is another list, or no list.
    """
    if _md5(data) != expected:
        raise ManifestError("the cached list of its files has another MD5 than its name says")
    listed = values.json(data)
    if not isinstance(listed, list):
        raise ManifestError(f"the cached list of its files is {values.kind(listed)}")
    return ((one.get("relpath"), one.get("md5")) for one in map(values.mapping, listed))


def places(root: str, md5: str) -> tuple[str, str]:
    """Name where a DVC project keeps a list: since DVC 3.0, and before.

    :param root: the project's directory, relative to the dataset's root.
    """
    cache = f"{root}/.dvc/cache" if root else ".dvc/cache"
    name = f"{md5[:2]}/{md5[2:]}{SUFFIX}"
    return f"{cache}/files/md5/{name}", f"{cache}/{name}"


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
