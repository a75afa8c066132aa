import json
from pathlib import Path

import hydra
import pandas as pd
from omegaconf import DictConfig


def load_sales(cfg: DictConfig) -> pd.DataFrame:
    return pd.read_csv(cfg.raw.sales, parse_dates=["date"])


def load_postcodes(cfg: DictConfig) -> dict:
    with open(cfg.raw.postcodes) as stream:
        return json.load(stream)


def save(frame: pd.DataFrame, directory: Path, name: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    frame.to_csv(directory / f"{name}.csv", index=False)


@hydra.main(version_base=None, config_path="../conf", config_name="main")
def main(cfg: DictConfig) -> None:
    sales = load_sales(cfg)
    sales["region"] = sales.postcode.map(load_postcodes(cfg))
    newest = sales.date.dt.year == sales.date.dt.year.max()
    out = Path(cfg.prepared.dir)
    save(sales[~newest], out, "train")
    save(sales[newest], out, "test")


if __name__ == "__main__":
    main()
