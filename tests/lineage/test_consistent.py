"""Stages of one pipeline say the same of directories: sets, and what came out of an archive."""

from __future__ import annotations

import pytest

from sbom.lineage.consistent import consistent
from sbom.lineage.interface import Access, Found, Stage
from sbom.lineage.static import read_stages
from sbom.lineage.workspace import Directory
from sbom.transformation import DECLARED, INFERRED, LITERAL


def _found(text: str, **members: str) -> Found:
    """Make ``R name`` and ``W name``; ``members`` are of the only directory that is written, or of the one named."""
    words = text.split()
    return Found(
        [
            Access(name, verb == "W", LITERAL, "x:1", frozenset(members.get(name.rstrip("/"), "").split()))
            for verb, name in zip(words[::2], words[1::2], strict=True)
        ]
    )


def _said(stages: list[Found]) -> list[str]:
    return [" ".join(f"{'W' if one.writes else 'R'} {one.name}" for one in found.accesses) for found in stages]


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        pytest.param([_found("W d/", d="d/a d/b"), _found("R d/a R d/b W e")], ["W d/", "R d/ W e"], id="a-set"),
        pytest.param([_found("R d/a"), _found("W d/", d="d/a d/b")], ["R d/", "W d/"], id="in-any-order"),
        pytest.param([_found("W d/", d="d/a d/b"), _found("R d/c")], ["W d/", "R d/c"], id="no-member"),
        pytest.param([_found("W d/", d="d/ d/a"), _found("R d/c R d/a")], ["W d/", "R d/"], id="there-may-be-others"),
        pytest.param([_found("W d/", d="d/a d/b"), _found("W d/a"), _found("R d/a")], ["W d/", "W d/a", "R d/a"], id="another-one-wrote-it"),
        pytest.param([_found("R d/a W d/", d="d/a d/b")], ["R d/a W d/"], id="not-within-a-stage"),
        pytest.param([_found("W d/"), _found("R d/e/"), _found("R d/e/f")], ["W d/e/", "R d/e/", "R d/e/"], id="out-of-an-archive"),
        pytest.param([_found("W d/"), _found("R d/a.csv")], ["W d/a.csv", "R d/a.csv"], id="a-file-out-of-an-archive"),
        pytest.param([_found("W d/"), _found("R d/e/ R d/f")], ["W d/", "R d/"], id="several-things"),
        pytest.param([_found("W d/"), _found("R d/"), _found("R d/e")], ["W d/", "R d/", "R d/"], id="also-as-a-whole"),
        pytest.param([_found("W d/"), _found("W d/"), _found("R d/e")], ["W d/", "W d/", "R d/"], id="several-writers"),
        pytest.param([_found("W d/"), _found("W d/e"), _found("R d/e")], ["W d/e", "W d/e", "R d/e"], id="somebody-wrote-the-thing"),
        pytest.param([_found("W d/", d="d/ d/e"), _found("R d/e")], ["W d/", "R d/"], id="known-and-more"),
        pytest.param([_found("W d/"), _found("R https://h/d/e")], ["W d/", "R https://h/d/e"], id="elsewhere"),
        pytest.param([_found("W ./"), _found("R e")], ["W ./", "R e"], id="the-workspace-is-no-directory"),
        pytest.param([], [], id="nothing"),
    ],
)  # fmt: skip
def test_names(stages, expected) -> None:
    assert _said(consistent(stages)) == expected


def test_another_name_is_inferred_and_nothing_else_changes() -> None:
    reader = _found("R d/a R c")
    reader.scripts, reader.problems = ["s.py"], [("s.py", "x")]
    found = consistent([_found("W d/", d="d/a d/b"), reader])[1]
    assert [(one.name, one.kind) for one in found.accesses] == [("d/", INFERRED), ("c", LITERAL)]
    assert (found.scripts, found.problems) == (["s.py"], [("s.py", "x")])
    assert [one.name for one in reader.accesses] == ["d/a", "c"]


def test_what_the_pipeline_calls_something_stays() -> None:
    stages = [_found("W d/", d="d/a d/b"), _found("R d/a R d/b"), _found("W e/"), _found("R e/f")]
    assert _said(consistent(stages, frozenset({"d/a", "e/"}))) == ["W d/", "R d/a R d/", "W e/", "R e/"]


def test_declared_files_are_no_directory(tmp_path) -> None:
    (tmp_path / "a.py").write_text(
        "import os\nd = os.path.join('data', 'raw')\nos.makedirs(d)\nfor name in ('x', 'y'):\n"
        "    open(os.path.join(d, name + '.csv'), 'w')\n"
    )
    (tmp_path / "b.py").write_text("open('data/raw/y.csv')\n")
    stages = [Stage(name, "dvc.yaml:1", commands=[f"python {name}.py"]) for name in "ab"]
    stages[0].accesses.append(Access("data/raw/x.csv", writes=True, kind=DECLARED, where="dvc.yaml:3"))
    with Directory(str(tmp_path)) as workspace:
        assert _said(read_stages(stages, workspace)) == ["W data/raw/x.csv W data/raw/y.csv", "R data/raw/y.csv"]


def test_stages_of_a_pipeline(tmp_path) -> None:
    (tmp_path / "a.py").write_text(
        "import os\nd = os.path.join('data', 'raw')\nos.makedirs(d)\nfor name in ('x', 'y'):\n"
        "    open(os.path.join(d, name + '.csv'), 'w')\n"
    )
    (tmp_path / "b.py").write_text("open('./data/raw/x.csv')\nopen('model.bin', 'wb')\n")
    stages = [Stage(name, "dvc.yaml:1", commands=[f"python {name}.py"]) for name in "ab"]
    with Directory(str(tmp_path)) as workspace:
        assert _said(read_stages(stages, workspace)) == ["W data/raw/", "R data/raw/ W model.bin"]


def test_many_stages_and_deep_names_take_little() -> None:
    deep = "d/" * 2_000
    stages = [_found(f"R {deep}x R w{number}/a W w/ W v/") for number in range(300)]
    stages.append(_found("W d/"))
    assert _said(consistent(stages))[0] == "R d/d/ R w0/a W w/ W v/"
