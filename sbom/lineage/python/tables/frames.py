"""Tables and databases: pandas, polars, pyarrow, Dask, Spark, GeoPandas, DuckDB, SQLite."""

ROWS = """
*.read_csv: read 0 filepath_or_buffer source input_file urlpath path file
*.read_table: read 0 filepath_or_buffer source
*.read_fwf: read 0 filepath_or_buffer
*.read_excel: read 0 io source
*.read_json: read~ 0 path_or_buf source url_path
*.read_ndjson: read 0 source
*.read_parquet: read 0 path source
*.read_feather: read 0 path source
*.read_orc: read 0 path source
*.read_hdf: read 0 path_or_buf
*.read_pickle: read 0 filepath_or_buffer
*.read_stata: read 0 filepath_or_buffer
*.read_sas: read 0 filepath_or_buffer
*.read_spss: read 0 path
*.read_xml: read~ 0 path_or_buffer
*.read_html: read~ 0 io
*.read_avro: read 0 source
*.read_ipc: read 0 source
*.read_delta: read/ 0 source
*.read_ods: read 0 source
*.read_csv_batched: read 0 source
*.scan_csv: read 0 source
*.scan_parquet: read 0 source
*.scan_ndjson: read 0 source
*.scan_ipc: read 0 source
*.scan_delta: read/ 0 source
*.read_file: read~ 0 filename
pandas.ExcelFile: read 0 path_or_buffer
pandas.ExcelWriter: write 0 path
pandas.HDFStore: open 0 path 1
*.to_sql: url> 1 con connection
*.to_csv: write 0 path_or_buf path filename file single_file
*.to_parquet: write 0 path
*.to_excel: write~ 0 excel_writer
*.to_json: write~ 0 path_or_buf
*.to_pickle: write 0 path
*.to_feather: write 0 path
*.to_hdf: write 0 path_or_buf
*.to_orc: write 0 path
*.to_stata: write 0 path
*.to_html: write~ 0 buf path
*.to_latex: write~ 0 buf
*.to_markdown: write~ 0 buf
*.to_xml: write~ 0 path_or_buffer
*.to_file: write~ 0 filename output_file
*.to_arrow: write~ 0 path
*.write_csv: write 0 file path
*.write_parquet: write 0 file path where
*.write_json: write~ 0 file
*.write_ndjson: write 0 file
*.write_ipc: write 0 file
*.write_feather: write 1 dest
*.write_avro: write 0 file
*.write_excel: write~ 0 workbook
*.write_delta: write/ 0 target
*.sink_csv: write 0 path
*.sink_parquet: write 0 path
*.sink_ipc: write 0 path
*.sink_ndjson: write 0 path
polars.DataFrame.write_csv: write 1 file
pyarrow.parquet.read_table: read 0 source
pyarrow.parquet.ParquetFile: read 0 source
pyarrow.parquet.ParquetDataset: read 0 path_or_paths
pyarrow.parquet.read_schema: read 0 where
pyarrow.parquet.read_metadata: read 0 where
pyarrow.parquet.write_table: write 1 where
pyarrow.parquet.ParquetWriter: write 0 where
pyarrow.parquet.write_to_dataset: write/ 1 root_path
pyarrow.parquet.write_metadata: write 1 where
pyarrow.csv.read_csv: read 0 input_file
pyarrow.csv.open_csv: read 0 input_file
pyarrow.csv.write_csv: write 1 output_file
pyarrow.csv.CSVWriter: write 0 sink
pyarrow.json.read_json: read 0 input_file
pyarrow.feather.read_feather: read 0 source
pyarrow.feather.read_table: read 0 source
pyarrow.feather.write_feather: write 1 dest
pyarrow.orc.write_table: write 1 where
pyarrow.orc.read_table: read 0 source
pyarrow.dataset.dataset: read 0 source
pyarrow.dataset.write_dataset: write/ 1 base_dir
pyarrow.memory_map: open 0 path 1
pyarrow.OSFile: open 0 path 1
pyarrow.ipc.open_file: read~ 0 source
pyarrow.ipc.open_stream: read~ 0 source
pyarrow.ipc.new_file: write~ 0 sink
pyarrow.ipc.new_stream: write~ 0 sink
pyarrow.RecordBatchFileWriter: write~ 0 sink
fastparquet.ParquetFile: read 0 fn
fastparquet.write: write 0 filename
read.csv: read 0 path
read.parquet: read * path
read.json: read 0 path
read.text: read 0 paths path
read.orc: read 0 path
read.load: read 0 path
read.table: table< 0 tableName
write.csv: write 0 path
write.parquet: write 0 path
write.json: write 0 path
write.text: write 0 path
write.orc: write 0 path
write.save: write 0 path
write.saveAsTable: table> 0 name
write.insertInto: table> 0 tableName
readStream.load: read 0 path
writeStream.start: write 0 path
pyspark.textFile: read~ 0 name
?.textFile: read~ 0 name
*.wholeTextFiles: read/ 0 path
*.saveAsTextFile: write/ 0 path
duckdb.read_csv: read 0 path_or_buffer
duckdb.from_csv_auto: read 0 path
duckdb.from_parquet: read 0 path
*.read_csv_auto: read 0 path
geopandas.read_file: read 0 filename
fiona.open: open 0 fp 1
rasterio.open: open 0 fp 1
laspy.read: read 0 source
trimesh.load: read 0 file_obj
openpyxl.load_workbook: read 0 filename
openpyxl,xlsxwriter.save: write 0 filename
xlsxwriter.Workbook: write 0 filename
csvkit.open: open 0 f 1
datatable.fread: read 0 anysource
vaex.open: read 0 path
vaex.from_csv: read 0 filename_or_buffer
*.export_parquet: write 0 path
*.export_csv: write 0 path
*.export_hdf5: write 0 path
dask.bag.read_text: read 0 urlpath
*.to_textfiles: write 0 path
pyreadr.read_r: read 0 path
pyreadr.write_rds: write 0 path
pyreadstat.read_sav: read 0 filename_path
pyreadstat.read_dta: read 0 filename_path
Bio.SeqIO.parse: read~ 0 handle
Bio.SeqIO.read: read~ 0 handle
Bio.SeqIO.write: write~ 1 handle
anndata.read_h5ad: read 0 filename
scanpy.read_h5ad: read 0 filename
scanpy.read: read 0 filename
scanpy.read_10x_mtx: read/ 0 path
*.write_h5ad: write 0 filename
jsonlines.open: open 0 file 1
srsly.read_jsonl: read 0 path
srsly.read_json: read 0 path
srsly.write_jsonl: write 0 path
srsly.write_json: write 0 path
srsly.read_yaml: read 0 path
srsly.read_gzip_jsonl: read 0 path
srsly.write_gzip_jsonl: write 0 path
networkx.read_gpickle: read 0 path
networkx.write_gpickle: write 1 path
networkx.read_graphml: read 0 path
networkx.write_graphml: write 1 path
networkx.read_gexf: read 0 path
networkx.write_gexf: write 1 path
networkx.read_edgelist: read 0 path
networkx.write_edgelist: write 1 path
lxml.etree.parse: read~ 0 source
xml.etree.ElementTree.parse: read~ 0 source
xml.dom.minidom.parse: read~ 0 file
*.write_xml: write~ 0 path
rdkit.Chem.SDMolSupplier: read 0 fileName
rdkit.Chem.SDWriter: write 0 fileName
rdkit.Chem.PandasTools.LoadSDF: read 0 filename
"""
