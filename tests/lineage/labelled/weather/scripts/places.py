import os

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORK = os.path.join(ROOT, "work")
STATIONS = os.path.join(ROOT, "reference", "stations.csv")
JOINED = os.path.join(WORK, "joined.parquet")
