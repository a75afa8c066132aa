import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq


class Index:
    """Words and the rows that they are in."""

    directory = Path("store")

    def __init__(self, name="index"):
        self.base = self.directory / name
        self.words = {}

    def add(self, table):
        for row, title in enumerate(table.column("title").to_pylist()):
            for word in title.lower().split():
                self.words.setdefault(word, []).append(row)

    def save(self):
        self.base.with_suffix(".json").write_text(json.dumps(sorted(self.words)))
        np.savez_compressed(str(self.base) + ".npz", **{word: np.array(rows) for word, rows in self.words.items()})


def main():
    index = Index()
    index.add(pq.read_table(Index.directory / "all.parquet", columns=["title"]))
    index.save()


if __name__ == "__main__":
    main()
