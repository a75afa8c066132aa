"""Programs that download, upload and copy between machines."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from sbom.lineage.commandline import as_directory, copy, cut, inside, sort
from sbom.lineage.expansion import Word
from sbom.lineage.paths import is_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.lineage.commandline import Given

_CURL: Final = (
    "-o --output -H --header -d --data --data-raw --data-binary --data-urlencode -X --request -u --user -A --user-agent"
    " -e --referer -T --upload-file -F --form --retry --retry-delay -m --max-time --connect-timeout -b --cookie -c"
    " --cookie-jar --output-dir --url -C --continue-at -w --write-out -x --proxy -E --cert --cacert -r --range"
)
_WGET: Final = (
    "-O --output-document -P --directory-prefix -o --output-file -a --append-output -i --input-file -t --tries -T"
    " --timeout --header -U --user-agent -l --level -A --accept -R --reject -e -w --wait -Q -B --base -D --user"
    " --password --post-data --cut-dirs --load-cookies"
)


def curl(words: Sequence[Word], given: Given) -> None:
    """``curl``: URLs, and the files that they become."""
    found = sort(words, _CURL, clusters=True)
    urls = [*found.values("--url"), *found.operands]
    sent = found.values("-d", "--data", "--data-binary", "--data-urlencode")
    for word in (*found.values("-T", "--upload-file"), *(cut(word, 1) for word in sent if word.text[:1] == "@")):
        given.read(word)
    named = found.values("-o", "--output")
    _download(urls, named, found.value("--output-dir"), given)
    if found.has("-O", "--remote-name", "--remote-name-all"):
        _remote_names(urls[len(named) :], found.value("--output-dir"), given)


def wget(words: Sequence[Word], given: Given) -> None:
    """``wget``: URLs, and the files that they become."""
    found = sort(words, _WGET, clusters=True)
    for word in found.values("-i", "--input-file"):
        given.read(word)
    directory = found.value("-P", "--directory-prefix")
    named = found.values("-O", "--output-document")
    _download(found.operands, named, None, given)
    if not named and found.has("-r", "--recursive", "-m", "--mirror", "-i", "--input-file"):
        if directory is not None:
            given.write(as_directory(directory))
    elif not named:
        _remote_names(found.operands, directory, given)


def aria2(words: Sequence[Word], given: Given) -> None:
    """``aria2c``."""
    found = sort(words, "-o --out -d --dir -x -s -k -j -i --input-file", clusters=True)
    named = found.values("-o", "--out")
    directory = found.value("-d", "--dir")
    _download(found.operands, named, directory, given)
    if not named:
        _remote_names(found.operands, directory, given)


def gdown(words: Sequence[Word], given: Given) -> None:
    """``gdown``: a file of Google Drive, by its URL or number."""
    found = sort(words, "-O --output --id --proxy")
    _download([*found.operands, *found.values("--id")], found.values("-O", "--output"), None, given)


def _download(urls: Sequence[Word], targets: Sequence[Word], directory: Word | None, given: Given) -> None:
    """Say that URLs are read and files written, the latter in a directory."""
    for word in urls:
        if is_url(word.text) and word.known:
            given.read(word)
    for word in targets:
        if word.text != "-":
            given.write(word if directory is None else inside(directory, word, given))


def _remote_names(urls: Sequence[Word], directory: Word | None, given: Given) -> None:
    """Say that files are written that are called like the end of their URLs."""
    for word in urls:
        name = posixpath.basename(word.text.partition("?")[0].partition("#")[0])
        if word.known and is_url(word.text) and name:
            target = Word(name, known=True, inferred=True)
            given.write(target if directory is None else inside(directory, target, given))
        elif directory is not None:
            given.write(as_directory(directory))


def copy_urls(words: Sequence[Word], given: Given) -> None:
    """``aws s3 cp``, ``gsutil cp``, ``gcloud storage cp``: the last operand is the target."""
    values = "--profile --region --exclude --include --endpoint-url -o -h"
    operands = [word for word in sort(words, values).operands if word.text not in {"s3", "storage"}]
    if operands and operands[0].text in {"cp", "mv"}:
        copy(operands[1:], given)
    elif operands and operands[0].text in {"sync", "rsync"}:
        for word in operands[1:2]:
            given.read(as_directory(word))
        for word in operands[2:3]:
            given.write(as_directory(word))


def kaggle(words: Sequence[Word], given: Given) -> None:
    """``kaggle``: a dataset, and where it goes."""
    found = sort(words, "-d --dataset -c --competition -f --file -p --path -w")
    for word in (*found.values("-d", "--dataset", "-c", "--competition"), *found.operands[2:3]):
        if word.known:
            given.read(word._replace(text=f"kaggle://{word.text}", start=f"kaggle://{word.start}"))
    for word in found.values("-p", "--path"):
        given.write(as_directory(word))


def hub(words: Sequence[Word], given: Given) -> None:
    """``huggingface-cli download`` and ``hf download``."""
    found = sort(words, "--repo-type --revision --include --exclude --local-dir --cache-dir --token")
    kind = found.value("--repo-type")
    if [word.text for word in found.operands[:1]] == ["download"]:
        prefix = "hf://datasets/" if kind is not None and kind.text == "dataset" else "hf://"
        for word in found.operands[1:2]:
            given.read(word._replace(text=prefix + word.text, start=prefix + word.start))
        for word in found.values("--local-dir"):
            given.write(as_directory(word))


def clone(words: Sequence[Word], given: Given) -> None:
    """``git clone``."""
    found = sort(words, "-b --branch --depth -C -c -o")
    if [word.text for word in found.operands[:1]] != ["clone"]:
        return
    for word in found.operands[1:2]:
        if is_url(word.text):
            given.read(word)
            if len(found.operands) == 2 and word.known:  # noqa: PLR2004  # without a directory
                name = posixpath.basename(word.text.rstrip("/")).removesuffix(".git")
                given.write(Word(f"{name}/", known=True, inferred=True))
    for word in found.operands[2:3]:
        given.write(as_directory(word))
