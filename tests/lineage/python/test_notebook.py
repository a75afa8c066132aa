"""Notebooks: cells, magics, parameters, lines."""

from __future__ import annotations

import json

import pytest

from sbom.lineage import registry
from sbom.lineage.interface import Call, ScriptError
from sbom.lineage.python.notebook import NotebookReader


def notebook(*cells, language="python", indent=1, **keywords):
    made = [
        {
            "cell_type": "code",
            "metadata": {"tags": ["parameters"]} if source.startswith("#p") else {},
            "source": source.splitlines(keepends=True),
        }
        for source in cells
    ]
    made.insert(0, {"cell_type": "markdown", "metadata": {}, "source": ["# open('no')"]})
    document = {"cells": made, "metadata": {"language_info": {"name": language}}, "nbformat": 4, **keywords}
    return json.dumps(document, indent=indent)


def test_is_registered() -> None:
    reader = registry.script_reader("x.ipynb")
    assert isinstance(reader, NotebookReader) and reader.name == "notebook"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["x = 'a'", "open(x)"], "R a"),
        (["%matplotlib inline\n%load_ext q\nopen('a')\n?open\nopen?\n"], "R a"),
        (["%%time\nopen('a')", "%%capture\n%cd sub\nopen('b')", "%%html\n<p>open('c')</p>", "%%time"], "R a R sub/b"),
        (["%time open('a')\n%timeit -n 3 open('b')\nif True:\n    %time x = open('c')"], "R a R b R c"),
        (["%%writefile out.txt\nhello", "%%writefile -a two.txt\nx", "%%writefile\n"], "W out.txt W two.txt"),
        (["files = !ls d\nx = %pwd\nopen('a')"], "R a"),
        (["%cd /elsewhere\nopen('a')\n%cd 'd'\nopen('b')"], "R a R d/b"),
        (["open('a')", "open('b'\n", "open('c')"], "R a R c"),
        (["", "  \n", "%%", "open('a')"], "R a"),
    ],
)
def test_cells(read, cells, expected) -> None:
    found = read(notebook(*cells), script="n.ipynb")
    names = dict.fromkeys(f"{'W' if one.writes else 'R'} {one.name}" for one in found.accesses)
    assert " ".join(names) == expected
    broken = [number for number, cell in enumerate(cells, 1) if cell == "open('b'\n"]
    assert [what.split(" is")[0] for _, what in found.problems] == [f"cell {number}" for number in broken]


def test_sql_cells(read) -> None:
    pytest.importorskip("sqlglot")
    assert [one.name for one in read(notebook("%%sql\nSELECT * FROM 'a.csv'"), script="n.ipynb").accesses] == ["a.csv"]


def test_commands_and_scripts(read) -> None:
    cells = [
        "p = 'a.csv'\n!cp {p} $p ${HOME} {q} \\\n   to",
        "x = !tool {p}\n!!twice",
        "%%bash\nmv a b\nmv c d",
        "%%script bash -e\nls",
        "%%script ruby\nputs 1",
        "%run -i other.py {p} 'b c'\n%run module\n%run missing.py\n%run \"\n%run",
        "%sx ls x\nget_ipython().system(unknown)\nget_ipython().run_line_magic(unknown)\nget_ipython().run_cell_magic(unknown)",
    ]
    found = read(notebook(*cells), script="n.ipynb", files={"other.py": "", "module.py": ""})
    assert [command for command, _, _ in found.commands] == [
        "cp a.csv a.csv ${HOME} {q}  to", "tool a.csv", "twice", "mv a b\nmv c d", "ls", "ls x",
    ]  # fmt: skip
    assert [(call.script, call.arguments) for call in found.calls] == [
        ("other.py", ("a.csv", "b c")),
        ("module.py", ()),
    ]


def test_commands_with_unknown_values(read) -> None:
    found = read(notebook("from somewhere import x\n!cp {x} b"), script="n.ipynb")
    assert [command for command, _, _ in found.commands] == ["cp ${UNKNOWN} b"]


