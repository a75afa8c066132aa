"""What a step runs with: which interpreter, and what is installed for it; nothing of the workspace is run to ask."""

from __future__ import annotations

import os
import sys

import pytest

from sbom.recording import environment
from sbom.recording.environment import of
from sbom.transformation import Software


def script(path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("prefix", [(), ("env", "-i", "A=1"), ("nice",), ("/usr/bin/env",)])
def test_the_interpreter_and_its_packages(prefix: tuple[str, ...]) -> None:
    found = of((*prefix, sys.executable, "x.py"))
    assert found.software[0] == Software("platform", "CPython", sys.version.split()[0])
    names = {one.name: one for one in found.software}
    assert names["cryptography"].purl == f"pkg:pypi/cryptography@{names['cryptography'].version}"
    assert len(found.software) == len(set(found.software))
    assert sys.prefix in found.directories and all(map(os.path.isabs, found.directories))


@pytest.mark.parametrize(
    "first", [f"#!{sys.executable}", f"#!/usr/bin/env {sys.executable}", f"#! {sys.executable} -u"]
)
def test_scripts_name_their_interpreter(tmp_path, first: str) -> None:
    assert of((script(tmp_path / "run", f"{first}\n"),)).software[0].name == "CPython"


@pytest.mark.parametrize(
    "first",
    ["#!/bin/sh", "#!", "", "#!/no/such/python3", "#!\udcff".encode("utf-8", "surrogateescape").decode("latin-1")],
)
def test_other_programs_are_named(tmp_path, first: str) -> None:
    found = of((script(tmp_path / "run", f"{first}\n"),))
    assert found == ((Software("application", "run"),), ())


def test_what_is_not_there(tmp_path) -> None:
    assert of(("no-such-program",)) == ((), ())
    assert of(("A=1",)) == ((), ())
    assert of((str(tmp_path),)) == ((), ())


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything: run it as another user")
def test_a_program_that_may_be_run_and_not_read(tmp_path) -> None:
    path = script(tmp_path / "run", "#!/bin/sh\n")
    os.chmod(path, 0o111)  # noqa: S103  # what is to be seen
    assert of((path,)).software == (Software("application", "run"),)


@pytest.mark.parametrize("answer", ["exit 1", "echo nonsense", "echo '[]'", "exec sleep 30"])
def test_an_interpreter_that_gives_no_answer(tmp_path, answer: str, monkeypatch) -> None:
    monkeypatch.setattr(environment, "_SECONDS", 0.5)
    path = script(tmp_path / "python3", f"#!/bin/sh\n{answer}\n")
    assert of((path, "x.py")) == ((Software("platform", "python3"),), ())


def test_nothing_of_the_workspace_is_run(tmp_path, monkeypatch) -> None:
    (tmp_path / "json.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    (tmp_path / "sitecustomize.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "json.py"))
    assert of((sys.executable, "-c", "pass")).software[0].name == "CPython"
    assert not (tmp_path / "ran").exists()


def test_package_urls_are_normal() -> None:
    assert environment._purl("Zope.Interface_X", "1.0") == "pkg:pypi/zope-interface-x@1.0"
    assert environment._purl("a", "") == "pkg:pypi/a"
