"""The words of shell texts: quoting, operators, here-documents; and any text at all."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sbom.lineage import shelltree, shellwords
from sbom.lineage.interface import ScriptError
from sbom.lineage.shellwords import Part, parts, split

SYNTAX = [*" \t\n\\'\"$`&|;()<>{}#=!*?[]~ab1-\x0b\xa0", "if ", "fi", "do\n", "case ", " in ", "<<A\n", "$((", "f() "]
SHELL = st.lists(st.sampled_from(SYNTAX), max_size=60).map("".join)


def texts(text):
    """Return words as text, operators as they are."""
    return [token.operator or "".join(part.text for part in token.parts) for token in split(text)[0]]


def only(text):
    (token,) = split(text)[0]
    return [(part.kind, part.text) for part in token.parts if part.text or part.kind != "text"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b\tc", ["a", "b", "c"]),
        ("a\\\nb \\\n c", ["ab", "c"]),
        ("'a b'\"c d\"e\\ f", ["a bc de f"]),
        ("a # b\nc#d", ["a", "\n", "c#d"]),
        ("a&&b||c;d&e|f|&g", ["a", "&&", "b", "||", "c", ";", "d", "&", "e", "|", "f", "|&", "g"]),
        ("a>b 2>>c <d &>e >&2 <<<f", ["a", ">", "b", "2", ">>", "c", "<", "d", "&>", "e", ">&", "2", "<<<", "f"]),
        ("(a) { b; }", ["(", "a", ")", "{", "b", ";", "}"]),
        ("a\\", ["a"]),
        ("a\x0bb\xa0c", ["a\x0bb\xa0c"]),
        ('"a\\"b\\$c\\d\\\ne"', ['a"b$c\\de']),
        ("", []),
    ],
)
def test_words_and_operators(text, expected) -> None:
    assert texts(text) == expected
    assert split(text)[1] is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a$b${c:-d}e$", [("text", "a"), ("variable", "b"), ("variable", "c:-d"), ("text", "e"), ("text", "$")]),
        ("$1x$@$$", [("variable", "1"), ("text", "x"), ("variable", "@"), ("variable", "$")]),
        ("$(a $(b) ')' \\))x", [("command", "a $(b) ')' \\)"), ("text", "x")]),
        ('"$(a "b)")c`d`"', [("command", 'a "b)"'), ("text", "c"), ("command", "d")]),
        ("$((1 + (2)))a", [("unknown", ""), ("text", "a")]),
        ("<(sort a)", [("file", "sort a")]),
        ("$'a b'", [("text", "a b")]),
        ("$'a\\'b'", [("unknown", "a\\'b")]),
        ("\"$'a'\"", [("text", "$"), ("text", "'a'")]),
        ("${a:-'b'}", [("variable", "a:-'b'")]),
    ],
)
def test_parts(text, expected) -> None:
    assert only(text) == expected


def test_here_documents() -> None:
    text = "cat <<A <<-'B' > f\na $x\n\tA\nb $y\n\tB\nc"
    tokens, unclosed = split(text)
    assert unclosed is None
    documents = [token.document for token in tokens if token.document is not None]
    assert [[part.kind for part in one if part.text] for one in documents] == [["text", "variable"], ["text"]]
    assert documents[1] == [Part("text", "b $y", quoted=True)]
    assert tokens[-1].line == 6 and tokens[-1].plain == "c"
    assert split("cat <<A")[0][2].document is None
    tokens, _ = split("cat <<A\n${x\nA\nb")
    assert tokens[2].document == [Part("text", "${x", quoted=True)]


def test_plain_and_glued() -> None:
    tokens, _ = split('a "b" $c 2>d 2 >e')
    assert [token.plain for token in tokens] == ["a", None, None, "2", None, "d", "2", None, "e"]
    assert [token.glued for token in tokens if token.operator] == [True, False]


@pytest.mark.parametrize(
    "text", ["a\nb 'c", 'a\nb "c', "a\nb $(c", "a\nb ${c", "a\nb `c", "a\nb $'c", "a\nb <(c", 'a\nb "$(c"']
)
def test_what_is_never_closed_ends_the_text(text) -> None:
    tokens, line = split(text)
    assert line == 2
    assert tokens[-1].plain == "b"
    assert parts("${x") is None


def test_length_is_bounded() -> None:
    with pytest.raises(ScriptError, match=r"has 1,048,577 characters; at most 1,048,576 are read"):
        split("a" * (shellwords.MAX_TEXT + 1))


@pytest.mark.parametrize(
    "unit", ["$(", "${", '"$(', "a <<A ", "`", "{ ", "( ", "f() ", "if ", "case a in ", "a=(", "((", "[[ "]
)
def test_nesting_is_no_recursion(unit) -> None:
    shelltree.parse(split(unit * 10_001)[0])


@given(SHELL | st.text(max_size=60))
@settings(deadline=None, max_examples=300)
def test_any_text_is_read(text) -> None:
    tokens, line = split(text)
    assert line is None or 1 <= line <= text.count("\n") + 1
    assert all(1 <= token.line <= text.count("\n") + 1 for token in tokens)
    shelltree.parse(tokens)


@given(st.lists(st.text(alphabet="ab \"'\\$`;&|<>()#*\n-é", max_size=8), max_size=5))
@settings(deadline=None, max_examples=200)
def test_quoted_words_are_those_of_shlex(words) -> None:
    text = shlex.join(words)
    assert texts(text) == shlex.split(text) == words
