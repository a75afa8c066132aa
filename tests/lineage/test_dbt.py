"""dbt: models, seeds, and what they name. Jinja is never rendered."""

from __future__ import annotations

import pytest
from pipeline_trees import opened, read, said, stages

from sbom.lineage import dbt
from sbom.lineage.dbt import DbtReader


def project(root, files, text="name: p"):
    return read(root, DbtReader(), {"p/dbt_project.yml": text, **files}, "p/dbt_project.yml")


def test_a_project(tmp_path):
    pipeline = project(
        tmp_path,
        {
            "p/models/a.sql": "{{ config(materialized='table', alias='alias_a',\n schema='s') }}\n"
            "{# ref('commented') #} /* ref('also')\n */ select * from {{ ref('b') }}\n"
            "join {{ source('raw', 'orders') }} join {{ ref('pkg', 'c') }} join {{ ref('d', v=2) }}",
            "p/models/deep/b.py": 'def model(dbt, session):\n    return dbt.ref("seeded")\n',
            "p/models/readme.md": "ref('x')",
            "p/seeds/seeded.csv": "x",
            "p/seeds/notes.txt": "",
        },
    )
    assert stages(pipeline) == {
        "a": (["table:b", "table:c", "table:d", "table:raw.orders"], ["table:alias_a", "table:a"]),
        "b": (["table:seeded"], ["table:b"]),
        "seed seeded": (["p/seeds/seeded.csv"], ["table:seeded"]),
    }
    first = next(stage for stage in pipeline.stages if stage.name == "a")
    assert first.accesses[0].where == "p/models/a.sql:4"
    assert first.accesses[3].where == "p/models/a.sql:5"
    assert first.parameters == {"schema": "s"}
    assert first.scripts == ["p/models/a.sql", "p/dbt_project.yml"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("model-paths: [m]", {"a"}),
        ("source-paths: [m]", {"a"}),
        ("model-paths: [/etc, ../x, n]\nseed-paths: [m]", {"b"}),
        ("model-paths: [1]", set()),
        ("[]", set()),
    ],
)
def test_where_models_are(tmp_path, text, names):
    assert {stage.name for stage in project(tmp_path, {"p/m/a.sql": "", "p/n/b.sql": ""}, text).stages} == names


@pytest.mark.parametrize(
    "text",
    [
        "{#" * 200_000,
        "/*" * 200_000,
        "config(" * 100_000,
        "ref(" * 200_000,
        "ref('" * 200_000,
        "ref('a'" + " " * 200_000,
        "\n" * 200_000,
    ],
)
def test_hostile_texts(tmp_path, text):
    (stage,) = project(tmp_path, {"p/models/a.sql": text + "{{ ref('b') }}"}).stages
    assert len(stage.accesses) <= 2


def test_many_names(tmp_path):
    (stage,) = project(tmp_path, {"p/models/a.sql": "ref('b')\n" * 100_000}).stages
    assert stage.accesses[99_999].where == "p/models/a.sql:100000"


def test_a_model_that_cannot_be_read(tmp_path):
    (tmp_path / "p" / "models").mkdir(parents=True)
    (tmp_path / "p" / "models" / "a.sql").write_bytes(b"\xff")
    assert "p/models/a.sql: is no text" in said(project(tmp_path, {}))


def test_many_files(tmp_path, monkeypatch):
    monkeypatch.setattr(dbt, "_MAX_FILES", 3)
    monkeypatch.setattr(dbt, "_MAX_DEPTH", 1)
    files = {f"p/models/{n}.sql": "" for n in range(9)} | {"p/models/x/y/z.sql": ""}
    assert len(project(tmp_path, files).stages) == 3


def test_what_is_no_file(tmp_path):
    with opened(tmp_path, {"dbt_project.yml/": ""}) as directory:
        assert not DbtReader().accepts("dbt_project.yml", directory)
