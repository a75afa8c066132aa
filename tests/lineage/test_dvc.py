"""``dvc.yaml`` and ``*.dvc``: what is declared, templates filled in, and hostile files in bounded time."""

from __future__ import annotations

import pytest
from pipeline_trees import opened, read, reads, said, stages, writes

from sbom.lineage import budget, yamllines
from sbom.lineage.dvc import MAX_STAGES, DvcReader
from sbom.lineage.interface import Access, ScriptError
from sbom.transformation import DECLARED


def dvc(root, text, path="dvc.yaml", **files):
    return read(root, DvcReader(), {path: text} | {name.replace("__", "/"): one for name, one in files.items()}, path)


def one(root, text, **files):
    """Read the only stage, without problems."""
    pipeline = dvc(root, text, **files)
    assert not pipeline.problems
    (stage,) = pipeline.stages
    return stage


def test_a_stage(tmp_path):
    (tmp_path / "models").mkdir()
    stage = one(
        tmp_path,
        """\
stages:
  train:
    cmd: python train.py data.csv
    deps: [data.csv, train.py, https://example.org/x.csv, conf.toml, Makefile]
    outs:
      - model.pkl
      - models:
          cache: false
    metrics: [scores.json]
    plots: [{plot.csv: {x: a}}]
""",
    )
    assert (stage.name, stage.where, stage.directory) == ("train", "dvc.yaml:3", "")
    assert stage.commands == ["python train.py data.csv"]
    assert reads(stage) == ["data.csv", "https://example.org/x.csv"]
    assert writes(stage) == ["model.pkl", "models/", "scores.json", "plot.csv"]
    assert stage.scripts == ["train.py", "conf.toml", "Makefile"]
    assert stage.accesses[0] == Access("data.csv", writes=False, kind=DECLARED, where="dvc.yaml:4")
    assert stage.accesses[3].where == "dvc.yaml:7"


@pytest.mark.parametrize(
    ("text", "files", "command"),
    [
        ("cmd: a ${x} ${ y.z }", {"params.yaml": "x: 1\ny: {z: w}"}, "a 1 w"),
        ("cmd: a ${l[1]} ${m['k']} ${m.k}", {"params.yaml": "l: [p, q]\nm: {k: v}"}, "a q v v"),
        (r"cmd: a \${x}", {}, "a ${x}"),
        ("cmd: a ${x}", {"params.yaml": "x:"}, "a "),
        ("cmd: a ${o}", {"params.yaml": "o: {n: 1, yes: true, no: false, l: [1, 2], in: {k: v}}"},
         "a --n 1 --yes --l 1 2 --in.k v"),
        ("cmd: a ${l}", {"params.yaml": "l: [1, [2], 3]"}, "a 1 3"),
        ("vars: [{x: 3}]\n    cmd: a ${x}", {}, "a 3"),
        ("vars: [own.yaml]\n    cmd: a ${x}", {"own.yaml": "x: 4"}, "a 4"),
        ("vars: ['own.yaml:x,w']\n    cmd: a ${x}", {"own.yaml": "x: 5\ny: 6"}, "a 5"),
        ("vars: [own.toml]\n    cmd: a ${x}", {"own.toml": "x = 6"}, "a 6"),
        ("wdir: src\n    cmd: a ${x}", {"params.yaml": "x: 1", "src/params.yaml": "x: 7"}, "a 7"),
    ],
)  # fmt: skip
def test_templates_of_a_command(tmp_path, text, files, command):
    pipeline = read(tmp_path, DvcReader(), {"dvc.yaml": f"stages:\n  s:\n    {text}\n", **files}, "dvc.yaml")
    assert not pipeline.problems
    assert pipeline.stages[0].commands == [command]


def test_variables_of_the_file(tmp_path):
    text = "vars: [{d: data}, more.yaml]\nstages: {s: {cmd: x, deps: ['${d}/a.csv'], outs: ['${e}.csv']}}"
    stage = one(tmp_path, text, **{"more.yaml": "e: out"})
    assert (reads(stage), writes(stage)) == (["data/a.csv"], ["out.csv"])
    assert stage.scripts == []


@pytest.mark.parametrize(
    "command",
    ["${no}", "${l[9]}", "${l.x}", "${x.y}", "${" + "x." * 100 + "}"],
)
def test_a_template_without_a_value(tmp_path, command):
    pipeline = dvc(tmp_path, f"stages: {{s: {{cmd: '{command}'}}, t: {{cmd: b}}}}", **{"params.yaml": "l: [1]\nx: 1"})
    assert "the stage 's' names a value that there is not" in said(pipeline)
    assert [stage.name for stage in pipeline.stages] == ["t"]


