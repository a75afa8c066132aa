import argparse
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet as pq


def compact(source: Path, codec: str) -> Path:
    target = source.with_suffix(".parquet")
    table = pyarrow.csv.read_csv(source)
    pq.write_table(table, target, compression=codec)
    return target


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("--codec", default="snappy")
    print(compact(**vars(parser.parse_args())))
