import argparse
import os

import matplotlib.pyplot as plt
import pandas as pd

FIGURES = "figures"
parser = argparse.ArgumentParser()
parser.add_argument("--tables", default=".")
opt = parser.parse_args()

weighted = pd.read_csv("%s/weighted.csv" % opt.tables)
os.makedirs(FIGURES, exist_ok=True)
for column in ["turnout", "age"]:
    weighted[column].plot.hist(weights=weighted["weight"])
    plt.savefig("{}/{}.svg".format(FIGURES, column))
    plt.close()
