"""Makefiles: rules, variables and functions that need no program; and hostile ones, in bounded time."""

from __future__ import annotations

import pytest
from pipeline_trees import opened, read, reads, said, stages, writes

from sbom.lineage import budget, make
from sbom.lineage.interface import ScriptError
from sbom.lineage.make import MakeReader

REST = {"raw/a.csv": "", "raw/b.csv": "", "raw/.c.csv": "", ".hid/d.csv": "", "other/a.csv": ""}


def makefile(root, text, path="Makefile", files=REST):
    return read(root, MakeReader(), {path: text, **files}, path)


def expanded(root, text):
    """Return what a text becomes in a recipe."""
    head, _, last = text.rpartition("\n")
    pipeline = makefile(root, f"{head}\nout.csv: in.csv x.txt in.csv\n\t{last}\n")
    assert not pipeline.problems
    return pipeline.stages[0].commands[0].strip() if pipeline.stages[0].commands else ""


def test_rules(tmp_path):
    pipeline = makefile(
        tmp_path,
        """\
# a comment
.PHONY: all clean
.DEFAULT_GOAL := all
all: data/out.csv
data/out.csv: clean.py raw/a.csv | data  # why
\t@python clean.py $< \\
\t  $@
\t# a comment of the shell

data/out.csv: extra.csv
data:
\tmkdir data
clean:
\trm -rf data
one.txt two.txt: raw; touch $@
report: raw/b.csv
\techo done
x.csv: VAR = 1
grouped.a grouped.b &: raw/a.csv
\ttouch grouped.a grouped.b
double:: raw/a.csv
\ttouch x
""",
    )
    assert not pipeline.problems
    assert stages(pipeline) == {
        "data/out.csv": (["raw/a.csv", "extra.csv"], ["data/out.csv"]),
        "data": ([], []),
        "clean": ([], []),
        "one.txt": (["raw/"], ["one.txt"]),
        "two.txt": (["raw/"], ["two.txt"]),
        "report": (["raw/b.csv"], []),
        "grouped.a": (["raw/a.csv"], ["grouped.a"]),
        "grouped.b": (["raw/a.csv"], ["grouped.b"]),
        "double": (["raw/a.csv"], []),
    }
    first = pipeline.stages[0]
    assert first.commands == ["python clean.py clean.py  data/out.csv", "# a comment of the shell"]
    assert (first.scripts, first.where) == (["clean.py"], "Makefile:5")


def test_names_are_relative_to_the_makefile(tmp_path):
    pipeline = makefile(tmp_path, "out.csv: ../raw/a.csv ../../etc/x /etc/y\n\tx\n", "sub/GNUmakefile")
    assert stages(pipeline) == {"out.csv": (["raw/a.csv"], ["sub/out.csv"])}
    assert pipeline.stages[0].directory == "sub"


def test_pattern_rules(tmp_path):
    pipeline = makefile(
        tmp_path,
        """\
all: x.csv made/y.csv
%.csv: %.tsv conv.py
\tpython conv.py $< $@ $*
made/%.csv %.log: %.raw
\tx $@
%.tsv: %.zip
\tunzip $<
z1.q z2.q: %.q: %.p
\tcp $< $@
x.csv x.log: other
""",
    )
    assert stages(pipeline) == {
        "z1.q": (["z1.p"], ["z1.q"]),
        "z2.q": (["z2.p"], ["z2.q"]),
        "x.csv": (["x.tsv"], ["x.csv"]),
        "made/y.csv": (["made/y.tsv"], ["made/y.csv"]),
        "made/y.csv y.log": (["y.raw"], ["made/y.csv", "y.log"]),
        "x.tsv": (["x.zip"], ["x.tsv"]),
        "made/y.tsv": (["made/y.zip"], ["made/y.tsv"]),
    }
    assert next(one for one in pipeline.stages if one.name == "x.csv").commands == ["python conv.py x.tsv x.csv x"]


