"""Readers and writers of libraries: the tables, and what is judged by its name."""

from __future__ import annotations

import pytest

from sbom.lineage.python import apis


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import pandas as pd\ndf = pd.read_csv('a.csv')\npd.read_parquet(path='b.parquet')\ndf.to_csv('c.csv')\ndf.groupby('x').mean().to_json('d.json')\ndf.to_json()\npd.read_excel('e.xlsx')\ndf.to_pickle('f.pkl')\ndf.to_dict('records')\npd.read_json('{\"a\": 1}')", "R a.csv R b.parquet W c.csv W d.json R e.xlsx W f.pkl"),
        ("import pandas as pd\nwith pd.ExcelWriter('a.xlsx') as w:\n    pd.DataFrame().to_excel(w)\npd.concat([pd.read_csv(f) for f in ['b.csv', 'c.csv']]).to_excel('d.xlsx')\npd.read_csv('https://h/x.csv')\npd.read_hdf('e.h5', 'k')", "W a.xlsx R b.csv R c.csv W d.xlsx R https://h/x.csv R e.h5"),
        ("import polars as pl\nq = pl.scan_parquet('a.parquet')\nq.sink_csv('b.csv')\npl.read_ndjson('c.ndjson').write_parquet('d.parquet')\npl.DataFrame.write_csv(df, 'e.csv')", "R a.parquet W b.csv R c.ndjson W d.parquet W e.csv"),
        ("import pyarrow.parquet as pq, pyarrow as pa, pyarrow.dataset as ds\nt = pq.read_table('a.parquet')\npq.write_table(t, 'b.parquet')\npq.write_to_dataset(t, root_path='c')\nds.write_dataset(t, 'd')\npa.csv.write_csv(t, 'e.csv')\npa.memory_map('f.arrow', 'r')\npq.ParquetWriter('g.parquet', s)", "R a.parquet W b.parquet W c/ W d/ W e.csv R f.arrow W g.parquet"),
        ("import numpy as np\nnp.save('a', x)\nnp.savez('b.npz', x)\nnp.load('c.npy')\nnp.savetxt('d.txt', x)\nnp.loadtxt('e.txt')\nx.tofile('f.bin')\nnp.memmap('g.bin', mode='w+')\nnp.random.seed(1)", "W a.npy W b.npz R c.npy W d.txt R e.txt W f.bin W g.bin"),
        ("import torch\nm = torch.load('a.pt')\ntorch.save(m.state_dict(), 'b.pt')\ntorch.jit.load('c.pt')\nimport torchvision\ntorchvision.datasets.ImageFolder('d')\ntorchvision.utils.save_image(x, 'e.png')", "R a.pt W b.pt R c.pt R d/ W e.png"),
        ("from PIL import Image\ni = Image.open('a.png').resize((1, 2))\ni.save('b.png')\nimport cv2\ncv2.imwrite('c.png', cv2.imread('d.png'))\nimport matplotlib.pyplot as plt\nplt.savefig('e.png')\nfig, ax = plt.subplots()\nfig.savefig('f.svg')\nimport imageio\nimageio.imwrite('g.gif', x)", "R a.png W b.png R d.png W c.png W e.png W f.svg W g.gif"),
        ("import joblib, pickle, json, csv\njoblib.dump(m, 'a.joblib')\njoblib.load('b.joblib')\nwith open('c.pkl', 'wb') as f:\n    pickle.dump(m, f)\npickle.load(open('d.pkl', 'rb'))\njson.dump({}, open('e.json', 'w'))\ncsv.writer(open('f.csv', 'a'))\ncsv.DictReader(open('g.csv'))", "W a.joblib R b.joblib W c.pkl R d.pkl W e.json W f.csv R g.csv"),
        ("import tensorflow as tf\nm = tf.keras.models.load_model('a.h5')\nm.save('b.keras')\nm.save_weights('c.h5')\nm.load_weights('d.h5')\ntf.saved_model.save(m, 'e')\ntf.keras.utils.image_dataset_from_directory('f')\ntf.data.TFRecordDataset(['g.tfrecord', 'h.tfrecord'])\ntf.keras.callbacks.ModelCheckpoint('i.h5')\ntf.io.gfile.GFile('j.txt', 'w')\nfrom tensorflow.keras.models import save_model\nsave_model(m, 'k.h5')", "R a.h5 W b.keras W c.h5 R d.h5 W e/ R f/ R g.tfrecord R h.tfrecord W i.h5 W j.txt W k.h5"),
        ("import xgboost as xgb, lightgbm as lgb, catboost\nm = xgb.train({}, xgb.DMatrix('a.libsvm'))\nm.save_model('b.json')\nb = xgb.Booster()\nb.load_model('c.json')\nlgb.Booster(model_file='d.txt')\ncatboost.CatBoostClassifier().save_model('e.cbm')\nxgb.DMatrix(x)", "R a.libsvm W b.json R c.json R d.txt W e.cbm"),
        ("from pyspark.sql import SparkSession\ns = SparkSession.builder.appName('x').getOrCreate()\nd = s.read.option('h', True).csv('a.csv')\nd.write.mode('overwrite').parquet('b.parquet')\ns.read.parquet('c', 'd').write.saveAsTable('t.u')\ns.read.table('v')\ns.read.format('json').load('e').write.save(path='f')\ns.sparkContext.textFile('g.txt')", "R a.csv W b.parquet R c R d W table:t.u R table:v R e W f R g.txt"),
        ("import requests, urllib.request, wget, gdown\nr = requests.get('https://h/a')\nopen('b', 'wb').write(r.content)\nurllib.request.urlretrieve('https://h/c', 'd')\nurllib.request.urlopen('https://h/e')\nwget.download('https://h/f', out='g')\ngdown.download(id='x', output='h')\nrequests.Session().get('https://h/i')\nrequests.post('https://h/j')\nrequests.get(f'https://h/{x}')", "R https://h/a W b R https://h/c W d R https://h/e R https://h/f W g W h R https://h/i"),
        ("import gzip, bz2, codecs, io, h5py, zarr, tarfile\ngzip.open('a.gz', 'wt')\nbz2.open('b.bz2')\ncodecs.open('c', 'r', 'utf-8')\nio.open('d', mode='a')\nh5py.File('e.h5', 'r+')\nopen('f', 'x')\nopen('g', 'r' if q else 'w')\nopen('h', q)\nimport dbm\ndbm.open('i', 'c')\nimport shelve\nshelve.open('j', flag='n')", "W a.gz R b.bz2 R c W d R e.h5 W e.h5 W f R g W g R h W i W j"),
        ("import spacy, gensim\nn = spacy.load('en_core_web_sm')\nspacy.load('models/n')\nn.to_disk('out')\ngensim.models.Word2Vec.load('a.model').save('b.model')\nfrom sentence_transformers import SentenceTransformer\nSentenceTransformer('all-MiniLM')", "R models/n W out R a.model W b.model R hf://all-MiniLM"),
        ("from mylib import save_thing, load_thing, saver, load_dotenv, thing\nsave_thing(x, 'a/b.bin')\nload_thing('c.bin')\nload_thing('name')\nsaver('d.bin')\nload_dotenv('e.env')\nthing.export_all(path='f.bin', other=['g.bin'])\nthing.read_it('h.bin' if x else 'i')\nimport logging\nlogging.load_it('j.bin')\nthing.read_x('two words {}')", "W a/b.bin R c.bin W f.bin R h.bin"),
        ("import geopandas as gpd, rasterio\ng = gpd.read_file('a.shp')\ng.to_file('b.gpkg', driver='GPKG')\nrasterio.open('c.tif', 'w')\nimport openpyxl\nw = openpyxl.load_workbook('d.xlsx')\nw.save('e.xlsx')\nimport soundfile as sf\nsf.write('f.wav', x, 1)\nimport librosa\nlibrosa.load('g.wav')", "R a.shp W b.gpkg W c.tif R d.xlsx W e.xlsx W f.wav R g.wav"),
        ("import mlflow, dvc.api\nmlflow.log_artifact('a.png')\nmlflow.sklearn.save_model(m, 'b')\nmlflow.sklearn.log_model(m, 'c')\ndvc.api.open('d.csv')\nmlflow.pyfunc.load_model('models:/x')", "R a.png W b/ R d.csv"),
        ("import pandas as pd\npd.read_csv(['a.csv', 'b.csv'])\npd.read_csv({'x': 'c.csv'})\npd.read_csv(x)\npd.read_csv()\nx.to_csv('d.csv')\nx.read_json('no path')", "R a.csv R b.csv R c.csv W d.csv"),
    ],
)  # fmt: skip
def test_libraries(seen, text, expected) -> None:
    assert " ".join(seen(text)) == expected


