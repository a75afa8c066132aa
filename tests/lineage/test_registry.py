"""Which reader reads which file, ours and those of other distributions."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sbom.lineage import registry
from sbom.lineage.registry import pipeline_readers, script_reader, script_reader_named, suggests


@pytest.fixture
def others(monkeypatch):
    """Give the registry readers of other distributions, one usable one of each kind and several that are not."""

    def point(value, load):
        return SimpleNamespace(value=value, load=load)

    def good(**members):
        return lambda: lambda: SimpleNamespace(name="good", read=print, **members)

    def broken():
        raise ImportError("no such thing")

    points = {
        registry.SCRIPTS: [point("s", good(suffixes=(".jl",))), point("b", broken), point("n", lambda: lambda: 1)],
        registry.PIPELINES: [
            point("p", good(patterns=("flow.toml", "flow_*.toml", "*.flow"))),
            point("q", good(patterns=(1,))),
        ],
    }
    monkeypatch.setattr(registry, "points", points.get)
    registry._found.cache_clear()
    registry._names.cache_clear()
    yield
    registry._found.cache_clear()
    registry._names.cache_clear()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a.py", "python"),
        ("A.PY", "python"),
        ("d/a.ipynb", "notebook"),
        ("a.sh", "shell"),
        ("a.sql", "sql"),
        ("a.csv", None),
    ],
)
def test_scripts(path, name):
    reader = script_reader(path)
    assert (None if reader is None else reader.name) == name
    if reader is not None:
        assert script_reader_named(reader.name) is reader
        assert suggests(path)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("dvc.yaml", ["dvc"]),
        ("x/data.csv.dvc", ["dvc"]),
        ("Makefile", ["make"]),
        ("rules.mk", ["make"]),
        (".mk", []),
        ("workflow/Snakefile", ["snakemake"]),
        ("conf/base/catalog_raw.yml", ["kedro"]),
        ("catalog_.yml", []),
        ("catalog.yaml", ["kedro"]),
        ("dbt_project.yml", ["dbt"]),
        ("dag.py", ["airflow"]),
        ("data.csv", []),
    ],
)
def test_pipelines(path, names):
    assert [reader.name for reader in pipeline_readers(path)] == names
    assert suggests(path) is bool(names or path == ".mk")


def test_readers_of_others(others):
    assert script_reader("x.jl").name == "good"
    assert [reader.name for reader in pipeline_readers("flow_1.toml")] == ["good"]
    assert all(suggests(name) for name in ("a.jl", "flow.toml", "flow_2.toml", "a.flow"))
    assert not suggests("other.toml")
    said = registry.problems()
    assert len(said) == 3
    assert "the reader 'b' cannot be loaded: ImportError: no such thing" in said
    assert "the reader 'q' is not used: it is no reader" in said


def test_without_others_there_are_no_problems():
    registry._found.cache_clear()
    assert registry.problems() == []
