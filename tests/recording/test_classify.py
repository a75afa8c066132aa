"""What becomes of what was seen: materials, products, scripts, and why it may not be all. Without running anything."""

from __future__ import annotations

import hashlib
import os
import time

import pytest

from sbom.recording.classify import Inquiry, classify
from sbom.recording.events import NETWORK, Events
from sbom.recording.snapshot import take


class Case:
    """A workspace before and after a run that the test itself plays."""

    def __init__(self, place) -> None:
        self.place = place
        self.events = Events()
        self.roots: tuple[str, ...] = ("",)
        self.inputs: tuple[str, ...] = ()
        self.outputs: tuple[str, ...] = ()
        self.scripts: tuple[str, ...] = ()
        self.software: tuple[str, ...] = ()
        self.own: str | None = None

    def write(self, name: str, text: str) -> str:
        path = self.place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    def path(self, name: str) -> str:
        return str(self.place / name)

    def begin(self) -> None:
        self.before = take(str(self.place), self.roots, lambda *_: None)
        time.sleep(0.03)
        self.began = time.time_ns()
        time.sleep(0.03)

    def end(self, *, watched: bool = True):
        after = take(str(self.place), self.roots, self.before.sha256)
        inquiry = Inquiry(
            str(self.place), self.inputs, self.outputs, self.scripts, self.roots, self.software, self.began, self.own
        )
        return classify(self.events, self.before, after, inquiry, watched=watched)


@pytest.fixture
def case(tmp_path) -> Case:
    place = tmp_path / "w"
    place.mkdir()
    return Case(place)


def names(edges) -> list[str]:
    return [edge.name for edge in edges]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_read_and_written(case: Case) -> None:
    case.events.reads(case.write("in", "x"))
    case.begin()
    case.events.writes(case.write("out", "y"))
    case.events.reads(case.path("."))
    case.events.reads(case.path("out"))
    found = case.end()
    assert [(one.name, one.sha256, one.size) for one in found.inputs] == [("in", sha256("x"), 1)]
    assert [(one.name, one.sha256) for one in found.outputs] == [("out", sha256("y"))]
    assert found.gaps == found.untouched == found.undeclared == ()


def test_an_input_that_the_run_changed_is_what_it_was(case: Case) -> None:
    case.events.reads(case.write("a", "x"))
    case.begin()
    case.events.writes(case.write("a", "y"))
    found = case.end()
    assert found.inputs[0].sha256 == sha256("x") and found.outputs[0].sha256 == sha256("y") and not found.gaps


class TestDisturbed:
    def test_somebody_else_changed_an_input_and_changed_it_back(self, case: Case) -> None:
        case.events.reads(case.write("a", "x"))
        case.begin()
        case.write("a", "poison")
        case.write("a", "x")
        assert case.end().gaps == ("the input a was changed by something that was not observed",)
        assert case.end(watched=False).gaps == ()

    def test_another_name_for_it_is_no_change(self, case: Case) -> None:
        case.write("a", "x")
        case.begin()
        os.link(case.path("a"), case.path("b"))
        case.events.links(case.path("a"), case.path("b"))
        found = case.end()
        assert names(found.inputs) == ["a"] and names(found.outputs) == ["b"] and not found.gaps

    def test_somebody_else_wrote(self, case: Case) -> None:
        case.begin()
        case.write("a", "x")
        assert case.end().gaps == ("a was changed by something that was not observed",)
        assert case.end(watched=False).gaps == ()


class TestLate:
    @pytest.fixture(autouse=True)
    def _root(self, case: Case) -> None:
        case.roots = ("root",)

    def test_what_turned_out_to_be_an_input_is_hashed_afterwards(self, case: Case) -> None:
        case.events.reads(case.write("other/a", "x"))
        case.begin()
        (edge,) = case.end().inputs
        assert edge.hashed_after and edge.sha256 == sha256("x")

    @pytest.mark.parametrize("back", [False, True])
    def test_what_changed_meanwhile_is_a_gap(self, case: Case, *, back: bool) -> None:
        case.events.reads(case.write("other/a", "x"))
        case.begin()
        path = case.write("other/a", "y")
        if back:
            os.utime(path, (1, 1))
        assert case.end().gaps == ("the input other/a changed during the run, and was not hashed before it",)

    def test_outputs_are_found_all_the_same(self, case: Case) -> None:
        case.begin()
        case.events.writes(case.write("other/out", "x"))
        assert names(case.end().outputs) == ["other/out"]

    def test_inputs_that_are_gone_or_no_files(self, case: Case) -> None:
        case.begin()
        os.mkfifo(case.path("pipe"))
        for name in ("gone", "pipe"):
            case.events.reads(case.path(name))
        found = case.end()
        assert found.inputs == () and found.gaps == (
            "the input gone is not there any more",
            "the input pipe is no regular file: what it gave is not known",
        )


