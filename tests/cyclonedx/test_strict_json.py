"""The strict loader: JSON that two readers could take for two things is refused, in bounded time and memory."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sbom.cyclonedx import strict_json
from sbom.cyclonedx.strict_json import Limits, loads
from sbom.errors import DocumentError, LimitError, NotADocumentError

SMALL = Limits(size=1 << 20, components=10)


def load(data, limits=SMALL):
    return loads(data.encode() if isinstance(data, str) else data, limits, path="x.json")


@pytest.mark.parametrize(
    "data",
    [
        '{"a":1,"a":1}',
        '{"a":1,"a":2}',
        '{\n  "a": 1,\n  "a": 1\n}\n',
        '{"b":[{"c":{"a":null,"a":null}}]}',
        '{"a":1,"\\u0061":2}',
        '{"signature":{"signers":[]},"b":0,"signature":{}}',
    ],
)
def test_a_key_that_is_given_twice(data):
    with pytest.raises(DocumentError, match="twice"):
        load(data)


def test_the_same_key_in_two_objects_is_fine():
    assert load('{"a": {"b": 1}, "c": [{"b": 1}, {"b": 1}]}') == {"a": {"b": 1}, "c": [{"b": 1}, {"b": 1}]}


@pytest.mark.parametrize("number", [2**53, -(2**53), 2**63, 2**64, 10**20, 10**30])
def test_integers_that_readers_round(number):
    # The largest stands for thousands of digits, which Python itself does not convert.
    text = "1" + "0" * 5000 if number > 2**70 else str(number)
    with pytest.raises((DocumentError, NotADocumentError)):
        load(f'{{"a": {text}}}')
    with pytest.raises((DocumentError, NotADocumentError)):
        load(f'{{"a":[{text}]}}')


@pytest.mark.parametrize("number", [0, -1, 2**53 - 1, -(2**53) + 1])
def test_integers_that_all_readers_agree_on(number):
    assert load(f'{{ "a": {number} }}') == {"a": number}


@pytest.mark.parametrize(
    "data",
    [
        '{"a":NaN}',
        '{"a":Infinity}',
        '{"a":-Infinity}',
        '{"a":01}',
        '{"a":+1}',
        '{"a":.5}',
        "{'a':1}",
        '{"a":1,}',
        '{"a":1}//',
        '{"a":1}{"b":2}',
        '{"a":"\n"}',
        '{"a":"\\x41"}',
        '{"a":"\\ud800"}',
        '{"\\udfff":1}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xff"}',
        b'{"a":"\xc0\x80"}',
        "\ufeff{}",
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-32-le"),
        "",
        " \n",
        "{",
        '{"bomFormat":"CycloneDX","components":[{"type":"fi',
        "\x00",
        "[]",
        '"text"',
        "1",
        "null",
        "true",
    ],
)
def test_what_is_no_json_object(data):
    with pytest.raises(NotADocumentError) as caught:
        load(data)
    assert caught.value.path == "x.json"
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("number", ["1e400", "-1e400"])
def test_a_float_beyond_all_floats_never_becomes_infinity(number):
    with pytest.raises((DocumentError, NotADocumentError)):
        load(f'{{"a":{number}}}')


@pytest.mark.parametrize("depth", [300, 1000, 2000, 5000])
@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"a":', "}")])
def test_nesting(depth, opened, closed):
    data = '{"a":' + opened * depth + "1" + closed * depth + "}"
    with pytest.raises((DocumentError, NotADocumentError)):
        load(data)


def test_nesting_that_the_second_reader_cannot_follow(monkeypatch):
    def too_deep(*_args, **_named):
        raise RecursionError

    monkeypatch.setattr(strict_json.json, "loads", too_deep)
    with pytest.raises(DocumentError, match="nested too deeply"):
        load('{ "a": 1}')


def test_readers_that_disagree_whether_it_is_json(monkeypatch):
    def no_json(*_args, **_named):
        raise json.JSONDecodeError("surprise", "", 0)

    monkeypatch.setattr(strict_json.json, "loads", no_json)
    with pytest.raises(NotADocumentError, match="surprise"):
        load('{ "a": 1}')


@pytest.mark.parametrize("option", [0, orjson.OPT_INDENT_2, orjson.OPT_APPEND_NEWLINE, orjson.OPT_INDENT_2 | 1 << 10])
def test_own_forms_take_the_fast_way(option, monkeypatch):
    monkeypatch.setattr(strict_json, "_check_strictly", pytest.fail)
    value = {"b": [1, "ä", "\U0001f427", {}], "a": {"c": None, "d": True}}
    assert load(orjson.dumps(value, option=option)) == value


@pytest.mark.parametrize("named", [{"indent": 4}, {"indent": "\t"}, {"ensure_ascii": False}, {"sort_keys": True}, {}])
def test_foreign_forms_are_read_too(named):
    value = {"b": [1, "ä", "\U0001f427", 1.5, 1e-7], "a": {"c": None, "d": True}}
    assert load(json.dumps(value, **named)) == value
    assert load("\r\n" + json.dumps(value, **named) + "\r\n") == value


def test_size_limit():
    data = b'{"a":"' + b"x" * 92 + b'"}'
    assert len(data) == 100
    assert load(data, Limits(size=100))
    with pytest.raises(LimitError, match="larger than 99 bytes"):
        load(data, Limits(size=99))


def test_component_limit():
    assert load(orjson.dumps({"components": [{}] * 10}))
    with pytest.raises(LimitError, match="more than 10 components"):
        load(orjson.dumps({"components": [{}] * 11}))


@pytest.mark.parametrize("data", ["[" * 20_000, '{"a":[' + "{}," * 15_000, '{"a":[' + "1," * 20_000, "{" * 20_000])
def test_far_too_many_parts_are_not_even_parsed(data, monkeypatch):
    monkeypatch.setattr(strict_json.orjson, "loads", pytest.fail)
    with pytest.raises(LimitError, match="components"):
        load(data)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=10,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON), st.sampled_from([None, 1, 2]))
def test_every_json_object_survives(value, indent):
    assert load(json.dumps(value, indent=indent)) == value


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:01e-.\\u \n', max_size=60).map(str.encode))
def test_rubbish_ends_in_an_error_of_ours_or_in_what_json_says(data):
    try:
        value = load(data)
    except (DocumentError, NotADocumentError, LimitError):
        return
    assert value == json.loads(data)
