"""What static reading finds in the labelled set: the issue's bars, and some stages to the name.

The scripts under ``labelled`` were written for this, without a look at the reader. Their ``dvc.yaml`` says what is true;
``benchmarks/lineage.py`` says how it is counted.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

LABELLED = Path(__file__).resolve().parent / "labelled"
BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
REPOSITORIES = sorted(path.parent for path in LABELLED.glob("*/dvc.yaml"))


@pytest.fixture(scope="module")
def lineage():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        yield importlib.import_module("lineage")
    finally:
        sys.path.remove(str(BENCHMARKS))
        for name in ("lineage", "lineage_truth", "lineage_plain_walk"):
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def ours(lineage):
    return [lineage.measure(repository, lineage.static_reading) for repository in REPOSITORIES]


def test_set_is_large_enough(ours) -> None:
    assert len(ours) >= 8
    assert sum(measured.stages for measured in ours) >= 30
    assert [measured.name for measured in ours if measured.skipped] == []
    scripts = [path for path in LABELLED.rglob("*") if path.suffix in {".py", ".sh", ".sql", ".ipynb"}]
    assert len(scripts) >= 30


@pytest.mark.parametrize("side", [pytest.param(0, id="inputs"), pytest.param(1, id="outputs")])
@pytest.mark.parametrize("figure", ["precision", "recall"])
def test_bars(lineage, ours, side, figure) -> None:
    value = lineage.macro(ours, side, figure)
    details = "\n".join(f"{measured.name}: {text}" for measured in ours for text in measured.details)
    assert value >= lineage.BARS[figure], details
    plain = [lineage.measure(repository, lineage.plain_walking) for repository in REPOSITORIES]
    assert value > (lineage.macro(plain, side, figure) or 0) + 0.1
