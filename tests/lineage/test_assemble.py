"""The lineage of a dataset on disk, put together from records, pipelines, scripts, other datasets and sources."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from pipeline_trees import write

from sbom.errors import UsageError
from sbom.inventory import merkle
from sbom.lineage import assemble as assembling
from sbom.lineage import statement
from sbom.lineage.assemble import Request, assemble, relative
from sbom.model import Dataset, FileEntry
from sbom.transformation import DECLARED, LITERAL, NONE, OBSERVED, Edge, Observation, Script, Step, Upstream, Word

MAKEFILE = "data/x.csv: raw.csv make.sh\n\tsh make.sh\n"
FILES = {"data/x.csv": "x\n", "raw.csv": "raw\n", "make.sh": "true\n"}
URL = "https://example.org/raw.csv"


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def described(root):
    files = sorted(path for path in root.rglob("*") if path.is_file())
    entries = tuple(FileEntry(str(path.relative_to(root)), 2, (("SHA-256", sha(path.read_text())),)) for path in files)
    return Dataset("d", "1", entries, merkle.root(entries))


def put(root, upstream=(), **request):
    given = {"workspace": str(root)} | request
    data = root / "data"
    return assemble(str(data), described(data), Request(**given), upstream)


def record(root, name, inputs=(), outputs=(), **more):
    def edges(names):
        return tuple(Edge(one, (Word(OBSERVED),), sha(FILES.get(one, one)), 2) for one in sorted(names))

    given = {
        "started": "2026-01-01T00:00:00Z",
        "finished": "2026-01-01T00:00:00Z",
        "exit_code": 0,
        "observation": Observation("strace", complete=True),
    } | more
    step = Step(name, "", inputs=edges(inputs), outputs=edges(outputs), **given)
    path = root / f"{name}.step.json"
    path.write_bytes(statement.dump(step))
    return str(path)


def test_a_pipeline_gets_digests(tmp_path):
    made = put(write(tmp_path, {"Makefile": MAKEFILE, **FILES}), sources=(("raw.csv", URL),))
    lineage = made.lineage
    assert (lineage.prefix, lineage.level) == ("data", DECLARED)
    (step,) = lineage.steps
    assert [(edge.name, edge.sha256) for edge in step.inputs] == [("raw.csv", sha("raw\n"))]
    assert [(edge.name, edge.sha256) for edge in step.outputs] == [("data/x.csv", sha("x\n"))]
    assert step.scripts == (Script("make.sh", sha("true\n"), 5),)
    assert [(one.path, one.url) for one in lineage.sources] == [("raw.csv", URL)]
    assert made.warnings == ()


def test_records_and_a_pipeline(tmp_path):
    write(tmp_path, {"Makefile": "data/x.csv: raw.csv other.csv\n\ttouch data/x.csv\n", **FILES})
    path = record(tmp_path, "data/x.csv".replace("/", "-"), ["raw.csv"], ["data/x.csv"])
    os.rename(path, tmp_path / "r.json")
    made = put(tmp_path, records=(str(tmp_path / "r.json"),), sources=(("raw.csv", URL),))
    assert made.lineage.level == OBSERVED
    assert {step.name: step.recorded for step in made.lineage.steps} == {"data-x.csv": True, "data/x.csv": False}
    assert made.lineage.steps[0].origin in {"r.json", "Makefile"}


def test_disagreements_and_failures_are_told(tmp_path):
    write(
        tmp_path, {"Makefile": "data/x.csv: none.csv\n\ttouch data/x.csv\n", "bad/Makefile": "include no.mk\n", **FILES}
    )
    os.rename(record(tmp_path, "x", ["raw.csv"], ["data/x.csv"], exit_code=3), tmp_path / "x.json")
    made = put(tmp_path, records=(str(tmp_path / "x.json"),))
    said = "\n".join(made.warnings)
    assert "step x ended with exit code 3" in said
    assert "bad/Makefile: includes 'no.mk', which is not there" in said
    assert made.lineage.level == NONE


def test_many_problems_are_counted(tmp_path):
    makefile = "\n".join(f"include no{n}.mk" for n in range(9))
    made = put(write(tmp_path, {"Makefile": makefile, **FILES}))
    assert made.warnings[-1] == "and 4 more of the kind"
    assert len(made.warnings) == 6
    assert not made.lineage


def test_nothing_is_read_where_nobody_asks(tmp_path):
    write(tmp_path, {"Makefile": MAKEFILE, **FILES})
    assert not put(tmp_path, read=False).lineage.steps
    data = tmp_path / "data"
    assert not assemble(str(data), described(data), Request(search=False), ()).lineage


def test_the_repository_around_the_data_is_the_workspace(tmp_path):
    write(
        tmp_path,
        {".git/HEAD": "ref: refs/heads/main\n", ".git/objects/": "", ".git/refs/": "", "Makefile": MAKEFILE, **FILES},
    )
    data = tmp_path / "data"
    made = assemble(str(data), described(data), Request(), ())
    assert made.lineage.prefix == "data"
    assert len(made.lineage.steps) == 1


def test_pipelines_inside_of_the_data(tmp_path):
    write(tmp_path, {"data/Makefile": "x.csv: y.csv\n\ttouch x.csv\n", "data/x.csv": "x\n", "data/y.csv": "y\n"})
    data = tmp_path / "data"
    made = assemble(str(data), described(data), Request(search=False), ())
    assert made.lineage.prefix == ""
    assert [step.name for step in made.lineage.steps] == ["x.csv"]


def test_a_record_of_another_machine(tmp_path):
    write(tmp_path, FILES)
    path = record(tmp_path, "far", ["raw.csv"], ["deep/down/x.csv"])
    data = described(tmp_path / "data")
    step = statement.read(Path(path).read_bytes(), path)
    (tmp_path / "far.step.json").write_bytes(
        statement.dump(step._replace(outputs=(step.outputs[0]._replace(sha256=sha("x\n")),)))
    )
    made = assemble(str(tmp_path / "data"), data, Request(records=(path,), search=False), ())
    assert made.lineage.prefix == "deep/down"


def test_steps_that_wrote_none_of_it(tmp_path):
    write(tmp_path, FILES)
    made = put(tmp_path, records=(record(tmp_path, "other", ["raw.csv"], ["elsewhere.csv"]),))
    assert made.warnings == (
        "no step wrote a file of the dataset; name the directory that they ran in with --workspace",
    )


def test_other_datasets_have_their_place(tmp_path):
    write(tmp_path, FILES)
    other = Dataset("up", "1", (FileEntry("raw.csv", 4, (("SHA-256", sha("raw\n")),)),), "0" * 64)
    named = Upstream("urn:uuid:x", 1, "0" * 64, "up", "1", None)
    path = record(tmp_path, "make", ["raw.csv"], ["data/x.csv"])
    made = put(tmp_path, [(named, other)], records=(path,))
    assert made.lineage.upstream == (named._replace(prefix=""),)
    assert made.lineage.level == OBSERVED


def test_what_scripts_seem_to_say_is_no_claim(tmp_path):
    made = put(write(tmp_path, {"run.py": "open('data/x.csv', 'w')\n", **FILES}))
    assert [(edge.name, edge.kind) for edge in made.lineage.steps[0].outputs] == [("data/x.csv", LITERAL)]
    assert made.lineage.level == NONE


@pytest.mark.parametrize(("root", "found"), [("/a", ""), ("/a/b", "b"), ("/a/b/c", "b/c"), ("/ab", None), ("/", None)])
def test_where_the_data_lies(root, found):
    assert relative("/a", root) == found
    assert relative("/", "/a") == "a"


def test_mistakes(tmp_path):
    write(tmp_path, FILES)
    with pytest.raises(UsageError, match="is no directory"):
        put(tmp_path, workspace=str(tmp_path / "raw.csv"))
    one = record(tmp_path, "same", ["raw.csv"], ["data/x.csv"])
    with pytest.raises(UsageError, match="two records of the step same"):
        put(tmp_path, records=(one, one))
    with pytest.raises(UsageError, match="no file of the workspace"):
        put(tmp_path, sources=(("none.csv", URL),))


def test_problems_are_shown_escaped(tmp_path):
    made = put(write(tmp_path, {"Makefile": "include \x1b[31m.mk\n", **FILES}))
    assert "\x1b" not in "".join(made.warnings)
    assert assembling._SHOWN == 5
