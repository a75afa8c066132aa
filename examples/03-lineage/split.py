"""Step 3: every fifth penguin is kept for testing.

python split.py CLEAN DIRECTORY
"""

import csv
import sys
from pathlib import Path


def main(clean: str, directory: str) -> None:
    """Write train.csv and test.csv."""
    with open(clean, newline="") as stream:
        header, *rows = csv.reader(stream)
    parts = {"train": [row for n, row in enumerate(rows) if n % 5], "test": rows[::5]}
    Path(directory).mkdir(exist_ok=True)
    for name, part in parts.items():
        with open(Path(directory, f"{name}.csv"), "w", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([header, *part])


if __name__ == "__main__":
    main(*sys.argv[1:])
