"""The measuring of data-sbom record, at a tiny scale: that it runs, not how fast."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "record.py"


def test_it_measures_a_bare_and_a_recorded_run(tmp_path: Path) -> None:
    argv = [sys.executable, str(SCRIPT), "--quick", "--scratch", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "bare " in done.stdout and "recorded " in done.stdout and "first recorded run" in done.stdout
    assert "50 files" in done.stdout and "the bar means nothing here" in done.stdout
    assert list(tmp_path.iterdir()) == []
