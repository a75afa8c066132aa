"""Step 1: export the table of the field station.

python export.py DATABASE CSV
"""

import csv
import sqlite3
import sys


def main(database: str, target: str) -> None:
    """Write the whole table, sorted."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    cursor = connection.execute("SELECT * FROM penguins ORDER BY year, species, island, body_mass_g, bill_length_mm")
    with open(target, "w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(column[0] for column in cursor.description)
        writer.writerows(cursor)
    connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
