"""Programs that download, upload and copy between machines."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from sbom.lineage.commandline import Program, as_directory, by_table, sort
from sbom.lineage.expansion import Word
from sbom.lineage.paths import is_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.lineage.commandline import Given


def curl(words: Sequence[Word], given: Given) -> None:
    """``curl``: URLs, and the files that they become."""
    values = "-o --output -H --header -d --data -X --request -u --user -A -e -T --upload-file -F --form --retry -m"
    found = sort(words, f"{values} --url --max-time --connect-timeout --create-dirs --data-raw -b -c --output-dir")
    urls = [*found.values("--url"), *found.operands]
    _downloads(urls, found.values("-o", "--output"), given)
    if any(name in {"-O", "--remote-name"} or (name[:2] != "--" and "O" in name) for name, _ in found.options):
        for word in urls:
            _remote_name(word, "", given)
    for word in found.values("-T", "--upload-file"):
        given.read(word)


def wget(words: Sequence[Word], given: Given) -> None:
    """``wget``: URLs, and the files that they become."""
    found = sort(
        words, "-O --output-document -P --directory-prefix -o -a -i --input-file -t -T --tries --timeout --header -U"
    )
    _downloads(found.operands, found.values("-O", "--output-document"), given)
    if not found.has("-O", "--output-document"):
        directory = next((word.text for word in found.values("-P", "--directory-prefix")), "")
        for word in found.operands:
            _remote_name(word, directory, given)
    for word in found.values("-i", "--input-file"):
        given.read(word)


def _downloads(urls: Sequence[Word], targets: Sequence[Word], given: Given) -> None:
    for word in urls:
        if is_url(word.text):
            given.read(word)
    for word in targets:
        if word.text != "-":
            given.write(word)


def _remote_name(word: Word, directory: str, given: Given) -> None:
    name = posixpath.basename(word.text.partition("?")[0].partition("#")[0])
    if word.known and is_url(word.text) and name:
        given.write(Word(posixpath.join(directory, name), known=True))


def copy_urls(words: Sequence[Word], given: Given) -> None:
    """``aws s3 cp``, ``gsutil cp``, ``az storage``: the last operand is the target."""
    operands = [
        word
        for word in sort(words, "--profile --region --exclude --include -m").operands
        if word.text not in {"s3", "storage", "blob"}
    ]
    if operands and operands[0].text in {"cp", "mv", "sync", "rsync"}:
        by_table(Program(last=True), operands[1:], given)


def kaggle(words: Sequence[Word], given: Given) -> None:
    """``kaggle``: a dataset, and where it goes."""
    found = sort(words, "-d --dataset -c --competition -f --file -p --path -w")
    for word in (*found.values("-d", "--dataset"), *found.operands[2:3]):
        given.read(Word(f"kaggle://{word.text}", known=word.known))
    for word in found.values("-p", "--path"):
        given.write(as_directory(word))


def clone(words: Sequence[Word], given: Given) -> None:
    """``git clone``."""
    found = sort(words, "-b --branch --depth -C -c")
    if found.operands and found.operands[0].text == "clone":
        for word in found.operands[1:2]:
            if is_url(word.text):
                given.read(word)
        for word in found.operands[2:3]:
            given.write(as_directory(word))
