"""Whole scripts: hostile ones end in time, with a problem; places of texts that are no files."""

from __future__ import annotations

import pytest

from sbom.lineage import registry
from sbom.lineage.interface import MAX_SIZE, Call, ScriptError
from sbom.lineage.python import machine, modules
from sbom.lineage.python.reader import PythonReader
from sbom.lineage.workspace import Directory

STEPS = [("main.py", machine.BUDGET)]
DEEP = [("main.py", "is not read to its end: calls are nested too deep")]


def test_is_registered() -> None:
    reader = registry.script_reader("x/y.PY")
    assert isinstance(reader, PythonReader) and reader.name == "python" and reader.suffixes == (".py",)


@pytest.mark.parametrize(
    ("text", "expected", "problems"),
    [
        pytest.param("x = 'ab'\n" + "x = x + x\n" * 200 + "open(x)\nopen('a')", "R a", [], id="growing-text"),
        pytest.param("x = ['a']\n" + "x = x + x\n" * 200 + "open(x)", "R a", [], id="growing-list"),
        pytest.param("x = ['a']\n" + "x = [x, x]\n" * 200 + "open(x)\nprint({x: 1}, x == x)", "R a", [], id="nested-list"),
        pytest.param("x = {'a': 1}\n" + "x = {'a': x, 'b': x}\n" * 60 + "import omegaconf\nomegaconf.OmegaConf.create(x)", "", STEPS, id="nested-table"),
        pytest.param("x = {}\nx['a'] = x\nimport box\nbox.Box(x)\nopen('a')\nopen(x)", "R a", [], id="table-in-itself"),
        pytest.param("x = []\nx.append(x)\nopen(x)\n{tuple(x): 1}\nfor y in x:\n    open(y)\nopen('a')", "R a", [], id="list-in-itself"),
        pytest.param("open('a' * 10 ** 9)\nopen(str(10 ** 10 ** 10))\nopen('b')\n1 << 10 ** 9\nopen([0] * 10 ** 9)", "R b", [], id="huge"),
        pytest.param("while True:\n    open('a')", "R a", [], id="endless"),
        pytest.param("for i in range(10 ** 9):\n    for j in range(10 ** 9):\n        open(f'd/{i}{j}')", "R d/", [], id="long-loops"),
        pytest.param("".join(f"{' ' * i}for x{i} in range(30):\n" for i in range(9)) + " " * 9 + "str(x0)", "", STEPS, id="loops-in-loops"),
        pytest.param("for i in range(30):\n for j in range(30):\n  for k in range(30):\n   open(f'd/{i}{j}{k}', 'w')", None, STEPS, id="too-many-files"),
        pytest.param("def f(n):\n    f(n)\n    f(n)\nf(1)\nopen('a')", "R a", [], id="recursion"),
        pytest.param("".join(f"def f{i}():\n    f{i + 1}()\n    f{i + 1}()\n" for i in range(60)) + "f0()\nopen('a')", "R a", DEEP, id="tree-of-calls"),
        pytest.param("".join(f"def f{i}():\n" + "".join(f"{' ' * n}if True:\n" for n in range(1, 60)) + f"{' ' * 60}f{i + 1}()\n" for i in range(38)) + "f0()\n", "", [("main.py", "is not read to its end: calls or expressions are nested too deep")], id="nested-blocks"),
        pytest.param("f = lambda: f()\nf()\nclass A:\n    def __str__(self):\n        return f'{self}{self}'\n    def __getattr__(self, n):\n        return getattr(self, n + 'x')\n    def __iter__(self):\n        return self\nopen(A())\nA().x\nfor x in A():\n    open(x)\nopen('a')", "R a", [], id="objects-in-themselves"),
        pytest.param("x = ''\n" + "if y: x += 'a'\n" * 100 + "open(f'd/{x}/{x}/{x}')", None, [], id="many-choices"),
        pytest.param("".join(f"class C{i}({f'C{i - 1}' if i else ''}): pass\n" for i in range(300)) + "C299().x\nopen('a')", "R a", [], id="many-bases"),
        pytest.param("open('\\ud800')\nopen('a')", "R a", [], id="surrogate"),
        pytest.param("import os\nd = {}\n" + "".join(f"d['{i}'] = 1\n" for i in range(1100)) + "[0].extend(list('a' * 3000))\nopen('a')", "R a", [], id="many-items"),
        pytest.param("x = [" + "'a'," * 1500 + "]\nopen(x)\nopen('-'.join(x))\nd = {" + "".join(f"{i}: 'b'," for i in range(1500)) + "}\nopen(d[1])", "R a R b", [], id="long-literals"),
        pytest.param("open('" + "a" * 70_000 + "')\nopen('a')", "R a", [], id="long-text"),
        pytest.param("x = [i for i in range(30) for j in range(30)]\nopen([f'd/{y}' for y in x])\nopen(f'e/{x}')", None, [], id="long-comprehension"),
        pytest.param("a = ['%d' % i for i in range(20)]\nimport random\nb = a[random.x]\nopen(f'd/{b}{b}{b}')", "R d/", [], id="too-many-alternatives"),
        pytest.param("x = y" + ".a" * 400 + "\nopen('a')", "R a", [], id="long-trail"),
        pytest.param("open('{:>999999999}'.format('a'))\nopen('%0999999999d' % 1)\nopen('a'.zfill(10 ** 9))\nopen(('a' * 3000).replace('a', 'b' * 3000))\nopen('c')", "R %0999999999d R c", [], id="wide-formats"),
    ],
)  # fmt: skip
def test_hostile(read, text, expected, problems) -> None:
    found = read(text)
    assert found.problems == problems
    if expected is not None:
        names = dict.fromkeys(f"{'W' if one.writes else 'R'} {one.name}" for one in found.accesses)
        assert " ".join(names) == expected
    assert len(found.accesses) <= machine.MAX_EVENTS


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("def (", "is no Python that"), ("x = 1\0", "is no Python that"), ("(" * 300 + ")" * 300, "is no Python that"), ("x = " + "+".join("1" * 60_000), "is nested too deep"),
        ("x = a" + "()" * 30_000, "is nested too deep"), ("x = '" + "a" * modules.MAX_SOURCE + "'", "at most 1,048,576 are read as Python"),
    ],
)  # fmt: skip
def test_no_script(read, text, what) -> None:
    with pytest.raises(ScriptError, match=what):
        read(text)


