"""Programs that download, upload and copy between machines."""

from __future__ import annotations

import pytest
from shell_texts import command, short

U = "https://e.org/d/x.csv"
CASES = [
    (f"curl -sSLo a {U}", f"<{U} >a"),
    (f"curl -L --output a '{U}?y=1' -H 'A: b'", f"<{U}?y=1 >a"),
    (f"curl -LO {U} --output-dir out", f"<{U} >out/x.csv"),
    (f"curl -O --url {U}", f"<{U} >x.csv"),
    (f"curl -o - {U}", f"<{U}"),
    (f"curl {U} > a", f"<{U} >a"),
    ("curl -T a -d @b -d c https://e.org/", "<a <b <https://e.org/"),
    ("curl -O https://e.org/$X --output-dir out", ">out/"),
    (f"wget -qO a {U}", f"<{U} >a"),
    (f"wget -nc -P out {U}#part", f"<{U}#part >out/x.csv"),
    (f"wget {U}", f"<{U} >x.csv"),
    (f"wget -r -l 1 -A csv -P out {U}", f"<{U} >out/"),
    (f"wget -r {U}", f"<{U}"),
    ("wget -i data/list.txt -P out", "<data/list.txt >out/"),
    ("wget https://e.org/ e.org", "<https://e.org/"),
    (f"aria2c -x 4 -d out -o a {U}; aria2c {U}", f"<{U} >out/a <{U} >x.csv"),
    (f"gdown --id 123 -O a; gdown {U} -O b", f">a <{U} >b"),
    ("aws s3 cp s3://b/a.csv data/", "<s3://b/a.csv >data/a.csv"),
    ("aws s3 sync data s3://b/d; gsutil -m rsync s3://b/d out", "<data/ >s3://b/d/ <s3://b/d/ >out/"),
    ("aws s3 ls; gcloud auth login", ""),
    ("kaggle datasets download -d a/b -p out", "<kaggle://a/b >out/"),
    ("kaggle datasets download a/b", "<kaggle://a/b"),
    ("kaggle datasets download -d $X -p out", ">out/"),
    ("hf download a/b --repo-type dataset --local-dir out", "<hf://datasets/a/b >out/"),
    ("huggingface-cli download a/b; hf login", "<hf://a/b"),
    ("git clone --depth 1 https://e.org/a/b.git", "<https://e.org/a/b.git >b/"),
    ("git clone https://e.org/a/b.git out; git clone . copy; git pull", "<https://e.org/a/b.git >out/ >copy/"),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_transfers(tmp_path, text, expected) -> None:
    assert " ".join(short(command(tmp_path, text))) == expected
