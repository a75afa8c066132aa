"""The measuring of static reading: what counts as true, and how it is counted."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sbom.lineage import static
from sbom.lineage.interface import Access, Found

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

PIPELINE = """
vars:
  - folders: {work: work}
stages:
  plain:
    cmd: python src/plain.py
    deps: [src/plain.py, data/in.csv, params.yaml, src/helpers, conf, 'https://example.org/x.csv', ../outside.csv, /abs]
    params: [plain.rate, other.yaml: [deep.size]]
    outs:
      - ./data//out.csv
      - models/:
          cache: false
    metrics: [metrics.json: {cache: false}]
    plots:
      - plots.csv: {x: a, y: b}
  moved:
    cmd: [python move.py, echo done]
    wdir: sub
    deps: [move.py, '..\\data\\in.csv']
    outs: ['${folders.work}/x-${plain.rate}.csv']
  each:
    foreach: ${languages}
    do:
      cmd: python src/plain.py ${key} ${item.files[1]}
      outs: ['${key}.csv']
  list:
    foreach: [a, b]
    do:
      cmd: python src/plain.py ${item}
      outs: ['${item}.txt']
  grid:
    matrix: {size: [1, 2], kind: [x]}
    cmd: python src/plain.py ${item.size} ${item.kind}
    outs: ['grid/${item.size}-${item.kind}']
  absent:
    cmd: python gone.py
  statistics:
    cmd: Rscript run.R
  outside:
    cmd: python -m elsewhere.tool
  module:
    cmd: python3 -m src.plain
  notebook:
    cmd: papermill src/n.ipynb out/n.ipynb
    outs: [out/n.ipynb]
  unknown:
    cmd: echo ${nothing.here}