def test_a_mapping_is_no_path(tmp_path):
    pipeline = dvc(tmp_path, "stages: {s: {deps: ['${m}']}}", **{"params.yaml": "m: {a: 1}"})
    assert "names a value that there is not: m" in said(pipeline)


def test_foreach_and_matrix(tmp_path):
    pipeline = dvc(
        tmp_path,
        """\
stages:
  list:
    foreach: [a, b, {c: 1}]
    do: {cmd: "x ${item}"}
  mapping:
    foreach: ${m}
    do: {cmd: "y ${key} ${item.v}"}
  grid:
    matrix: {k: [1, 2], l: ["${l}", z], n: [{q: w}]}
    cmd: z ${item.k} ${item.l} ${item.n.q}
""",
        **{"params.yaml": "m: {p: {v: 1}}\nl: [1]"},
    )
    assert {stage.name: stage.commands[0] for stage in pipeline.stages} == {
        "list@a": "x a",
        "list@b": "x b",
        "list@2": "x --c 1",
        "mapping@p": "y p 1",
        "grid@1-${l}-n0": "z 1 ${l} w",
        "grid@1-z-n0": "z 1 z w",
        "grid@2-${l}-n0": "z 2 ${l} w",
        "grid@2-z-n0": "z 2 z w",
    }


def test_parameters(tmp_path):
    stage = one(
        tmp_path,
        "stages: {s: {params: [a.b, {conf.yaml: [c], all.json: , deep.toml: [t.u]}, a.b]}}",
        **{"params.yaml": "a: {b: 1}", "conf.yaml": "c: [2]", "all.json": '{"d": 3}', "deep.toml": "[t]\nu = 4"},
    )
    assert stage.parameters == {"a.b": "1", "c": ["2"], "d": "3", "t.u": 4}
    assert stage.scripts == ["params.yaml", "conf.yaml", "all.json", "deep.toml"]


def test_parameters_that_are_not_there(tmp_path):
    pipeline = dvc(
        tmp_path,
        "stages: {s: {params: [a.b, {bad.yaml: [c], bad.toml: [d], code.py: [E], ../x.yaml: [f]}]}}",
        **{"bad.yaml": "{", "bad.toml": "=", "code.py": "E = 1"},
    )
    problems = said(pipeline)
    for words in (
        "params.yaml has no parameter 'a.b', which stage 's'",
        "bad.yaml: is not YAML",
        "bad.toml: is no TOML",
    ):
        assert words in problems
    assert len(pipeline.stages) == 1


@pytest.mark.parametrize(
    ("wdir", "directory", "name"),
    [
        ("src", "src", "src/a.csv"),
        ("..", "", "a.csv"),
        (".hidden", "p/.hidden", "p/.hidden/a.csv"),
        (".", "p", "p/a.csv"),
    ],
)
def test_where_it_runs(tmp_path, wdir, directory, name):
    pipeline = dvc(
        tmp_path, f"stages: {{s: {{wdir: {wdir}, deps: [a.csv]}}}}", "p/dvc.yaml" if wdir != "src" else "dvc.yaml"
    )
    assert (pipeline.stages[0].directory, reads(pipeline.stages[0])) == (directory, [name])


def test_outside_of_the_workspace(tmp_path):
    pipeline = dvc(tmp_path, "stages: {s: {wdir: ../x, deps: [a]}, t: {deps: [../b, /etc/passwd, 'remote://r/x', '']}}")
    assert stages(pipeline) == {"t": ([], [])}
    for words in ("'s' is run outside", "'../b' is no name", "'/etc/passwd' is no name", "'remote://r/x' is no name"):
        assert words in said(pipeline)
    single = dvc(tmp_path, "wdir: ../..\ncmd: x\n", "x.dvc")
    assert "outside" in said(single)
    assert not single.stages


def test_directories_of_code_and_of_data(tmp_path):
    files = {
        "src/a.py": "",
        "src/.x": "",
        "data/a.csv": "",
        "empty/": "",
        "dvc.yaml": "stages: {s: {deps: [src, data, empty, src/]}}",
    }
    stage = read(tmp_path, DvcReader(), files, "dvc.yaml").stages[0]
    assert stage.scripts == ["src", "src"]
    assert reads(stage) == ["data/", "empty/"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("deps: [{}, {path: https://example.org/x}]\nouts: [{path: x.csv}]", (["https://example.org/x"], ["d/x.csv"])),
        (
            "deps: [{path: a, repo: {url: https://example.org/r}}]\nouts: [{path: x}]",
            (["https://example.org/r"], ["d/x"]),
        ),
        ("cmd: python x.py\nouts: [{path: x}]", ([], ["d/x"])),
    ],
)
def test_a_single_file(tmp_path, text, found):
    assert stages(dvc(tmp_path, text, "d/data.dvc")) == {"data": found}