class TestRenamedDirectories:
    @pytest.mark.parametrize("roots", [("",), ("root",)])
    def test_what_lies_in_them_is_read_and_written(self, case: Case, roots) -> None:
        case.roots = roots
        case.write("in/a", "x")
        case.write("in/sub/b", "y")
        case.begin()
        case.events.writes(case.write("in/new", "z"))
        os.rename(case.path("in"), case.path("out"))
        case.events.renames(case.path("in"), case.path("out"))
        found = case.end()
        assert names(found.outputs) == ["out/a", "out/new", "out/sub/b"]
        if roots == ("",):
            assert names(found.inputs) == ["in/a", "in/sub/b"] and not found.gaps
        else:
            assert found.gaps  # what they were when the run began is not known

    def test_from_outside(self, case: Case, tmp_path) -> None:
        case.begin()
        case.write("out/a", "x")
        case.events.renames(str(tmp_path / "elsewhere"), case.path("out"))
        found = case.end()
        assert names(found.outputs) == ["out/a"]
        assert found.gaps == (f"it read outside of the workspace: {tmp_path}/elsewhere, {tmp_path}/elsewhere/a",)


class TestLinks:
    def test_a_link_to_a_file_of_the_workspace_is_a_product_with_its_content(self, case: Case) -> None:
        case.write("real", "x")
        case.begin()
        os.symlink("real", case.path("link"))
        case.events.writes(case.path("link"))
        (edge,) = case.end().outputs
        assert (edge.name, edge.sha256) == ("link", sha256("x"))

    @pytest.mark.parametrize("target", ["/etc/passwd", "none", "."])
    def test_one_to_anything_else_is_a_gap(self, case: Case, target: str) -> None:
        case.begin()
        os.symlink(target, case.path("link"))
        case.events.writes(case.path("link"))
        found = case.end()
        assert found.outputs == () and found.gaps == ("it made the link link, which leads to no file of the workspace",)

    @pytest.mark.parametrize("target", ["/usr/share/words", "/mnt/words"])
    def test_reading_through_one_to_elsewhere_is_a_gap(self, case: Case, target: str) -> None:
        case.begin()
        case.events.reads(target, case.path("words"))
        assert case.end().gaps == (f"it read outside of the workspace: {target}",)


class TestElsewhere:
    def test_outside(self, case: Case, tmp_path) -> None:
        case.begin()
        for index in range(7):
            path = tmp_path / f"{index}"
            path.write_text("x")
            case.events.reads(str(path))
            case.events.writes(str(path))
        case.events.writes(str(tmp_path / "temporary"))
        case.events.reads(str(tmp_path))
        read, wrote = case.end().gaps
        assert read.startswith("it read outside of the workspace: ") and read.endswith(" and 2 more")
        assert wrote.startswith("it wrote outside of the workspace: ") and "temporary" not in wrote

    def test_what_was_read_elsewhere_and_then_deleted_was_read(self, case: Case, tmp_path) -> None:
        case.begin()
        case.events.reads(str(tmp_path / "handed-over"))
        assert case.end().gaps == (f"it read outside of the workspace: {tmp_path}/handed-over",)

    def test_tools(self, case: Case) -> None:
        case.events.reads(case.write(".cache/a", "x"))
        case.begin()
        case.events.writes(case.write("venv/b", "x"))
        case.events.writes(case.path("venv/gone"))
        assert case.end().gaps == (
            f"it read what belongs to a tool, and is in no record: {case.path('.cache/a')}",
            f"it wrote what belongs to a tool, and is in no record: {case.path('venv/b')}",
        )

    def test_software_is_no_material(self, case: Case) -> None:
        case.software = (case.path(".venv"),)
        case.begin()
        case.events.reads(case.write(".venv/lib/x.py", "x"))
        assert case.end().gaps == ()

    def test_the_network_and_declared_urls(self, case: Case) -> None:
        case.begin()
        case.events.gap(NETWORK)
        assert case.end().gaps == (NETWORK,)
        case.inputs = ("https://example.org/x",)
        found = case.end()
        assert found.gaps == () and names(found.inputs) == ["https://example.org/x"] and found.untouched == ()


