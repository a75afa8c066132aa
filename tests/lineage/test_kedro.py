"""Kedro: catalogues, and the nodes that use them."""

from __future__ import annotations

import pytest
from pipeline_trees import opened, read, said, stages

from sbom.lineage import budget, kedro
from sbom.lineage.kedro import KedroReader

CATALOG = """\
raw:
  type: pandas.CSVDataset
  filepath: data/${folder}/raw.csv
clean: {filepath: "data/${globals:folder}/clean.csv"}
parts: {type: partitions.PartitionedDataset, path: data/parts}
users: {table_name: users}
bad: {filepath: "${no}"}
memory: {type: MemoryDataset}
outside: {filepath: ../x.csv}
"""
PIPELINE = """\
from kedro.pipeline import node, pipeline
from .nodes import clean, split
from . import x
IN = "raw"
def create_pipeline():
    return pipeline([
        node(func=clean, inputs=[IN, "params:n.m", "params:none", "parameters"], outputs="clean", name="clean"),
        node(split, {"a": "clean", "b": "users"}, ["parts", "in_memory", "_hidden"]),
        node(nodes.report, "in_memory", None),
        node(lambda x: x, "memory", f(), name=""),
        node(),
    ])
"""
FILES = {
    "p/conf/base/catalog.yml": CATALOG,
    "p/conf/base/globals.yml": "folder: f",
    "p/conf/base/parameters.yml": "n: {m: 1}",
    "p/conf/base/parameters_b.yml": "{",
    "p/conf/base/parameters/": "",
    "p/src/pkg/pipelines/a/pipeline.py": PIPELINE,
    "p/src/pkg/pipelines/a/nodes.py": "",
    "p/src/pkg/pipeline.py": "(",
    "p/src/pkg/pipelines/a/readme.txt": "",
}


def test_a_project(tmp_path):
    pipeline = read(tmp_path, KedroReader(), FILES, "p/conf/base/catalog.yml")
    memory = "table:memory:in_memory"
    assert stages(pipeline) == {
        "clean": (["p/data/f/raw.csv"], ["p/data/f/clean.csv"]),
        "split": (["p/data/f/clean.csv", "table:users"], ["p/data/parts/", memory]),
        "report": ([memory], []),
        "node": (["table:memory:memory"], []),
    }
    first = pipeline.stages[0]
    assert first.parameters == {"n.m": "1", "none": None, "n": {"m": "1"}}
    assert first.scripts == ["p/src/pkg/pipelines/a/pipeline.py", "p/src/pkg/pipelines/a/nodes.py"]
    assert (first.directory, first.where) == ("p", "p/src/pkg/pipelines/a/pipeline.py:7")
    assert first.accesses[0].where == "p/conf/base/catalog.yml:2"
    for words in ("'bad' names a value that there is not: no", "p/src/pkg/pipeline.py: is no Python"):
        assert words in said(pipeline)


def test_several_catalogues_are_one(tmp_path):
    files = {
        "conf/base/catalog.yml": "a: {filepath: base/a.csv}",
        "conf/base/catalog_more.yml": "b: {filepath: base/b.csv}",
        "conf/local/catalog.yml": "a: {filepath: local/a.csv}\nc: {filepath: local/c.csv}",
        "conf/local/catalog_bad.yml": "[",
        "src/pipeline.py": "node(f, ['a', 'b'], 'c')",
    }
    pipeline = read(tmp_path, KedroReader(), files, "conf/base/catalog.yml")
    assert stages(pipeline) == {"f": (["base/a.csv", "base/b.csv"], ["local/c.csv"])}
    assert "conf/local/catalog_bad.yml: is not YAML" in said(pipeline)
    for other in ("conf/base/catalog_more.yml", "conf/local/catalog.yml"):
        assert not read(tmp_path, KedroReader(), {}, other).stages


@pytest.mark.parametrize("path", ["catalog.yml", "conf/catalog.yml", "my_conf/base/catalog.yml", "conf/base/none.yml"])
def test_what_is_no_catalogue(tmp_path, path):
    with opened(tmp_path, {"catalog.yml": "", "conf/catalog.yml": "", "my_conf/base/catalog.yml": ""}) as directory:
        assert not KedroReader().accepts(path, directory)


def test_a_folder_whose_name_ends_as_the_configuration_does(tmp_path):
    files = {"my_conf/conf/base/catalog.yml": "a: {filepath: a.csv}", "my_conf/src/pipeline.py": "node(f, 'a', None)"}
    pipeline = read(tmp_path, KedroReader(), files, "my_conf/conf/base/catalog.yml")
    assert stages(pipeline) == {"f": (["my_conf/a.csv"], [])}


def test_nodes_that_stand_for_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(budget.Budget.__init__, "__defaults__", (1_000,))
    files = {"conf/base/catalog.yml": "", "src/pipeline.py": "A = ['x'] * 1\n" + "node(f, ['a', 'b'], 'c')\n" * 100}
    pipeline = read(tmp_path, KedroReader(), files, "conf/base/catalog.yml")
    assert 0 < len(pipeline.stages) < 100
    assert "stands for more" in said(pipeline)


def test_many_files(tmp_path, monkeypatch):
    monkeypatch.setattr(kedro, "_MAX_FILES", 3)
    monkeypatch.setattr(kedro, "_MAX_DEPTH", 1)
    files = {f"src/m{n}/pipeline.py": f"node(f{n}, 'a', 'b')" for n in range(9)} | {"conf/base/catalog.yml": ""}
    assert not read(tmp_path, KedroReader(), files, "conf/base/catalog.yml").stages
