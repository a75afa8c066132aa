"""Values that stand literally in a Python file, and those that grow without end."""

from __future__ import annotations

import ast

import pytest

from sbom.lineage import literals
from sbom.lineage.literals import UNKNOWN
from sbom.lineage.python.modules import parse


def value(text, **names):
    return literals.literal(ast.parse(text, mode="eval").body, names)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1", 1),
        ("'a' 'b'", "ab"),
        ("None", None),
        ("True", True),
        ("1.5", 1.5),
        ("x", "X"),
        ("y", UNKNOWN),
        ("[1, x, ('b', {y})]", [1, "X", ["b", [UNKNOWN]]]),
        ("{'a': x, 1: 2, **z, x: 3, (): 4}", {"a": "X", "1": 2, "X": 3}),
        ("f'{x}/{1}'", "X/1"),
        ("f'{y}'", UNKNOWN),
        ("x + 'b'", "Xb"),
        ("[1] + [x]", [1, "X"]),
        ("Path('a') / x", "a/X"),
        ("x - x", UNKNOWN),
        ("[1] + 'a'", UNKNOWN),
        ("pathlib.Path('a', 'b')", "a/b"),
        ("str(Path('a'))", "a"),
        ("Path()", UNKNOWN),
        ("os.path.join('a', x)", "a/X"),
        ("x.join('ab')", UNKNOWN),
        ("f(1)", UNKNOWN),
        ("f()(1)", UNKNOWN),
        ("b'a'", UNKNOWN),
        ("1j", UNKNOWN),
        ("...", UNKNOWN),
        ("0x" + "f" * 10_000, UNKNOWN),
        ("f'{0x" + "f" * 10_000 + "}'", UNKNOWN),
        ("[" * 60 + "]" * 60, None),
        ("x + " * 60 + "x", UNKNOWN),
        ("+".join(["'" + "a" * 9000 + "'"] * 3), UNKNOWN),
    ],
)
def test_values(text, found):
    made = value(text, x="X")
    if found is not None or text == "None":
        assert made == found


@pytest.mark.parametrize("line", ["a{n} = a{m} + a{m}", "a{n} = [a{m}, a{m}]", "a{n} = {{'x': a{m}, 'y': a{m}}}"])
def test_values_that_double(line):
    text = "a0 = ['x', 'x']\n" + "\n".join(line.format(n=n, m=n - 1) for n in range(1, 100))
    names = literals.constants(parse(text))
    assert names["a3"] is not UNKNOWN
    assert names["a99"] is UNKNOWN or not isinstance(names["a99"], str)
    assert len(literals.texts(names["a9"])) in {2**10, 2**9, 2}
    assert len(literals.texts([names[f"a{n}"] for n in range(100)])) == 0


def test_constants_have_a_limit_together(monkeypatch):
    monkeypatch.setattr(literals, "_MAX_CONSTANTS", 3)
    assert literals.constants(parse("a = [1, 2]\nb = 3\nc = 4")) == {"a": [1, 2], "b": UNKNOWN, "c": UNKNOWN}


def test_texts_that_double():
    names = literals.constants(parse("a = 'xx'\nb = f'{a}{a}'\n" + "a = b\n"))
    assert names == {"b": "xxxx"}


def test_constants_are_assigned_once_at_the_top():
    text = "a = 1\nb: str = 'x'\nc: int\nd = e = 2\nf.g = 3\na = 4\nif a:\n    h = 5\nk = b + '/y'\n"
    assert literals.constants(parse(text)) == {"b": "x", "d": 2, "e": 2, "k": "x/y"}


def test_texts():
    assert literals.texts({"a": ["x", 1, UNKNOWN, {"b": "y"}], "c": None}) == ["x", "y"]
    assert literals.texts(UNKNOWN) == []
    assert repr(UNKNOWN) == "unknown"


def test_walk_goes_in_the_order_of_the_text():
    names = [node.id for node in literals.walk(parse("a(b, c)\nd")) if isinstance(node, ast.Name)]
    assert names == ["a", "b", "c", "d"]
