"""Built-in functions, ``os``, ``sys``, ``pathlib``, collections, processes, files, databases."""

from __future__ import annotations

import pytest

from sbom.lineage.interface import Call


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("str(3) + str() + str('a')", "R 3a"), ("str(int('7') + int(2.9) + int())", "R 9"), ("str(float('1.5')) + str(float(2))", "R 1.52"), ("f'd/{int(x)}'", "R d/"), ("f'd/{float(\"q\")}'", "R d/"),
        ("f'd/{float(x)}{int(\"9\" * 30)}'", "R d/"), ("[f'{i}{c}' for i, c in enumerate('ab', 1)]", "R 1a R 2b"), ("[f'd/{i}' for i, c in enumerate(x)]", "R d/"), ("[a + b for a, b in zip('ab', 'cd')]", "R ac R bd"),
        ("[f'd/{i}' for i in range(1, 6, 4)]", "R d/1 R d/5"), ("[f'd/{i}' for i in range(x)]", "R d/"), ("[f'd/{i}' for i in range(1, 2, 0)]", "R d/"), ("[f'd/{i}' for i in range(10 ** 30)]", "R d/"),
        ("sorted(['b', 'a'])[0]", "R a"), ("sorted([x, 'a'])", "R a"), ("list(reversed(['b', 'a']))[0]", "R a"), ("next(iter(['a']))", "R a"), ("next(iter([]), 'b')", "R b"), ("list(x)", None), ("list()", None), ("tuple(['a'])", "R a"),
        ("dict(a='b')['a']", "R b"), ("dict([('a', 'b')])['a']", "R b"), ("dict({'a': 'c'}, **x)['a']", "R c"), ("dict(x).get('a', 'b')", "R b"), ("dict([x])['a']", None), ("dict([(x, 'q')]).get('a', 'b')", "R b"),
        ("list(map(str.upper, ['a']))", None), ("list(filter(None, ['a', '']))", "R a"), ("list(filter(lambda c: c != 'a', ['a', 'b', x]))", "R b"), ("format('a', '>2').strip()", "R a"), ("max('a', 'b')", "R a R b"), ("min(['a', 'b'])", "R a R b"), ("max(x)", None),
        ("type(x)", None), ("print('a')", None), ("getattr(x, 'a', 'b')", None), ("getattr({'a': 1}, 'z', 'b')", "R b"), ("getattr({**x}, 'z', 'b')", "R b"), ("getattr(None, 'z', 'b')", "R b"), ("getattr('a', x)", None), ("vars(x).get('q', 'b')", "R b"), ("vars({'a': 'b'})['a']", "R b"),
        ("os.path.join('a', 'b', '/c')", None), ("os.path.join('a', *['b', 'c'])", "R a/b/c"), ("os.path.join('d' if x else 'e', 'a')", "R d/a R e/a"), ("os.path.join('d', None, 'a')", None), ("os.path.join('', 'a')", "R a"), ("os.path.join('a/', 'b')", "R a/b"),
        ("os.path.dirname('a/b')", "R a"), ("os.path.basename('a/b')", "R b"), ("os.path.split('a/b')[1]", "R b"), ("os.path.splitext('a.csv')[0] + '.txt'", "R a.txt"), ("os.path.splitext(f'd/{x}.csv')[0]", "R d/"), ("os.path.splitext('d/' + x)[0]", None),
        ("os.path.normpath('a/../b')", "R b"), ("os.path.normpath(f'a/../b/{x}')", "R b/"), ("os.path.normpath(f'/{x}')", None), ("os.path.abspath('a')", "R a"), ("os.path.abspath('../a')", None), ("os.path.realpath('a/../b')", "R b"), ("os.path.relpath('a/b', 'a')", "R b"), ("os.path.relpath('a/b', 'z')", "R a/b"), ("os.path.relpath('a/b', x)", None), ("os.path.relpath('d/' + x)", None),
        ("os.getcwd() + '/a'", "R a"), ("Path.cwd() / 'a'", "R a"), ("Path.home() / 'a'", None), ("os.path.expanduser('a')", "R a"), ("os.getenv('A', 'b')", "R b"), ("os.environ.get('A', 'b')", "R b"), ("os.getenv('A')", None), ("os.getenv('A') or 'b'", "R b"), ("os.sep.join(['a', 'b'])", "R a/b"),
        ("tempfile.mkdtemp() + '/a'", None), ("tempfile.NamedTemporaryFile()", None), ("pyprojroot.here() / 'a'", "R a"), ("pyprojroot.here('a')", "R a"), ("rootutils.find_root() / 'a'", "R a"), ("os.path.exists('a')", None), ("sys.executable", "R python"), ("sys.platform", "R linux"),
        ("os.path.dirname(os.path.abspath(__file__)) + '/a'", "R a"), ("git.Repo('.').working_dir + '/a'", "R a"), ("os.curdir + '/a'", "R a"), ("dotenv.find_dotenv()", "R .env"),
        ("collections.OrderedDict(a='b')['a']", "R b"), ("collections.defaultdict(list, {'a': 'b'})['a']", "R b"), ("collections.deque(['a'])", "R a"), ("list(itertools.product('ab', ['c']))", "R a R c R b"), ("list(itertools.chain(['a'], ['b']))", "R a R b"), ("list(itertools.chain.from_iterable([['a'], ['b']]))", "R a R b"), ("[f'd/{i}' for i in itertools.count()]", "R d/"),
        ("types.SimpleNamespace(a='b').a", "R b"), ("copy.deepcopy('a')", "R a"), ("typing.cast(str, 'a')", "R a"), ("tqdm.tqdm(['a'])", "R a"), ("shlex.quote('a')", "R a"), ("shlex.split('a b')", "R a R b"), ("shlex.split('\"')", None), ("shlex.split(x)", None), ("shlex.split('a' + x)", None), ("importlib.import_module('os').sep + 'a'", None), ("importlib.import_module(x)", None), ("__import__('os').path.join('a', 'b')", "R a/b"),
        ("dataclasses.asdict('a')", "R a"), ("dataclasses.replace('a')", "R a"), ("glob.glob('d/*.csv')", "R d/"), ("glob.glob('d/**/*.csv', recursive=True)[0]", "R d/"), ("glob.glob(x)", None), ("[p + 'x' for p in glob.glob(f'd/{x}/*.csv')]", "R d/"), ("[os.path.join('d', f) for f in os.listdir('d')]", "R d/"), ("os.listdir(x)", None),
        ("[os.path.join(r, f) for r, _, fs in os.walk('d') for f in fs]", "R d/"), ("os.walk(x)", None), ("[e.path for e in os.scandir('d')]", "R d/"), ("os.scandir(x)", None), ("sys.argv[0]", None),
    ],
)  # fmt: skip
def test_functions(seen, expression, expected) -> None:
    modules = "os, sys, tempfile, pyprojroot, rootutils, git, collections, itertools, types, copy, typing, tqdm, shlex, importlib, dataclasses, glob, dotenv"
    found = seen(f"import {modules}\nfrom pathlib import Path\nfrom somewhere import x\nopen({expression})")
    assert " ".join(found) == (expected or "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import os\nos.chdir('d')\nopen('a')\nos.chdir('/x')\nopen('b')\nos.chdir(unknown)\nos.chdir('..')\nopen('c')", ["R d/a", "R d/b", "R c"]),
        ("import shutil\nshutil.copy('a', 'b')\nshutil.copytree('c', 'd')\nshutil.move('e', 'f')\nshutil.copy('g', 'h/')\nshutil.rmtree('i')", ["R a", "W b", "R c/", "W d/", "R e", "W f", "R g", "W h/g"]),
        ("import shutil, os\nos.makedirs('d')\nfor n in ('a', 'b.csv'):\n    shutil.copy(n, 'd')\nshutil.copy(unknown, 'd')\nshutil.copy('a', unknown)", ["R a", "W d/", "R b.csv"]),
        ("import shutil\nshutil.make_archive('a', 'gztar', 'd')\nshutil.make_archive(unknown, 'zip')\nshutil.make_archive('b', unknown, 'e')\nshutil.unpack_archive('z.zip', 'o')", ["W a.tar.gz", "R d/", "R e/", "R z.zip", "W o/"]),
        ("import os\nos.rename('a', 'b')\nos.remove('c')\nos.replace('d', 'e')\nos.symlink('f', 'g')\nos.makedirs('h')", ["R a", "W b", "R d", "W e", "W g"]),
        ("import zipfile, tarfile\nwith zipfile.ZipFile('a.zip') as z:\n    z.extractall('d')\nwith tarfile.open('b.tgz', 'w:gz') as t:\n    t.add('e/f.csv')\nwith zipfile.ZipFile('c.zip', 'w') as z:\n    z.write('g.csv')", ["R a.zip", "W d/", "W b.tgz", "R e/f.csv", "W c.zip", "R g.csv"]),
        ("import sqlite3, pandas as pd\nc = sqlite3.connect('a.db')\npd.read_sql('SELECT 1', c)", ["R a.db"]),
        ("import sqlite3, pandas as pd\nc = sqlite3.connect('a.db')\npd.DataFrame().to_sql('t', c)\nc.commit()", ["W a.db"]),
        ("import sqlite3\nwith sqlite3.connect('file:a.db?mode=ro') as c:\n    k = c.cursor()\n    k.execute('SELECT * FROM t')\n    k.executemany('INSERT INTO t VALUES (?)', [])\n    k.execute(unknown)", ["R a.db", "W a.db"]),
        ("import sqlite3\nsqlite3.connect('a.db')\nsqlite3.connect(':memory:').execute('CREATE TABLE t (x)')\nsqlite3.connect(unknown)", ["W a.db"]),
        ("from sqlalchemy import create_engine, text\nfrom sqlalchemy.orm import Session, sessionmaker\nimport pandas as pd\ne = create_engine('sqlite:///a.db')\nwith e.connect() as c:\n    c.execute(text('DELETE FROM t'))\nsessionmaker(bind=e)().add(1)\nSession(unknown)\ncreate_engine('postgresql://h/d')\npd.read_sql('t', 'sqlite:///b.db')\npd.DataFrame().to_sql('t', con='sqlite:///c.db')\npd.DataFrame().to_sql('t', unknown)\npd.read_sql('t', unknown)", ["W a.db", "R b.db", "W c.db"]),
        ("import optuna\noptuna.create_study(storage='sqlite:///a.db')\noptuna.create_study(storage='x')\noptuna.create_study(storage=unknown)", ["W a.db"]),
        ("from dvclive import Live\nwith Live() as live:\n    live.log_metric('a', 1)\n    open(live.dir + '/x')\n    live.log_artifact('m.pkl')", ["R dvclive/x", "R m.pkl"]),
        ("from dvclive import Live\nlive = Live('eval')\nlive.make_summary()", ["W eval/"]),
        ("from datasets import load_dataset\nload_dataset('csv', data_files={'train': 'a.csv', 'test': ['b.csv']})\nload_dataset('json', data_dir='d')\nload_dataset('squad')\nload_dataset('./local')\nload_dataset(unknown)", ["R a.csv", "R b.csv", "R d/", "R hf://datasets/squad", "R local/"]),
        ("from transformers import AutoModel\nm = AutoModel.from_pretrained('bert-base-uncased')\nm.save_pretrained('out/m')\nAutoModel.from_pretrained('out/m')\nAutoModel.from_pretrained('org/model')\nAutoModel.from_pretrained('a b')", ["R hf://bert-base-uncased", "W out/m/", "R hf://org/model", "R a b/"]),
        ("import sys\nsys.path.insert(0, 'lib2')\nsys.path.append(unknown)\nsys.path.append('/x')", []),
    ],
)  # fmt: skip
def test_effects(seen, text, expected) -> None:
    assert seen(text) == expected


