"""Projects of several modules, in the styles that people write them in."""

from __future__ import annotations

import pytest

CONFIGURED = {
    "conf.yaml": "root: artifacts\nbase:\n  dir: artifacts/base\n  first: artifacts/base/first.h5\n  second: artifacts/base/second.h5\ntraining:\n  model: artifacts/training/model.h5\n  images: data/kidneys\n",
    "src/kit/__init__.py": "import logging, os\nos.makedirs('logs', exist_ok=True)\nlogging.basicConfig(handlers=[logging.FileHandler('logs/run.log')])\nlogger = logging.getLogger('kit')\n",
    "src/kit/common.py": """
        import json, os
        import yaml
        from box import ConfigBox
        from ensure import ensure_annotations
        from kit import logger

        @ensure_annotations
        def read_yaml(path):
            try:
                with open(path) as stream:
                    content = yaml.safe_load(stream)
                    logger.info(f"{path} was read")
                    return ConfigBox(content)
            except ValueError:
                raise
            except Exception as error:
                raise error

        @ensure_annotations
        def make(directories: list):
            for directory in directories:
                os.makedirs(directory, exist_ok=True)

        def save_json(path, data):
            with open(path, "w") as stream:
                json.dump(data, stream)
    """,
    "src/kit/parts.py": """
        from dataclasses import dataclass
        from pathlib import Path
        import tensorflow as tf
        from kit.common import make, read_yaml, save_json

        @dataclass(frozen=True)
        class Paths:
            first: Path
            second: Path
            model: Path
            images: Path

        class Manager:
            def __init__(self, file=Path("conf.yaml")):
                self.config = read_yaml(file)
                make([self.config.root])

            def paths(self) -> Paths:
                base, training = self.config.base, self.config.training
                make([base.dir])
                return Paths(Path(base.first), Path(base.second), model=Path(training.model), images=training.images)

        class Part:
            def __init__(self, paths):
                self.paths = paths

            @staticmethod
            def save(path, model):
                model.save(path)

            def prepare(self):
                self.model = tf.keras.applications.VGG16()
                self.save(path=self.paths.first, model=self.model)
                self.save(path=self.paths.second, model=tf.keras.Model(self.model.input))

            def train(self):
                model = tf.keras.models.load_model(self.paths.second)
                images = tf.keras.preprocessing.image.ImageDataGenerator().flow_from_directory(directory=self.paths.images)
                model.fit(images)
                self.save(self.paths.model, model)
                save_json(Path("scores.json"), {"loss": model.evaluate(images)})
    """,
}
STAGE = "from kit import logger\nfrom kit.parts import Manager, Part\nif __name__ == '__main__':\n    try:\n        Part(Manager().paths()).{what}()\n    except Exception as error:\n        logger.exception(error)\n        raise error\n"


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("prepare", ["W artifacts/base/"]),
        ("train", ["R artifacts/base/second.h5", "R data/kidneys/", "W artifacts/training/model.h5", "W scores.json"]),
    ],
)
def test_configured_by_classes(seen, what, expected) -> None:
    assert seen(STAGE.format(what=what), script="src/kit/stages/run.py", files=CONFIGURED) == expected


