"""The settings of all steps, from config.yaml."""
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Settings:
    photographs: Path
    resized: Path
    labels: Path
    splits: Path
    models: Path
    reports: Path
    size: int

    @classmethod
    def load(cls, path="config.yaml"):
        with open(path) as stream:
            config = yaml.safe_load(stream)
        paths = {name: Path(value) for name, value in config["paths"].items()}
        return cls(**paths, size=config["image"]["size"])