def test_database_that_is_there(seen) -> None:
    assert seen("import sqlite3\nsqlite3.connect('a.db')", files={"a.db": ""}) == ["R a.db"]


def test_duckdb(seen) -> None:
    pytest.importorskip("sqlglot")
    text = """
        import duckdb
        from pathlib import Path
        duckdb.sql("COPY (SELECT * FROM read_csv('a.csv')) TO 'b.parquet'")
        con = duckdb.connect('w.duckdb')
        con.execute("CREATE TABLE t AS SELECT * FROM 'c.parquet'")
        con.execute(open('q.sql').read())
        con.sql(Path('x.sql').read_text())
        con.register('v', df)
    """
    files = {"q.sql": "COPY t TO 'd.csv'"}
    assert seen(text, files=files) == ["R a.csv", "W b.parquet", "W w.duckdb", "R c.parquet", "W d.csv", "R x.sql"]


def test_sql_that_is_none(read) -> None:
    found = read("import duckdb\nduckdb.sql('SELEC (')")
    assert [path for path, _ in found.problems] == ["main.py"]


def test_commands(read) -> None:
    text = """
        import os, subprocess, asyncio, sys
        subprocess.run(['tool', 'a b', n, 3, f'x/{n}"'], cwd='d')
        subprocess.run(f'cp {n} b', shell=True, cwd='/elsewhere')
        os.system('ls ' + n)
        os.execvp('prog', ['prog', 'x'])
        asyncio.create_subprocess_exec('prog', 'y')
        subprocess.run([sys.executable, 'other.py'])
        subprocess.run('')
        subprocess.run(n)
    """
    found = read(f"from somewhere import n\n{__import__('textwrap').dedent(text)}")
    assert [(command, directory) for command, directory, _ in found.commands] == [
        ('tool \'a b\' "${UNKNOWN}" 3 "x/${UNKNOWN}\\""', "d"),
        ("cp ${UNKNOWN} b", ""),
        ("ls ${UNKNOWN}", ""),
        ("prog x", ""),
        ("prog y", ""),
        ("python other.py", ""),
    ]


