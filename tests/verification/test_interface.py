"""What a verification is given."""

from __future__ import annotations

import dataclasses

import pytest

from sbom.errors import KeyFileError, UsageError
from sbom.signing import keys
from sbom.verification.interface import Expect, Options, Trust, errored, failed, load_keys, passed, skipped
from sbom.verification.report import Finding, Status


def test_keys_are_loaded_or_taken_as_they_are(key_pair):
    public = keys.load_public(key_pair[1])
    assert load_keys(Trust([key_pair[1], str(key_pair[1]), public])) == (public, public, public)


@pytest.mark.parametrize("required", [-1, 0, 2])
def test_thresholds_that_cannot_be_met(key_pair, required):
    with pytest.raises(UsageError, match="of 1 distinct keys"):
        load_keys(Trust([key_pair[1], key_pair[1]], required))


def test_no_key():
    with pytest.raises(UsageError, match="no public key was given"):
        load_keys(Trust([]))


def test_keys_given_as_one_text_are_not_taken_letter_by_letter(key_pair):
    with pytest.raises(KeyFileError):
        load_keys(Trust(str(key_pair[1])))


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
