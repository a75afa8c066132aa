"""awk, sed, find and their like: what they say by more than options and operands."""

from __future__ import annotations

import pytest
from shell_texts import command, short

CASES = [
    ("awk -F, '{print $1}' OFS=, a > b", "<a >b"),
    ("""awk '{print > "x"; while (getline line < "y") print line >> "z"}' a""", ">x <y >z <a"),
    ("awk -f run.sh a", "<a !run.sh"),
    ("awk", ""),
    ("sed s/a/b/ a > b", "<a >b"),
    ("sed -i.bak -e s/a/b/ a", "<a >a"),
    ("cat a | tee -a b c", "<a >b >c"),
    ("dd if=a of=b bs=1M", "<a >b"),
    ("split -l 10 a out/part-", "<a >out/"),
    ("split a", "<a"),
    ("ln -sf ../a out/b; ln a b; ln -s a", "<a >out/b <a >b"),
    ("ln $X b", ">b"),
    ("find data/raw -name '*.csv' -exec cat {} \\; > b", "<data/raw/ <data/raw/ >b"),
    ("find data src -type f", "<data/ <src/"),
    ("find -exec cat {} +", ""),
    ("ls | xargs cat", ""),
    ("ls | xargs -n 1 -I{} cp data/{} out/", "<data/ >out/"),
    ("ls | xargs -I F cp data/F out/; xargs", "<data/ >out/"),
    ("xargs -i cat out/{}", "<out/"),
    ("parallel -j 4 python src/a.py {} ::: a b", "!src/a.py"),
    ("parallel cat ::: a; parallel", ""),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_filters(tmp_path, text, expected) -> None:
    assert " ".join(short(command(tmp_path, text))) == expected
