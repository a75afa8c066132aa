import json
from pathlib import Path

import hydra
import joblib
import pandas as pd


@hydra.main(version_base=None, config_path="../conf", config_name="main")
def score(cfg):
    test = pd.read_csv(f"{cfg.prepared.dir}/test.csv")
    model = joblib.load(Path("models") / f"{cfg.model.name}.joblib")
    predicted = model.predict(test.drop(columns=["price", "date"]))
    reports = Path("reports", cfg.model.name)
    reports.mkdir(parents=True, exist_ok=True)
    pd.DataFrame({"predicted": predicted, "residual": test.price - predicted}).to_csv(reports / "residuals.csv")
    scores = {"mae": float((test.price - predicted).abs().mean())}
    json.dump(scores, open(reports / "scores.json", "w"))


if __name__ == "__main__":
    score()
