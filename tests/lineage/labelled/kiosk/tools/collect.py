"""Put the files of the inbox together, by way of a file that is renamed when it is complete."""
import glob
import os

import pandas as pd

INBOX = os.environ.get("KIOSK_INBOX", "inbox")
STORE = os.getenv("KIOSK_STORE", "store")

parts = [pd.read_csv(name) for name in sorted(glob.glob(os.path.join(INBOX, "*.csv")))]
final = os.path.join(STORE, "all.csv")
partial = final + ".partial"
pd.concat(parts).to_csv(partial, index=False)
os.replace(partial, final)
