import os

import pandas as pd

import places

observations = pd.read_parquet(os.path.join(places.WORK, "observations.parquet"))
stations = pd.read_csv(places.STATIONS, usecols=["id", "name", "elevation"])
joined = observations.merge(stations, left_on="station", right_on="id", how="inner", validate="m:1")
joined.to_parquet(places.JOINED)
print(len(joined), "rows")
