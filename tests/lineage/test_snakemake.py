"""Snakemake: rules, and the jobs that are wanted."""

from __future__ import annotations

import pytest
from pipeline_trees import opened, read, reads, said, stages

from sbom.lineage import budget, snakemake
from sbom.lineage.snakemake import SnakemakeReader

ALL = 'rule all:\n    input: expand("out/{s}.{e}", s=SAMPLES, e=["csv", "log"])\n'


def snakefile(root, text, path="Snakefile", **files):
    return read(root, SnakemakeReader(), {path: text, **files}, path)


def test_rules(tmp_path):
    pipeline = snakefile(
        tmp_path,
        '''\
"""A workflow."""
import os
rule clean:  # first
    input:
        "raw.csv",
        code="clean.py",
        more=["a.csv", "b.csv"]
    output: data="clean.csv", other=temp("x.tmp")
    params: n=3, who="Jane", unknown=lambda w: 1
    threads: 4
    resources: mem_mb=100
    log: "clean.log"
    shell:
        "python {input.code} {input[0]} --n {params.n} {output.data} {input.more:q} {{x}} {log} {nothing}"

checkpoint split:
    input: "clean.csv"
    output: directory("parts")
    script: "scripts/split.py"
rule:
    input: ancient("parts/"), "https://example.org/x.csv", "/abs/path"
    output: "final.csv"
    run:
        shell: x
        input: y
rule notebook:
    notebook: "a.ipynb"
rule lonely:
    script: "scripts/split.py"
rule nothing:
    message: "hi"
''',
        **{"scripts/split.py": ""},
    )
    assert not pipeline.problems
    assert stages(pipeline) == {
        "clean": (["raw.csv", "a.csv", "b.csv"], ["clean.csv", "x.tmp"]),
        "split": (["clean.csv"], ["parts/"]),
        "rule_20": (["parts/", "https://example.org/x.csv"], ["final.csv"]),
        "notebook": ([], []),
        "lonely": ([], []),
    }
    clean, split, _, notebook, lonely = pipeline.stages
    assert clean.commands == ["python clean.py raw.csv --n 3 clean.csv a.csv b.csv {x} clean.log {nothing}"]
    assert clean.parameters == {"n": 3, "who": "Jane"}
    assert (clean.scripts, clean.where) == (["Snakefile", "clean.py"], "Snakefile:3")
    assert (split.scripts, split.calls) == (["Snakefile", "scripts/split.py"], [])
    assert notebook.scripts == ["Snakefile", "a.ipynb"]
    assert [call.script for call in lonely.calls] == ["scripts/split.py"]


def test_jobs(tmp_path):
    pipeline = snakefile(
        tmp_path,
        """\
SAMPLES = ["a", "b"]
"""
        + ALL
        + """\
rule get:
    output: "raw/{s}.zip"
    shell: "curl -o {output} https://example.org/{wildcards.s}"
rule make:
    input: "raw/{s}.zip"
    output: "out/{s}.csv", "out/{s}.log"
    shell: "make {input} {output[1]}"
rule unused:
    output: "unused/{s,[a-z]+}.x"
    shell: "x"
""",
    )
    assert stages(pipeline) == {
        "make@a": (["raw/a.zip"], ["out/a.csv", "out/a.log"]),
        "make@b": (["raw/b.zip"], ["out/b.csv", "out/b.log"]),
        "get@a": ([], ["raw/a.zip"]),
        "get@b": ([], ["raw/b.zip"]),
    }
    assert {stage.name: stage.commands for stage in pipeline.stages}["get@a"] == [
        "curl -o raw/a.zip https://example.org/a"
    ]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("{a}", "x", {"a": "x"}),
        ("p/{a}.csv", "p/x.csv", {"a": "x"}),
        ("p/{a}.csv", "q/x.csv", None),
        ("p/{a}.csv", "p/.csv", None),
        ("p/{a}.csv", "p/x.csv.gz", None),
        ("{a}_{b}.csv", "x_y.csv", {"a": "x", "b": "y"}),
        ("{a}/{a}.csv", "x/x.csv", {"a": "x"}),
        ("{a}/{a}.csv", "x/y.csv", None),
        ("{a}-{b}", "xy", None),
        ("{a}-{b}", "x-y-z", {"a": "x", "b": "y-z"}),
        ("x", "x", {}),
        ("x", "xy", None),
    ],
)
def test_wildcards(pattern, text, found):
    assert snakemake._match(pattern, text) == found


def test_files_and_configuration(tmp_path):
    pipeline = snakefile(
        tmp_path,
        """\
configfile: "config/a.yaml"
configfile: "config/b.yaml"
configfile: "config/none.yaml"
configfile: variable
include: "rules/one.smk"
include: "../../up.smk"
include: "none.smk"
rule last:
    input: config["in"]["name"], config["no"], config[1], ODD
    output: f"{OUT}.csv"
""",
        "workflow/Snakefile",
        **{
            "config/a.yaml": "in: {name: first.csv}\nout: x",
            "config/b.yaml": "in: {name: second.csv}",
            "workflow/rules/one.smk": 'include: "one.smk"\nOUT = config["out"]\nrule one:\n  output: OUT\n  shell: "x"\n',
        },
    )
    assert stages(pipeline) == {"one": ([], ["x"]), "last": (["second.csv"], ["x.csv"])}
    assert pipeline.stages[1].scripts == [
        "workflow/Snakefile",
        "config/a.yaml",
        "config/b.yaml",
        "workflow/rules/one.smk",
    ]
    for words in ("config/none.yaml: cannot be read", "workflow/none.smk: cannot be read"):
        assert words in said(pipeline)


