import argparse

import pandas as pd

COLUMNS = ["station", "date", "element", "value", "mflag", "qflag", "sflag", "time"]


def read(path):
    return pd.read_csv(path, names=COLUMNS, compression="gzip", dtype={"time": "string"})


def split_by_quality(frame):
    bad = frame["qflag"].notna()
    return frame[~bad], frame[bad]


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("observations")
    ap.add_argument("-o", "--output", required=True)
    ap.add_argument("--rejects")
    ns = ap.parse_args()

    good, bad = split_by_quality(read(ns.observations))
    good = good.assign(date=pd.to_datetime(good["date"], format="%Y%m%d"), value=good["value"] / 10)
    good.drop(columns=["mflag", "qflag", "sflag"]).to_parquet(ns.output, index=False)
    if ns.rejects:
        bad.to_csv(ns.rejects, index=False)
