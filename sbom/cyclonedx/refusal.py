"""How a reader refuses a document."""

from __future__ import annotations

from typing import NoReturn

from sbom import names
from sbom.errors import DocumentError

_WHERE = 200


def refuse(message: str, where: str | None = None) -> NoReturn:
    """Refuse a document that is no data SBOM, or contradicts itself.

    :param where: the file or other thing in it that is wrong, as the document names it.
    :raises DocumentError: always.
    """
    text = message if where is None else f"{names.display(where, _WHERE)}: {message}"
    raise DocumentError(text, hint="use a document that data-sbom generate wrote")
