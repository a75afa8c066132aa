"""Pipelines and scripts of a workspace, as steps."""

from __future__ import annotations

from pipeline_trees import opened

from sbom.lineage import gather as gathering
from sbom.lineage import registry
from sbom.lineage.gather import gather
from sbom.transformation import OBSERVED, Edge, Script, Step, Word

DVC = "stages:\n  clean: {cmd: python src/clean.py, deps: [src/clean.py, raw.csv], outs: [clean.csv]}\n"


def found(root, files, recorded=()):
    with opened(root, files) as directory:
        return gather(directory, sorted(name for name in files if not name.endswith("/")), recorded)


def test_pipelines_come_first_and_their_scripts_are_not_read_again(tmp_path):
    files = {
        "dvc.yaml": DVC,
        "src/clean.py": "open('clean.csv', 'w')\n",
        "other.py": "open('other.csv', 'w')\n",
        "reads.py": "open('raw.csv')\n",
        "bad.py": "(",
        "notes.txt": "",
    }
    gathered = found(tmp_path, files)
    assert [(step.name, step.origin) for step in gathered.steps] == [("clean", "dvc.yaml"), ("other.py", "other.py")]
    clean = gathered.steps[0]
    assert [script.name for script in clean.scripts] == ["src/clean.py"]
    assert [(edge.name, edge.kind) for edge in clean.outputs] == [("clean.csv", "declared")]
    assert [path for path, _ in gathered.problems] == ["bad.py"]


def test_what_was_recorded_is_not_guessed_again(tmp_path):
    files = {
        "ran.py": "open('a.csv', 'w')\nopen('b.csv', 'w')\n",
        "copy.py": "open('a.csv', 'w')\n",
        "more.py": "open('a.csv', 'w')\nopen('c.csv', 'w')\n",
    }
    seen = (Word(OBSERVED),)
    record = Step("ran", "ran.json", scripts=(Script("ran.py"),), outputs=(Edge("a.csv", seen),))
    assert [step.name for step in found(tmp_path, files, [record]).steps] == ["more.py"]


def test_a_pipeline_that_cannot_be_read(tmp_path):
    gathered = found(tmp_path, {"dvc.yaml": "{", "sub/dvc.yaml": DVC.replace("clean.csv", "${x}")})
    assert not gathered.steps
    assert [path for path, _ in gathered.problems] == ["dvc.yaml", "sub/dvc.yaml"]


def test_a_dag_is_a_pipeline_and_any_other_python_file_a_script(tmp_path):
    dag = "import airflow\nDAG()\nBashOperator(task_id='t', outlets=['x.csv'])\nopen('y.csv', 'w')\n"
    gathered = found(tmp_path, {"dag.py": dag, "plain.py": "open('z.csv', 'w')\n"})
    assert [step.name for step in gathered.steps] == ["t", "plain.py"]


def test_names_of_stages_can_be_shown(tmp_path):
    names = ['"a\\x1b\\nb"', '" "', '"\\ud7ff\\u202e"', f'"{"x" * 300}"']
    gathered = found(tmp_path, {"dvc.yaml": "stages:\n" + "".join(f"  {name}: {{cmd: 'true'}}\n" for name in names)})
    assert [step.name for step in gathered.steps] == ["a b", "stage", "stage", "x" * 200]


def test_only_files_are_scripts(tmp_path):
    text = "vars: ['https://example.org/p.yaml']\nstages: {s: {cmd: 'true', deps: ['table:x.py'], params: ['https://x/y.yaml': [z]]}}"
    gathered = found(tmp_path, {"dvc.yaml": text, "Snakefile": 'workdir: "https://x/y"\nrule a:\n  output: "o"\n'})
    assert {script.name for step in gathered.steps for script in step.scripts} <= {"Snakefile"}
    assert {step.directory for step in gathered.steps} == {""}


def test_limits(tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "MAX_PIPELINES", 1)
    monkeypatch.setattr(gathering, "MAX_SCRIPTS", 1)
    files = {f"{n}/dvc.yaml": DVC for n in range(3)} | {f"{n}.py": "open('x', 'w')" for n in range(3)}
    gathered = found(tmp_path, files)
    assert len(gathered.steps) == 1
    assert gathered.problems[-2:] == (
        ("", "more than 1 pipeline files; the rest was not read"),
        ("", "3 scripts that no pipeline runs are not read, being too many"),
    )


def test_readers_of_others_that_do_not_work_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "problems", lambda: ["the reader 'x' cannot be loaded"])
    assert found(tmp_path, {}).problems == (("", "the reader 'x' cannot be loaded"),)
