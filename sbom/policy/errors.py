"""The error for a policy that cannot be used."""

from __future__ import annotations

from sbom.errors import UsageError


class PolicyError(UsageError):
    """A policy file is malformed, or contradicts itself: nothing was judged by it (exit 2).

    :param problems: all that is wrong with it, one clause each; the first is the error's own.
    """

    def __init__(
        self, message: str, *, path: str | None = None, hint: str | None = None, problems: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, path=path, hint=hint)
        self.problems = problems or (message,)
