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
        ("import os\nfor n in 'ab':\n    p = os.path.join('d', n + '.csv')\n    os.makedirs(os.path.dirname(p), exist_ok=True)\n    open(p, 'w')", "", "W d/a.csv W d/b.csv"),
        ("from pathlib import Path\nfor n in 'ab':\n    p = Path('d') / f'{n}.csv'\n    p.parent.mkdir(exist_ok=True)\n    p.open('w')", "", "W d/a.csv W d/b.csv"),
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
