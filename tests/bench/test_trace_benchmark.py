"""The benchmark of tracing, at a tiny scale: that it runs and finds what it should, not how fast."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "trace.py"


def test_a_small_chain_is_traced(tmp_path):
    ran = subprocess.run(
        [sys.executable, str(BENCHMARK), "--quick", "--scratch", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0].startswith("3 releases of 200 files: ")
    assert lines[1].startswith("loading and checking 3 documents ")
    found = {line.partition("  ")[0]: line.rsplit(" s   ", 1)[-1] for line in lines[2:7]}
    assert found == {
        "back from one file": "5 places, 202 files in them",
        "back from the whole dataset, 200 files": "5 places, 401 files in them",
        "a row of a table": "5 places, 202 files in them",
        "forward from one raw file": "6 places, 402 files in them",
        "forward from a source: all is tainted": "13 places, 1,201 files in them",
    }
    assert "the bar means nothing at this size" in lines[7]
    assert list(tmp_path.iterdir()) == []