def test_deep_expressions_are_cut(read) -> None:
    found = read("x = " + "[" * 180 + "open('b')" + "]" * 180 + "\nopen('a')")
    assert [one.name for one in found.accesses] == ["a"]


def test_files_that_cannot_be_read(tmp_path) -> None:
    (tmp_path / "big.py").write_bytes(b"x = 1\n" * (MAX_SIZE // 6 + 1))
    (tmp_path / "odd.py").write_bytes(b"# coding: no-such\nx = 1\n")
    (tmp_path / "latin.py").write_bytes("# coding: latin-1\nopen('é.csv')\n".encode("latin-1"))
    (tmp_path / "mark.py").write_bytes(b"\xef\xbb\xbfopen('a')\n")
    with Directory(str(tmp_path)) as workspace:
        for name in ("big.py", "odd.py", "none.py"):
            with pytest.raises(ScriptError):
                PythonReader().read(Call(name), workspace)
        assert [one.name for one in PythonReader().read(Call("latin.py"), workspace).accesses] == ["é.csv"]
        assert [one.name for one in PythonReader().read(Call("mark.py"), workspace).accesses] == ["a"]


def test_text_that_is_no_file(tmp_path) -> None:
    with Directory(str(tmp_path)) as workspace:
        call = Call("dvc.yaml.py", ("x",), "sub", text="import sys\nopen(sys.argv[1])", first_line=7)
        found = PythonReader().read(call, workspace)
    assert [(one.name, one.where) for one in found.accesses] == [("sub/x", "dvc.yaml.py:8")]


def test_nothing_is_run(read, tmp_path) -> None:
    read(
        f"import os\nopen('{tmp_path}/made', 'w').write('x')\nos.system('touch {tmp_path}/made')\n__import__('os').mkdir('{tmp_path}/made')"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["main.py"]
