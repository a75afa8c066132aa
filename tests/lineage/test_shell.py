"""Shell texts as a whole: what they read, write and run, with which lines; hostile ones in bounded time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shell_texts import FILES, command, said, script, short
from test_shellwords import SHELL

from sbom.lineage import shellwalk
from sbom.lineage.interface import Call, ScriptError
from sbom.lineage.shell import ShellReader, read_command


class Empty:
    """A workspace with nothing in it."""

    def text(self, path):
        raise ScriptError("is not there")

    def is_file(self, path):
        return False

    def is_directory(self, path):
        return False

    def listing(self, directory):
        return ()


def test_a_command_of_windows() -> None:
    class One(Empty):
        def is_file(self, path):
            return path == "src/load.py"

    def calls(text, directory=""):
        found = read_command(text, directory, One(), {}, "dvc.yaml:1")
        return [(call.script, *call.arguments) for call in found.calls]

    assert calls(r"python .\src\load.py data\raw\ --to=out\a.csv") == [("src/load.py", "data/raw/", "--to=out/a.csv")]
    assert calls(r"python load.py a\b", "src") == [("src/load.py", "ab")]
    assert calls(r"python src\load.py ..\x 'a b'") == [("src/load.py", "../x", "a b")]
    assert calls(r"python src/load.py a\ b src\other") == [("src/load.py", "a b", "srcother")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # redirections
        ("cat < a > b 2> c; d >> e 2>&1; f &> g; h <> i", "<a >b >e >g <i"),
        ("a 2 > b; a 3>c 1>d >&e >|f; a >&- <&3", ">b >c >d >e >f"),
        ("cat <<E > a\n$X\nE", ">a"),
        ("echo > 'a b'; echo > a b > c; > d", ">a b >a >c >d"),
        ("cat < a < b", "<a <b"),
        ("{ cat a; echo b; } > c", "<a >c"),
        ("while read x; do cat $x; done < a > b", "<a >b"),
        ("echo > $X/y; echo > out/$X; cat > a{1,2}", ">out/"),
        # sequences, pipes, subshells, directories
        ("cat a && cat b || cat c; cat d | cat - e & cat f", "<a <b <c <d <e <f"),
        ("cd data && cat list.txt; cat raw/1.csv", "<data/list.txt <data/raw/1.csv"),
        ("(cd data; cat x); cat y", "<data/x <y"),
        ("cd data/raw; cd ../..; cat x; cd -; cat y; cd src", "<x <data/raw/y"),
        ("pushd data; cat x; popd; cat y; popd", "<data/x <y"),
        ("cd data; cat $PWD/x $(pwd)/y; D=$PWD; cd raw; cat $D/z", "<data/x <data/y <data/z"),
        ("cd ..; cat x", ""),
        ("cd /tmp; cat x > y; python src/a.py; cat https://e.org/x", "<https://e.org/x"),
        ("cd $X; cat x", ""),
        ("cat data data/raw/ .", "<data/ <data/raw/"),
        # variables
        ("A=x B=y; cat $A $B", "<x <y"),
        ("A=x; A=y cat $A; cat $A", "<x <x"),
        ("export A=x; readonly B=$A/y; declare -r C=out/$Q/z; local; cat $A $B $C", "<x <x/y <out/"),
        ("A=x; unset A; cat $A; read A; cat $A; cat ${A}y", "") ,
        ("A=x; A+=y; cat $A; 1x=3; =4", "<xy"),
        ("set -e -- a b c; shift; cat $1; shift 2; cat $1; shift x; set -e", "<b"),
        # conditions
        ("if [ -f a ]; then cat b; elif grep x c; then cat d; else cat e; fi", "<b <c <d <e"),
        ("A=x; if [ $A = x ]; then cat a; else cat b; fi", "<a"),
        ("A=x; if [ $A = y ]; then cat a; elif [[ $A == x* ]]; then cat b; else cat c; fi", "<b"),
        ("A=x; if ! [ $A = x ]; then cat a; fi; if [ $A = x ] && [ -f y ]; then cat b; fi", "<b"),
        ("if [[ $A == x ]]; then cat a; else cat b; fi", "<a <b"),
        ("A=x; case $A in y) cat a;; x|z) cat b;; *) cat c;; esac", "<b"),
        ("case $Q in y) cat a;; *) cat b;; esac; A=x; case $A in $Q) cat c;; x) cat d;; esac", "<a <b <c <d"),
        # loops
        ("for i in a b $Q; do cat d/$i; done", "<d/a <d/b <d/"),
        ("for i in data/raw/*.csv; do cp $i out/$(basename $i .csv).x; done", "<data/raw/1.csv >out/1.x <data/raw/2.csv >out/2.x"),
        ('for i in none/*.csv; do cat "$i"; done', "<none/"),
        ("for i in $(seq 2); do cat $i; done; for ((;;)); do cat z; done", "<1 <2 <z"),
        ("set -- a b; for i; do cat $i; done", "<a <b"),
        ("i=0; while [ $i -lt 3 ]; do cat d/$i; i=$((i+1)); done; cat e/$i", "<d/ <e/"),
        ("until cat a; do cat b; done", "<a <b"),
        # functions
        ("f() { cat $1 > $2; }; f a b; set -- x; f c d; cat $1", "<a >b <c >d <x"),
        ('function f { cat "$@"; }; f a b; f', "<a <b"),
        ("f() { f; cat a; }; g() (cd data; cat x); g; cat y", "<data/x <y"),
        # texts in texts
        ("eval cat a; eval \"cat 'b c'\"; bash -c 'cd data; cat x'; cat y", "<a <b c <data/x <y"),
        ("cat $(cat a) `cat b`; X=$(cat c; echo d)", "<a <b <c"),
        ('cd "$(dirname data/x)"; cat $(basename a/y)', "<data/y"),
        ("cat $(cd data && pwd)/x; cat $(echo a | cat)", "<data/x"),
        ("A=$(git rev-parse --show-toplevel); cd data; cat $A/x", "<x"),
        ("diff <(sort a) <(sort b)", "<a <b"),
        ("", ""),
        ("$(cat a)", "<a"),
    ],
)  # fmt: skip
def test_commands(tmp_path, text, expected) -> None:
    found = command(tmp_path, text)
    assert " ".join(short(found)) == expected
    assert all(one.where == "dvc.yaml:4" for one in found.accesses)


def test_a_script_with_arguments(tmp_path) -> None:
    text = """\
