"""What programs read and write by their words; a table of command lines."""

from __future__ import annotations

import pytest
from shell_texts import command, said, short

CASES = [
    # files named by operands and options
    ("cat a b - > c", "<a <b >c"),
    ("head -n 5 a; tail -5 b; wc -l c", "<a <b <c"),
    ("sort -t, -k2,2 a -o a", "<a >a"),
    ("sort --output=b a", "<a >b"),
    ("shuf a --random-source=seed -o b", "<seed <a >b"),
    ("grep -rn pattern a", "<a"),
    ("grep -e pattern a -f b", "<b <a"),
    ("jq .x a.json > b.json", "<a.json >b.json"),
    ("touch a", ">a"),
    ("convert a.png -resize 50% b.jpg", "<a.png >b.jpg"),
    ("convert a.png", "<a.png"),
    ("ffmpeg -y -i a.wav -ar 16000 b.flac", "<a.wav >b.flac"),
    ("echo a; ls data; mkdir -p out; rm a; true", ""),
    ("cat /etc/passwd ~/x ../up $X/y > /dev/null", ""),
    ("cat out/$X/y > $Y/z", "<out/"),
    ("cat file://data/x", "<data/x"),
    # other programs
    ("tool --input a.csv -o out/b --verbose", "<a.csv >out/b"),
    ("tool -o json --in=x", ""),
    ("nohup nice -n 3 python src/a.py x &", "!src/a.py x"),
    ("env -u X A=1 python src/a.py", "!src/a.py"),
    ("timeout -k 5 60 python src/a.py", "!src/a.py"),
    ("poetry run python src/a.py; uv run --with x src/b.py -q", "!src/a.py !src/b.py -q"),
    ("conda run -n env -- python src/a.py; poetry install", "!src/a.py"),
    ("torchrun --nproc_per_node 2 src/a.py --x 1", "!src/a.py --x 1"),
    ("accelerate launch src/a.py", "!src/a.py"),
    ("npx tool; nohup", ""),
    ("./run.sh x y", "!run.sh x y"),
    ("src/a.py --in x", "!src/a.py --in x"),
    ("$PYTHON src/a.py z", "!src/a.py z"),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_programs(tmp_path, text, expected) -> None:
    found = command(tmp_path, text)
    assert " ".join(short(found)) == expected
    assert {one.where for one in (*found.accesses, *found.calls)} <= {"dvc.yaml:4"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("make all", "runs make, whose own steps are not followed from here (line 4)"),
        ("$TOOL x", "runs a program that is not known"),
        ("./gone.sh", "runs gone.sh, which is not there"),
        ("docker run x", "container"),
    ],
)
def test_what_is_not_followed_is_told(tmp_path, text, problem) -> None:
    found = command(tmp_path, text)
    assert problem in said(found)
    assert not found.accesses
