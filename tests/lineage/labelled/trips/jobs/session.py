from pyspark.sql import SparkSession


def session(name):
    return SparkSession.builder.appName(name).config("spark.sql.session.timeZone", "UTC").getOrCreate()


def lake(spark, table):
    """Return a table of the lake."""
    return spark.read.parquet(f"lake/{table}")
