"""A stage read through all that it runs."""

from __future__ import annotations

import pytest
from pipeline_trees import opened
from shell_texts import said

from sbom.lineage import registry, static
from sbom.lineage.interface import Access, Call, Found, Stage
from sbom.lineage.static import read_stage, settled, to_step
from sbom.transformation import DECLARED, INFERRED, LITERAL

READ, WRITTEN = False, True


def stage(root, files, *commands, **options):
    with opened(root, files) as workspace:
        return read_stage(Stage("s", "dvc.yaml:3", commands=list(commands), **options), workspace)


def names(found):
    return " ".join((">" if one.writes else "<") + one.name for one in found.accesses)


def test_scripts_lead_to_scripts(tmp_path) -> None:
    files = {
        "run.sh": "python a.py --out o.csv\n./more.sh",
        "more.sh": "cat in.csv > x.csv\nbash run.sh",
        "a.py": "import argparse, os\np = argparse.ArgumentParser()\np.add_argument('--out')\nopen(p.parse_args().out, 'w')\nos.system('cat y > z')",
    }
    found = stage(tmp_path, files, "bash run.sh")
    assert names(found) == ">o.csv <y >z <in.csv >x.csv"
    assert found.scripts == ["run.sh", "a.py", "more.sh"]
    assert [one.where for one in found.accesses][-1] == "more.sh:1"
    assert not found.problems


def test_what_a_script_writes_is_no_input_of_what_comes_after(tmp_path) -> None:
    files = {"a.py": "open('out.csv', 'w')", "b.sh": "cat out.csv"}
    assert (
        names(stage(tmp_path, files, "cat in.csv; python a.py && cp out.csv copy.csv && bash b.sh"))
        == "<in.csv >out.csv >copy.csv"
    )
    assert names(stage(tmp_path, files, "cp out.csv copy.csv && python a.py")) == "<out.csv >copy.csv >out.csv"
    assert names(stage(tmp_path, files, "python a.py", "cat out.csv")) == ">out.csv"


def test_texts_are_read_by_their_language(tmp_path) -> None:
    found = stage(tmp_path, {}, "python - <<E\nopen('a.csv')\nE\npython -c 'open(\"b.csv\")'")
    assert names(found) == "<a.csv <b.csv"
    assert {one.where.rpartition(":")[0] for one in found.accesses} == {"dvc.yaml"}
    assert found.scripts == []


@pytest.mark.parametrize(
    ("command", "files", "problem"),
    [
        ("Rscript x.R", {"x.R": ""}, "x.R: is in a language that is not read"),
        ("bash x.sh", {"x.sh": "'"}, "x.sh: has a quote or a bracket that is never closed"),
        ("'", {}, "dvc.yaml: a command has a quote or a bracket that is never closed"),
        (
            "bash s0.sh",
            {f"s{n}.sh": f"bash s{n + 1}.sh" for n in range(12)},
            "s8.sh: is called more than 8 scripts deep; it was not read",
        ),
        (
            "bash many.sh",
            {"many.sh": "".join(f"bash x.sh {n}\n" for n in range(600)), "x.sh": ""},
            "x.sh: leads to more than 500 scripts; the rest was not read",
        ),
    ],
)
def test_problems(tmp_path, command, files, problem) -> None:
    assert problem in said(stage(tmp_path, files, command)).split("\n")


def test_calls_and_commands_of_readers(tmp_path, monkeypatch) -> None:
    class Reader:
        def read(self, call, workspace):
            assert call.parameters == {"p": 1}
            return Found(
                [Access("a", WRITTEN, LITERAL, "x:1")],
                ["conf"],
                [],
                [("cat a > b", "", "x:2"), ("bash x.sh", "d", "x:3")],
                [("x", "odd")],
            )

    monkeypatch.setattr(registry, "script_reader", lambda path: Reader())
    found = stage(tmp_path, {}, calls=[Call("x")], parameters={"p": 1})
    assert names(found) == ">a >b"
    assert found.scripts == ["x", "conf"]
    assert found.problems == [("x", "odd"), ("x", "runs d/x.sh, which is not there (line 3)")]


def test_settled() -> None:
    found = Found(
        [
            Access("a", READ, INFERRED, "1"), Access("a", READ, LITERAL, "2"), Access("a", READ, INFERRED, "3"), Access("a", WRITTEN, LITERAL, "4"), Access("a", READ, LITERAL, "5"),
            Access("d/", WRITTEN, LITERAL, "6"), Access("d/x/y", READ, LITERAL, "7"), Access("code.py", READ, LITERAL, "8"), Access("./", WRITTEN, LITERAL, "9"), Access("z", READ, LITERAL, "10"),
            Access("https://d/x", READ, LITERAL, "11"),
        ],
        problems=[("p", "q"), ("p", "q")],
    )  # fmt: skip
    kept = settled(found, ["code.py"])
    assert [(one.name, one.writes, one.where) for one in kept.accesses] == [
        ("a", READ, "2"), ("a", WRITTEN, "4"), ("d/", WRITTEN, "6"), ("./", WRITTEN, "9"), ("z", READ, "10"), ("https://d/x", READ, "11"),
    ]  # fmt: skip
    assert kept.problems == [("p", "q")]


def test_to_step() -> None:
    loop: list[object] = []
    loop.append(loop)
    parameters = {"b": [1, "é"], "a": "x" * 3_000, "c": loop}
    one = Stage(
        "s", "dvc.yaml:1", "d", ["cmd"], [], [Access("in", READ, DECLARED, "dvc.yaml:2")], ["code.py"], parameters
    )
    step = to_step(
        one, Found([Access("in", READ, LITERAL, "x:1"), Access("out", WRITTEN, LITERAL, "x:2")], ["x"]), "dvc.yaml"
    )
    assert [word.kind for word in step.inputs[0].words] == [DECLARED, LITERAL]
    assert [edge.name for edge in step.outputs] == ["out"]
    assert [script.name for script in step.scripts] == ["code.py", "x"]
    assert [(name, len(text)) for name, text in step.parameters] == [("a", static._TEXT), ("b", 8), ("c", 4)]
