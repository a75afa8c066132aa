import yaml
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

params = yaml.safe_load(open("params.yaml"))["ingest"]
spark = SparkSession.builder.appName("ingest").getOrCreate()

trips = spark.read.option("header", True).csv(params["trips"])
trips = trips.withColumn("started", F.to_timestamp("started")).dropDuplicates(["trip_id"])
trips.repartition("day").write.mode("overwrite").partitionBy("day").parquet(params["lake"] + "/trips")

docks = spark.read.json(params["docks"])
docks.write.mode("overwrite").parquet(params["lake"] + "/docks")
