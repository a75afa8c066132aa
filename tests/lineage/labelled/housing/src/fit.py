import os

import hydra
import joblib
import pandas as pd
from hydra.utils import get_class


@hydra.main(version_base=None, config_path="../conf", config_name="main")
def fit(cfg):
    train = pd.read_csv(os.path.join(cfg.prepared.dir, "train.csv"))
    model = get_class(cfg.model.target)()
    model.fit(train.drop(columns=["price", "date"]), train.price)
    os.makedirs("models", exist_ok=True)
    joblib.dump(model, f"models/{cfg.model.name}.joblib", compress=3)


if __name__ == "__main__":
    fit()
