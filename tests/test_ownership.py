"""Another distribution in the import package: detected, and said."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import sbom
from sbom import ownership


def install(site: Path, name: str, files: list[str]) -> None:
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))


def test_nobody_else_owns_the_package_here():
    assert ownership.others() == []


def test_another_owner_is_named(tmp_path, monkeypatch):
    install(tmp_path, "rival", ["sbom/__init__.py"])
    install(tmp_path, "bystander", ["sbomber/__init__.py"])
    monkeypatch.syspath_prepend(tmp_path)
    assert ownership.others() == ["rival"]
    assert "rival" in ownership.explain(ImportError("x"))


def test_an_incomplete_installation_is_told_apart():
    assert "not installed completely: boom" in ownership.explain(ImportError("boom"))


def test_an_overwritten_package_ends_with_a_message(tmp_path):
    package = Path(sbom.__file__).parent
    shutil.copytree(package, tmp_path / "sbom", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "sbom" / "__init__.py").write_text("# somebody else's package\n")
    install(tmp_path, "rival", ["sbom/__init__.py"])
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from sbom.cli import main; main()"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "rival" in ran.stderr
    assert "Traceback" not in ran.stderr