def test_tables_are_well_formed() -> None:
    known = apis.tables()
    assert len(known.exact) > 400
    verbs = {act.verb for acts in known.exact.values() for act in acts}
    assert verbs <= {"read", "write", "read/", "write/", "make/", "remove", "move"} | set(apis._VERBS)
    assert known.exact["numpy.savez"] == (apis.Act("write", 0, ("file",), ".npz"),)
    assert known.exact["read.parquet"] == (apis.Act("read", -2, ("path",)),)
    assert known.exact["os.open"] == ()


@pytest.mark.parametrize(
    ("trail", "row"),
    [
        ("pandas.read_csv", "*.read_csv"), ("pandas.concat().to_csv", "*.to_csv"), ("tensorflow.keras.utils.load_img", "keras.utils.load_img"), ("tensorflow.compat.v1.data.TFRecordDataset", "tensorflow.data.TFRecordDataset"),
        ("pyspark.x().read.csv", "read.csv"), ("pyspark.x().read.csv().write.csv", "write.csv"), ("?.extractall", "?.extractall"), ("zipfile.ZipFile().extractall", "zipfile,tarfile,py7zr,rarfile.extractall"),
    ],
)  # fmt: skip
def test_rows(trail, row) -> None:
    assert apis.find(trail) == apis.tables().exact[row]


def test_unknown_functions() -> None:
    assert apis.find("somewhere.nothing") is None
    assert apis.find("spark.read.nothing") is None
