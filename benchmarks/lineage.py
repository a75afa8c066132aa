"""Measure what static reading of scripts finds, on stages whose true inputs and outputs people declared.

``make bench-lineage`` runs it on ``tests/lineage/labelled``, which is written for this. With ``--repositories DIR`` it
also measures the repositories in a directory, each a copy of one with a ``dvc.yaml``.

Usage: python benchmarks/lineage.py [--labels DIR] [--repositories DIR]... [--details]

**What is compared.** The reader is given a stage's name, commands, directory and parameters; ``deps``, ``outs``,
``metrics`` and ``plots`` are hidden from it. What it says is compared with them: full paths relative to the repository,
normalised, a ``/`` at the end ignored; a directory equals itself only, not the files in it. Inputs are the dependencies
that are data: code, notebooks, configuration files and directories of those are left out. URLs and tables, which a
``dvc.yaml`` has no place for, are left out on both sides. A stage is not counted when a script that its command names
is not there, or is in a language that is not read.

**The figures.** A repository's precision and recall are made from the sums over its stages. Its precision is left out
when nothing is reported and nothing expected, and is 0 when nothing is reported but something expected; its recall is
left out when nothing is expected. The bars are for the mean over the repositories (macro); the sums over all of them
are shown too (micro).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lineage_plain_walk import plain_walk
from lineage_truth import Declared, declared, normalised

if TYPE_CHECKING:
    from sbom.lineage.interface import Found

ROOT = Path(__file__).resolve().parent.parent
LABELS = ROOT / "tests" / "lineage" / "labelled"
BARS = {"precision": 0.85, "recall": 0.75}
SIDES = ("inputs", "outputs")

#: Reads the stages of a repository: for each one the paths that it reads and those that it writes.
Reader = Callable[[list[Declared], Path], list[tuple[frozenset[str], frozenset[str]]]]


class Counts(NamedTuple):
    """How many names are right, were reported, and were expected."""

    right: int = 0
    reported: int = 0
    expected: int = 0

    def plus(self, other: Counts) -> Counts:
        """Return the sums."""
        return Counts(self.right + other.right, self.reported + other.reported, self.expected + other.expected)

    @property
    def precision(self) -> float | None:
        """Share of the reported names that is right."""
        if self.reported:
            return self.right / self.reported
        return 0.0 if self.expected else None

    @property
    def recall(self) -> float | None:
        """Share of the expected names that was reported."""
        return self.right / self.expected if self.expected else None


@dataclass(slots=True)
class Measured:
    """A repository as measured: counts of inputs and outputs, and the names that are missing or wrong."""

    name: str
    stages: int = 0
    skipped: int = 0
    counts: tuple[Counts, Counts] = (Counts(), Counts())
    details: list[str] = field(default_factory=list)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print.

    :returns: 0 also when a bar is missed (the table says so); 1 when there is nothing to measure.
    """
    options = _parser().parse_args(arguments)
    for title, directory in (("labelled set", options.labels), *((str(d), d) for d in options.repositories)):
        repositories = sorted(path.parent for path in directory.glob("*/dvc.yaml"))
        if not repositories:
            print(f"benchmarks: {directory} has no directory with a dvc.yaml", file=sys.stderr)
            return 1
        ours = [measure(path, static_reading) for path in repositories]
        plain = [measure(path, plain_walking) for path in repositories]
        print(report(title, ours, plain, details=options.details))
    return 0


def measure(repository: Path, reader: Reader) -> Measured:
    """Read every stage of a repository, and compare."""
    measured = Measured(repository.name)
    stages = declared(repository)
    for stage, found in zip(stages, reader(stages, repository), strict=True):
        if not stage.readable:
            measured.skipped += 1
            continue
        measured.stages += 1
        expected = (stage.inputs, stage.outputs)
        sides = [
            Counts(len(reported & wanted), len(reported), len(wanted))
            for reported, wanted in zip(found, expected, strict=True)
        ]
        measured.counts = (measured.counts[0].plus(sides[0]), measured.counts[1].plus(sides[1]))
        for side, reported, wanted in zip(SIDES, found, expected, strict=True):
            measured.details.extend(f"{stage.name}: missing in {side}: {name}" for name in sorted(wanted - reported))
            measured.details.extend(f"{stage.name}: wrong in {side}: {name}" for name in sorted(reported - wanted))
    return measured


