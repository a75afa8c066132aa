import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pandas as pd

OUT = Path("out")


def monthly(frame):
    tmax = frame[frame.element == "TMAX"]
    return tmax.groupby([tmax.date.dt.to_period("M"), "name"]).value.mean().unstack()


def plot(table, path):
    figure, axes = plt.subplots(figsize=(10, 4))
    table.plot(ax=axes, legend=False)
    figure.savefig(path, dpi=120)


parser = argparse.ArgumentParser()
parser.add_argument("--input", default="work/joined.parquet")
options = parser.parse_args()
OUT.mkdir(exist_ok=True)
table = monthly(pd.read_parquet(options.input))
table.to_csv(OUT / "monthly.csv")
plot(table, OUT / "temperature.png")
(OUT / "summary.json").write_text(json.dumps({"months": len(table), "stations": table.shape[1]}))
