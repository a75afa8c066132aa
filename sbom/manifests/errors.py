"""What a reader raises, and nothing else."""

from __future__ import annotations


class ManifestError(Exception):
    """A manifest, or what it refers to, cannot be used; the message is one sentence without a full stop."""


class OtherFormatError(ManifestError):
    """The file is of another format than its name and first bytes suggested: another reader may take it."""