def test_a_working_directory(tmp_path):
    pipeline = snakefile(tmp_path, 'workdir: "sub/"\nrule a:\n  output: "x.csv"\n  shell: "y"\n')
    assert (pipeline.stages[0].directory, stages(pipeline)) == ("sub", {"a": ([], ["sub/x.csv"])})


def test_what_is_no_python_around_the_rules(tmp_path):
    text = 'S = ["a"]\nT = [\n  "b"]\nmodule x:\n    snakefile: "y"\nuse rule a from x\nrule b:\n  output: expand("{s}", s=S), T\n  shell: "x"\n'
    assert stages(snakefile(tmp_path, text)) == {"b": ([], ["a"])}


@pytest.mark.parametrize(
    "section",
    [
        "x",
        "lambda w: w.x",
        "**k",
        "*k",
        "1, ",
        ") + (",
        "expand('{a}', a=x)",
        "expand('{a}', **k)",
        "expand()",
        "f('a')",
        "'\x00'",
        "[",
    ],
)
def test_sections_that_say_nothing(tmp_path, section):
    assert stages(snakefile(tmp_path, f"rule a:\n  input: {section}\n  output: 'o'\n")) == {"a": ([], ["o"])}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("L = ['x']\n" + "L = L + L\n" * 60 + "rule a:\n  input: L\n  output: 'o'\n", ""),
        ("\n".join(f"L{n} = [L{n - 1}, L{n - 1}]" if n else "L0 = ['x', 'y']" for n in range(60))
         + "\nrule a:\n  input: L59\n  output: 'o'\n  params: x=L59\n", ""),
        ("rule a:\n  input: expand('{a}{b}{c}', a=range, b=1, c=2)\n  output: 'o'\n", ""),
        ("X = [%s]\nrule a:\n  input: expand('{a}{b}{c}{d}', a=X, b=X, c=X, d=X)\n  output: 'o'\n" % ("'x'," * 900), ""),
        ("X = ['{}']\nrule a:\n  input: expand('{}', a=X)\n  output: 'o'\n".format("x" * 9000, "{a}" * 3000), "stands for more"),
        ("rule a:\n  input: %s\n  output: 'o'\n" % ("[" * 150), ""),
        ("rule a:\n  input: {}'x'{}\n  output: 'o'\n".format("temp(" * 60, ")" * 60), ""),
        (f"X = {list(map(str, range(6000)))}\n" + "rule a:\n  input: expand('{a}.x', a=X)\nrule b:\n  output: '{a}.x'\n", "5,000 jobs"),
        ("rule a:\n  input: 'x.csv'\nrule b:\n  input: '{a}.raw.csv'\n  output: '{a}.csv'\n", ""),
        ("rule a:\n  output: '{}'\n  shell: '{}'\n".format("x" * 50_000, "{output}" * 1000), "stands for more"),
        ("x = [\n" * 50, ""),
    ],
)  # fmt: skip
def test_a_workflow_that_stands_for_too_much(tmp_path, text, words):
    pipeline = snakefile(tmp_path, text)
    assert words in said(pipeline)
    assert len(pipeline.stages) <= 5000
    assert sum(len(reads(stage)) for stage in pipeline.stages) <= 10_000


def test_a_rule_is_used_once_in_a_chain(tmp_path):
    text = "rule a:\n  input: 'x.csv'\nrule b:\n  input: '{a}.raw.csv'\n  output: '{a}.csv'\n"
    assert stages(snakefile(tmp_path, text)) == {"b@x": (["x.raw.csv"], ["x.csv"])}


def test_includes_end(tmp_path):
    files = {f"i{n}.smk": f'include: "i{n + 1}.smk"\nrule r{n}:\n  output: "o{n}"\n' for n in range(250)}
    assert len(snakefile(tmp_path, 'include: "i0.smk"\n', **files).stages) == 199


def test_jobs_have_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(snakemake, "MAX_JOBS", 2)
    pipeline = snakefile(tmp_path, "\n".join(f"rule r{n}:\n  output: 'o{n}'" for n in range(5)))
    assert len(pipeline.stages) == 2
    assert "more than 2 jobs" in said(pipeline)


def test_a_small_budget(tmp_path, monkeypatch):
    monkeypatch.setattr(budget.Budget.__init__, "__defaults__", (100,))
    pipeline = snakefile(tmp_path, "rule a:\n  output: 'x'\nrule b:\n  output: 'y'\n" + "rule c:\n  output: 'z'\n" * 20)
    assert pipeline.stages
    assert "stands for more" in said(pipeline)


def test_what_is_no_file(tmp_path):
    with opened(tmp_path, {"Snakefile/": ""}) as directory:
        assert not SnakemakeReader().accepts("Snakefile", directory)
