"""The directory that steps ran in, read without following links out of it, and within bounds."""

from __future__ import annotations

import codecs
import os
import re
import stat
from typing import TYPE_CHECKING, Final, Self

from sbom import names
from sbom.inventory import files
from sbom.lineage.interface import MAX_SIZE, ScriptError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Names of one directory that are listed.
MAX_LISTED: Final = 10_000
#: Directories that are looked into for pipelines and scripts.
MAX_DIRECTORIES: Final = 20_000
#: Bytes of texts that are kept, so that a module that many scripts import is read once.
_KEPT = 64 << 20
_SKIPPED = frozenset({
    ".git", ".hg", ".svn", ".dvc", ".venv", "venv", ".tox", ".nox", "node_modules", "__pycache__", "site-packages",
    ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".cache", ".eggs", "mlruns",
})  # fmt: skip
# PEP 263: a comment in one of the first two lines.
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Directory:
    """A workspace on disk (:class:`sbom.lineage.interface.Workspace`). A context manager.

    :param path: of the directory.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._texts: dict[str, str] = {}
        self._room = _KEPT
        self._kinds: dict[str, int] = {}
        self._root_fd = files.open_root(path)
        self._opener = files.Opener(self._root_fd)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let the directory go."""
        self.close()

    def close(self) -> None:
        """Let the directory go."""
        self._opener.close()
        os.close(self._root_fd)

    def text(self, path: str) -> str:
        """Return a file's text; see :class:`sbom.lineage.interface.Workspace`."""
        known = self._texts.get(path)
        if known is not None:
            return known
        found = decode(self._bytes(path))
        if len(found) <= self._room:
            self._room -= len(found)
            self._texts[path] = found
        return found

    def _bytes(self, path: str) -> bytes:
        if names.refusal(path) is not None:
            raise ScriptError("is no name of a file")
        try:
            fd = self._opener.open(path)
        except OSError as error:
            raise ScriptError(f"cannot be read: {error.strerror}") from error
        try:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode):
                raise ScriptError("is not a regular file")
            if found.st_size > MAX_SIZE:
                raise ScriptError(f"has {found.st_size:,} bytes; at most {MAX_SIZE:,} are read")
            parts: list[bytes] = []
            room = MAX_SIZE + 1
            while room > 0 and (part := os.read(fd, room)):
                parts.append(part)
                room -= len(part)
        except OSError as error:
            raise ScriptError(f"cannot be read: {error.strerror}") from error
        finally:
            os.close(fd)
        if room <= 0:
            raise ScriptError(f"has more than {MAX_SIZE:,} bytes")
        return b"".join(parts)

    def is_file(self, path: str) -> bool:
        """Tell whether there is a regular file."""
        return stat.S_ISREG(self._kind(path))

    def is_directory(self, path: str) -> bool:
        """Tell whether there is a directory."""
        return not path.strip("/") or stat.S_ISDIR(self._kind(path.rstrip("/")))

    def _kind(self, path: str) -> int:
        """Return the mode of what is there; 0 for nothing, and for what lies behind a link."""
        if path not in self._kinds:
            self._kinds[path] = self._mode(path)
        return self._kinds[path]

    def _mode(self, path: str) -> int:
        if names.refusal(path) is not None:
            return 0
        directory, _, name = path.rpartition("/")
        try:
            fd = files.open_directory(self._root_fd, directory)
        except OSError:
            return 0
        try:
            return os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode
        except OSError:
            return 0
        finally:
            os.close(fd)

    def listing(self, directory: str) -> Sequence[str]:
        """Return the names in a directory, sorted; the first :data:`MAX_LISTED` where there are more."""
        path = directory.strip("/")
        if path in {"", "."}:
            path = ""
        elif names.refusal(path) is not None:
            return ()
        try:
            fd = files.open_directory(self._root_fd, path)
        except OSError:
            return ()
        try:
            return sorted(os.listdir(fd))[:MAX_LISTED]
        except OSError:
            return ()
        finally:
            os.close(fd)


def decode(data: bytes) -> str:
    """Decode a script: byte order mark, declared encoding (PEP 263), UTF-8.

    :raises ScriptError: when it is no text.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if encoding is None:
        lines = data[:1024].split(b"\n", 2)[:2]
        cookies = [match[1].decode("ascii") for line in lines if (match := _COOKIE.match(line))]
        encoding = cookies[0] if cookies else "utf-8"
    try:
        codec = codecs.lookup(encoding)
        if not getattr(codec, "_is_text_encoding", True):
            raise ScriptError(f"is in {names.display(encoding)}, which is no encoding of texts")
        text = data.decode(encoding)
    except (UnicodeError, LookupError) as error:
        raise ScriptError(f"is no text in {names.display(encoding)}") from error
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def find(root: str, skip: str | None = None) -> Iterator[str]:
    """Yield the files of a workspace that may be pipelines or scripts.

    Caches, environments and hidden directories are left out; no link is followed.

    :param root: real path of the workspace.
    :param skip: real path of a directory whose files are known already.
    """
    waiting = [""]
    looked = 0
    while waiting and looked < MAX_DIRECTORIES:
        directory = waiting.pop()
        looked += 1
        path = os.path.join(root, directory) if directory else root
        try:
            with os.scandir(path) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue  # it cannot be read: then its scripts cannot be either
        if directory and any(entry.name == "pyvenv.cfg" for entry in found):
            continue
        for entry in found:
            name = f"{directory}/{entry.name}" if directory else entry.name
            if names.refusal(name) is not None:
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _SKIPPED and os.path.join(root, name) != skip:
                    waiting.append(name)
            elif entry.is_file(follow_symlinks=False):
                yield name
