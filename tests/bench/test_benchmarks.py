"""The benchmark harness, at a tiny scale and with the plain loop as its only peer: plumbing, not timing."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    names = ["measure", "datasets", "workshop", "rows", "report", "machine", "plain_loop"]
    yield {name: importlib.import_module(name) for name in names}
    for name in names:
        sys.modules.pop(name, None)


def test_whole_run_writes_the_page(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    argv = ["--runs", "1", "--scale", "0.001", "--scratch", str(tmp_path), "--output", str(page)]
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "run.py"), *argv], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    text = page.read_text(encoding="utf-8")
    for work in (
        "20,000 x 4 KiB, generate and sign",
        "20,000 x 4 KiB, verify",
        "100,000 x 1 KiB, verify",
        "4 x 512 MiB, generate",
        "growth from 10,000 to 100,000 files, verify",
        "1 of 64 x 32 MiB changed",
        "20,000 x 4 KiB, generate with SHA256SUMS",
        "20,000 x 4 KiB, generate with MD5SUMS",
        "20,000 x 4 KiB, generate with croissant.json",
        "data-sbom --version",
        "verify of 10 small files with a key",
    ):
        assert f"| {work}" in text or work in text
        assert work in done.stdout
    assert "| imports of sigstore | 0 | ≤ 0 | pass |" in text
    assert "not measured" in text  # model-signing is not there
    for said in (text, done.stdout):
        assert "the bars mean nothing here" in said
    assert [path.name for path in tmp_path.iterdir()] == [page.name]  # the datasets are gone


def test_commands_that_fail_are_not_figures(tmp_path: Path, modules: dict[str, ModuleType]) -> None:
    bench = modules["measure"].Bench({}, tmp_path, 1)
    broken = modules["measure"].Command("broken", [sys.executable, "-c", "import sys; sys.exit('no luck')"])
    with pytest.raises(modules["measure"].CommandFailedError, match="no luck"):
        bench.once(broken)
    with pytest.raises(modules["measure"].CommandFailedError, match="no luck"):
        bench.memory(broken)


def test_memory_counts_children(tmp_path: Path, modules: dict[str, ModuleType]) -> None:
    bench = modules["measure"].Bench({}, tmp_path, 1)
    hold = "x = bytearray(64 << 20); import time; time.sleep(1)"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    assert bench.memory(modules["measure"].Command("parent", [sys.executable, "-c", script])) > 60


def test_rounds_interleave_after_a_warm_up(tmp_path: Path, modules: dict[str, ModuleType]) -> None:
    order: list[str] = []
    argv = [sys.executable, "-c", "pass"]
    commands = [modules["measure"].Command(name, argv, lambda name=name: order.append(name)) for name in ("a", "b")]
    costs = modules["measure"].Bench({}, tmp_path, 2).compare(commands)
    assert order == ["a", "b"] * 3
    assert all(cost.wall > 0 and cost.cpu > 0 and cost.memory_mib is None for cost in costs.values())


@pytest.mark.parametrize(("value", "verdict"), [(0.1, "pass"), (0.15, "pass"), (0.16, "MISS"), (None, "not measured")])
def test_verdicts_are_honest(modules: dict[str, ModuleType], value: float | None, verdict: str) -> None:
    bar = modules["rows"].Bar("work", "peer", value, 0.15)
    assert bar.verdict == verdict
    result = modules["rows"].Result("work", [bar], {})
    assert ("1 missed" in modules["report"].text([result], 1.0)) == (verdict == "MISS")
    assert ("**missed**" in modules["report"].markdown([result], [], 1.0)) == (verdict == "MISS")


def test_datasets_have_no_two_equal_files(tmp_path: Path, modules: dict[str, ModuleType]) -> None:
    root = modules["datasets"].make(tmp_path / "data", 1200, 64)
    found = modules["plain_loop"].digests(str(root))
    assert len(found) == len({digest for _, _, digest in found}) == 1200
    assert {size for _, size, _ in found} == {64}
    modules["datasets"].touch_one(root, 5000)
    again = modules["plain_loop"].digests(str(root))
    assert sum(before != after for before, after in zip(found, again, strict=True)) == 1


def test_large_files_have_their_size(tmp_path: Path, modules: dict[str, ModuleType]) -> None:
    for index, size in enumerate((65536, 8 << 20, (8 << 20) + 5, (16 << 20) - 1)):
        root = modules["datasets"].make(tmp_path / str(index), 1, size)
        assert [path.stat().st_size for path in root.rglob("*.bin")] == [size]
