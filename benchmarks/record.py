"""Measure what ``data-sbom record`` costs: a job that opens many files, bare and recorded, in turn.

``make bench-record`` runs it. The bar: the recorded run takes at most 1.15 times as long as the bare one, on a job of
ten seconds or more that opens 20,000 files. Hashing of what changed is not counted: the first round, in which every
file is new, is shown apart; the products of a round are few and small. The time on the wall is what counts; seconds of
CPU, of all processes together, are shown because they suffer less from whatever else the machine does.

Usage: python benchmarks/record.py [--quick] [--runs N] [--files N] [--seconds S] [--scratch DIR]
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from measure import Bench, Command

BAR = 1.15
#: The job computes and hardly waits: when it lasts longer than this times its CPU time, others held the machine.
BUSY = 1.1
_SIZE = 4096
_PER_DIRECTORY = 100
_PRODUCTS = 20
#: What a job does: it reads every file below ``in``, works on it for a while, and writes a few products.
JOB = '''"""Read every file below in/, work on each, and write shards: python job.py ROUNDS SHARDS."""
import hashlib, os, sys
rounds, shards = int(sys.argv[1]), int(sys.argv[2])
os.makedirs("out", exist_ok=True)
paths = [os.path.join(top, name) for top, _, names in sorted(os.walk("in")) for name in sorted(names)]
found = []
for path in paths:
    with open(path, "rb") as stream:
        data = stream.read()
    for _ in range(rounds):
        data = hashlib.sha256(data).digest() * 32
    found.append(hashlib.sha256(data).hexdigest())
for shard in range(shards):
    with open(f"out/{shard}.txt", "w") as stream:
        stream.write("\\\\n".join(found[shard::shards]))
'''


class Figures(NamedTuple):
    """Seconds on the wall.

    :param first: of a recorded run to which every file is new.
    :param rounds: of a bare and of a recorded run, in turn: seconds on the wall and of CPU of each.
    """

    first: float
    rounds: tuple[tuple[tuple[float, float], tuple[float, float]], ...]

    def ratio(self, which: int) -> float:
        """Return the median of the ratios of each round: 0 on the wall, 1 of CPU."""
        return statistics.median(recorded[which] / bare[which] for bare, recorded in self.rounds)

    @property
    def busy(self) -> float:
        """Median of what the bare runs lasted, by their CPU time."""
        return statistics.median(wall / cpu for (wall, cpu), _ in self.rounds)

    @property
    def bare(self) -> float:
        """Median of the bare runs, on the wall."""
        return statistics.median(bare[0] for bare, _ in self.rounds)


def make(place: Path, number: int) -> None:
    """Write the job and its input files."""
    (place / "job.py").write_text(JOB, encoding="utf-8")
    for index in range(number):
        directory = place / "in" / f"{index // _PER_DIRECTORY:04}"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / f"{index:06}.bin").write_bytes(index.to_bytes(4, "big") * (_SIZE // 4))


def calibrate(place: Path, seconds: float) -> int:
    """Return how much work for each file makes the bare job last that long on a machine that does nothing else."""
    rounds, spent = 32, 0.0
    while spent < seconds / 4:
        rounds *= 2
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run([sys.executable, "job.py", str(rounds), "1"], cwd=place, check=True)
        spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    return max(1, round(rounds * seconds / spent * 1.05))


def measure(place: Path, environment: dict[str, str], rounds: int, runs: int) -> Figures:
    """Run the job bare and recorded, in turn, after one round that does not count."""
    bench = Bench(environment, place, runs)
    words = [sys.executable, "job.py", str(rounds), str(_PRODUCTS)]
    bare = Command("bare", words)
    record = [sys.executable, "-m", "sbom", "record", "--step", "job", "-o", "job.step.json", "--quiet", "--", *words]
    recorded = Command("recorded", record)
    bench.once(bare)
    first = bench.once(recorded)[0]
    return Figures(first, tuple((bench.once(bare), bench.once(recorded)) for _ in range(runs)))


def main() -> int:
    """Measure, print, and return 0 when the bar holds on a quiet machine; with ``--quick`` whenever it ran."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tiny job: shows that it runs, and measures nothing")
    parser.add_argument("--runs", type=int, default=5, help="rounds (default: 5)")
    parser.add_argument("--files", type=int, default=20_000, help="files that the job opens (default: 20,000)")
    parser.add_argument("--seconds", type=float, default=10.5, help="how long the bare job lasts (default: 10.5)")
    parser.add_argument("--scratch", type=Path, help="directory for the files (default: a temporary one)")
    args = parser.parse_args()
    runs, number, seconds = (1, 50, 0.1) if args.quick else (args.runs, args.files, args.seconds)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bench-record-", dir=args.scratch) as scratch:
        place = Path(scratch, "work")
        place.mkdir()
        make(place, number)
        environment = {**os.environ, "DATA_SBOM_CACHE_DIR": str(Path(scratch, "cache"))}
        figures = measure(place, environment, calibrate(place, seconds), runs)
        size = (place / "job.step.json").stat().st_size
    for (bare, bare_cpu), (recorded, recorded_cpu) in figures.rounds:
        print(
            f"bare {bare:6.2f} s (CPU {bare_cpu:6.2f} s)   recorded {recorded:6.2f} s (CPU {recorded_cpu:6.2f} s)   "
            f"ratio {recorded / bare:.3f} (CPU {recorded_cpu / bare_cpu:.3f})"
        )
    print(f"first recorded run, every file new: {figures.first:.2f} s; record: {size:,} bytes")
    print(f"load before {load:.2f}, after {os.getloadavg()[0]:.2f}; medians of {runs}: CPU {figures.ratio(1):.3f}")
    ratio = figures.ratio(0)
    verdict = "pass" if ratio <= BAR else "FAIL"
    if args.quick:
        verdict = "the bar means nothing here"
    elif figures.busy > BUSY:
        verdict = f"no verdict: the machine was busy, the bare run waited for {figures.busy:.2f} x its own CPU time"
    print(f"{number:,} files, bare {figures.bare:.1f} s: median ratio {ratio:.3f} (bar: {BAR}): {verdict}")
    return 0 if args.quick or verdict == "pass" else 1


if __name__ == "__main__":
    sys.exit(main())
