"""Reading a script from a text: ``seen`` says what it reads and writes, as ``R name`` and ``W name``, in order, once."""

from __future__ import annotations

import textwrap

import pytest

from sbom.lineage.interface import Call
from sbom.lineage.python.notebook import NotebookReader
from sbom.lineage.python.reader import PythonReader
from sbom.lineage.workspace import Directory


@pytest.fixture
def read(tmp_path):
    def function(text, *arguments, script="main.py", files=None, directory="", parameters=None):
        for path, content in {script: text, **(files or {})}.items():
            if path.endswith("/"):
                (tmp_path / path).mkdir(parents=True, exist_ok=True)
                continue
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(textwrap.dedent(content), encoding="utf-8")
        reader = NotebookReader() if script.endswith(".ipynb") else PythonReader()
        with Directory(str(tmp_path)) as workspace:
            return reader.read(Call(script, arguments, directory, parameters or {}, where="dvc.yaml:1"), workspace)

    return function


@pytest.fixture
def seen(read):
    def function(*arguments, **keywords):
        found = read(*arguments, **keywords)
        assert found.problems == []
        return list(dict.fromkeys(f"{'W' if one.writes else 'R'} {one.name}" for one in found.accesses))

    return function
