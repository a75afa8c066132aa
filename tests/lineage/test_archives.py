"""Programs that pack, compress and expand."""

from __future__ import annotations

import pytest
from shell_texts import command, short

CASES = [
    ("tar xzf a.tgz -C out", "<a.tgz >out/"),
    ("tar -xzf a.tgz", "<a.tgz"),
    ("tar --extract --file=a.tar --directory=out", "<a.tar >out/"),
    ("tar -tf a.tar", "<a.tar"),
    ("tar -czf a.tgz data b", "<data/ <b >a.tgz"),
    ("tar czf a.tgz -C data raw", "<data/raw/ >a.tgz"),
    ("tar czf a.tgz -C data $X", "<data/ >a.tgz"),
    ("tar cf - data > x; tar xf - -C out; tar --version", "<data/ >x >out/"),
    ("tar", ""),
    ("gzip a; gzip -dk b.gz; gzip -c c > d", "<a >a.gz <b.gz >b <c >d"),
    ("gunzip a.gz; bunzip2 b.bz2; xz -T0 c; zstd -19 d -o e", "<a.gz >a <b.bz2 >b <c >c.xz <d >e"),
    ("gunzip $X.gz", ""),
    ("zip -r out data/raw a; zip b.zip c", "<data/raw/ <a >out.zip <c >b.zip"),
    ("unzip -o a.zip -d out", "<a.zip >out/"),
    ("7z a x.7z a b; 7z x x.7z -oout; 7z", "<a <b >x.7z <x.7z >out/"),
    ("7z i a", ""),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_archives(tmp_path, text, expected) -> None:
    assert " ".join(short(command(tmp_path, text))) == expected
