from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.manifests import yamltext
from sbom.manifests.errors import ManifestError


def test_scalars_stay_what_was_written():
    text = b"version: 1.10\nlicense: no\ndate: 2024-01-02\nempty:\ntilde: ~\nquoted: 'null'\noctal: 0755\nblock: |\n  two\n  lines\n"
    assert yamltext.load(text) == {
        "version": "1.10",
        "license": "no",
        "date": "2024-01-02",
        "empty": None,
        "tilde": None,
        "quoted": "null",
        "octal": "0755",
        "block": "two\nlines\n",
    }


def test_lists_aliases_and_merge_keys():
    text = b"base: &base {a: 1, b: 2}\nlist: [x, *base]\nmerged:\n  <<: *base\n  b: 3\n"
    assert yamltext.load(text) == {
        "base": {"a": "1", "b": "2"},
        "list": ["x", {"a": "1", "b": "2"}],
        "merged": {"b": "3", "a": "1"},
    }


@pytest.mark.parametrize("text", [b"", b"# nothing\n", b"---\n..."])
def test_nothing_is_none(text):
    assert yamltext.load(text) is None


def test_only_the_first_document_is_read():
    assert yamltext.load(b"a: 1\n---\nb: [") == {"a": "1"}


@pytest.mark.parametrize(
    "text",
    [
        b"a: !!python/object/apply:os.system ['touch pwned']",
        b"!!python/name:os.system",
        b"a: !custom x",
        b"- !<tag:example.org,2000:x> {}",
    ],
)
def test_object_tags_are_refused(text):
    with pytest.raises(ManifestError, match="object tag"):
        yamltext.load(text)


def test_standard_tags_are_texts():
    assert yamltext.load(b"a: !!int 7\nb: !!binary aGk=\nc: ! x") == {"a": "7", "b": "aGk=", "c": "x"}


def test_aliases_of_aliases_do_not_explode():
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefghij", "bcdefghijk", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]")
    with pytest.raises(ManifestError, match="more than 5,000,000 values"):
        yamltext.load("\n".join(lines).encode())


@pytest.mark.parametrize("text", [b"a: &a [*a]", b"a: &a {b: *a}", b"a: *nowhere"])
def test_nothing_holds_itself(text):
    with pytest.raises(ManifestError, match="alias"):
        yamltext.load(text)


@pytest.mark.parametrize("text", [b"[" * 100_000, b"{a: " * 50_000, b"- " * 5_000 + b"x", b"? " * 5_000])
def test_depth_is_bounded(text):
    with pytest.raises(ManifestError, match="nested more than"):
        yamltext.load(text)


@pytest.mark.parametrize(
    "text", [b"a: 1\na: 2\n", b"a: [", b"\xff\xfe\x00", b"a: \x00", b"a: 'x", b"[x]: y\n", b"\t- x"]
)
def test_what_is_no_yaml_or_ambiguous_is_refused(text):
    with pytest.raises(ManifestError):
        yamltext.load(text)


@given(st.binary(max_size=200) | st.text(alphabet="ab:-[]{}&*!|>'\"?,# \n<~%@", max_size=80).map(str.encode))
def test_nothing_but_the_one_error_comes_out(data):
    with suppress(ManifestError):
        yamltext.load(data)
