"""Which names are reported: places, directories, sets of files, what a program makes for itself."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("open('/etc/passwd')\nopen('../x')\nopen('~/x')\nopen('')\nopen(' ')\nopen('C:/x')\nopen('a/../../x')\nopen('.git/config')\nopen('a\\x00b')\nopen('\\x1b[31m')\nopen('.')", "", ""),
        ("open('a/../b')\nopen('./c')\nopen('d//e')\nopen('f\\\\g')", "", "R b R c R d/e R f/g"),
        ("open('a', 'w')\nopen('a')\nopen('b')\nopen('b', 'w')", "", "W a R b W b"),
        ("import os\nos.makedirs('d')\nd = 'd'\nopen(f'{d}/a.csv', 'w')\nopen(d + '/b.csv', 'w')", "", "W d/"),
        ("import os\nd = 'd'\nopen(f'{d}/a.csv', 'w')\nopen(d + '/b.csv', 'w')", "", "W d/a.csv W d/b.csv"),
        ("import os\nos.makedirs('d')\nopen('d/a.csv', 'w')\nopen('d/b.csv', 'w')", "", "W d/a.csv W d/b.csv"),
        ("import os\nd = 'd'\nos.makedirs(d)\nopen(f'{d}/a.csv', 'w')\nopen(f'{d}/b.json', 'w')", "", "W d/a.csv W d/b.json"),
        ("import os\nd = 'd'\nos.makedirs(d)\nopen(f'{d}/a.csv', 'w')", "", "W d/a.csv"),
        ("import os\nd = 'models'\nos.makedirs(d)\nopen(f'{d}/a.pkl', 'w')\nopen(f'{d}/b.pkl', 'w')", "", "W models/a.pkl W models/b.pkl"),
        ("import os\nd = 'models'\nos.makedirs(d)\nopen(f'{d}/a.pkl', 'w')\nopen(f'{d}/b.pkl', 'w')", "--to=./models", "W models/"),
        ("import os\nfor n in 'ab':\n    p = os.path.join('d', n + '.csv')\n    os.makedirs(os.path.dirname(p), exist_ok=True)\n    open(p, 'w')", "", "W d/"),
        ("from pathlib import Path\nfor n in 'ab':\n    p = Path('d') / f'{n}.csv'\n    p.parent.mkdir(exist_ok=True)\n    p.open('w')", "", "W d/"),
        ("import os\nos.makedirs('m')\nfor n in 'ab':\n    open(f'm/{n}.pkl', 'w')\n    open(f'm/{n}.json', 'w')", "", "W m/"),
        ("import os\nos.makedirs('m')\nfor n in 'ab':\n    open(f'm/{n}.pkl', 'w')\nd = 'm'\nopen(d + '/c.json', 'w')", "", "W m/a.pkl W m/b.pkl W m/c.json"),
        ("import os\nos.makedirs('models')\nfor n in 'ab':\n    open(f'models/{n}', 'w')", "", "W models/"),
        ("import os\nos.makedirs('models')\nfor n in 'a':\n    open(f'models/{n}', 'w')\nd = 'models'\nopen(d + '/c', 'w')", "", "W models/a W models/c"),
        ("import os\ndef save(p):\n    os.makedirs(os.path.dirname(p))\n    open(p, 'w')\nd = 'd'\nsave(d + '/a.csv')\nsave(d + '/b.csv')", "", "W d/"),
        ("import os\nd = 'd'\nos.makedirs(os.path.dirname(d + '/a.csv'))\nopen(d + '/a.csv', 'w')\nopen(d + '/b.csv', 'w')", "", "W d/a.csv W d/b.csv"),
        ("from pathlib import Path\nd = Path(__file__).parent / 'd'\nd.mkdir()\nopen(d / 'a.csv', 'w')\nopen(d / 'b.csv', 'w')", "", "W d/a.csv W d/b.csv"),
        ("from pathlib import Path\nd = Path(__file__).parent / 'd'\nd.mkdir()\nopen(d / 'a.csv', 'w')\nopen(d / 'b.csv', 'w')", "d", "W d/"),
        ("import os\nd = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'd')\nos.makedirs(d)\nopen(d + '/a.csv', 'w')\nopen(d + '/b.csv', 'w')", "", "W d/"),
        ("for s in ('train', 'test'):\n    open(f'd/{s}/{x}.png')\n    open(f'e/{s}/{x}.png', 'w')", "", "R d/ W e/"),
        ("for s in ('d', 'e'):\n    open(f'{s}/{x}.png')", "", "R d/ R e/"),
        ("def save(p):\n    open(f'{p}/{x}.png', 'w')\nsave('d/train')\nsave('d/test')", "", "W d/train/ W d/test/"),
        ("import os\nfor s in 'ab':\n    os.listdir(f'd/{s}')", "", "R d/"),
        ("open('d/a.csv')\nopen(f'd/{x}.png')", "", "R d/"),
        ("import os\nif os.listdir('d'):\n    open('d/state.json')\nopen('d/state.json', 'w')\nopen(f'd/{x}', 'w')", "", "W d/"),
        ("open('gen.py', 'w')", "", "W gen.py"),
        ("import sys\nopen(sys.argv[1] + '/a.csv')\nopen('e/b.csv')\nopen('https://h/d/c')", "d https://h/d", "R d/ R e/b.csv R https://h/d/c"),
        ("import os\nos.listdir('d')\nopen('d/a.csv')", "", "R d/"),
        ("open(f'd/{x}.csv', 'w')\nopen('d/a.csv', 'w')\nopen('d/a.csv')\nopen('d/z.csv')", "", "W d/"),
        ("open('d/a.csv', 'w')\nopen(f'd/{x}.csv')", "", "W d/a.csv"),
        ("import shutil\nopen('t/a', 'w')\nshutil.move('t/a', 'b')\nopen('c.log', 'w')\nopen('.gitkeep', 'w')", "", "W b"),
        ("import pandas as pd\npd.read_csv('https://h/*.csv')\npd.read_csv('d/*.csv')\npd.read_csv('*.csv')\npd.read_csv(f'{x}.csv')\npd.read_csv('file://e.csv')", "", "R https://h/*.csv R d/ R e.csv"),
        ("from pathlib import Path\nr = Path(__file__).resolve().parents[1]\nopen(r / 'a')\nopen(f'{r}x')\nopen(r)", "", ""),
    ],
)  # fmt: skip
def test_names(seen, text, words, expected) -> None:
    assert " ".join(seen(text, *words.split())) == expected


def test_names_are_relative_to_the_working_directory(seen) -> None:
    text = (
        "from pathlib import Path\nopen('a')\nopen('../b')\nopen(Path(__file__).parent / 'c')\nopen(Path.cwd() / 'd')"
    )
    assert seen(text, script="src/x/main.py", directory="w") == ["R w/a", "R b", "R src/x/c", "R w/d"]


def test_who_leaves_the_workspace_was_meant_to_run_beside_the_script(seen) -> None:
    text = "open('../data/a')\nopen('..\\\\data\\\\b')\nopen('../../c')"
    assert seen(text, script="src/main.py") == ["R data/a", "R data/b"]
    assert seen(text, script="src/x/main.py", directory="src") == ["R data/a", "R data/b", "R c"]


def test_members_of_a_directory(read) -> None:
    text = "import os\nd = 'd'\nos.makedirs(d)\nopen(f'{d}/a.csv', 'w')\nopen(f'{d}/b.csv', 'w')\nopen('c', 'w')"
    closed = {one.name: one.members for one in read(text).accesses}
    assert closed == {"d/": {"d/a.csv", "d/b.csv"}, "c": frozenset()}
    opened = {one.name: one.members for one in read("open('d/a.csv', 'w')\nopen(f'd/{x}.csv', 'w')").accesses}
    assert opened == {"d/": {"d/a.csv", "d/"}}


def test_a_dataset_under_version_control_is_one_thing(seen) -> None:
    text = "open('raw/x/a.csv')\nopen('b.csv')\nopen('raw/c.csv')\nopen('https://example.org/raw/a')"
    assert seen(text, files={"raw.dvc": "", "b.csv.dvc": "", "raw/c.csv.dvc": ""}) == [
        "R raw/",
        "R b.csv",
        "R raw/c.csv",
        "R https://example.org/raw/a",
    ]


def test_what_is_there_decides(read) -> None:
    found = read(
        "open('d')\nopen('x.py')\nopen('y.py')\nimport dvc.api\nopen('run.log')\ndvc.api.params_show()",
        files={"d/": "", "x.py": "", "run.log": ""},
    )
    assert [(one.name, one.writes, one.kind, one.where) for one in found.accesses] == [
        ("d/", False, "static-literal", "main.py:1"),
        ("y.py", False, "static-literal", "main.py:3"),
    ]
    assert found.scripts == []


def test_kinds_and_places(read) -> None:
    found = read("open('a')\n\nopen('b' + 'c')\nd = 'd'\nopen(d)")
    assert [(one.name, one.kind, one.where) for one in found.accesses] == [
        ("a", "static-literal", "main.py:1"),
        ("bc", "static-inferred", "main.py:3"),
        ("d", "static-literal", "main.py:5"),
    ]