def test_scripts_that_are_run(read) -> None:
    text = """
        import runpy, papermill as pm
        runpy.run_path('sub/a.py')
        runpy.run_path('sub/a.py')
        runpy.run_path('missing.py')
        runpy.run_module('sub.a')
        runpy.run_module('os')
        runpy.run_module(unknown)
        pm.execute_notebook('n.ipynb', 'out.ipynb', parameters={'a': [1, 'x', unknown], 'b': {'c': None}, 'd': unknown})
        pm.execute_notebook('n.ipynb', 'out2.ipynb')
    """
    found = read(text, "w1", files={"sub/a.py": "", "n.ipynb": "{}"})
    where = "main.py:"
    assert found.calls == [
        Call("sub/a.py", ("w1",), "", {}, f"{where}3"),
        Call("sub/a.py", ("w1",), "", {}, f"{where}4"),
        Call("sub/a.py", (), "", {}, f"{where}6"),
        Call("n.ipynb", (), "", {"a": [1, "x"], "b": {"c": None}}, f"{where}9"),
        Call("n.ipynb", (), "", {}, f"{where}10"),
    ]
    assert [one.name for one in found.accesses] == ["out.ipynb", "out2.ipynb"]


def test_a_file_of_another_repository_is_none_of_this_one(seen) -> None:
    text = "import dvc.api\ndvc.api.read('a')\nwith dvc.api.open('b', None) as f:\n    f.read()\n"
    text += "dvc.api.open('c', repo='https://example.org/r')\ndvc.api.get_url('d', anywhere)"
    assert seen(text) == ["R a", "R b"]
