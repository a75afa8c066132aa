"""Reading and writing of tables."""
import pandas as pd

from shop.constants import BUILD


def path_of(name):
    return BUILD / f"{name}.csv"


def read_table(name, **options):
    return pd.read_csv(path_of(name), **options)


def write_table(frame, name):
    path_of(name).parent.mkdir(exist_ok=True)
    frame.to_csv(path_of(name), index=False)
