"""The import directions of docs/architecture.md, enforced; and what must not be imported on the way of a command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("sigstore", "cyclonedx.model", "requests", "pyarrow", "blake3", "rich.console", "sqlite3")


def test_import_directions():
    linter = Path(sys.executable).with_name("lint-imports")
    if not linter.exists():
        pytest.skip("import-linter is not installed: make dev installs it")
    ran = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def imported_by(*arguments: str) -> set[str]:
    """Return the modules that a command line has loaded when it ends."""
    code = (
        "import sys\n"
        "from sbom.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "sys.stdout.flush(); sys.stderr.write('\\n' + ' '.join(sys.modules))\n"
    )
    ran = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return set(ran.stderr.rsplit("\n", 1)[1].split())


def test_verify_with_a_key_imports_nothing_heavy(release):
    loaded = imported_by(*release.verify_args())
    assert "sbom.verification.run" in loaded
    assert loaded.intersection(HEAVY) == set()


def test_version_imports_no_command():
    loaded = imported_by("--version")
    assert not {name for name in loaded if name.startswith(("sbom.api", "sbom.verification", "cryptography", "orjson"))}


def test_modules_stay_small():
    long = {
        path.name: lines
        for path in (ROOT / "sbom").rglob("*.py")
        if (lines := path.read_text(encoding="utf-8").count("\n")) > 400
    }
    assert not long