#!/bin/bash
set -euo pipefail
cd "$(dirname "$0")"
stage=$1; shift
case "$stage" in
    train) python src/a.py "$@" > out/log ;;
    *) cat never ;;
esac
[ $# -eq 3 ] && cat ${3}
"""
    found = script(tmp_path, text, "train", "--x", "1", "y")
    assert short(found) == [">out/log", "<y", "!src/a.py --x 1 y"]
    assert [one.where for one in found.accesses] == ["run.sh:6", "run.sh:9"]
    assert found.calls[0].where == "run.sh:6"
    assert not found.problems
    elsewhere = script(tmp_path, text, "train", "--x", "1", "y", directory="src")
    assert short(elsewhere) == short(found)


def test_a_sourced_script_sets_variables_here(tmp_path) -> None:
    files = {
        **FILES,
        "env.sh": "D=out\n\ncat e\nbroken '",
        "self.sh": ". ./self.sh",
        "bin.sh": "\udc80".encode("utf-8", "surrogateescape").decode("latin-1"),
    }
    found = script(tmp_path, "source env.sh; . env.sh\ncat $D/x", files=files)
    assert short(found) == ["<e", "<e", "<out/x"]
    assert [one.where for one in found.accesses] == ["env.sh:3", "env.sh:3", "run.sh:2"]
    assert found.scripts == ["env.sh"]
    assert "env.sh: has a quote or a bracket that is never closed; the rest was not read (line 4)" in said(found)
    assert "nested too deep" in said(script(tmp_path, ". self.sh", files=files))
    assert "reads a script that is unknown" in said(script(tmp_path, "source gone.sh"))
    assert "reads a script that is unknown" in said(script(tmp_path, "source $X"))
    assert said(script(tmp_path, "source gone/activate")) == ""
    (tmp_path / "big.sh").write_bytes(b"\xff\xfe\xff")
    assert "big.sh: is no text" in said(script(tmp_path, ". big.sh"))


def test_a_text_in_a_script_knows_its_lines(tmp_path) -> None:
    found = script(tmp_path, "\nbash -c '\ncat a\ncat b'\neval 'cat c'\nX=$(\ncat d)\ncat e")
    assert [one.where for one in found.accesses] == ["run.sh:3", "run.sh:4", "run.sh:5", "run.sh:7", "run.sh:8"]
    with_first = ShellReader().read(Call("x/Snakefile", (), "", {}, "", "cat a\ncat b", 10), Empty())
    assert [one.where for one in with_first.accesses] == ["x/Snakefile:10", "x/Snakefile:11"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [("dvc.yaml:4", "dvc.yaml:4"), ("a:b:7", "a:b:7"), ("dvc.yaml", "dvc.yaml:1"), ("a:b", "a:b:1")],
)
def test_where(where, expected) -> None:
    assert read_command("cat a", "", Empty(), {}, where).accesses[0].where == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("cat a\ncat b 'c", "never closed; the rest was not read (line 4)"),
        ("eval $X", "evaluates a text that is not known"),
        ('eval "\'"', "has a quote or a bracket that is never closed (line 4)"),
        ("cd $X", "changes to a directory that is unknown or outside"),
        ("python src/gone.py", "runs src/gone.py, which is not there"),
        ("cd /x; python src/a.py", "of which it is not known where it lies: src/a.py"),
        ("( " * 40 + "cat a", "in each other more than 30 deep"),
        ("f() { f; }; f", "is nested too deep; the rest was not read"),
        ("f() { bash -c f; }; f", "is nested too deep; the rest was not read"),
        ("nohup " * 50 + "cat a", "is nested too deep; the rest was not read"),
        ("$(" * 50 + "cat a" + ")" * 50, "is nested too deep; the rest was not read"),
        ("sudo cd; python -c 'x' < " + "\x1b[2J.py; bash \x1b[2J.sh", r"\x1b[2J"),
    ],
)
def test_problems(tmp_path, text, problem) -> None:
    assert problem in said(command(tmp_path, text))


def test_what_cannot_be_read_at_all() -> None:
    for text in ("'", '"$(', "a" * (1 << 21)):
        with pytest.raises(ScriptError):
            read_command(text, "", Empty(), {}, "x:1")


@pytest.mark.parametrize(
    "text",
    [
        "for a in {1..1000}; do for b in {1..1000}; do for c in {1..1000}; do :; done; done; done",
        "for a in {1..1000}; do for b in {1..1000}; do for c in {1..1000}; do done; done; done",
        "f() { f2; f2; }; " + "".join(f"f{n}() {{ f{n + 1}; f{n + 1}; }}; " for n in range(2, 26)) + "f26() { :; }; f",
        "a=" + "x" * 60_000 + "; for i in {1..1000}; do b=$a$i; done",
        "for i in {1..1000}; do bash -c '" + "cat a;" * 5_000 + "'; done",
        "for i in {1..1000}; do x=$(" + "echo a;" * 5_000 + "); done",
        "cat a\n" * 20_000,
        "a=" + "x" * 1_999 + "; for i in {1..1000}; do b=${a%%" + "*x" * 500 + "y}; done",
        ":" + " ${a:-b}" * 20_000,
        "while :; do while :; do while :; do x=1; done; done; done;" * 500,
        "x=1;" * 4_000 + "(:);" * 4_000,
        "[[ " + "a " * 20_000,
        "shift\n" * 6_000,
    ],
)
def test_hostile_texts_end(text) -> None:
    found = read_command(text, "", Empty(), {}, "x:1")
    assert len(found.accesses) <= shellwalk.MAX_COMMANDS


def test_globs_over_many_files_end(tmp_path) -> None:
    class Wide(Empty):
        def listing(self, directory):
            return [f"n{number}" for number in range(10_000)]

        def is_directory(self, path):
            return True

    found = read_command("for i in {1..1000}; do cat */*/*/* n*n*n*n*n*n*x; done", "", Wide(), {}, "x:1")
    assert "takes too long to follow; the rest was not read (line 1)" in said(found)


@given(SHELL | st.text(max_size=50))
@settings(deadline=None, max_examples=200)
def test_any_text_is_read_or_refused(text) -> None:
    try:
        found = read_command(text, "d", Empty(), {}, "x:1")
    except ScriptError:
        return
    for one in found.accesses:
        assert not one.name.startswith(("/", "../")) and "\0" not in one.name