def static_reading(stages: list[Declared], repository: Path) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Return what data-sbom finds in each stage, given the commands, directories and parameters of all."""
    from sbom.lineage import static  # noqa: PLC0415  # the figures above need none of it
    from sbom.lineage.interface import Stage  # noqa: PLC0415
    from sbom.lineage.workspace import Directory  # noqa: PLC0415

    bare = [
        Stage(stage.name, "dvc.yaml", stage.directory, list(stage.commands), parameters=dict(stage.parameters))
        for stage in stages
    ]
    with Directory(repository) as workspace:
        return [_sides(found) for found in static.read_stages(bare, workspace)]


def _sides(found: Found) -> tuple[frozenset[str], frozenset[str]]:
    sides: tuple[set[str], set[str]] = (set(), set())
    for access in found.accesses:
        name = normalised(access.name, "")
        if name is not None:
            sides[access.writes].add(name)
    return frozenset(sides[0]), frozenset(sides[1])


def plain_walking(stages: list[Declared], repository: Path) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Return what a plain walk over the syntax tree finds in each stage."""
    return [plain_walk(stage.commands, stage.directory, repository) for stage in stages]


def macro(measured: list[Measured], side: int, figure: str) -> float | None:
    """Return the mean over the repositories that have the figure."""
    values = [value for one in measured if (value := getattr(one.counts[side], figure)) is not None]
    return sum(values) / len(values) if values else None


def micro(measured: list[Measured], side: int, figure: str) -> float | None:
    """Return the figure of the sums over all repositories."""
    total = Counts()
    for one in measured:
        total = total.plus(one.counts[side])
    value: float | None = getattr(total, figure)
    return value


def report(title: str, ours: list[Measured], plain: list[Measured], *, details: bool = False) -> str:
    """Return the table, and the totals next to the bars, as text."""
    width = max(len(one.name) for one in ours)
    stages, skipped = sum(one.stages for one in ours), sum(one.skipped for one in ours)
    lines = [
        f"{title}: {len(ours)} repositories, {stages} stages read, {skipped} not counted",
        "",
        f"{'':{width}}  stages  inputs P  inputs R  outputs P  outputs R",
    ]
    for one in ours:
        figures = [getattr(counts, figure) for counts in one.counts for figure in BARS]
        lines.append(f"{one.name:{width}}  {one.stages:6}  {_cells(figures)}")
        lines.extend(f"    {text}" for text in (one.details if details else ()))
    lines.append("")
    for name, measured in (("data-sbom", ours), ("plain walk", plain)):
        for kind, mean in (("macro", macro), ("micro", micro)):
            figures = [mean(measured, side, figure) for side in range(2) for figure in BARS]
            lines.append(f"{f'{name}, {kind}':{width}}  {'':6}  {_cells(figures)}")
    lines.append(f"{'bars (macro)':{width}}  {'':6}  {_cells([*BARS.values(), *BARS.values()])}")
    missed = [
        f"{SIDES[side]} {figure}"
        for side in range(2)
        for figure, bar in BARS.items()
        if (value := macro(ours, side, figure)) is None or value < bar
    ]
    lines.append(f"bars: {'all held' if not missed else 'MISSED: ' + ', '.join(missed)}")
    return "\n".join([*lines, ""])


def _cells(figures: list[float | None]) -> str:
    widths = (8, 8, 9, 9)
    texts = ["-" if figure is None else f"{figure:.2f}" for figure in figures]
    return "  ".join(f"{text:>{width}}" for text, width in zip(texts, widths, strict=True))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure precision and recall of static reading.")
    parser.add_argument("--labels", type=Path, default=LABELS, help="the labelled set (default: that of the tests)")
    parser.add_argument(
        "--repositories",
        type=Path,
        action="append",
        default=[],
        help="also measure the repositories in this directory (repeatable)",
    )
    parser.add_argument("--details", action="store_true", help="show the names that are missing or wrong")
    return parser


if __name__ == "__main__":
    sys.exit(main())
