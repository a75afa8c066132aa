"""Statements, functions, classes: what runs, and with which values."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("if unknown:\n    x = 'a'\nelse:\n    x = 'b'\nopen(x)", ["R a", "R b"], id="both-branches"),
        pytest.param("x = 'a'\nif unknown:\n    y = x = 'b'\nopen(x)\nopen(y)", ["R b", "R a"], id="one-branch"),
        pytest.param("if len('a') == 1:\n    open('a')\nelif unknown:\n    open('b')", ["R a"], id="known"),
        pytest.param("import sys\nif len(sys.argv) != 3:\n    sys.exit(1)\nopen('a')", ["R a"], id="usage"),
        pytest.param(
            "def f():\n    if unknown:\n        return 'a'\n    return 'b'\nopen(f())", ["R a", "R b"], id="returns"
        ),
        pytest.param(
            "def f():\n    if unknown:\n        return 'a'\n    else:\n        raise X\nopen(f())", ["R a"], id="raises"
        ),
        pytest.param(
            "def f():\n    if unknown:\n        raise X\n    else:\n        raise Y\n    open('q')\nf()\nopen('a')",
            ["R a"],
            id="dies",
        ),
        pytest.param(
            "for n in ['a', 'b', 'c']:\n    if n == 'b':\n        continue\n    open(n)\nelse:\n    open('e')",
            ["R a", "R c", "R e"],
            id="for",
        ),
        pytest.param("for n in 'abc':\n    open(n)\n    break\nelse:\n    open('e')", ["R a"], id="break"),
        pytest.param(
            "for n in 'ab':\n    if unknown:\n        x = n\n        break\nopen('d/' + x)",
            ["R d/a", "R d/b"],
            id="may-break",
        ),
        pytest.param(
            "for n in 'ab':\n    if unknown:\n        continue\n    open(n)\nopen('d/' + n)",
            ["R a", "R b", "R d/b", "R d/a"],
            id="may-continue",
        ),
        pytest.param("def f():\n    for n in 'ab':\n        return n\nopen(f())", ["R a"], id="return-from-loop"),
        pytest.param(
            "def f():\n    for n in unknown:\n        return 'a'\n    return 'b'\nopen(f())",
            ["R a", "R b"],
            id="return-from-unknown-loop",
        ),
        pytest.param("i = 0\nfor n in unknown:\n    open(f'd/{i}.csv')\n    i += 1", ["R d/"], id="counted"),
        pytest.param("x = []\nfor n in unknown:\n    x += ['a']\n    open(x)", ["R a"], id="collected"),
        pytest.param("for i in range(100):\n    open(f'd/{i}', 'w')", ["W d/"], id="long"),
        pytest.param("for i in range(2):\n    open(str(i))", ["R 0", "R 1"], id="short"),
        pytest.param("while unknown:\n    open('a')\n    break\nelse:\n    open('b')", ["R a"], id="while"),
        pytest.param("while False:\n    open('a')\nelse:\n    open('b')", ["R b"], id="while-false"),
        pytest.param("def f():\n    while True:\n        return 'a'\nopen(f())", ["R a"], id="while-true"),
        pytest.param(
            "try:\n    x = 'a'\nexcept E as e:\n    x = 'b'\nelse:\n    open('c')\nfinally:\n    open('d')\nopen(x)",
            ["R c", "R d", "R a", "R b"],
            id="try",
        ),
        pytest.param(
            "try:\n    raise E\nexcept E:\n    x = 'b'\nexcept F:\n    x = 'c'\nopen(x)", ["R b", "R c"], id="try-dies"
        ),
        pytest.param("try:\n    x = 'a'\nexcept E:\n    raise\nopen(x)", ["R a"], id="try-raises"),
        pytest.param("try:\n    x = 'a'\nfinally:\n    pass\nopen(x)", ["R a"], id="finally"),
        pytest.param(
            "def f():\n    try:\n        return 'a'\n    except E:\n        return 'b'\n    finally:\n        open('c')\nopen(f())",
            ["R c", "R a", "R b"],
            id="try-returns",
        ),
        pytest.param(
            "def f():\n    try:\n        return 'a'\n    finally:\n        return 'b'\nopen(f())",
            ["R a", "R b"],
            id="finally-returns",
        ),
        pytest.param(
            "with open('a') as f, open('b', 'w') as g:\n    open(f.name + 'c')", ["R a", "W b", "R ac"], id="with"
        ),
        pytest.param(
            "class M:\n    def __enter__(self):\n        return 'a'\n    def __exit__(self, *e):\n        open('b')\nwith M() as m:\n    open(m)",
            ["R a", "R b"],
            id="manager",
        ),
        pytest.param(
            "from contextlib import contextmanager\n@contextmanager\ndef m(p):\n    yield p + '/x'\nwith m('d') as x:\n    open(x)",
            ["R d/x"],
            id="manager-generator",
        ),
        pytest.param(
            "match 'a':\n    case 'b':\n        open('x')\n    case 'a' | 'c' if True:\n        open('y')\n    case _:\n        open('z')",
            ["R y"],
            id="match",
        ),
        pytest.param(
            "match unknown:\n    case [1]:\n        open('x')\n    case 'b':\n        open('y')",
            ["R x", "R y"],
            id="match-unknown",
        ),
        pytest.param(
            "match 'a':\n    case 'b' | 'c':\n        open('x')\n    case 'a' as q:\n        open(q)",
            ["R a"],
            id="match-name",
        ),
        pytest.param(
            "match ('a' + unknown):\n    case 'ab' | 'ac':\n        open('x')\n    case 'b' if unknown:\n        open('y')",
            ["R x"],
            id="match-gap",
        ),
        pytest.param(
            "assert open('a')\nx: str = 'b'\ny: str\nopen(x)\ndel x\nopen(x)\ndel unknown[0]",
            ["R a", "R b"],
            id="small-statements",
        ),
        pytest.param("x = 'a'\ndef f():\n    global x\n    x = 'b'\n    open(x)\nf()\nopen(x)", ["R b"], id="global"),
        pytest.param(
            "def f():\n    x = 'a'\n    def g():\n        nonlocal x\n        x = 'b'\n    g()\n    open(x)\nf()",
            ["R b"],
            id="nonlocal",
        ),
        pytest.param(
            "def f():\n    def g():\n        nonlocal q\n        q = 'b'\n        open(q)\n    g()\nf()",
            ["R b"],
            id="nonlocal-of-nothing",
        ),
        pytest.param("x = ['a', 'b']\nx[0] = 'c'\nx[unknown] = 'd'\nopen(x)", ["R c", "R b"], id="set-item"),
        pytest.param(
            "x = {}\nx['a'] = 'b'\nx[unknown] = 'c'\nif unknown:\n    x['a'] = 'd'\nopen(x)",
            ["R b", "R d", "R c"],
            id="set-key",
        ),
        pytest.param(
            "x = ['a']\nif unknown:\n    x[0] = 'b'\nx[0:1] = 'q'\nopen(x)", ["R a", "R b"], id="set-item-in-doubt"
        ),
        pytest.param("a, (b, *c), d = 'x', ['y', 'z', 'w'], 'v'\nopen(a + b + c[1] + d)", ["R xywv"], id="unpack"),
        pytest.param(
            "a, b = unknown\n*c, d = unknown\n[e, f] = ('x', 'y') if unknown else ('z', 'w')\nopen(e)\nopen(d)",
            ["R x", "R z"],
            id="unpack-unknown",
        ),
        pytest.param("a, b, c = 'x', 'y'\nopen(a)\nopen(c)", ["R x"], id="unpack-too-few"),
        pytest.param("x = y = unknown\nx.a = 'b'\nx[0] = 'c'\nx += 'd'\nopen(x)", [], id="set-unknown"),
        pytest.param(
            "(x if unknown else y).a = 1\n({} if unknown else {})['a'] = 1\nimport types\nn = types.SimpleNamespace(a='b')\nn.a = 'c'\nopen(n.a)",
            ["R c"],
            id="set-attributes",
        ),
        pytest.param("import sys\nsys.argv = ['x', 'a']\nopen(sys.argv[1])", ["R a"], id="argv-set"),
    ],
)
def test_flow(seen, text, expected) -> None:
    assert seen(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "class A:\n    d = 'x'\n    def __init__(self, n):\n        self.n = n\n    def path(self):\n        return f'{self.d}/{self.n}'\nopen(A('a').path())",
            ["R x/a"],
            id="method",
        ),
        pytest.param(
            "class A:\n    def p(self):\n        return 'a'\nclass B(A):\n    def p(self):\n        return super().p() + 'b'\nopen(B().p())",
            ["R ab"],
            id="super",
        ),
        pytest.param(
            "class A:\n    def __init__(self, d):\n        self.d = d\nclass B(A):\n    def __init__(self):\n        super().__init__('a')\nopen(B().d)",
            ["R a"],
            id="super-init",
        ),
        pytest.param(
            "class A:\n    @classmethod\n    def make(cls):\n        return cls()\n    @staticmethod\n    def s(x):\n        return x\n    @property\n    def p(self):\n        return 'a'\nopen(A.make().p)\nopen(A.s('b'))\nopen(A().make().s('c'))",
            ["R a", "R b", "R c"],
            id="decorated",
        ),
        pytest.param(
            "class A:\n    @classmethod\n    def f(cls):\n        return super().__name__\nA.f()\nopen(A.__name__)\nopen(A().__class__.__name__)",
            ["R A"],
            id="names",
        ),
        pytest.param(
            "from dataclasses import dataclass, field, asdict, replace\n@dataclass\nclass C:\n    a: str\n    b: str = 'x'\n    c: list = field(default_factory=lambda: ['z'])\n    def __post_init__(self):\n        self.d = self.a + self.b\nc = C('q')\nopen(c.d)\nopen(c.c)\nopen(asdict(c)['a'])\nopen(replace(c, a='r').a)",
            ["R qx", "R z", "R q", "R r"],
            id="dataclass",
        ),
        pytest.param(
            "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: str\n    b: str = 'x'\nc = C(**unknown)\nopen(c.b)\nopen(c.a)",
            ["R x"],
            id="dataclass-unknown",
        ),
        pytest.param(
            "from pydantic import BaseModel, Field\nclass C(BaseModel):\n    a: str = Field('x')\n    b: str = Field(...)\n    c: str = Field(title='t')\nopen(C().a)\nopen(C().b)\nopen(C(b='y').b)\nopen(C().model_dump)",
            ["R x", "R y"],
            id="model",
        ),
        pytest.param(
            "from typing import NamedTuple\nclass C(NamedTuple):\n    a: str\nopen(C('x').a)\nfrom collections import namedtuple\nD = namedtuple('D', 'a b')\nopen(D('y', 'z').b)\nE = namedtuple('E', ['a'])\nopen(E('w').a)",
            ["R x", "R z", "R w"],
            id="named-tuple",
        ),
        pytest.param(
            "from enum import Enum\nclass C(Enum):\n    A = 'a'\n    B = 'b'\nopen(C.A.value)\nopen(C('b').value)\nopen(C.A)\nfor c in C:\n    open(c.value)",
            ["R a", "R b"],
            id="enumeration",
        ),
        pytest.param(
            "class A:\n    def __str__(self):\n        return 'a'\n    def __getitem__(self, i):\n        return i\n    def __call__(self, x):\n        open(x)\n    def __iter__(self):\n        return iter(['i'])\n    def __setitem__(self, k, v):\n        open(k, 'w')\na = A()\nopen(str(a))\nopen(f'{a}b')\nopen(a['c'])\na('d')\na['w'] = 1\nfor x in a:\n    open(x)\nopen(a / 'z')",
            ["R a", "R ab", "R c", "R d", "W w", "R i", "R a/z"],
            id="special",
        ),
        pytest.param(
            "class A:\n    def __fspath__(self):\n        return 'a'\nopen(str(A()))\nclass B:\n    pass\nopen(str(B()))\nB()()\nB()['x']",
            ["R a"],
            id="path-like",
        ),
        pytest.param(
            "class A:\n    def __getitem__(self, i):\n        return 'a'\nfor x in A():\n    open(x)\nclass B:\n    pass\nfor x in B():\n    open(x)",
            ["R a"],
            id="sequence",
        ),
        pytest.param(
            "class A:\n    def __getattr__(self, n):\n        return n\nopen(A().x)\nopen(A().__dict__)",
            ["R x"],
            id="getattr",
        ),
        pytest.param(
            "class A:\n    def __init__(self, **k):\n        self.__dict__.update(k)\n        for n, v in k.items():\n            setattr(self, n, v)\nopen(A(x='a').x)\nopen(getattr(A(x='b'), 'x'))\nopen(getattr(A(), 'y', 'c'))",
            ["R a", "R b", "R c"],
            id="setattr",
        ),
        pytest.param(
            "class A:\n    x = 'a'\nA.x = 'b'\nopen(A.x)\nopen(vars(A())['x'])\na = A()\na.y = 'c'\nopen(vars(a)['y'])\nopen(a.nothing)\nopen(A.nothing)",
            ["R b", "R c"],
            id="class-attributes",
        ),
        pytest.param(
            "class A(Unknown):\n    def f(self):\n        return self.g()\nA().f()\nopen(A().x)\nA.y",
            [],
            id="unknown-base",
        ),
        pytest.param(
            "from keras.utils import Sequence\nfrom keras import fit\nclass A(Sequence):\n    def __getitem__(self, i):\n        return open(f'd/{i}.png')\n    def on_epoch_end(self):\n        open('e')\nfit(A(), callbacks=[1])\nfit(A() if unknown else 'x')",
            ["R d/", "R e"],
            id="asked-by-library",
        ),
        pytest.param(
            "from torch.utils.data import DataLoader\nclass D:\n    def __getitem__(self, i):\n        return open('a')\n    def helper(self):\n        open('b')\nd = D()\nDataLoader(d)\nDataLoader(dataset=d)",
            ["R a"],
            id="items-asked",
        ),
        pytest.param(
            "def d(f):\n    def w(*a):\n        open('w')\n        return f(*a)\n    return w\n@d\ndef f(x):\n    open(x)\nf('a')",
            ["R w", "R a"],
            id="decorator",
        ),
        pytest.param(
            "def d(p):\n    def o(f):\n        return lambda: f(p)\n    return o\n@d('a')\ndef f(x):\n    open(x)\nf()",
            ["R a"],
            id="decorator-with-arguments",
        ),
        pytest.param(
            "import somewhere\n@somewhere.task(retries=2)\ndef f(x):\n    open(x)\nf('a')\nf.submit('b')\nf.remote('c')\nx = 'n'\n@x\ndef g():\n    open('g')\ng()",
            ["R a", "R b", "R c", "R g"],
            id="decorator-of-a-library",
        ),
        pytest.param(
            "def f(n):\n    open(f'{n}.csv')\n    return f(n + 1)\nf(0)", ["R 0.csv", "R 1.csv"], id="recursion"
        ),
        pytest.param(
            "from functools import partial, reduce, wraps\nimport itertools\nf = partial(open, 'a')\nf()\ng = partial(open, mode='w')\ng('b')\nopen(reduce(lambda a, b: a + b, ['c', 'd']))\nopen(reduce(lambda a, b: a + b, ['c'], 'e'))\nreduce(f, unknown)\npartial()\n@wraps(f)\ndef h():\n    open('h')\nh()",
            ["R a", "W b", "R cd", "R ec", "R h"],
            id="functools",
        ),
        pytest.param(
            "from multiprocessing import Pool, Process\nfrom concurrent.futures import ThreadPoolExecutor\ndef f(x, y='q'):\n    open(x + y)\nwith Pool() as p:\n    p.map(f, ['a'])\n    p.starmap(f, [('b', 'r')])\n    p.imap(f, unknown)\nThreadPoolExecutor().submit(f, 'c', y='s')\nProcess(target=f, args=('d',), kwargs={'y': 't'}).start()",
            ["R aq", "R br", "R cs", "R dt"],
            id="workers",
        ),
        pytest.param(
            "import pandas as pd\ndef f(x):\n    open('a')\npd.DataFrame().apply(f)\npd.foo(key=f)\nimport atexit\natexit.register(f)\ndef g():\n    open('g')\nimport signal\nsignal.signal(1, g)\npd.foo(default=g)",
            ["R a"],
            id="callbacks",
        ),
        pytest.param(
            "from joblib import Parallel, delayed\ndef f(x):\n    open(x)\nParallel(n_jobs=2)(delayed(f)(x) for x in ['a', 'b'])",
            ["R a", "R b"],
            id="joblib",
        ),
        pytest.param(
            "f = (lambda: open('a')) if unknown else (lambda: open('b'))\nf()\nstr()()\n[].append.x()\n1()",
            ["R a", "R b"],
            id="choice-of-functions",
        ),
        pytest.param(
            "def f():\n    '''doc'''\nopen(f.__name__)\nopen(f.x)\nprint.x\nclass S:\n    def f(self):\n        return super()\nS().f()\nsuper()\nS.f.x",
            ["R f"],
            id="attributes-of-functions",
        ),
        pytest.param(
            "def f(*args, **kwargs):\n    g(*args, **kwargs)\ndef g(a, b=None):\n    open(a)\n    open(b)\nf('x', b='y')",
            ["R x", "R y"],
            id="passed-on",
        ),
        pytest.param(
            "def main():\n    open('a')\nHANDLERS = {'x': main}\nHANDLERS['x']()\nglobals()['main']()\nlocals()['main']()\nHANDLERS.get('x')()",
            ["R a"],
            id="dispatch",
        ),
        pytest.param(
            "class A:\n    p = 'a'\nclass B:\n    p = 'b'\nx = A() if unknown else B()\nopen(x.p)\nx.p = 'c'\nopen(A().p)\nx.p.q = 1",
            ["R a", "R b"],
            id="one-of-two-objects",
        ),
        pytest.param(
            "class A:\n    p = 'a'\nif unknown:\n    A.p = 'b'\nopen(A.p)\nimport lib\nif unknown:\n    lib.q = 'c'",
            ["R a", "R b"],
            id="set-in-doubt",
        ),
        pytest.param(
            "class B:\n    a: str\nclass C(B):\n    def __init__(self, **k):\n        super().__init__(**k)\nopen(C(a='x').a)\nclass D(B):\n    def f(self):\n        return super().g()\nD().f()\nclass E(Unknown):\n    def f(self):\n        return super().g()\nE().f()",
            ["R x"],
            id="super-of-fields",
        ),
        pytest.param(
            "from functools import partial\nimport lib\ndef f(x):\n    open('a')\nlib.go(partial(f, 1))\nimport somewhere\n@partial(f)\ndef g():\n    pass\nPartial = 3\n@Partial\ndef h():\n    open('h')\nh()",
            ["R a", "R h"],
            id="partial-handed-over",
        ),
        pytest.param(
            "from threading import Thread\ndef f():\n    open('a')\nThread(target=f).start()\nThread(target=f, args=unknown).start()",
            ["R a"],
            id="thread",
        ),
        pytest.param(
            "x = {'a': 'b'} if unknown else {'a': 'c'}\nopen(x.get('a'))\nfor k in (['p'] if unknown else ['q']):\n    open(k)\nfor k in {'r': 1}:\n    open(k)\nfor k in unknown or {}:\n    open(f'd/{k}')",
            ["R b", "R c", "R p", "R q", "R r", "R d/"],
            id="choices",
        ),
        pytest.param(
            "f = open('a')\nfor line in f:\n    open(f'd/{line}')\nf[0]\nf()\n(1).real\n(1).x()\nb'x'.decode()\nx = 3 .bit_length()",
            ["R a", "R d/"],
            id="of-nothing",
        ),
    ],
)
def test_definitions(seen, text, expected) -> None:
    assert seen(text) == expected
