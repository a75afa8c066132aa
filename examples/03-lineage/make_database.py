"""Fill a database with penguins, as the field station would have it: one table, one season after the other.

python make_database.py PENGUINS DATABASE SEASON...
"""

import csv
import sqlite3
import sys
from pathlib import Path

COLUMNS = "species, island, bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g, sex, year"


def main(penguins: str, database: str, *seasons: str) -> None:
    """Add the rows of the given seasons."""
    rows = []
    for path in sorted(Path(penguins).glob("*/*.csv")):
        with path.open(newline="") as stream:
            rows += [row for row in list(csv.reader(stream))[1:] if row[-1] in seasons]
    with sqlite3.connect(database) as connection:
        connection.execute(f"CREATE TABLE IF NOT EXISTS penguins ({COLUMNS})")
        connection.executemany("INSERT INTO penguins VALUES (?, ?, ?, ?, ?, ?, ?, ?)", sorted(rows))
    connection.close()
    print(f"{len(rows)} penguins of {', '.join(seasons)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
