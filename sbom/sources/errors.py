"""What can go wrong with a source. Every exception of the HTTP libraries becomes one of these."""

from __future__ import annotations

from sbom.errors import RefusedError, UndecidedError


class FetchError(UndecidedError):
    """A source could not be fetched: no network, no such host, an HTTP error, too many redirects (exit 3)."""


class TransientError(FetchError):
    """It may succeed when it is tried again.

    :param retry_after: seconds that the server asks to wait, where it does.
    """

    def __init__(
        self, message: str, *, path: str | None = None, hint: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, path=path, hint=hint)
        self.retry_after = retry_after


class AddressRefusedError(RefusedError):
    """A host is, or resolves to, an address that is not to be connected to (exit 1)."""


class RedirectRefusedError(RefusedError):
    """A server redirects to where no client should follow (exit 1)."""


class PinError(RefusedError):
    """What was downloaded is not what the caller pinned; it was thrown away (exit 1)."""
