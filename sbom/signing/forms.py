"""The signature forms that are known, registered in one place. A new one is a file and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sbom.errors import SignatureError
from sbom.signing.jsf import Jsf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.signing.interface import Canonical, Document, SignatureEntry, SignatureForm

#: Every form that a document may be signed in.
FORMS: Final[Sequence[SignatureForm]] = (Jsf(),)


def read(
    document: Document, canonical: Canonical, forms: Sequence[SignatureForm] = FORMS
) -> tuple[SignatureEntry, ...]:
    """Return the signatures of ``document``, not verified; none when it carries none.

    :param canonical: RFC 8785, given by the caller.
    :raises SignatureError: when they are malformed or forbidden, or of two forms at once: nobody could say then which
        of them covers what.
    """
    found = [form for form in forms if form.detect(document)]
    if len(found) > 1:
        problem = f"the document is signed in two forms at once: {', '.join(form.name for form in found)}"
        raise SignatureError(problem)
    return found[0].read(document, canonical) if found else ()