def test_a_pattern_rule_is_used_once_in_a_chain(tmp_path):
    pipeline = makefile(tmp_path, "all: a.csv\n%.csv: %.raw.csv\n\tx\n")
    assert stages(pipeline) == {"a.csv": (["a.raw.csv"], ["a.csv"])}


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("A = x\nB := $(A) y\nA = z\n$(A) ${B} $$HOME $A", "z x y $HOME z"),
        ("A ?= x\nA ?= y\nA += z\n$(A)", "x z"),
        ("B = 1\nA := x\nA += $(B)\nB = 2\n$(A)", "x 1"),
        ("B = 1\nA = x\nA += $(B)\nB = 2\n$(A)", "x 2"),
        ("A += x\n$(A)", "x"),
        ("export A = x\noverride B ::= y\n$(A)$(B)", "xy"),
        ("A = x\nA != rm -rf /\n[$(A)]", "[]"),
        ("define A =\nx\ny\nendef\n$(A)", "x\ny"),
        ("ifeq ($(A),x)\nB = 1\nelse\nB = 2\nendif\n$(B)", "2"),
        ("N = A\nA = x\n$($(N))", "x"),
        ("$@ $< $^ $+ $?", "out.csv in.csv in.csv x.txt in.csv x.txt in.csv x.txt"),
        ("$(@D) $(@F) $(<F) $(@D)/$(basename $(@F)) $(@:.csv=.txt)", ". out.csv in.csv ./out out.txt"),
        ("A = a.c b.c d.h\n$(A:.c=.o) $(A:%.c=o/%)", "a.o b.o d.h o/a o/b d.h"),
        ("$(wildcard raw/*.csv) $(wildcard */a.csv) $(wildcard .hid/*) $(wildcard no.x raw)",
         "raw/a.csv raw/b.csv other/a.csv raw/a.csv .hid/d.csv raw"),
        ("$(patsubst %.csv,%.txt,a.csv b.x) $(patsubst a,b)", "a.txt b.x "),
        ("$(subst a,b,aca) $(subst ,b,aca) $(subst a,b)", "bcb aca "),
        ("$(addprefix p/,a b)$(addsuffix .x,a b)$(addprefix a)", "p/a p/ba.x b.x"),
        ("$(filter %.c x,a.c x y) $(filter-out %.c,a.c x) $(filter a)", "a.c x x "),
        ("$(if x,a,b) $(if ,a,b) $(if ,a) $(if x)", "a b  "),
        ("$(dir a/b c) $(notdir a/b c) $(basename a/b.c) $(suffix a/b.c) $(sort b a b) $(strip  a  b )",
         "a/ ./ b c a/b .c a b a b"),
        ("$(abspath a) $(realpath b)", "a b"),
        ("[$(shell touch pwned)$(foreach x,a b,$(x))$(call f,x)$(eval X=1)$(no)$(firstword a b)]", "[]"),
        ("$(subst $(comma),;,$(if x,(a,b),c))", "(a,b)"),
        ("a $", "a $"),
        ("$", "$"),
    ],
)  # fmt: skip
def test_expansion(tmp_path, text, command):
    assert expanded(tmp_path, text) == command.strip()
    assert not (tmp_path / "pwned").exists()


def test_includes(tmp_path):
    files = {"a.mk": "A = x.csv\ninclude b.mk Makefile", "b.mk": "include a.mk\nB = y.csv", "c.mk": "E := $(", **REST}
    text = "D = .mk\ninclude a$(D) none.mk ../up.mk c.mk\n-include maybe.mk\nsinclude maybe.mk\n$(A): $(B)\n\tx\n"
    pipeline = makefile(tmp_path, text, files=files)
    assert stages(pipeline) == {"x.csv": (["y.csv"], ["x.csv"])}
    problems = said(pipeline)
    assert "includes 'none.mk', which is not there" in problems
    assert "includes '../up.mk', which is not there" in problems
    assert "c.mk: has a reference that is never closed" in problems
    assert "maybe" not in problems


def test_a_chain_of_includes_ends(tmp_path):
    files = {f"i{n}.mk": f"include i{n + 1}.mk\nA += {n}" for n in range(100)}
    pipeline = makefile(tmp_path, "include i0.mk\nx.csv:\n\techo $(A)\n", files=files)
    assert pipeline.stages[0].commands[0].startswith("echo 39 38")


