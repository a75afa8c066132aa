"""What was measured, as plain text for the terminal and as docs/performance.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rows import Bar, Result

_INTRO = """\
# Performance

The first table holds what data-sbom promises: ratios to other tools over the same files, measured in turn in one run,
so that a slow or busy machine slows both sides. Seconds from different runs or machines must not be compared. A bar
that is missed says so. The files are in the page cache; each figure includes the start of the process.

"""

_HOW = """\
## How it is measured

`make bench` sets up all that it needs, measures, and writes this page; `make bench ARGS=--quick` takes fewer runs.
It needs 4 GiB of disk space and memory to spare. The programs are in [benchmarks](../benchmarks).

- Commands run in turn, round after round. The first round warms the page cache and does not count; of the others the
  medians are shown.
- Seconds of CPU are those of the process and its children. Memory is measured in a run of its own, which is not timed:
  on Linux the highest sum, looked at every 10 ms, of the proportional set sizes of all processes of the command;
  elsewhere that of the largest process.
- "generate and sign" is `generate --sign-key`; the figures for `generate` and then `sign` are in the tables above.
  `generate` runs with `--no-cache` unless a row says otherwise: with the cache on, only the first run would hash.
- All tools that sign do it with the same ECDSA P-256 key. They do not do the same work: data-sbom also checks
  names, looks at the tree twice and writes a CycloneDX document; model-signing writes a Sigstore bundle; bagit moves
  the files of its dataset, so that each run gets a fresh copy (the time of which does not count); openssl and sha256sum
  only hash, and so does the plain loop ([plain_loop.py](../benchmarks/plain_loop.py)).
"""


def text(results: Sequence[Result], scale: float) -> str:
    """Return the bars as lines for a terminal."""
    rows = [("work", "against", "measured", "bar", "")]
    rows += [(bar.work, bar.against, _value(bar), _limit(bar), bar.verdict) for bar in _bars(results)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", _summary(results), *_warning(scale)])


def markdown(results: Sequence[Result], facts: Sequence[tuple[str, str]], scale: float) -> str:
    """Return the whole page."""
    parts = [_INTRO, *(f"**{line}**\n\n" for line in _warning(scale))]
    parts += ["## What we hold ourselves to\n\n", f"{_summary(results)}\n\n"]
    rows = [(bar.work, bar.against, _value(bar), _limit(bar), _loud(bar.verdict)) for bar in _bars(results)]
    parts += [_table(("work", "against", "measured", "bar", "verdict"), rows), "\n## What each command took\n"]
    for result in results:
        costs = [
            (name, f"{cost.wall:.3f}", f"{cost.cpu:.3f}", f"{cost.memory_mib:.0f}" if cost.memory_mib else "-")
            for name, cost in result.costs.items()
        ]
        parts += [f"\n### {result.title}\n\n", _table(("command", "wall s", "CPU s", "memory MiB"), costs)]
    parts += ["\n## Where\n\n", _table(("what", ""), facts), "\n", _HOW]
    return "".join(parts)


def _bars(results: Sequence[Result]) -> list[Bar]:
    return [bar for result in results for bar in result.bars]


def _summary(results: Sequence[Result]) -> str:
    verdicts = [bar.verdict for bar in _bars(results)]
    counts = [(verdicts.count(word), said) for word, said in (("pass", "held"), ("MISS", "missed"))]
    counts.append((verdicts.count("not measured"), "not measured"))
    return ", ".join(f"{count} {said}" for count, said in counts if count) + f", of {len(verdicts)} bars"


def _warning(scale: float) -> list[str]:
    if scale == 1:
        return []
    return [f"All counts and sizes were multiplied by {scale:g}: the bars mean nothing here."]


def _value(bar: Bar) -> str:
    if bar.value is None:
        return "-"
    return f"{bar.value:.2f} x" if bar.unit == "x" else f"{bar.value:.0f} {bar.unit}".strip()


def _limit(bar: Bar) -> str:
    return f"≤ {bar.limit:g} {bar.unit}".strip()


def _loud(verdict: str) -> str:
    return "**missed**" if verdict == "MISS" else verdict


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