@pytest.mark.parametrize("name", ["new\nline", "\udcff", "back\\slash"])
def test_names_that_no_record_can_hold(case: Case, name: str) -> None:
    case.begin()
    case.events.writes(case.write(name, "x"))
    case.events.reads(case.path(name))
    found = case.end()
    assert found.outputs == () and len(found.gaps) == 1 and "a name that no record can hold" in found.gaps[0]


class TestScripts:
    def test_programs_modules_and_what_interpreters_are_given(self, case: Case) -> None:
        for name in ("tool", "main.py", "pkg/m.py", "q.sql", "other.sql", "data.csv"):
            case.events.reads(case.write(name, name))
        for module in ("pkg/m", "pkg/lost"):
            directory, _, base = module.rpartition("/")
            case.events.reads(case.write(f"{directory}/__pycache__/{base}.cpython-311.pyc", "x"))
        case.events.reads(case.write("plain.pyc", "x"))
        case.scripts = ("named.txt",)
        case.write("named.txt", "x")
        case.begin()
        case.events.runs(case.path("tool"), ("tool",), case.path(""))
        case.events.runs("/usr/bin/duckdb", ("duckdb", "m.py", "../q.sql", "data.csv"), case.path("pkg"))
        found = case.end()
        assert [one.name for one in found.scripts] == [
            "main.py", "named.txt", "pkg/__pycache__/lost.cpython-311.pyc", "pkg/m.py", "plain.pyc", "q.sql", "tool",
        ]  # fmt: skip
        assert names(found.inputs) == ["data.csv", "other.sql"]
        assert all(one.sha256 for one in found.scripts) and found.gaps == ()

    def test_declared_data_is_no_script(self, case: Case) -> None:
        case.events.reads(case.write("in/a.js", "x"))
        case.inputs = ("in/",)
        case.begin()
        found = case.end()
        assert names(found.inputs) == ["in/a.js"] and found.scripts == ()

    def test_one_that_changed_and_one_that_is_gone(self, case: Case) -> None:
        case.events.reads(case.write("a.py", "x"))
        case.scripts = ("none.py",)
        case.begin()
        case.events.writes(case.write("a.py", "y"))
        found = case.end()
        assert found.scripts[0].sha256 == sha256("x") and found.scripts[1].sha256 is None
        assert found.gaps == ("the script a.py changed during the run", "the script none.py is not there any more")

    def test_programs_elsewhere_are_none(self, case: Case) -> None:
        case.begin()
        case.events.runs("/usr/bin/x", ("x",), None)
        case.events.runs(case.path("venv/bin/python"), ("x",), None)
        assert case.end().scripts == ()


class TestDeclared:
    def test_untouched_and_undeclared(self, case: Case) -> None:
        for name in ("a", "b", "dir/c", "idle/d"):
            case.write(name, name)
        case.inputs = ("a", "dir/", "idle/", "idle2")
        case.outputs = ("out/", "never", "empty/")
        case.begin()
        for name in ("b", "dir/c"):
            case.events.reads(case.path(name))
        for name in ("out/x", "y"):
            case.events.writes(case.write(name, name))
        found = case.end()
        assert set(found.untouched) == {
            ("a", "--input"), ("idle/", "--input"), ("idle2", "--input"), ("empty/", "--output"), ("never", "--output"),
        }  # fmt: skip
        assert found.undeclared == (("b", "--input"), ("y", "--output"))
        assert set(found.gaps) == {
            "the declared output never was not written",
            "the declared output empty/ was not written",
        }
        (first,) = [edge for edge in found.inputs if edge.name == "a"]
        assert first.sha256 == sha256("a")

    def test_the_record_itself_is_neither(self, case: Case) -> None:
        case.own = "x.step.json"
        case.events.reads(case.write("x.step.json", "old"))
        case.begin()
        case.write("x.step.json", "new")
        found = case.end()
        assert found.inputs == found.outputs == () and found.gaps == ()


def test_what_cannot_be_hashed(case: Case, monkeypatch) -> None:
    case.events.reads(case.write("a", "x"))
    case.begin()
    case.events.writes(case.write("b", "x"))
    case.before.files["a"] = case.before.files["a"]._replace(sha256=None)
    case.before = case.before._replace(problems=(("a", "unreadable"),))
    after = take(str(case.place), ("",), case.before.sha256)
    after.files["b"] = after.files["b"]._replace(sha256=None)
    inquiry = Inquiry(str(case.place), (), (), (), ("",), (), case.began, None)
    found = classify(case.events, case.before, after, inquiry, watched=True)
    assert found.outputs == found.inputs == ()
    assert found.gaps == (
        "the input a could not be hashed", "the output b could not be hashed", "a could not be hashed: unreadable",
    )  # fmt: skip
