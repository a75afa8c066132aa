"""Train a penguin classifier, and test it: one nearest neighbour over four standardised measures."""  # noqa: INP001  # a program, no part of the package

import csv
import math
import sys
from pathlib import Path

MEASURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
Bird = tuple[list[float], str]


def load(directory: Path) -> list[Bird]:
    """Read measures and species of every bird that was measured completely."""
    paths = sorted(directory.glob("*.csv"))
    rows = [row for path in paths for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())]
    complete = [row for row in rows if "NA" not in [row[name] for name in MEASURES]]
    return [([float(row[name]) for name in MEASURES], row["species"]) for row in complete]


def main(data: Path) -> None:
    """Train on ``train/*.csv``, test on ``test/*.csv``."""
    train, test = load(data / "train"), load(data / "test")
    columns = list(zip(*(measures for measures, _ in train), strict=True))
    spread = [max(column) - min(column) for column in columns]

    def distance(one: list[float], other: list[float]) -> float:
        return math.hypot(*((a - b) / width for a, b, width in zip(one, other, spread, strict=True)))

    right = 0
    for measures, species in test:
        _, guess = min(train, key=lambda bird: distance(bird[0], measures))
        right += guess == species
    sys.stdout.write(f"trained on {len(train)} penguins: {right} of {len(test)} test penguins named correctly\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "penguins"))
