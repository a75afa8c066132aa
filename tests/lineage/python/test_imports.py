"""Modules of the workspace: where they are found, what they bring."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        ("import lib\nopen(lib.P)", {"lib.py": "P = 'a'"}, "R a"),
        ("import pkg.mod\nopen(pkg.mod.P)\nopen(pkg.Q)", {"pkg/__init__.py": "Q = 'q'", "pkg/mod.py": "P = 'a'"}, "R a R q"),
        ("import pkg.mod as m\nopen(m.P)", {"pkg/mod.py": "P = 'a'"}, "R a"),
        ("import pkg\nopen(pkg.mod.P)\nopen(pkg.zz)", {"pkg/mod.py": "P = 'a'"}, "R a"),
        ("from pkg import mod, P, zz\nopen(mod.P + P)\nopen(zz)", {"pkg/__init__.py": "P = 'b'", "pkg/mod.py": "P = 'a'"}, "R ab"),
        ("from pkg.mod import *\nopen(P)\nopen(_Q)\nfrom os.path import *\nopen(join('a', 'b'))", {"pkg/__init__.py": "", "pkg/mod.py": "P = 'a'\n_Q = 'q'"}, "R a"),
        ("from pkg.mod import P\nopen(P)", {"pkg/__init__.py": "", "pkg/mod.py": "from .base import P\nfrom . import other\nfrom .. import nothing\nopen(other.O)", "pkg/base.py": "P = 'a'", "pkg/other.py": "O = 'o'"}, "R o R a"),
        ("from pkg import P\nopen(P)", {"pkg/__init__.py": "from .sub.deep import P\nfrom . import P as Q\nopen(Q)", "pkg/sub/__init__.py": "", "pkg/sub/deep.py": "from ..x import P", "pkg/x.py": "P = 'x'"}, "R x"),
        ("from a import P\nopen(P)", {"a.py": "from b import Q\nP = 'a'", "b.py": "from a import P\nQ = 'b'\nopen(Q)"}, "R b R a"),
        ("import main\nopen('a')", {}, "R a"),
        ("from config import P\nopen(P)", {"config/__init__.py": "P = 'a'", "config/x.yaml": ""}, "R a"),
        ("from mod import P\nopen(P)", {"src/mod.py": "P = 'a'"}, "R a"),
        ("import sys\nsys.path.append('odd/place')\nfrom mod import P\nopen(P)", {"odd/place/mod.py": "P = 'a'"}, "R a"),
        ("import data\nopen(data.x)\nimport numpy\nimport json\nopen(json.x)", {"data/a.csv": "", "json.py": "x = 'no'"}, ""),
        ("from data import x\nx.to_csv('a')", {"data/a.csv": ""}, "W a"),
        ("import importlib\nm = importlib.import_module('steps.one')\nm.run('a')\nimportlib.import_module('.x')", {"steps/one.py": "def run(p):\n    open(p)"}, "R a"),
        ("import lib\nlib.P = 'b'\nopen(lib.show())\nopen(lib.__file__)\nopen(lib.zz)", {"lib.py": "P = 'a'\ndef show():\n    return P"}, "R b"),
        ("import pkg\nopen(pkg.__path__[0] + '/a')", {"pkg/__init__.py": ""}, "R pkg/a"),
        ("try:\n    from fast import P\nexcept ImportError:\n    from slow import P\nopen(P)", {"slow.py": "P = 'a'"}, "R a"),
        ("def f():\n    import lib\n    return lib.P\nopen(f())", {"lib.py": "if __name__ == '__main__':\n    open('no')\nP = 'a'"}, "R a"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lib import P\nopen('a')", {"lib.py": "open('no')"}, "R a"),
    ],
)  # fmt: skip
def test_imports(seen, text, files, expected) -> None:
    assert " ".join(seen(text, files=files)) == expected


def test_scripts_are_named(read) -> None:
    found = read("import pkg.mod, os, lib", files={"pkg/__init__.py": "", "pkg/mod.py": "", "lib.py": "import lib"})
    assert found.scripts == ["pkg/__init__.py", "pkg/mod.py", "lib.py"]


def test_script_in_a_directory(seen) -> None:
    files = {"src/app/helper.py": "P = 'a'", "src/other/x.py": "Q = 'b'", "lib.py": "R = 'c'"}
    text = "from helper import P\nfrom other.x import Q\nfrom src.app.helper import P as S\nfrom lib import R\nopen(P + Q + R + S)"
    assert seen(text, script="src/app/main.py", files=files) == ["R abca"]


def test_broken_module_is_reported(read) -> None:
    found = read("import lib\nopen('a')", files={"lib.py": "def ("})
    assert [path for path, _ in found.problems] == ["lib.py"]
    assert [one.name for one in found.accesses] == ["a"]


def test_too_many_modules(read, monkeypatch) -> None:
    monkeypatch.setattr("sbom.lineage.python.interpreter.MAX_SCRIPTS", 3)
    monkeypatch.setattr("sbom.lineage.python.modules.MAX_SCRIPTS", 1)
    found = read("import a, b, c, d\nopen('q')", files={f"{name}.py": "" for name in "abcd"})
    assert ("c.py", "is not read: too many modules") in found.problems
    assert [one.name for one in found.accesses] == ["q"]
