"""Measure data-sbom beside what people would use instead. ``make bench`` runs it.

Usage: python benchmarks/run.py [--quick] [--peers VENV] [--only ROW]... [--scale X] [--output FILE]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import report
from machine import facts
from measure import CommandFailedError
from rows import ROWS
from workshop import HERE, Workshop

_PAGE = HERE.parent / "docs" / "performance.md"


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the bars, and write the page.

    :returns: 0 also when a bar is missed (the table says so); 1 when something could not be run.
    """
    options = _parser().parse_args(arguments)
    peers = options.peers.absolute() if options.peers is not None else None
    with tempfile.TemporaryDirectory(prefix="data-sbom-bench-", dir=options.scratch) as name:
        shop = Workshop(Path(name).resolve(), peers, 3 if options.quick else options.runs, options.scale)
        results = []
        try:
            for row in options.only or ROWS:
                print(f"measuring: {ROWS[row].__doc__}", file=sys.stderr, flush=True)
                results.append(ROWS[row](shop))
        except CommandFailedError as error:
            print(f"benchmarks: {error}", file=sys.stderr)
            return 1
        page = report.markdown(results, facts(shop), options.scale)
    print(report.text(results, options.scale))
    whole = options.scale == 1 and not options.only
    output = options.output or (_PAGE if whole else None)
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(page, encoding="utf-8")
        print(f"written to {output}", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure data-sbom beside what people would use instead.")
    parser.add_argument("--runs", type=int, default=5, help="how often each command is measured (default: 5)")
    parser.add_argument("--quick", action="store_true", help="measure three times")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="multiply all counts and sizes, to try this program out"
    )
    parser.add_argument("--only", action="append", choices=list(ROWS), help="measure this only (repeatable)")
    parser.add_argument("--peers", type=Path, help="the virtual environment with the other tools; without it: the rest")
    parser.add_argument("--scratch", type=Path, help="where to make the datasets (default: the temporary directory)")
    parser.add_argument(
        "--output",
        type=Path,
        help=f"where to write the page (default: docs/{_PAGE.name} for a whole run, else nowhere)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
