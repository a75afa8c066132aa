"""Real runs, observed for real: what a script reads and writes, by every way there is, and what cannot be trusted."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import py_compile
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import textwrap

import pytest

from sbom.errors import UsageError
from sbom.inventory.files import state_of
from sbom.lineage import statement
from sbom.recording import run, strace
from sbom.recording.memory import Memory
from sbom.recording.run import NotStartedError, Request, record

GIT = shutil.which("git") or "git"
SHELL = shutil.which("sh") or "sh"
SHARED = "/dev/shm/data-sbom-test"  # noqa: S108  # memory that programs share
REASON = strace.usable()
needs_strace = pytest.mark.skipif(REASON is not None, reason=f"{REASON}: apt install strace, and allow ptrace")


def has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


@pytest.fixture
def home(tmp_path, monkeypatch):
    workspace = tmp_path / "work"
    workspace.mkdir()
    monkeypatch.chdir(workspace)
    return workspace


def recorded(home, script: str, *more: str, observe: str = run.AUTO, **options):
    (home / "step.py").write_text(textwrap.dedent(script))
    return record(Request("step", (sys.executable, "step.py", *more), observe=observe, **options))


def names(edges) -> list[str]:
    return [edge.name for edge in edges]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


EVERYTHING = """
    import mmap, os, shutil, sqlite3, subprocess, sys
    from multiprocessing import get_context
    os.makedirs("out", exist_ok=True)
    def work(n):
        with open("in/forked.txt") as stream, open(f"out/forked-{n}.txt", "w") as target:
            target.write(stream.read())
    if __name__ == "__main__":
        with open("in/plain.txt") as stream:
            text = stream.read()
        with open("out/plain.txt", "w") as stream:
            stream.write(text)
        with open("in/mapped.bin", "rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as view:
            data = view[:]
        with open("out/mapped.bin", "w+b") as stream:
            stream.truncate(len(data))
            with mmap.mmap(stream.fileno(), len(data)) as view:
                view[:] = data
        connection = sqlite3.connect("in/db.sqlite")
        rows = connection.execute("select x from t").fetchall()
        connection.close()
        connection = sqlite3.connect("out/db.sqlite")
        connection.execute("create table t (x)")
        connection.executemany("insert into t values (?)", rows)
        connection.commit()
        connection.close()
        subprocess.run(["sh", "-c", "cat in/child.txt > out/child.txt"], check=True)
        with open("out/part", "w") as stream:
            stream.write("whole")
        os.replace("out/part", "out/renamed.txt")
        shutil.copyfile("in/copied.txt", "out/copied.txt")
        with get_context("fork").Pool(2) as pool:
            pool.map(work, range(3))
        if "pandas" in sys.argv:
            import pandas
            pandas.read_csv("in/frame.csv").to_csv("out/frame.csv", index=False)
        if "pyarrow" in sys.argv:
            import pyarrow.csv, pyarrow.parquet
            pyarrow.parquet.write_table(pyarrow.csv.read_csv("in/arrow.csv"), "out/arrow.parquet")
        if "numpy" in sys.argv:
            import numpy
            numpy.save("out/array.npy", numpy.loadtxt("in/array.txt"))
"""
LIBRARIES = {
    "pandas": ("in/frame.csv", "out/frame.csv"),
    "pyarrow": ("in/arrow.csv", "out/arrow.parquet"),
    "numpy": ("in/array.txt", "out/array.npy"),
}


@pytest.fixture
def inputs(home):
    (home / "in").mkdir()
    for name in ("plain.txt", "forked.txt", "child.txt", "copied.txt"):
        (home / "in" / name).write_text(name)
    (home / "in" / "mapped.bin").write_bytes(b"mapped")
    for name in ("frame.csv", "arrow.csv"):
        (home / "in" / name).write_text("a,b\n1,2\n")
    (home / "in" / "array.txt").write_text("1 2\n3 4\n")
    connection = sqlite3.connect(home / "in" / "db.sqlite")
    connection.execute("create table t (x)")
    connection.commit()
    connection.close()
    return home


READ = ["in/child.txt", "in/copied.txt", "in/db.sqlite", "in/forked.txt", "in/mapped.bin", "in/plain.txt"]
WRITTEN = [
    "out/child.txt", "out/copied.txt", "out/db.sqlite", "out/forked-0.txt", "out/forked-1.txt", "out/forked-2.txt",
    "out/mapped.bin", "out/plain.txt", "out/renamed.txt",
]  # fmt: skip


@needs_strace
@pytest.mark.parametrize("library", ["none", "pandas", "pyarrow", "numpy"])
def test_strace_finds_every_input_and_output(inputs, library):
    if library != "none" and not has(library):
        pytest.skip(f"{library} is not installed: make dev")
    found = recorded(inputs, EVERYTHING, library)
    assert found.exit_code == 0
    extra = LIBRARIES.get(library)
    assert names(found.step.inputs) == sorted([*READ, *([extra[0]] if extra else [])])
    assert names(found.step.outputs) == sorted([*WRITTEN, *([extra[1]] if extra else [])])
    assert names(found.step.scripts) == ["step.py"]
    assert found.step.observation.method == "strace"
    assert found.step.observation.complete, found.step.observation.gaps
    for edge in (*found.step.inputs, *found.step.outputs):
        assert edge.sha256 == sha256((inputs / edge.name).read_bytes())
        assert not edge.hashed_after


@pytest.mark.parametrize("observe", ["audit", "snapshot"])
def test_without_strace_it_says_incomplete(inputs, observe):
    found = recorded(inputs, EVERYTHING, observe=observe)
    assert found.exit_code == 0
    assert not found.step.observation.complete
    assert found.step.observation.gaps
    # Snapshots find every output whatever watches.
    assert names(found.step.outputs) == WRITTEN
    assert found.step.observation.method == ("audit-hook" if observe == "audit" else "snapshot")


def test_the_audit_hook_sees_what_python_opens(inputs):
    found = recorded(inputs, EVERYTHING, observe="audit")
    assert {"in/plain.txt", "in/copied.txt", "in/forked.txt", "in/mapped.bin"} <= set(names(found.step.inputs))
    assert "in/child.txt" not in names(found.step.inputs)


def test_the_audit_hook_leaves_another_sitecustomize_in_place(home, monkeypatch):
    other = home.parent / "other"
    other.mkdir()
    (other / "sitecustomize.py").write_text("open('customized.txt', 'w').close()\n")
    monkeypatch.setenv("PYTHONPATH", str(other))
    found = recorded(home, "pass", observe="audit")
    assert found.exit_code == 0
    assert (home / "customized.txt").exists()


def test_the_record_says_how_it_was_run(home):
    found = recorded(
        home, "import sys; sys.exit(0)", "--seed", "1", parameters=(("seed", "1"),), actor="Jane <j@example.org>"
    )
    step = found.step
    assert step.argv == (sys.executable, "step.py", "--seed", "1")
    assert step.parameters == (("seed", "1"),)
    assert step.actor == "Jane <j@example.org>"
    assert step.directory == ""
    assert step.exit_code == 0
    assert step.started <= step.finished and step.started.endswith("Z")
    assert step.software[0].type == "platform"
    assert step.software[0].version == sys.version.split()[0]
    assert "cryptography" in {one.name for one in step.software}
    assert all(one.purl.startswith("pkg:pypi/") for one in step.software if one.type == "library")
    assert statement.load(statement.dump(step), "x")._replace(origin="") == step._replace(origin="")


def test_the_environment_is_never_recorded(home, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "xyzzy-very-secret")
    found = recorded(home, "print('x')")
    assert b"xyzzy-very-secret" not in statement.dump(found.step)


def test_a_command_that_fails_is_recorded_as_failed(home):
    found = recorded(home, "import sys; open('half', 'w').close(); sys.exit(7)")
    assert found.exit_code == 7 and found.step.exit_code == 7
    assert "half" in names(found.step.outputs)


def test_a_command_that_is_killed_is_recorded_as_failed(home):
    found = recorded(home, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert found.exit_code == 128 + signal.SIGKILL


@pytest.mark.parametrize(("words", "status"), [(("./none",), 127), (("./plain.txt",), 126)])
def test_a_command_that_cannot_be_started(home, words, status):
    (home / "plain.txt").write_text("x")
    with pytest.raises(NotStartedError) as caught:
        record(Request("x", words))
    assert caught.value.exit_status == status


def test_an_input_that_changes_is_material_and_product(home):
    (home / "a.txt").write_text("before")
    found = recorded(home, "text = open('a.txt').read(); open('a.txt', 'w').write('after')")
    (material,) = [edge for edge in found.step.inputs if edge.name == "a.txt"] if REASON is None else [None]
    (product,) = found.step.outputs
    assert product.sha256 == sha256(b"after")
    if material is not None:
        assert material.sha256 == sha256(b"before")


@needs_strace
def test_a_file_that_is_written_and_deleted_is_nobodys(home):
    found = recorded(home, "import os; open('tmp', 'w').close(); open('tmp').read(); os.remove('tmp')")
    assert found.step.inputs == () and found.step.outputs == ()
    assert found.step.observation.complete


@needs_strace
def test_what_it_wrote_itself_is_no_input(home):
    found = recorded(home, "open('a', 'w').write('x'); open('b', 'w').write(open('a').read())")
    assert found.step.inputs == ()
    assert names(found.step.outputs) == ["a", "b"]


@needs_strace
def test_writing_the_same_content_is_writing(home):
    (home / "same").write_text("x")
    found = recorded(home, "open('same', 'w').write('x')")
    assert names(found.step.outputs) == ["same"]


@needs_strace
def test_appending_reads_what_was_there(home):
    (home / "log").write_text("x")
    found = recorded(home, "open('log', 'a').write('y')")
    assert found.step.inputs[0].sha256 == sha256(b"x") and found.step.outputs[0].sha256 == sha256(b"xy")


@needs_strace
def test_a_script_that_changes_itself_is_incomplete(home):
    found = recorded(home, "open('step.py', 'a').write('#')")
    assert not found.step.observation.complete
    assert "the script step.py changed during the run" in found.step.observation.gaps


@needs_strace
def test_modules_of_the_workspace_are_scripts(home):
    (home / "pkg").mkdir()
    (home / "pkg" / "__init__.py").write_text("")
    (home / "pkg" / "helper.py").write_text("X = 1\n")
    for _ in range(2):  # the second time from compiled files
        found = recorded(home, "from pkg import helper")
        assert {"step.py", "pkg/helper.py", "pkg/__init__.py"} == set(names(found.step.scripts))
    assert found.step.inputs == ()


@needs_strace
def test_writing_outside_is_incomplete(home):
    outside = home.parent / "outside.txt"
    found = recorded(home, f"open({str(outside)!r}, 'w').write('x')")
    assert not found.step.observation.complete
    assert any("wrote outside" in gap for gap in found.step.observation.gaps)


@needs_strace
def test_reading_outside_is_incomplete(home):
    outside = home.parent / "outside.txt"
    outside.write_text("x")
    found = recorded(home, f"open({str(outside)!r}).read()")
    assert any("read outside" in gap for gap in found.step.observation.gaps)


@needs_strace
def test_the_network_is_incomplete_unless_a_url_is_declared(home):
    script = "import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()"
    found = recorded(home, script)
    assert any("network" in gap for gap in found.step.observation.gaps)
    found = recorded(home, script, inputs=("https://example.org/a.csv",))
    assert found.step.observation.complete
    assert names(found.step.inputs) == ["https://example.org/a.csv"]


@needs_strace
def test_children_that_outlive_the_command_are_waited_for(home):
    script = """
        import os, time
        if os.fork() == 0:
            os.setsid()
            time.sleep(1)
            open('late.txt', 'w').write('x')
            os._exit(0)
    """
    found = recorded(home, script)
    assert names(found.step.outputs) == ["late.txt"]


@needs_strace
@pytest.mark.parametrize(
    "name", ["a b.txt", "quote'\".txt", "ü.txt", "<x>(y)=1.txt", "back\\x5cslash.txt"[:4] + ".txt"]
)
def test_unusual_names(home, name):
    found = recorded(home, f"open({name!r}, 'w').write('x')")
    assert names(found.step.outputs) == [name]
    assert found.step.observation.complete, found.step.observation.gaps


@needs_strace
@pytest.mark.parametrize("name", ["new\nline", "\udcff"])
def test_names_that_no_record_can_hold_are_a_gap(home, name):
    found = recorded(home, f"open({name!r}, 'w').write('x')")
    assert not found.step.observation.complete
    statement.dump(found.step)


@needs_strace
def test_changes_of_directory_are_followed(home):
    (home / "sub").mkdir()
    (home / "sub" / "a").write_text("x")
    found = recorded(home, "import os; os.chdir('sub'); os.rename('a', 'b'); os.link('b', 'c')")
    assert names(found.step.inputs) == ["sub/a"]
    assert names(found.step.outputs) == ["sub/b", "sub/c"]
    assert found.step.observation.complete, found.step.observation.gaps


@needs_strace
def test_a_directory_that_is_renamed_takes_its_files_along(home):
    found = recorded(home, "import os; os.mkdir('tmp'); open('tmp/a', 'w').write('x'); os.rename('tmp', 'out')")
    assert names(found.step.outputs) == ["out/a"]
    assert found.step.observation.complete, found.step.observation.gaps


def test_declared_inputs_must_be_there(home):
    with pytest.raises(UsageError, match="is a declared input, and is not there"):
        recorded(home, "open('ran', 'w').close()", inputs=("none.csv",))
    assert not (home / "ran").exists()


@needs_strace
def test_declarations_and_deeds_are_compared(home):
    for name in ("a.csv", "b.csv", "c.csv"):
        (home / name).write_text(name)
    found = recorded(
        home,
        "open('a.csv').read(); open('b.csv').read(); open('x.csv', 'w').write('x')",
        inputs=("a.csv", "c.csv"),
        outputs=("x.csv", "y.csv"),
    )
    assert found.untouched == (("c.csv", "--input"), ("y.csv", "--output"))
    assert found.undeclared == (("b.csv", "--input"),)
    kinds = {edge.name: [word.kind for word in edge.words] for edge in (*found.step.inputs, *found.step.outputs)}
    assert (
        kinds["a.csv"] == ["observed", "declared"] and kinds["b.csv"] == ["observed"] and kinds["c.csv"] == ["declared"]
    )
    assert not found.step.observation.complete
    assert "the declared output y.csv was not written" in found.step.observation.gaps


@needs_strace
def test_an_input_that_nobody_knew_of_is_hashed_afterwards(home):
    (home / "root").mkdir()
    (home / "other").mkdir()
    path = home / "other" / "late.csv"
    path.write_text("x")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    found = recorded(home, "open('other/late.csv').read()", roots=("root",))
    (edge,) = found.step.inputs
    assert edge.hashed_after and edge.sha256 == sha256(b"x")
    assert found.step.observation.complete, found.step.observation.gaps
    found = recorded(home, "open('other/late.csv').read(); open('other/late.csv', 'a').write('y')", roots=("root",))
    assert not found.step.observation.complete


@needs_strace
def test_standard_input_and_output_are_files_too(home):
    (home / "in.txt").write_text("x")
    (home / "step.py").write_text("import sys; sys.stdout.write(sys.stdin.read())")
    program = (
        "import json,sys; from sbom.recording.run import *; r = record(Request('s', (sys.executable, 'step.py')));"
    )
    program += (
        "open('r.json', 'w').write(json.dumps([[e.name for e in r.step.inputs], [e.name for e in r.step.outputs]]))"
    )
    with open(home / "in.txt") as source, open(home / "out.txt", "w") as target:
        subprocess.run([sys.executable, "-c", program], stdin=source, stdout=target, check=True, cwd=home)
    inputs, outputs = json.loads((home / "r.json").read_text())
    assert "in.txt" in inputs and "out.txt" in outputs


def test_the_commit_is_recorded(home):
    git = [GIT, "-c", "user.name=x", "-c", "user.email=x@example.org"]
    (home / "tracked").write_text("x")
    for words in (["init", "-q"], ["add", "tracked"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], cwd=home, check=True, capture_output=True)
    found = recorded(home, "pass")
    assert len(found.step.revision.commit) == 40 and found.step.revision.dirty is False
    (home / "tracked").write_text("y")
    assert recorded(home, "pass").step.revision.dirty is True


def test_the_repository_is_the_workspace(home, monkeypatch):
    subprocess.run([GIT, "init", "-q"], cwd=home, check=True)
    (home / "sub").mkdir()
    (home / "a.csv").write_text("x")
    monkeypatch.chdir(home / "sub")
    found = record(Request("s", ("cp", "../a.csv", "b.csv"), inputs=("../a.csv",), outputs=("b.csv",)))
    assert found.step.directory == "sub"
    assert names(found.step.inputs) == ["a.csv"] and names(found.step.outputs) == ["sub/b.csv"]
    found = record(Request("s", ("cp", "../a.csv", "b.csv"), workspace=".."))
    assert names(found.step.outputs) == ["sub/b.csv"]
    (home.parent / "elsewhere").mkdir()
    with pytest.raises(UsageError, match="does not hold the working directory"):
        record(Request("s", ("true",), workspace=home.parent / "elsewhere"))


@pytest.mark.parametrize(
    "more",
    [
        {"observe": "magic"},
        {"roots": ("..",)},
        {"roots": ("none",)},
        {"outputs": ("/elsewhere",)},
        {"parameters": (("a", "1"), ("a", "2"))},
    ],
)
def test_wrong_usage(home, more):
    with pytest.raises(UsageError):
        recorded(home, "pass", **more)


def test_no_command_and_no_name(home):
    with pytest.raises(UsageError):
        record(Request("x", ()))
    with pytest.raises(UsageError):
        record(Request(" ", ("true",)))


# Attacks: whatever the command does, the record is true, or says that it is not complete.


def gaps_of(found) -> str:
    assert not found.step.observation.complete
    return "\n".join(found.step.observation.gaps)


@needs_strace
@pytest.mark.parametrize("target", ["outside", "system"])
def test_an_input_behind_a_link_to_elsewhere_is_a_gap(home, target):
    outside = home.parent / "outside.txt"
    outside.write_text("x")
    (home / "link.txt").symlink_to(outside if target == "outside" else "/etc/passwd")
    found = recorded(home, "open('link.txt').read()")
    assert "read outside of the workspace" in gaps_of(found) and found.step.inputs == ()


@needs_strace
def test_an_output_behind_a_link(home):
    outside = home.parent / "outside.txt"
    (home / "inner.txt").symlink_to("real.txt")
    (home / "outer.txt").symlink_to(outside)
    found = recorded(home, "open('inner.txt', 'w').write('x')")
    assert names(found.step.outputs) == ["real.txt"] and found.step.observation.complete
    found = recorded(home, "open('outer.txt', 'w').write('x')", outputs=("outer.txt",))
    assert f"wrote outside of the workspace: {outside}" in gaps_of(found)
    assert found.untouched == (("outer.txt", "--output"),)


@needs_strace
def test_a_pipe_as_input_is_a_gap(home):
    os.mkfifo(home / "pipe")
    script = """
        import os, threading
        writer = threading.Thread(target=lambda: open('pipe', 'w').write('x'))
        writer.start()
        open('out', 'w').write(open('pipe').read())
        writer.join()
    """
    found = recorded(home, script)
    assert names(found.step.outputs) == ["out"]
    # It wrote into the pipe itself; somebody else could have as well.
    other = subprocess.Popen([SHELL, "-c", "echo x > pipe"], cwd=home)
    found = recorded(home, "open('out', 'w').write(open('pipe').read())")
    other.wait()
    assert "the input pipe is no regular file" in gaps_of(found)


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_standard_input_from_another_program_is_a_gap(home, kind):
    program = "from sbom.recording.run import *; r = record(Request('s', ('cat',))); print(*r.step.observation.gaps)"
    command = [sys.executable, "-c", program]
    if kind == "pipe":
        done = subprocess.run(command, input="x", capture_output=True, text=True, check=True, cwd=home)
    else:
        ours, theirs = socket.socketpair()
        ours.close()
        with theirs:
            done = subprocess.run(command, stdin=theirs, capture_output=True, text=True, check=True, cwd=home)
    assert "its standard input came from another program" in done.stdout


@needs_strace
@pytest.mark.parametrize("place", [".cache/rows.csv", "venv/rows.csv", "__pycache__/rows.csv", ".git/rows.csv", SHARED])
def test_places_that_nobody_looks_at_are_gaps(home, place):
    path = home / place
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    try:
        assert "it read" in gaps_of(recorded(home, f"open({place!r}).read()"))
        assert "it wrote" in gaps_of(recorded(home, f"open({place!r}, 'w').write('y')"))
    finally:
        path.unlink()


@needs_strace
def test_handing_over_through_a_temporary_file_is_a_gap(home):
    other = home.parent / "handed-over"
    other.write_text("x")
    found = recorded(home, f"import os; open('out', 'w').write(open({str(other)!r}).read()); os.remove({str(other)!r})")
    assert str(other) in gaps_of(found)


@needs_strace
def test_another_program_that_changes_an_input_meanwhile_is_noticed(home):
    (home / "in.csv").write_text("good")
    os.utime(home / "in.csv", (1, 1))
    script = """
        import os, time
        open('ready', 'w').close()
        while not os.path.exists('go'): time.sleep(0.01)
        open('out.csv', 'w').write(open('in.csv').read())
        open('read', 'w').close()
        while not os.path.exists('back'): time.sleep(0.01)
    """
    attack = (
        "while ! test -e ready; do sleep 0.01; done; printf evil > in.csv; touch go;"
        "while ! test -e read; do sleep 0.01; done; printf good > in.csv; touch -d @1 in.csv; touch back"
    )
    other = subprocess.Popen([SHELL, "-c", attack], cwd=home)
    found = recorded(home, script)
    other.wait()
    assert "the input in.csv was changed by something that was not observed" in gaps_of(found)


@needs_strace
def test_a_connection_that_nobody_waits_for_is_a_connection(home):
    script = """
        import socket
        with socket.create_server(('127.0.0.1', 0)) as server, socket.socket() as client:
            client.settimeout(5)
            client.connect(server.getsockname())
    """
    assert "network" in gaps_of(recorded(home, script))


@needs_strace
def test_libraries_that_try_out_what_the_machine_knows_use_no_network(home):
    script = """
        import socket
        try:
            with socket.socket(socket.AF_INET6) as probe:
                probe.bind(('::1', 0))
        except OSError:
            pass
    """
    found = recorded(home, script)
    if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6"):
        assert found.step.observation.complete, found.step.observation.gaps


@needs_strace
def test_a_hostile_environment(home, monkeypatch):
    """What the environment says reaches the command, and neither what watches it nor the record."""
    (home / "sitecustomize.py").write_text("open('customized', 'w').close()\n")
    monkeypatch.setenv("PYTHONPATH", str(home))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    monkeypatch.setenv("DATA_SBOM_RECORD_LOG", "/nowhere")
    found = recorded(home, "open('out', 'w').close()")
    assert names(found.step.outputs) == ["customized", "out"]
    assert "sitecustomize.py" in names(found.step.scripts)
    assert found.step.observation.complete, found.step.observation.gaps


@needs_strace
def test_a_modified_compiled_module_is_named(home):
    """Without its source it is a script of its own."""
    (home / "helper.py").write_text("X = 1\n")
    py_compile.compile(str(home / "helper.py"), cfile=str(home / "helper.pyc"))
    (home / "helper.py").unlink()
    found = recorded(home, "import helper")
    assert "helper.pyc" in names(found.step.scripts)


def test_gaps_beyond_number_are_counted(home, monkeypatch):
    monkeypatch.setattr(run, "_MAX_GAPS", 2)
    assert run._gaps(["a", "b\x1b", "c", "d"]) == ("a", "b\\x1b", "and 2 more")


def test_strace_may_be_insisted_on(home, monkeypatch):
    monkeypatch.setenv("PATH", str(home))
    with pytest.raises(UsageError, match="cannot observe with strace: strace is not installed"):
        recorded(home, "pass", observe="strace")
    found = recorded(home, "pass")
    assert found.step.observation.method == "audit-hook" and not found.step.observation.complete


@needs_strace
def test_what_changed_just_now_is_not_remembered(home):
    (home / "in.csv").write_text("x")
    os.utime(home / "in.csv", (1, 1))
    recorded(home, "open('in.csv').read()")
    # Its change time, which nobody can set back, says so.
    assert Memory(os.path.realpath(home)).sha256("in.csv", state_of(os.stat("in.csv"))) is None


@pytest.mark.parametrize("number", [0, 1])
def test_streams_that_are_closed(home, number):
    program = f"import os; os.close({number}); from sbom.recording.run import *; r = record(Request('s', ('true',)));"
    program += "open('code', 'w').write(str(r.exit_code))"
    subprocess.run([sys.executable, "-c", program], stdin=subprocess.DEVNULL, check=True, cwd=home)
    assert (home / "code").read_text() == "0"


@needs_strace
def test_a_stream_in_this_process(home):
    """Where the caller's shell redirected both, with what it opened for the command."""
    (home / "in.txt").write_text("x")
    kept = os.dup(0), os.dup(1)
    try:
        with open("in.txt") as source, open("out.txt", "w") as target:
            os.dup2(source.fileno(), 0)
            os.dup2(target.fileno(), 1)
            found = record(Request("s", ("cat",)))
    finally:
        for number, old in enumerate(kept):
            os.dup2(old, number)
            os.close(old)
    assert names(found.step.inputs) == ["in.txt"] and names(found.step.outputs) == ["out.txt"]
    assert found.step.observation.complete, found.step.observation.gaps
