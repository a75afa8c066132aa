"""The commands that tokens are made of."""

from __future__ import annotations

import pytest

from sbom.lineage.shelltree import MAX_DEPTH, Case, For, Function, Group, If, Simple, While, assigned, parse
from sbom.lineage.shellwords import split


def tree(text):
    return shown(parse(split(text)[0]).block)


def word(token):
    return token.operator or "".join(part.text for part in token.parts)


def shown(block):
    """Return commands as nested lists."""
    return [_shown(node) for node in block]


def _shown(node):  # noqa: PLR0911  # one for each kind
    match node:
        case Simple(tokens, piped, negated):
            return "|" * piped + "!" * negated + " ".join(map(word, tokens))
        case If(branches, otherwise):
            return ["if", *([shown(one), shown(body)] for one, body in branches), shown(otherwise)]
        case While(condition, body):
            return ["while", shown(condition), shown(body)]
        case For(variable, words, body):
            return ["for", variable, None if words is None else [word(one) for one in words], shown(body)]
        case Case(subject, arms):
            return ["case", word(subject), *([[word(one) for one in patterns], shown(body)] for patterns, body in arms)]
        case Function(name, body):
            return ["function", name, shown(body)]
        case Group(body, subshell, redirections):
            return ["(" if subshell else "{", shown(body), " ".join(map(word, redirections))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b; c && d || e & f\ng", ["a b", "c", "d", "e", "f", "g"]),
        ("a | b |& c |\n d", ["a", "|b", "|c", "|d"]),
        ("! a; time b", ["!a", "b"]),
        ("a=1 b=(c d) e > f", ["a=1 b= ( c d ) e > f"]),
        ("if a; then b; elif c; then d; else e; fi > f", [["{", [["if", [["a"], ["b"]], [["c"], ["d"]], ["e"]]], "> f"]]),
        ("if a\nthen b\nfi", [["if", [["a"], ["b"]], []]]),
        ("while a; do b; done; until c; do d; done", [["while", ["a"], ["b"]], ["while", ["c"], ["d"]]]),
        ("while read x; do a; done < b", [["{", [["while", ["read x"], ["a"]]], "< b"]]),
        ("for x in a b; do c; done", [["for", "x", ["a", "b"], ["c"]]]),
        ("for x\nin a\ndo\nc\ndone", [["for", "x", ["a"], ["c"]]]),
        ("for x; do c; done", [["for", "x", None, ["c"]]]),
        ("for ((i=0; i<3; i++)); do c; done", [["for", None, None, ["c"]]]),
        ("select x in a; do c; done", [["for", "x", ["a"], ["c"]]]),
        ("case x in a|b) c;; (d) e;& *) f; esac; g", [["case", "x", [["a", "b"], ["c"]], [["d"], ["e"]], [["*"], ["f"]]], "g"]),
        ("case x\nin\na) ;;\nesac", [["case", "x", [["a"], []]]]),
        ("f() { a; } 2> b; function g { c; }; h() (d)", [["function", "f", [["{", ["a"], "2 > b"]]], ["function", "g", [["{", ["c"], ""]]], ["function", "h", [["(", ["d"], ""]]]]),
        ("(a; b) > c 2>&1; { d; }", [["(", ["a", "b"], "> c 2 >& 1"], ["{", ["d"], ""]]),
        ("[[ a && b < c ]] && d", ["[[ a && b < c ]]", "d"]),
        ("[[ a\nb", ["[[ a", "b"]),
        ("((i++)); a", ["a"]),
        ("a=1; b=2 > c", ["a=1", "b=2 > c"]),
        # what is not well-formed is read as far as it goes
        ("a ) b", ["a", "b"]),
        ("(a;; b)", [["(", ["a", "b"], ""]]),
        ("a ;; b", ["a", "b"]),
        ("if a", [["if", [["a"], []], []]]),
        ("for", [["for", None, None, []]]),
        ("case", [["{", [], ""]]),
        ("case x in a", [["case", "x", [["a"], []]]]),
        ("f()", [["function", "f", []]]),
        ("done fi } a", ["a"]),
        ("a >", ["a >"]),
        ("{ a; } >", [["{", ["a"], ">"]]),
        ("a=(b", ["a= ( b"]),
    ],
)  # fmt: skip
def test_trees(text, expected) -> None:
    assert tree(text) == expected


@pytest.mark.parametrize(
    "open_", ["( ", "{ ", "if a; then ", "while a; do ", "for x in a; do ", "case x in a) ", "f() { "]
)
def test_depth_is_bounded_and_told(open_) -> None:
    assert not parse(split(open_ * (MAX_DEPTH // 2 - 1) + "b")[0]).too_deep
    found = parse(split(open_ * (MAX_DEPTH + 5) + "deep")[0])
    assert found.too_deep
    assert "deep" in str(shown(found.block))


def test_assigned() -> None:
    text = "a=1; if b=2; then c=3; else d=4; fi; case x in y) e=5;; esac; (f=6); while g=7; do h+=8; done; for i in 1; do j=$k; done; 'l=9' m"
    # More than are: a word may be the operand of ``read``.
    assert assigned(parse(split(text)[0]).block) == {*"abcdefghjlm"}
