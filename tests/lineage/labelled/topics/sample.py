import json
import sys
from pathlib import Path

import polars as pl

articles, release = sys.argv[1], Path(sys.argv[2])
blocked = {line.strip() for line in open("lists/blocked.txt", encoding="utf-8")}

frame = pl.scan_parquet(articles).filter(~pl.col("publisher").is_in(list(blocked))).collect()
part = frame.sample(fraction=0.1, seed=7)
release.mkdir(exist_ok=True)
part.write_ndjson(release / "sample.jsonl")
statistics = {"articles": len(part), "publishers": part["publisher"].n_unique()}
with open(release.joinpath("statistics.json"), mode="w", encoding="utf-8") as out:
    json.dump(statistics, out, indent=1)
