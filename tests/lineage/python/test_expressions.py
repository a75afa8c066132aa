"""Expressions, operators, formatting: each script opens what it has put together."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("open('a')", ["R a"], id="constant"),
        pytest.param("d = 'x'\nopen(d + '/' + 'a')", ["R x/a"], id="plus"),
        pytest.param("d = 'x'\nn = 3\nopen(f'{d}/{n:03d}.csv')", ["R x/003.csv"], id="f-string"),
        pytest.param("open(f'{1.5:.2f}{\"a\":>3}.{1:,}')", ["R 1.50  a.1"], id="formats"),
        pytest.param("open(f'd/{unknown}.csv')", ["R d/"], id="gap"),
        pytest.param("open(f'{unknown}/a.csv')", [], id="gap-first"),
        pytest.param("open(f'd/{1:{2}}x')", ["R d/ 1x"], id="nested-format"),
        pytest.param("open(f'd/{1:q>999999999}x')", ["R d/"], id="format-not-tried"),
        pytest.param("open(f'd/{\"a\":d}x')", ["R d/"], id="format-of-another-kind"),
        pytest.param("open('%s/%d_%05.1f%%.%x' % ('d', 2, 3.14159, 255))", ["R d/2_003.1%.ff"], id="percent"),
        pytest.param("open('%(a)s/%(b)s' % {'a': 'd', 'b': 'f'})", ["R d/f"], id="percent-named"),
        pytest.param("open('d/%s' % unknown)", ["R d/"], id="percent-gap"),
        pytest.param("open('d/%d-%5s-%c' % ('x', 'y'))", ["R d/"], id="percent-of-another-kind"),
        pytest.param("x = 'd/' + unknown\nopen(x % 1)", ["R d/"], id="percent-of-a-gap"),
        pytest.param("open('{}/{b}/{0}{{}}'.format('d', b='e'))", ["R d/e/d{}"], id="format-method"),
        pytest.param("open('{a[k]}/{a[x]}'.format(a={'k': 'd'}))", ["R d/"], id="format-items"),
        pytest.param("open('d/{:>4}{!r}{9}{-}'.format('x'))", ["R d/"], id="format-missing"),
        pytest.param("('d/' + unknown).format(1)\nopen(('d/' + unknown).format(1))", ["R d/"], id="format-of-a-gap"),
        pytest.param("a = ['x', 'y']\nopen(a[0])\nopen(a[-1])\nopen((a * 2)[3])", ["R x", "R y"], id="items"),
        pytest.param(
            "a = {'k': 'x', 1: 'y', (1, 2): 'z'}\nopen(a['k'])\nopen(a[1])\nopen(a[1, 2])",
            ["R x", "R y", "R z"],
            id="table",
        ),
        pytest.param("a = {'k': 'x', 'l': 'y'}\nopen(a[unknown])", ["R x", "R y"], id="some-key"),
        pytest.param("a = {'k': 'x', **{'l': 'y'}, **unknown}\nopen(a['l'])\nopen(a['q'])", ["R y"], id="spread"),
        pytest.param("a = {unknown: 'x'}\nopen(a['k'])", [], id="unknown-key"),
        pytest.param("a = [*['x'], *unknown, 'y']\nopen(a)", ["R x", "R y"], id="starred"),
        pytest.param(
            "open('abc'[1])\nopen('abc'[1:])\nopen(['a', 'b', 'c'][::2])", ["R b", "R bc", "R a", "R c"], id="slices"
        ),
        pytest.param(
            "a = ['x'] + unknown\nopen(a[1:])\nopen('abc'[unknown:])\nopen('abc'[9])", ["R x"], id="slices-unknown"
        ),
        pytest.param("open((unknown or 'a'))", ["R a"], id="or"),
        pytest.param("open('' or 'a')\nopen('b' and 'c')\nopen('d' or 'e')", ["R a", "R c", "R d"], id="and"),
        pytest.param(
            "open('a' if unknown else 'b')\nopen('c' if True else 'd')", ["R a", "R b", "R c"], id="conditional"
        ),
        pytest.param("open('a' if not 0 else 'b')\nopen('a' if not unknown else 'c')", ["R a", "R c"], id="not"),
        pytest.param("x = -1\ny = +2\nopen(f'{x}{y}{-unknown}')\nopen(f'a{x}{y}{~x}')", [], id="unary"),
        pytest.param(
            "open(str(7 // 2 + 3 * 2 - 1 % 2) + '.txt')\nopen(str(1 / 2))", ["R 8.txt", "R 0.5"], id="numbers"
        ),
        pytest.param(
            "open(f'a/{1 // 0}')\nopen(f'b/{1 << 2}')\nopen(f'c/{2 ** 3}')", ["R a/", "R b/", "R c/"], id="no-number"
        ),
        pytest.param("[open(f'{x}.csv') for x in ('a', 'b') if x != 'b']", ["R a.csv"], id="comprehension"),
        pytest.param(
            "{x: open(x + y) for x in 'ab' for y in 'cd'}", ["R ac", "R ad", "R bc", "R bd"], id="table-comprehension"
        ),
        pytest.param(
            "a = {x: x for x in unknown}\nopen(a['q'])\nopen({unknown: 1 for y in 'ab'})",
            [],
            id="table-comprehension-unknown",
        ),
        pytest.param("a = {x + 's' for x in ['a'] if unknown}\nopen(a)", ["R as"], id="set-comprehension"),
        pytest.param("list(map(lambda p, q='z': open(p + q), ['a', 'b']))", ["R az", "R bz"], id="lambda"),
        pytest.param("if (n := 'a'):\n    open(n)", ["R a"], id="walrus"),
        pytest.param(
            "async def f():\n    await g('a')\nasync def g(x):\n    open(x)\nimport asyncio\nasyncio.run(f())",
            ["R a"],
            id="await",
        ),
        pytest.param(
            "def g():\n    yield 'a'\n    yield from ['b', 'c']\n    yield\nfor x in g():\n    open(x)",
            ["R a", "R b", "R c"],
            id="generator",
        ),
        pytest.param("open('a' * 2)\nopen('d/' + 'a' * 10 ** 9)\nopen(['x'] * unknown)", ["R aa", "R d/"], id="times"),
        pytest.param("open(b'a')\nopen(...)\nopen(3j)\nopen(0x" + "f" * 60 + ")", [], id="no-names"),
        pytest.param("x = {'a': 'b'} | {'c': 'd'}\nopen(x['c'])", ["R d"], id="union"),
        pytest.param(
            "import os\nopen(os.environ['A'] + 'x')\nos.environ['A'] = 'd/'\nopen(os.environ['A'] + 'x')",
            ["R d/x"],
            id="environment",
        ),
        pytest.param(
            "open(__file__ + '.txt')\nopen(__name__)\nopen('d/' + __doc__)",
            ["R main.py.txt", "R __main__", "R d/"],
            id="module-names",
        ),
        pytest.param("'''doc'''\nopen(__doc__)", ["R doc"], id="doc"),
        pytest.param("open(x[0])\nopen(3[0])\nx = 'a'", [], id="not-yet"),
        pytest.param("f(*unknown, **unknown)\nf(*'ab', **{'c': 1})", [], id="call-of-nothing"),
        pytest.param(
            "def f(a, b='q', *c, d='r', **e):\n    open(a + b + d)\n    open(c)\n    open(e)\nf('1', '2', '3', d='4', e='5')",
            ["R 124", "R 3", "R 5"],
            id="arguments",
        ),
        pytest.param(
            "def f(a='x', b='y'):\n    open(a)\nf(*unknown)\nf(**unknown)\nf(**{'a': 'z'})",
            ["R x", "R z"],
            id="arguments-unknown",
        ),
        pytest.param(
            "class O:\n    def __init__(self):\n        self.a = 'x'\ndef f(a):\n    open(a)\nf(**O())",
            ["R x"],
            id="arguments-of-an-object",
        ),
    ],
)
def test_values(seen, text, expected) -> None:
    assert seen(text) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("1 == 1", True), ("1 != 1", False), ("1 < 2 <= 2", True), ("3 > 4", False), ("3 >= 3", True), ("'a' < 'b'", None),
        ("'a' == 'b'", False), ("None is None", True), ("'a' is not None", True), ("None == 'a'", False),
        ("'a' in 'abc'", True), ("'z' in 'abc'", False), ("'a' not in ['a']", False), ("'a' in {'a': 1}", True),
        ("'a' in [x]", None), ("'z' in {'a': 1}", False), ("x in ['a']", None), ("'q' in {**x}", None), ("'q' in x", None),
        ("('a' + x) == 'b'", False), ("('a' + x) == 'ab'", None), ("('a' + x) == ('b' + x)", None), ("(x + 'a') == 'b'", False),
        ("('a' + x) in 'b'", None), ("'a' in ('ba' + x)", True), ("'z' in ('ba' + x)", None),
        ("(1, 2) == (1, 2)", True), ("[x] == [x]", None), ("y == y", True), ("{} == None", False), ("x == 1", None),
        ("''", False), ("()", False), ("{}", False), ("x + ''", None), ("0.0", False), ("b''", False), ("[*x]", None), ("y", True),
        ("1 < 2 < 0", False), ("x < 1", None), ("1 < 2 < x", None), ("Path('a') == Path('a')", True), ("Path(x)", True),
        ("Path('a') == 'a'", False), ("('a' if x else 'a') == 'a'", True), ("('a' if x else 'b') == 'a'", None),
        ("(1 if x else 2)", True), ("(1 if x else 0)", None), ("isinstance('a', str)", True), ("isinstance(Path('a'), str)", False),
        ("isinstance([], (list, tuple))", True), ("isinstance((), list)", False), ("isinstance(1, int)", True),
        ("isinstance({}, dict)", None), ("isinstance({}, list)", False), ("isinstance(x, str)", None),
        ("isinstance('a' if x else 1, (str, int))", True), ("isinstance('a' if x else 1, str)", None), ("isinstance(None, type(None))", None),
        ("hasattr({'a': 1}, 'a')", True), ("hasattr({'a': 1}, 'b')", False), ("hasattr(x, 'b')", None), ("hasattr({**x}, 'b')", None),
        ("any([0, 1])", True), ("any([0, 0])", False), ("any([x])", None), ("all([1, 0])", False), ("all([1])", True), ("all([x])", None),
        ("bool('a')", True), ("bool(x)", None), ("callable(y)", None), ("'abc'.startswith('a')", True), ("'abc'.endswith(('x', 'c'))", True),
        ("('a' + x).startswith('b')", False), ("('a' + x).startswith('ab')", None), ("(x + 'a').startswith('b')", None),
        ("(x + 'a').endswith('b')", False), ("(x + 'a').endswith('ba')", None), ("('a' + x).endswith('b')", None),
        ("'a'.startswith(x)", None), ("'12'.isdigit()", True), ("x.isdigit()", None), ("('1' + x).isdigit()", None), ("len('abc') == 3", True),
        ("len([1, 2]) == 2", True), ("len([*x]) == 2", None), ("len(x) == 2", None), ("+x", None), ("not (x)", None),
    ],
)  # fmt: skip
def test_truth(seen, condition, expected) -> None:
    text = f"from pathlib import Path\nfrom somewhere import x\ny = lambda: 0\nif {condition}:\n    open('yes')\nelse:\n    open('no')"
    assert seen(text) == {True: ["R yes"], False: ["R no"], None: ["R yes", "R no"]}[expected]
