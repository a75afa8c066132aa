"""The errors of data-sbom: one small tree under :class:`Error`.

Every error says what happened, to which file, and what to do next. "It is wrong" (exit 1), "you asked for
something impossible" (exit 2) and "it could not be decided" (exit 3) are different classes, because a pipeline must
never take the third for success.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from sbom.verification.report import Report


class Error(Exception):
    """Base of every error that data-sbom raises on purpose.

    :param message: what happened, one sentence without a full stop.
    :param path: the file it happened to, where there is one.
    :param hint: what to do next.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, path: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.hint = hint

    def __str__(self) -> str:
        """Return ``path: message (hint)``, unescaped: whoever shows it on a terminal escapes it."""
        text = self.message if self.path is None else f"{self.path}: {self.message}"
        return text if self.hint is None else f"{text}; {self.hint}"


class UsageError(Error):
    """The call or the configuration is wrong; nothing was checked (exit 2)."""

    exit_code = 2


class MissingExtraError(UsageError):
    """An optional dependency is needed and not installed."""


class KeyFileError(UsageError):
    """A key file cannot be used: not a key, the wrong kind, the wrong passphrase."""


class OutputError(Error):
    """The result could not be written; the old file is intact (exit 3)."""


class RefusedError(Error):
    """The data, the document or a signature is wrong (exit 1)."""

    exit_code = 1


class DataError(RefusedError):
    """The dataset holds something that no inventory may hold.

    :param problems: every ``(path, reason)`` that was found, the first of which is the error's own.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        hint: str | None = None,
        problems: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message, path=path, hint=hint)
        self.problems = problems


class EmptyDatasetError(DataError):
    """There is no file to describe or to check."""


class DocumentError(RefusedError):
    """The document is JSON, but not a data SBOM that may be trusted."""


class SignatureError(RefusedError):
    """A signature does not hold, or may not be used."""


class ChainError(RefusedError):
    """A release does not follow from its predecessor."""


class UndecidedError(Error):
    """It could not be decided: never to be taken for success (exit 3)."""


class UnreadableError(UndecidedError):
    """A file or directory cannot be read."""


class UnstableError(UndecidedError):
    """A file changed while it was read."""


class NotADocumentError(UndecidedError):
    """What was given is not a JSON document at all."""


class LimitError(UndecidedError):
    """The input is larger than what is safe to load."""


class VerificationFailedError(Error):
    """A verification did not succeed; :attr:`report` says why. Exported as ``sbom.VerificationFailed``."""

    def __init__(self, message: str, *, report: Report) -> None:
        super().__init__(message)
        self.report = report

    @property
    def exit_status(self) -> int:
        """The exit code that a command line gives for it: 1 or 3, never 0."""
        return self.report.exit_code or 3
