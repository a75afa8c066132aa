from shop.io import read_table, write_table


def run(options):
    orders = read_table(f"orders_{options.day}", dtype={"postcode": str})
    orders = orders[orders["amount"] > 0].drop_duplicates("order_id")
    write_table(orders, "orders_clean")
