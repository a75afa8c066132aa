import sqlite3

import pandas as pd

from shop.constants import DATABASE
from shop.io import write_table


def run(options):
    connection = sqlite3.connect(DATABASE)
    orders = pd.read_sql("SELECT * FROM orders WHERE day = ?", connection, params=[options.day])
    customers = pd.read_sql("SELECT * FROM customers", connection)
    write_table(orders, f"orders_{options.day}")
    write_table(customers, "customers")
    connection.close()
