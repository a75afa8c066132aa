"""Airflow: what is literal in a DAG file."""

from __future__ import annotations

import pytest
from pipeline_trees import opened, read, stages

from sbom.lineage import budget
from sbom.lineage.airflow import AirflowReader
from sbom.lineage.interface import ScriptError

DAG = """\
from airflow import DAG
from airflow.decorators import task
RAW = Dataset("file:///data/x.csv")
OUT = "out/clean.csv"
with DAG("d") as dag:
    clean = BashOperator(
        task_id="clean",
        bash_command="python clean.py",
        inlets=[Dataset("raw.csv"), File(url="file://local.csv"), Asset(uri="s3://b/k"), f(), unknown],
        outlets=(OUT, Table(database="db", name="t"), Table("u"), Table(name=unknown), Asset(name="named")),
    )
    BashOperator(task_id="jinja", bash_command="echo {{ ds }}", inlets=OUT)
    PythonOperator(task_id="py", python_callable=f, outlets=["../up.csv", "/abs"])
    SQLOperator(task_id="sql", sql="q/a.sql")
    SQLOperator(task_id="text", sql="select 1")
    BashOperator(task_id=unknown)
    BashOperator()
    FileSensor(task_id="", filepath="x")
    dag.operators[0]()

@task
def plain(): ...

@task(task_id="named", outlets=[Dataset("made.csv")])
def other(): ...

@task.virtualenv(inlets=OUT)
async def third(): ...

@cache
@other.thing(1)
def no_task(): ...
"""


def test_tasks(tmp_path):
    pipeline = read(tmp_path, AirflowReader(), {"dags/d.py": DAG}, "dags/d.py")
    assert stages(pipeline) == {
        "clean": (["raw.csv", "local.csv", "s3://b/k"], ["out/clean.csv", "table:db.t", "table:u", "named"]),
        "jinja": (["out/clean.csv"], []),
        "py": ([], []),
        "sql": ([], []),
        "text": ([], []),
        "plain": ([], []),
        "named": ([], ["made.csv"]),
        "third": (["out/clean.csv"], []),
    }
    by_name = {stage.name: stage for stage in pipeline.stages}
    assert by_name["clean"].commands == ["python clean.py"]
    assert by_name["clean"].accesses[0].where == "dags/d.py:9"
    assert (by_name["jinja"].commands, by_name["py"].scripts) == ([], ["dags/d.py"])
    assert (by_name["sql"].scripts, by_name["plain"].scripts) == (["q/a.sql"], ["dags/d.py"])


@pytest.mark.parametrize("text", ["import airflow", "DAG()", "x", None])
def test_what_is_no_dag(tmp_path, text):
    with opened(tmp_path, {} if text is None else {"d.py": text}) as directory:
        assert not AirflowReader().accepts("d.py", directory)


@pytest.mark.parametrize(
    "text", ["airflow DAG(", "airflow = DAG()\n" + "(" * 10_000, "airflow = DAG()\n" + "-" * 200_000 + "x"]
)
def test_what_is_no_python(tmp_path, text):
    with pytest.raises(ScriptError):
        read(tmp_path, AirflowReader(), {"d.py": text}, "d.py")


def test_a_dag_that_stands_for_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(budget.Budget.__init__, "__defaults__", (1_000,))
    text = f"airflow = DAG()\nA = {['x'] * 50}\n" + "BashOperator(task_id='a', inlets=A)\n" * 100
    with pytest.raises(ScriptError, match="stands for more"):
        read(tmp_path, AirflowReader(), {"d.py": text}, "d.py")