"""


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    names = ["lineage_truth", "lineage_plain_walk", "lineage"]
    yield {name: importlib.import_module(name) for name in names}
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repositories" / "one"
    for name, text in {
        "dvc.yaml": PIPELINE,
        "params.yaml": "plain: {rate: 3}\nlanguages:\n  de: {files: [x, y]}\n  sv: {files: [v, w]}\n",
        "other.yaml": "deep: {size: 9}\n",
        "conf/main.yaml": "a: 1\n",
        "src/plain.py": "import pandas as pd\nframe = pd.read_csv('data/in.csv', sep=',')\nname = 'data/out.csv'\n"
        "frame.to_csv(name)\nwith open('metrics.json', 'w') as out:\n    out.write('utf-8.x')\n",
        "src/helpers/a.py": "",
        "src/n.ipynb": "{}",
        "sub/move.py": "",
        "run.R": "",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def test_truth_is_what_people_declared(modules, repository) -> None:
    stages = {stage.name: stage for stage in modules["lineage_truth"].declared(repository)}
    plain = stages["plain"]
    assert plain.inputs == {"data/in.csv"}
    assert plain.outputs == {"data/out.csv", "models", "metrics.json", "plots.csv"}
    assert plain.parameters == {"plain.rate": 3, "deep.size": 9}
    moved = stages["moved"]
    assert (moved.directory, moved.commands) == ("sub", ["python move.py", "echo done"])
    assert (moved.inputs, moved.outputs) == ({"data/in.csv"}, {"sub/work/x-3.csv"})
    assert stages["each@sv"].commands == ["python src/plain.py sv w"]
    assert stages["each@de"].outputs == {"de.csv"}
    assert stages["list@b"].outputs == {"b.txt"}
    assert stages["grid@2-x"].outputs == {"grid/2-x"}
    assert stages["unknown"].commands == ["echo ${nothing.here}"]


def test_only_stages_that_can_be_read_are_counted(modules, repository) -> None:
    stages = modules["lineage_truth"].declared(repository)
    assert {stage.name for stage in stages if not stage.readable} == {"absent", "statistics", "outside"}


def test_a_data_directory_is_data(modules, repository) -> None:
    (repository / "src/helpers/table.csv").write_text("a\n", encoding="utf-8")
    plain = modules["lineage_truth"].declared(repository)[0]
    assert plain.inputs == {"data/in.csv", "src/helpers"}


def test_what_a_stage_makes_is_data_whatever_it_is_called(modules, repository) -> None:
    (repository / "dvc.yaml").write_text(
        "stages:\n  a: {cmd: python src/plain.py, outs: [run.yaml]}\n  b: {cmd: echo, deps: [run.yaml, conf/main.yaml]}\n",
        encoding="utf-8",
    )
    assert modules["lineage_truth"].declared(repository)[1].inputs == {"run.yaml"}


def test_plain_walk_takes_constants_as_they_stand(modules, repository) -> None:
    walk = modules["lineage_plain_walk"].plain_walk
    assert walk(["python src/plain.py"], "", repository) == ({"data/in.csv"}, {"data/out.csv", "metrics.json"})
    assert walk(["python .\\src\\plain.py"], "", repository)[0] == {"data/in.csv"}
    (repository / "src/plain.py").write_text(
        "from pathlib import Path\nA: str = 'a.csv'\nB = Path('b.csv')\nC = 'c.csv'\nC = 'd.csv'\nE: str\nf, g = 'h.csv', 1\n"
        "open(A)\nB.open('w')\nopen(C)\nPath('x/y.csv').write_text('z')\nopen(f)\nload(str(A), mode='q')\nunknown(A)\n",
        encoding="utf-8",
    )
    assert walk(["python src/plain.py"], "", repository) == ({"a.csv"}, {"b.csv", "x/y.csv"})
    assert walk(["python 'unclosed"], "", repository) == (set(), set())


@pytest.mark.parametrize(
    ("counts", "precision", "recall"),
    [
        pytest.param((0, 0, 0), None, None, id="nothing-said-nothing-expected"),
        pytest.param((0, 0, 4), 0.0, 0.0, id="nothing-said"),
        pytest.param((0, 3, 0), 0.0, None, id="nothing-expected"),
        pytest.param((2, 4, 8), 0.5, 0.25, id="some"),
    ],
)
def test_conventions(modules, counts, precision, recall) -> None:
    found = modules["lineage"].Counts(*counts)
    assert (found.precision, found.recall) == (precision, recall)


def _measured(modules, repository, reader):
    return modules["lineage"].measure(repository, lambda stages, root: [reader(stage, root) for stage in stages])


def test_the_truth_scores_one(modules, repository) -> None:
    measured = _measured(modules, repository, lambda stage, _: (stage.inputs, stage.outputs))
    assert measured.skipped == 3
    for counts in measured.counts:
        assert (counts.precision, counts.recall) == (1.0, 1.0)
    assert measured.details == []


def test_cheating_does_not_pay(modules, repository) -> None:
    """Saying everything costs precision; saying nothing costs both; a file in a directory is not the directory."""
    everything = frozenset(f"data/{name}.csv" for name in ("in", "out", "a", "b", "c", "d", "e", "f", "g", "h"))
    assert _measured(modules, repository, lambda *_: (everything, everything)).counts[0].precision < 0.2
    silent = _measured(modules, repository, lambda *_: (frozenset(), frozenset()))
    assert [(counts.precision, counts.recall) for counts in silent.counts] == [(0.0, 0.0)] * 2
    inner = _measured(modules, repository, lambda *_: (frozenset(), frozenset({"models/a.pkl"})))
    assert inner.counts[1].right == 0
    base = _measured(modules, repository, lambda *_: (frozenset({"in.csv"}), frozenset()))
    assert base.counts[0].right == 0


def test_means(modules, repository) -> None:
    lineage = modules["lineage"]
    counts = [lineage.Counts(1, 1, 1), lineage.Counts(0, 9, 3), lineage.Counts()]
    measured = [lineage.Measured(str(number), 1, 0, (one, one)) for number, one in enumerate(counts)]
    assert lineage.macro(measured, 0, "precision") == 0.5
    assert lineage.micro(measured, 0, "precision") == 0.1
    assert lineage.micro(measured, 1, "recall") == 0.25
    assert lineage.macro(measured[2:], 0, "recall") is None


def test_reader_is_shown_nothing_that_was_declared(modules, repository, monkeypatch) -> None:
    seen = []

    def read_stage(stage, workspace):
        seen.append(stage)
        accesses = [("models/", True), ("./data/in.csv", False), ("https://example.org/x", False), ("table:t", True)]
        return Found(accesses=[Access(name, writes, "static-literal", "") for name, writes in accesses])

    monkeypatch.setattr(static, "read_stage", read_stage)
    stage = modules["lineage_truth"].declared(repository)[0]
    assert modules["lineage"].static_reading([stage], repository) == [({"data/in.csv"}, {"models"})]
    assert (seen[0].accesses, seen[0].scripts, seen[0].calls) == ([], [], [])
    assert (seen[0].commands, seen[0].parameters) == (stage.commands, stage.parameters)


def test_program_shows_the_bars(modules, repository, capsys, monkeypatch) -> None:
    lineage = modules["lineage"]
    wrong = frozenset({"wrong.csv"})
    monkeypatch.setattr(lineage, "static_reading", lambda stages, _: [(stage.inputs, wrong) for stage in stages])
    assert lineage.main(["--labels", str(repository.parent), "--details"]) == 0
    text = capsys.readouterr().out
    assert "1 repositories, 11 stages read, 3 not counted" in text
    assert "bars: MISSED: outputs precision, outputs recall" in text
    assert "plain: missing in outputs: models" in text
    assert "plain: wrong in outputs: wrong.csv" in text
    assert lineage.main(["--labels", str(repository.parent), "--repositories", str(repository.parent)]) == 0
    assert "missing in" not in capsys.readouterr().out


def test_program_says_when_there_is_nothing(modules, tmp_path, capsys) -> None:
    assert modules["lineage"].main(["--labels", str(tmp_path)]) == 1
    assert "no directory with a dvc.yaml" in capsys.readouterr().err