def test_a_file_that_was_only_added_is_no_stage(tmp_path):
    assert not dvc(tmp_path, "outs: [{md5: abc, path: x.csv}]", "x.csv.dvc").stages


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stages: [a]", "no mapping"),
        ("- 1", ""),
        ("stages:", ""),
        ("stages: {s: 1, t: {cmd: {a: b}, deps: {c: d}, outs: [[e]], params: [[f]], vars: [[g]], wdir: [h]}}", ""),
        ("stages: {s: {foreach: 1, do: []}}", ""),
        ("stages: {s: {matrix: {a: 1, b: }}}", ""),
    ],
)
def test_nonsense(tmp_path, text, words):
    assert words in said(dvc(tmp_path, text))


@pytest.mark.parametrize("text", ["{", "!!python/object:os.system x", "a: &a [*a]", "a: 1\na: 2"])
def test_no_yaml(tmp_path, text):
    with pytest.raises(ScriptError):
        dvc(tmp_path, text)


BOMB = "a0: &a0 [x, x]\n" + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))
WIDE = "\n".join(f"p{n}: {n}" for n in range(3000))


def axes(number):
    return ", ".join(f"a{n}: [1, 2]" for n in range(number))


def numbers(count):
    return f"[{', '.join(map(str, range(count)))}]"


@pytest.mark.parametrize(
    ("stage", "parameters", "words"),
    [
        (f"matrix: {{{axes(21)}}}", "", "20 axes"),
        (f"matrix: {{{axes(20)}}}, cmd: x", "", "5,000 stages"),
        (f"foreach: {numbers(6000)}, do: {{cmd: x}}", "", "5,000 stages"),
        (f"matrix: {{a: [{'x' * 9000}], b: {numbers(5000)}}}", "", "stands for more"),
        (f"foreach: {numbers(5000)}, do: {{params: [{{params.yaml: }}]}}", WIDE, "stands for more"),
        (f"foreach: {numbers(5000)}, do: {{vars: [params.yaml]}}", WIDE, "stands for more"),
        (f"cmd: '{'${x}' * 200}'", f"x: {'y' * 1000}", "more than 100,000 characters"),
        ("cmd: '${m}'", f"m: {{k: [{', '.join(['abc'] * 40000)}]}}", "100,000 characters"),
        ("cmd: '${m}'", f"m: {{{', '.join(f'k{n}: false' for n in range(30000))}}}", "100,000 characters"),
        (f"cmd: '${{{' ' * 100_000}'", "", ""),
        (f"params: ['{'[' * 100_000}']", "", "has no parameter"),
    ],
)
def test_a_file_that_stands_for_too_much(tmp_path, stage, parameters, words):
    pipeline = dvc(tmp_path, f"stages: {{s: {{{stage}}}}}", **{"params.yaml": parameters})
    assert words in said(pipeline)
    assert len(pipeline.stages) <= MAX_STAGES


def test_what_was_read_before_the_limit_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(budget.Budget.__init__, "__defaults__", (100,))
    pipeline = dvc(tmp_path, f"stages: {{a: {{cmd: x}}, b: {{cmd: {'y' * 100}}}, c: {{cmd: z}}}}")
    assert [stage.name for stage in pipeline.stages] == ["a"]
    assert len(pipeline.problems) == 1


@pytest.mark.parametrize("path", ["dvc.yaml", "params.yaml"])
def test_aliases_of_aliases(tmp_path, path):
    files = {"dvc.yaml": "stages: {s: {cmd: '${a29}'}}", path: BOMB}
    try:
        pipeline = read(tmp_path, DvcReader(), files, "dvc.yaml")
    except ScriptError as error:
        assert "5,000,000 values" in str(error)  # noqa: PT017  # in the other file it is told
    else:
        assert "params.yaml: holds more than 5,000,000 values" in said(pipeline)


def test_lines_of_what_is_deep_or_late(tmp_path, monkeypatch):
    monkeypatch.setattr(yamllines, "_MAX_LINES", 4)
    with opened(tmp_path, {"x.yaml": "a:\n  b:\n    c:\n      d: {e: {f: {g: {h: i}}}}\nj:\n  k"}) as directory:
        document = yamllines.load("x.yaml", directory)
    assert [document.line("a", "b"), document.line("a", "b", "c", "d", "e"), document.line("j")] == [3, 4, 1]
    assert document.line() == 1


def test_what_is_no_file(tmp_path):
    with opened(tmp_path, {"dvc.yaml/": ""}) as directory:
        assert not DvcReader().accepts("dvc.yaml", directory)
