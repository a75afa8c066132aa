"""Replace account numbers by a keyed hash."""
import duckdb

SOURCE = "incoming/bookings.csv"
TARGET = "work/bookings.parquet"

with open("work/salt.txt") as handle:
    salt = handle.read().strip()

connection = duckdb.connect()
connection.execute(
    f"""
    COPY (
        SELECT md5(account || ?) AS account, day, amount
        FROM read_csv_auto('{SOURCE}', delim = ';')
    ) TO '{TARGET}' (FORMAT parquet)
    """,
    [salt],
)
