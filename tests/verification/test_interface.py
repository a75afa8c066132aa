"""What a verification is given."""

from __future__ import annotations

import dataclasses

import pytest

from sbom.verification.interface import Expect, Options, Trust, errored, failed, passed, skipped
from sbom.verification.report import Finding, Status


@pytest.mark.parametrize("expect", [Expect(name=""), Expect(version=""), Expect(root="")])
def test_an_empty_text_pins(expect):
    assert expect.pinned
    assert not Expect().pinned


def test_values_cannot_be_changed():
    for value in (Trust(()), Expect(), Options()):
        with pytest.raises(AttributeError):
            setattr(value, dataclasses.fields(value)[0].name, 1)


def test_results():
    finding = Finding("x", "X", None, "m")
    assert passed("x", "s", a=1).evidence == {"a": 1}
    assert failed("x", "s", [finding]).findings == (finding,)
    assert errored("x", "s", [finding]).status is Status.ERROR
    assert skipped("x", "s", required=False).required is False
    assert all(result.required for result in (passed("x", "s"), failed("x", "s"), errored("x", "s")))
