"""Measure tracing: how long loading and checking a chain of releases takes, and how long an answer takes after that.

``make bench-trace`` runs it. Every release is made by two recorded steps: ``download`` writes the raw files, ``clean``
reads all of them and writes the files of the dataset. A hundredth of the files differs from one release to the next.
One table has digests of its rows; a row of it came in the middle of the chain.

Usage: python benchmarks/trace.py [--releases N] [--files N] [--quick] [--scratch DIR]

The bar, 2 seconds, is for each answer at 10 releases of 100,000 files, on the wall; seconds of CPU are shown too, for
machines that are busy. The slowest question is the last one: everything in every release is tainted. When the bar is
missed, the exit code is 1.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sbom.cyclonedx import document as documents
from sbom.cyclonedx import write
from sbom.cyclonedx.canonical import canonical
from sbom.cyclonedx.strict_json import Limits
from sbom.inventory import merkle
from sbom.model import Dataset, FileEntry, ReleaseLink
from sbom.signing import jsf, keys
from sbom.tracing import load, run
from sbom.transformation import OBSERVED, Edge, Lineage, Observation, Rows, Script, Step, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sbom.signing.keys import PrivateKey
    from sbom.tracing.interface import Documents, Trace

BAR = 2.0
URL = "https://example.org/archive"
SEEN = (Word(OBSERVED),)
_CHANGED = 100
_QUICK = (3, 200)
_FULL = (10, 100_000)
_ROW = hashlib.sha256(b"the row").digest()[:16]


class Answer(NamedTuple):
    """A question, the seconds that its answer took, on the wall and of CPU, and what was found."""

    question: str
    seconds: float
    cpu: float
    found: str


def main(arguments: list[str] | None = None) -> int:
    """Measure and print.

    :returns: 1 when an answer took longer than the bar, at full size.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--releases", type=int, default=_FULL[0])
    parser.add_argument("--files", type=int, default=_FULL[1])
    parser.add_argument("--quick", action="store_true", help="a small chain, to see that it works")
    parser.add_argument("--scratch", type=Path, default=None, help="where the documents are made")
    given = parser.parse_args(arguments)
    releases, files = _QUICK if given.quick else (given.releases, given.files)
    gc.disable()  # as the command does
    with tempfile.TemporaryDirectory(dir=given.scratch) as home:
        key = keys.generate()
        newest = make(Path(home), key, releases, files)
        size = sum(path.stat().st_size for path in Path(home).iterdir())
        print(f"{releases:,} releases of {files:,} files: {size / 1e6:,.0f} MB of documents")
        started, cpu = time.perf_counter(), time.process_time()
        raw = documents.read_bytes(str(newest), Limits())
        found = load.load(raw, home, load.Trusted((key.public,)), Limits(), every=True)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        print(f"{f'loading and checking {len(found.every):,} documents':<44} {seconds:8.3f} s, CPU {cpu:8.3f} s")
        answers = [answer(found, one) for one in questions(files)]
    for one in answers:
        print(f"{one.question:<44} {one.seconds:8.3f} s, CPU {one.cpu:8.3f} s   {one.found}")
    slowest = max(one.seconds for one in answers)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    full = (releases, files) == _FULL
    verdict = ("pass" if slowest <= BAR else "MISS") if full else "the bar means nothing at this size"
    print(f"slowest answer {slowest:.3f} s, bar {BAR:.0f} s: {verdict}; peak memory {memory:,.0f} MiB")
    return int(full and slowest > BAR)


def questions(files: int) -> Sequence[tuple[str, Callable[[Documents], Trace]]]:
    """Return what is asked."""
    return (
        ("back from one file", lambda found: run.trace(found, "00/000001.csv")),
        (f"back from the whole dataset, {files:,} files", lambda found: run.trace(found, "data")),
        ("a row of a table", lambda found: run.trace(found, "00/000001.csv", record=2)),
        ("forward from one raw file", lambda found: run.trace(found, "raw/00/000001.csv", descendants=True)),
        ("forward from a source: all is tainted", lambda found: run.trace(found, URL, descendants=True)),
    )


def answer(found: Documents, asked: tuple[str, Callable[[Documents], Trace]]) -> Answer:
    """Measure one answer."""
    started, cpu = time.perf_counter(), time.process_time()
    trace = asked[1](found)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    files = sum(len(node.items) for node in trace.nodes)
    return Answer(asked[0], seconds, cpu, f"{len(trace.nodes):,} places, {files:,} files in them")


def make(home: Path, key: PrivateKey, releases: int, files: int) -> Path:
    """Write the documents of a chain, each signed; return the newest one."""
    previous: ReleaseLink | None = None
    path = home
    for release in range(releases):
        dataset = describe(release, files, previous, with_row=release >= releases // 2)
        tree = write.build(dataset, write.Origin("1.7", "2026-01-01T00:00:00Z", "0", reproducible=False))
        signed = jsf.add(dict(tree), key, canonical).document
        data = write.serialize(dict(signed))
        path = home / f"{release:03}.cdx.json"
        path.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        previous = ReleaseLink(str(signed["serialNumber"]), 1, digest, dataset.name, dataset.version)
    return path


def describe(release: int, files: int, previous: ReleaseLink | None, *, with_row: bool) -> Dataset:
    """Make a release: two steps, and what they read and wrote."""
    names = [f"{number // 1000:02}/{number:06}.csv" for number in range(files)]
    # Each release changes other files, and keeps the changes of those before; the table changes with its row.
    states = [
        max((one for one in range(release + 1) if number % _CHANGED == one), default=0) for number in range(files)
    ]
    states[1] = -1 if with_row else 0
    raw = tuple(
        Edge(f"raw/{name}", SEEN, digest(f"raw {name} {state}"), 10) for name, state in zip(names, states, strict=True)
    )
    clean = tuple(
        Edge(f"data/{name}", SEEN, digest(f"clean {name} {state}"), 10)
        for name, state in zip(names, states, strict=True)
    )
    entries = tuple(
        FileEntry(name, 10, (("SHA-256", str(one.sha256)),)) for name, one in zip(names, clean, strict=True)
    )
    steps = (
        step("download", release, (Edge(URL, SEEN),), raw),
        step("clean", release, raw, clean),
    )
    other = hashlib.sha256(b"another row").digest()[:16]
    held = other + (_ROW if with_row else other)
    rows = Rows("data/00/000001.csv", str(clean[1].sha256), held)
    lineage = Lineage("data", steps, level=OBSERVED, rows=(rows,))
    return Dataset("bench", f"1.{release}", entries, merkle.root(entries), previous=previous, lineage=lineage)


def step(name: str, release: int, inputs: tuple[Edge, ...], outputs: tuple[Edge, ...]) -> Step:
    """Make a recorded step."""
    return Step(
        name,
        f"{name}.step.json",
        argv=("python", f"{name}.py"),
        scripts=(Script(f"{name}.py", digest(name), 10),),
        inputs=inputs,
        outputs=outputs,
        actor="Jane",
        started=f"2026-01-{release + 1:02}T00:00:00Z",
        finished=f"2026-01-{release + 1:02}T01:00:00Z",
        exit_code=0,
        observation=Observation("strace", complete=True),
    )


def digest(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