@pytest.mark.parametrize(
    ("words", "parameters", "expected"),
    [
        (("-p", "a", "x", "-r", "n", "3"), {}, "R x3"),
        (("--parameters", "n", "4", "-p", "f", "1.5", "-p", "t", "True", "-p", "z", "None"), {}, "R d4"),
        ((), {"a": "y", "train.lr": 1}, "R y2"),
        (("-p", "a", "x"), {"a": "y"}, "R x2"),
        (("-p", "a"), {}, "R d2"),
    ],
)
def test_parameters(seen, words, parameters, expected) -> None:
    text = notebook("#p\na = 'd'\nn = 2", "open(f'{a}{n}')")
    assert seen(text, *words, script="n.ipynb", parameters=parameters) == [expected]


def test_parameters_without_a_cell_for_them(seen) -> None:
    assert seen(notebook("open(a)\nopen(b)"), "-p", "a", "x", script="n.ipynb", parameters={"b": "y"}) == ["R x"]


def test_working_directory(seen) -> None:
    text = notebook("open('../a')\nopen('b')")
    assert seen(text, "--execute", script="nb/n.ipynb") == ["R a", "R nb/b"]
    assert seen(text, script="nb/n.ipynb") == ["R a", "R b"]


def test_lines_are_those_of_the_file(read) -> None:
    text = notebook("x = 1\nopen('a')\n", "open('é')\n!ls\n%%x\n", "open('b')")
    found = read(text, script="n.ipynb")
    lines = text.split("\n")
    assert [lines[int(one.where.rpartition(":")[2]) - 1].strip().strip('",') for one in found.accesses] == [
        "open('a')\\n", "open('\\u00e9')\\n", "open('b')",
    ]  # fmt: skip


def test_lines_that_are_not_found(read) -> None:
    escaped = notebook(*[f"open('\\a{number}')" for number in range(30)]).replace("\\\\a", "\\u005ca")
    found = read(escaped, script="n.ipynb")
    assert {one.where for one in found.accesses} <= {"n.ipynb:1"}


def test_old_format(seen) -> None:
    cells = [
        {"cell_type": "code", "input": ["open('a')\n", "open('b')"]},
        {"cell_type": "code", "input": "open('c')"},
        3,
    ]
    text = json.dumps({"worksheets": [{"cells": cells}, 3], "metadata": {"kernelspec": {"language": "python"}}})
    assert seen(text, script="n.ipynb") == ["R a", "R b", "R c"]
    assert seen(
        json.dumps({"cells": [{"cell_type": "code", "metadata": 3, "source": [1, "open('a')"]}]}), script="m.ipynb"
    ) == ["R a"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "its JSON cannot be read"), ("[" * 100_000, "its JSON cannot be read"), ("[]", "is no object"), ("{}", "has no cells"), ('{"cells": 1}', "has no cells"),
        (notebook(language="R"), "a notebook in r, which is not read"), (notebook(language="\x1b[31m"), "which is not read"), ("", "cannot be read"),
    ],
)  # fmt: skip
def test_no_notebook(read, text, what) -> None:
    with pytest.raises(ScriptError, match=what) as raised:
        read(text, script="n.ipynb")
    assert "\x1b" not in str(raised.value)


def test_many_cells(read, monkeypatch) -> None:
    monkeypatch.setattr("sbom.lineage.python.notebook.MAX_CELLS", 2)
    assert [one.name for one in read(notebook("open('a')", "open('b')", "open('c')"), script="n.ipynb").accesses] == [
        "a"
    ]


def test_text_of_a_call(tmp_path) -> None:
    from sbom.lineage.workspace import Directory  # noqa: PLC0415

    with Directory(str(tmp_path)) as workspace:
        found = NotebookReader().read(Call("n.ipynb", text=notebook("open('a')")), workspace)
    assert [one.name for one in found.accesses] == ["a"]
