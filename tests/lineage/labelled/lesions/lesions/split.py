import pandas as pd
from sklearn.model_selection import train_test_split

from lesions.settings import Settings

settings = Settings.load()
labels = pd.read_csv(settings.labels)
train, rest = train_test_split(labels, test_size=0.3, stratify=labels["diagnosis"], random_state=11)
valid, test = train_test_split(rest, test_size=0.5, stratify=rest["diagnosis"], random_state=11)
settings.splits.mkdir(exist_ok=True)
for name, part in {"train": train, "valid": valid, "test": test}.items():
    part.to_csv(settings.splits / f"{name}.csv", index=False)