@pytest.mark.parametrize(
    ("text", "words", "files", "expected"),
    [
        pytest.param("import importlib, sys\nmodule = importlib.import_module(f'stages.{sys.argv[1]}')\nmodule.main(*sys.argv[2:])", "clean x.csv y.csv", {"stages/clean.py": "import pandas as pd\ndef main(a, b):\n    pd.read_csv(a).to_csv(b)"}, "R x.csv W y.csv", id="dispatcher"),
        pytest.param("import argparse\nKNOWN = {}\ndef register(name):\n    def keep(cls):\n        KNOWN[name] = cls\n        return cls\n    return keep\n@register('a')\nclass A:\n    def run(self):\n        open('a.txt', 'w')\n@register('b')\nclass B:\n    def run(self):\n        open('b.txt', 'w')\np = argparse.ArgumentParser()\np.add_argument('k')\nKNOWN[p.parse_args().k]().run()", "b", {}, "W b.txt", id="registry"),
        pytest.param("from prefect import flow, task\nimport pandas as pd\n@task(retries=3)\ndef load(p):\n    return pd.read_parquet(p)\n@flow\ndef main(year=2023, months=(1, 2)):\n    for m in months:\n        load(f'data/{year}-{m:02}.parquet')\nif __name__ == '__main__':\n    main(2024)", "", {}, "R data/2024-01.parquet R data/2024-02.parquet", id="flow"),
        pytest.param("import pytorch_lightning as pl\nimport pandas as pd\nclass Data(pl.LightningDataModule):\n    def __init__(self, root):\n        super().__init__()\n        self.root = root\n    def setup(self, stage=None):\n        self.train = pd.read_csv(f'{self.root}/train.csv')\nt = pl.Trainer()\nt.fit(1, datamodule=Data('d'))\nt.save_checkpoint('m.ckpt')", "", {}, "R d/train.csv W m.ckpt", id="lightning"),
        pytest.param("import os, sys\nimport yaml\nparams = yaml.safe_load(open('params.yaml'))['prepare']\nif len(sys.argv) != 2:\n    sys.exit('usage')\ntrain, test = (os.path.join('data', 'prepared', f'{n}.tsv') for n in ('train', 'test'))\nos.makedirs(os.path.join('data', 'prepared'), exist_ok=True)\nwith open(sys.argv[1]) as source, open(train, 'w') as a, open(test, 'w') as b:\n    for line in source:\n        (a if params['split'] > 1 else b).write(line)", "data/all.xml", {"params.yaml": "prepare: {split: 0.2}"}, "R data/all.xml W data/prepared/", id="prepare"),
        pytest.param("import os, pickle, sys\ndef save(matrix, path):\n    with open(path, 'wb') as out:\n        pickle.dump(matrix, out)\nsource, target = sys.argv[1:3]\nos.makedirs(target, exist_ok=True)\nfor part in ('train', 'test'):\n    with open(os.path.join(source, part + '.tsv')) as lines:\n        save(lines.read(), os.path.join(target, part + '.pkl'))", "data/prepared data/features", {}, "R data/prepared/ W data/features/", id="featurize"),
        pytest.param("from pathlib import Path\nimport typer\nfrom proj.config import PROCESSED, RAW\nimport pandas as pd\napp = typer.Typer()\n@app.command()\ndef main(source: Path = RAW / 'all.csv', target: Path = PROCESSED / 'all.csv'):\n    pd.read_csv(source).to_csv(target)\nif __name__ == '__main__':\n    app()", "--target=x/y.csv", {"proj/config.py": "from pathlib import Path\nfrom loguru import logger\nROOT = Path(__file__).resolve().parents[1]\nlogger.info(f'{ROOT}')\nDATA = ROOT / 'data'\nRAW = DATA / 'raw'\nPROCESSED = DATA / 'processed'\ntry:\n    from tqdm import tqdm\n    logger.add(lambda text: tqdm.write(text))\nexcept ModuleNotFoundError:\n    pass\n"}, "R data/raw/all.csv W x/y.csv", id="typer"),
        pytest.param("import os\nfrom pathlib import Path\nimport pandas as pd\nclass Settings:\n    data = Path(os.getenv('DATA_DIR', 'data'))\n    @property\n    def train(self):\n        return self.data / 'train.csv'\npd.read_csv(Settings().train)", "", {}, "R data/train.csv", id="settings"),
        pytest.param("import logging\nimport os\nfrom sklearn.model_selection import train_test_split\nimport pandas as pd\nlog = logging.getLogger('x')\nos.makedirs('logs', exist_ok=True)\nlog.addHandler(logging.FileHandler(os.path.join('logs', 'x.log')))\ndef save(train, test, base):\n    try:\n        raw = os.path.join(base, 'raw')\n        os.makedirs(raw, exist_ok=True)\n        train.to_csv(os.path.join(raw, 'train.csv'))\n        test.to_csv(os.path.join(raw, 'test.csv'))\n    except Exception as error:\n        log.error('%s', error)\n        raise\ndef main():\n    train, test = train_test_split(pd.read_csv('https://example.org/all.csv'))\n    save(train, test, './data')\nif __name__ == '__main__':\n    main()", "", {}, "R https://example.org/all.csv W data/raw/", id="ingestion"),
    ],
)  # fmt: skip
def test_styles(seen, text, words, files, expected) -> None:
    assert " ".join(seen(text, *words.split(), files=files)) == expected
