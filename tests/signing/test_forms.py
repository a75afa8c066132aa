from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from signing_maker import BOM, bare, canonical, key, undecoded

from sbom.errors import SignatureError
from sbom.signing import forms

if TYPE_CHECKING:
    from sbom.signing.interface import Canonical, Document, SignatureEntry


class Other:
    name = "Other"

    def detect(self, document: Document) -> bool:
        return "signatures" in document

    def read(self, document: Document, canonical: Canonical) -> tuple[SignatureEntry, ...]:
        return (undecoded(self.name, lambda: canonical(document)),)


FORMS = (*forms.FORMS, Other())


def test_a_document_without_signature_has_none() -> None:
    assert forms.read(BOM, canonical) == ()
    assert forms.read({}, canonical) == ()


def test_the_form_is_found_by_what_is_in_the_document() -> None:
    signed = bare(BOM, key("ed25519"), "Ed25519")
    assert [entry.form for entry in forms.read(signed, canonical)] == ["JSF"]
    assert [entry.form for entry in forms.read({**BOM, "signatures": []}, canonical, FORMS)] == ["Other"]


def test_two_forms_at_once_are_refused() -> None:
    signed = {**bare(BOM, key("ed25519"), "Ed25519"), "signatures": []}
    with pytest.raises(SignatureError, match="two forms at once: JSF, Other"):
        forms.read(signed, canonical, FORMS)


def test_only_registered_forms_are_known() -> None:
    assert [form.name for form in forms.FORMS] == ["JSF"]
