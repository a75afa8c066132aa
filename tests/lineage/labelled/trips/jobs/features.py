import yaml

from session import lake, session


def main():
    with open("params.yaml") as stream:
        params = yaml.safe_load(stream)["features"]
    spark = session("features")
    trips = lake(spark, "trips")
    docks = lake(spark, table="docks")
    joined = trips.join(docks, trips.start_dock == docks.id)
    joined.toPandas().to_parquet(params["target"])


if __name__ == "__main__":
    main()
