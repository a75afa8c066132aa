"""``SHA256SUMS``: what ``sha256sum`` prints and ``sha256sum -c`` checks (GNU Coreutils, "md5sum")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.export.interface import Facts, Rendered

if TYPE_CHECKING:
    from sbom.model import Dataset

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r"})


def render(dataset: Dataset, facts: Facts) -> Rendered:  # noqa: ARG001  # the format has no place for where it comes from
    """Return one line per file, sorted by path, with line feeds on every system.

    There is no comment line: several programs that check such files do not know comments.
    """
    lines = sorted((entry.path.encode("utf-8"), line(entry.path, entry.sha256)) for entry in dataset.files)
    return Rendered("".join(text for _, text in lines).encode("utf-8"))


def line(path: str, sha256: str) -> str:
    r"""Return the line of one file; a name with ``\``, LF or CR is escaped, and its line starts with ``\``."""
    # A name of one hyphen would mean standard input.
    name = "./-" if path == "-" else path
    escaped = name.translate(_ESCAPES)
    return f"{'' if escaped == name else chr(92)}{sha256}  {escaped}\n"
