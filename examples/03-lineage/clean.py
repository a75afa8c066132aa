"""Step 2: leave out penguins that were not measured completely.

python clean.py RAW CLEAN
"""

import csv
import sys


def main(raw: str, target: str) -> None:
    """Keep the rows without a gap."""
    with open(raw, newline="") as stream:
        header, *rows = csv.reader(stream)
    kept = [row for row in rows if "" not in row and "NA" not in row]
    with open(target, "w", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *kept])
    print(f"kept {len(kept)} of {len(rows)} penguins")


if __name__ == "__main__":
    main(*sys.argv[1:])
