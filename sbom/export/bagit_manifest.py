"""``manifest-sha256.txt`` of a BagIt bag whose payload is the dataset (RFC 8493, section 2.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.export.interface import Facts, Rendered

if TYPE_CHECKING:
    from sbom.model import Dataset

# These three are percent-encoded "and only those".
_ENCODED = str.maketrans({"%": "%25", "\n": "%0A", "\r": "%0D"})


def render(dataset: Dataset, facts: Facts) -> Rendered:  # noqa: ARG001  # the format has no place for where it comes from
    """Return one line per file, sorted by path: digest, two spaces, ``data/`` and the path."""
    lines = sorted((entry.path.encode("utf-8"), line(entry.path, entry.sha256)) for entry in dataset.files)
    encoded = sum(1 for entry in dataset.files if "%" in entry.path)
    note = f"{encoded} names hold '%', written as '%25' (RFC 8493); the Python library bagit 1.9 does not decode that"
    return Rendered("".join(text for _, text in lines).encode("utf-8"), (note,) if encoded else ())


def line(path: str, sha256: str) -> str:
    """Return the line of one file, with LF, CR and ``%`` of its name encoded."""
    return f"{sha256}  data/{path.translate(_ENCODED)}\n"
