"""Programs that run what others wrote: interpreters, notebooks, databases, containers."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from sbom.lineage.commandline import sort
from sbom.lineage.expansion import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.lineage.commandline import Given


_PYTHON_VALUES: Final = frozenset({"-W", "-X", "--check-hash-based-pycs"})


def python(words: Sequence[Word], given: Given) -> None:
    """``python``: a script, a module, a text, or standard input."""
    at = 0
    while at < len(words):
        text = words[at].text
        if text == "-m" and at + 1 < len(words):
            _module(words[at + 1].text, words[at + 2 :], given)
            return
        if text == "-c" and at + 1 < len(words):
            given.inline("python", words[at + 1].text, words[at + 2 :])
            return
        if text in _PYTHON_VALUES:
            at += 2
        elif text == "-":
            break
        elif text.startswith("-"):
            at += 1
        else:
            given.script(words[at], words[at + 1 :])
            return
    if given.stdin is not None:
        given.inline("python", given.stdin, words[at + 1 :])


def _module(name: str, words: Sequence[Word], given: Given) -> None:
    """Run a module: one of the workspace, or one that runs another program."""
    if name in {"papermill", "jupyter", "nbconvert", "torch.distributed.launch", "torch.distributed.run"}:
        program = "torchrun" if name.startswith("torch") else "jupyter" if name == "nbconvert" else name
        extra = [Word("nbconvert", known=True)] if name == "nbconvert" else []
        given.run([Word(program, known=True), *extra, *words])
    else:
        given.module(name, words)


def papermill(words: Sequence[Word], given: Given) -> None:
    """``papermill``: a notebook with parameters."""
    values = "-p --parameters -r -y --parameters_yaml -f --parameters_file -k --kernel --cwd --engine"
    pairs: list[Word] = []
    plain: list[Word] = []
    at = 0
    while at < len(words):
        text = words[at].text
        if text in {"-p", "--parameters", "-r", "--parameters_raw"} and at + 2 < len(words):
            pairs += words[at : at + 3]
            at += 3
        elif text in values.split():
            at += 2
        elif text.startswith("-"):
            at += 1
        else:
            plain.append(words[at])
            at += 1
    if plain:
        given.script(plain[0], pairs)
    for word in plain[1:2]:
        given.write(word)


def jupyter(words: Sequence[Word], given: Given) -> None:
    """``jupyter nbconvert`` and ``jupyter execute``."""
    if not words or words[0].text not in {"nbconvert", "execute"}:
        return
    found = sort(words[1:], "--to --output --output-dir --ExecutePreprocessor.timeout")
    executes = words[0].text == "execute" or found.has("--execute")
    for word in found.operands:
        if executes:
            given.script(word, ())
        else:
            given.read(word)
        stem, _, _ = word.text.rpartition(".")
        kind = next((value.text for value in found.values("--to")), "notebook")
        suffix = {"notebook": ".ipynb", "html": ".html", "script": ".py", "python": ".py", "markdown": ".md"}.get(kind)
        named = next((value.text for value in found.values("--output")), None)
        directory = next((value.text for value in found.values("--output-dir")), posixpath.dirname(word.text))
        if found.has("--inplace") or suffix is None:
            continue
        base = named or posixpath.basename(stem)
        base = base if base.endswith(suffix) else base + suffix
        given.write(Word(posixpath.join(directory, base), known=word.known))


def shell(words: Sequence[Word], given: Given) -> None:
    """``sh`` and its like: a script, a text, or standard input."""
    for at, word in enumerate(words):
        if word.text.startswith("-") and "c" in word.text.lstrip("-") and not word.text.startswith("--"):
            if at + 1 < len(words):
                given.inline("shell", words[at + 1].text, words[at + 2 :])
            return
        if not word.text.startswith(("-", "+")):
            given.script(word, words[at + 1 :])
            return
    if given.stdin is not None:
        given.inline("shell", given.stdin, ())


def interpreter(words: Sequence[Word], given: Given) -> None:
    """Run a script of another language: it is named, and reported as not read."""
    for word in words:
        if not word.text.startswith("-"):
            given.script(word, ())
            return


def sqlite(words: Sequence[Word], given: Given) -> None:
    """``sqlite3``: a database, SQL, and its shell's commands."""
    found = sort(words, "-cmd -separator -init -nullvalue")
    texts = [word.text for word in (*found.operands[1:], *found.values("-cmd"))]
    texts += [given.stdin] if given.stdin is not None else []
    if found.operands and found.operands[0].text != ":memory:":
        writes = any(
            word in text.lower() for text in texts for word in (".import", "insert", "create", "update", "delete")
        )
        given.read(found.operands[0])
        if writes:
            given.write(found.operands[0])
    for text in texts:
        given.sql(text, "sqlite")


def duckdb(words: Sequence[Word], given: Given) -> None:
    """``duckdb``: a database and SQL."""
    found = sort(words, "-c -s -cmd -init -f")
    for word in found.operands[:1]:
        if word.text != ":memory:":
            given.read(word)
    for word in (*found.values("-c", "-s", "-cmd"), *found.operands[1:]):
        given.sql(word.text, "duckdb")
    for word in found.values("-f", "-init"):
        given.script(word, ())
    if given.stdin is not None:
        given.sql(given.stdin, "duckdb")


def psql(words: Sequence[Word], given: Given) -> None:
    """``psql``: SQL scripts and texts."""
    found = sort(words, "-d -h -p -U -f -o -c -v --file --output --command --dbname --host --port --username")
    for word in found.values("-f", "--file"):
        given.script(word, ())
    for word in found.values("-c", "--command"):
        given.sql(word.text, "postgres")
    for word in found.values("-o", "--output"):
        given.write(word)
    if given.stdin is not None:
        given.sql(given.stdin, "postgres")


def container(_words: Sequence[Word], given: Given) -> None:
    """``docker run`` and its like."""
    given.problem("a command runs in a container, which is not looked into")
