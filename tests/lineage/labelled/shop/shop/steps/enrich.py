import csv

from shop.constants import STATIC
from shop.io import read_table, write_table


def countries():
    with (STATIC / "countries.csv").open(encoding="utf-8") as handle:
        return {row["code"]: row["name"] for row in csv.DictReader(handle)}


def run(options):
    orders = read_table("orders_clean").merge(read_table("customers"), on="customer_id")
    orders["country_name"] = orders["country"].map(countries())
    write_table(orders, "orders_enriched")