DOUBLING = "\n".join(f"A{n} = $(A{n + 1})$(A{n + 1})" for n in range(60))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{DOUBLING}\nA60 = x\nx.csv:\n\techo $(A0)\n", "more than"),
        (f"{DOUBLING}\nA30 =\nx.csv:\n\techo $(A0)\n", "stands for more"),
        ("x.csv:\n\techo $(open\n", "never closed"),
        (f"A = {'x' * 150_000}\nx.csv:\n\techo $(A)$(A)\n", "200,000 characters"),
        (" ".join(f"x{n}.csv" for n in range(500)) + ":\n" + "\techo\n" * 20_000, "stands for more"),
        ("A = " + "x " * 50_000 + "\n" + "$(A): $(A)\n" * 300 + "\ty\n", "stands for more"),
        (
            "\n".join(f"a{n}.%: b\n\tx" for n in range(4000)) + "\nall: " + " ".join(f"c{n}" for n in range(4000)),
            "stands for more",
        ),
        (f"all: {' '.join(f'c{n}.b' for n in range(6000))}\n%.b: %.a\n\tx\n", "5,000 targets"),
    ],
)
def test_a_makefile_that_stands_for_too_much(tmp_path, text, words):
    try:
        assert words in said(makefile(tmp_path, text))
    except ScriptError as error:
        assert words in str(error)  # noqa: PT017  # the rules themselves cannot be read then


@pytest.mark.parametrize(
    "text",
    [
        "A := x\n" + f"A += {'y' * 1000}\n" * 300,
        "A := x\n" + "A := $(A)$(A)\n" * 40,
        f"A := {'x' * 1000}\nB := $(subst x,$(A),$(A))\nC := $(subst x,$(A),$(B))",
        f"A := {'x ' * 1000}\nB := $(patsubst %,{'y' * 30_000},$(A))",
        f"A := {'x ' * 1000}\nB := $(addprefix {'y' * 30_000},$(A))",
        f"A := {'x ' * 2000}\nB := $(filter {'%y ' * 2000},$(A))",
        "a: b\n\tx\n" * 5001,
    ],
)
def test_assignments_that_grow_too_long(tmp_path, text):
    with pytest.raises(ScriptError, match=r"more than|stands for"):
        makefile(tmp_path, text)


def test_a_variable_that_names_itself(tmp_path):
    assert expanded(tmp_path, "A = x$(B)\nB = y$(A)\n$(A)$(B)") == "xyyx"


def test_what_was_read_before_the_limit_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(make, "MAX_RULES", 2)
    pipeline = makefile(tmp_path, "a.csv b.csv c.csv:\n\tx\n")
    assert [writes(stage) for stage in pipeline.stages] == [["a.csv"], ["b.csv"]]
    assert "more than 2 targets" in said(pipeline)


def test_a_small_budget(tmp_path, monkeypatch):
    monkeypatch.setattr(budget.Budget.__init__, "__defaults__", (50,))
    with pytest.raises(ScriptError, match="stands for more"):
        makefile(tmp_path, "A := $(wildcard raw/*.csv)\nx.csv: $(A)\n")


@pytest.mark.parametrize(
    "text", ["", "\\", "x \\", "define", "define \n", ":", "a", "a):b", "\ta: b", "endef", "=", "%: ; x"]
)
def test_nonsense(tmp_path, text):
    assert not makefile(tmp_path, text).stages


def test_what_is_no_file(tmp_path):
    with opened(tmp_path, {"Makefile/": ""}) as directory:
        assert not MakeReader().accepts("Makefile", directory)


def test_a_directory_and_a_template_are_no_files(tmp_path):
    pipeline = makefile(tmp_path, "raw out.csv: raw other/a.csv $$x task\n\tx\n")
    assert reads(pipeline.stages[1]) == ["raw/", "other/a.csv"]
    assert writes(pipeline.stages[0]) == ["raw/"]
