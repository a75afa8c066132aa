import argparse
import json
import pickle
from pathlib import Path

import pandas as pd
import yaml
from sklearn.ensemble import RandomForestRegressor


def read_params(path):
    return yaml.safe_load(Path(path).read_text())


def train(frame, trees):
    return RandomForestRegressor(n_estimators=trees).fit(frame.drop(columns="duration"), frame.duration)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--params", default="params.yaml")
    config = read_params(parser.parse_args().params)["train"]
    frame = pd.read_parquet(config["source"])
    model = train(frame, config["trees"])
    with open(config["model"], "wb") as out:
        pickle.dump(model, out, protocol=5)
    Path(config["metrics"]).write_text(json.dumps({"score": model.score(frame.drop(columns="duration"), frame.duration)}))
