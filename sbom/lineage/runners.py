"""Programs that run what others wrote: interpreters, notebooks, containers."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from sbom.lineage.commandline import sort
from sbom.lineage.expansion import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.lineage.commandline import Given, Words


_PYTHON_VALUES: Final = frozenset({"-W", "-X", "--check-hash-based-pycs"})
_SAYING: Final = frozenset({"-V", "--version", "-h", "--help"})
#: Modules that are a program by themselves → its words.
_PROGRAMS: Final[dict[str, tuple[str, ...]]] = {
    "papermill": ("papermill",), "jupyter": ("jupyter",), "nbconvert": ("jupyter", "nbconvert"),
    "coverage": ("coverage",), "streamlit": ("streamlit",), "torch.distributed.launch": ("torchrun",),
    "torch.distributed.run": ("torchrun",), "accelerate.commands.launch": ("accelerate", "launch"),
}  # fmt: skip
#: Modules that start a script, or with ``-m`` a module.
_STARTERS: Final = frozenset({"cProfile", "profile", "pdb", "trace", "memory_profiler", "line_profiler", "scalene"})
#: Options that take a value.
_SPARK: Final = frozenset({
    "--master", "--deploy-mode", "--class", "--name", "--jars", "--packages", "--py-files", "--files", "--conf",
    "-c", "--properties-file", "--driver-memory", "--executor-memory", "--driver-cores", "--executor-cores",
    "--total-executor-cores", "--num-executors",
})  # fmt: skip
_NOTEBOOK_SUFFIXES: Final = {
    "notebook": ".ipynb", "html": ".html", "script": ".py", "python": ".py", "markdown": ".md", "pdf": ".pdf",
    "latex": ".tex", "rst": ".rst", "slides": ".slides.html", "asciidoc": ".asciidoc",
}  # fmt: skip


def python(words: Sequence[Word], given: Given) -> None:
    """``python``: a script, a module, a text, or standard input."""
    at = 0
    while at < len(words):
        text = words[at].text
        if text == "-m" and at + 1 < len(words):
            _module(words[at + 1].text, words[at + 2 :], given)
            return
        if text == "-c" and at + 1 < len(words):
            given.inline("python", words[at + 1], words[at + 2 :])
            return
        if text in _PYTHON_VALUES:
            at += 2
        elif text == "-":
            break
        elif text in _SAYING:
            return
        elif text.startswith("-"):
            at += 1
        else:
            given.script(words[at], words[at + 1 :])
            return
    _from_stdin("python", words[at + 1 :], given)


def _from_stdin(language: str, arguments: Sequence[Word], given: Given) -> None:
    """Run what standard input gives: a text, or a file."""
    if given.stdin is not None:
        given.inline(language, given.stdin, arguments)
    elif (file := given.input_file()) is not None:
        given.script(file, arguments)
    else:
        given.problem(f"gives {language} a text that is not known")


def _module(name: str, words: Sequence[Word], given: Given) -> None:
    """Run a module: one of the workspace, or one that runs another program."""
    if name in _PROGRAMS:
        given.run([*(Word(text, known=True) for text in _PROGRAMS[name]), *words])
    elif name in _STARTERS:
        rest = list(words)
        while rest and rest[0].text.startswith("-"):
            del rest[: 2 if rest[0].text in {"-o", "-s", "-c"} else 1]
        python(rest, given)
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
    found = sort(words[1:], "--to --output --output-dir --ExecutePreprocessor.timeout --template --config")
    executes = words[0].text == "execute" or found.has("--execute")
    for word in found.operands:
        if executes:
            # The reader of notebooks knows by this that it runs in the notebook's directory.
            given.script(word, (Word("--execute", known=True),))
        else:
            given.read(word)
        kind = found.value("--to")
        suffix = _NOTEBOOK_SUFFIXES.get("notebook" if kind is None else kind.text)
        if not found.has("--inplace", "--stdout") and suffix is not None and words[0].text == "nbconvert":
            _converted(word, suffix, found, given)


def _converted(word: Word, suffix: str, found: Words, given: Given) -> None:
    """Say that what a notebook becomes is written: next to it, unless another directory is named."""
    named, directory = found.value("--output"), found.value("--output-dir")
    name = posixpath.splitext(posixpath.basename(word.text))[0] if named is None else named.text
    parent = posixpath.dirname(word.text) if directory is None else directory.text
    known = all(one is None or one.known for one in (word, named, directory))
    path = posixpath.join(parent, name if name.endswith(suffix) else name + suffix)
    given.write(Word(path, known=known, inferred=True))


def shell(words: Sequence[Word], given: Given) -> None:
    """``sh`` and its like: a script, a text, or standard input."""
    for at, word in enumerate(words):
        if word.text in _SAYING:
            return
        if word.text.startswith("-") and "c" in word.text.lstrip("-") and not word.text.startswith("--"):
            if at + 1 < len(words):
                given.inline("shell", words[at + 1], words[at + 2 :])
            return
        if not word.text.startswith(("-", "+")):
            given.script(word, words[at + 1 :])
            return
    _from_stdin("shell", (), given)


def interpreter(words: Sequence[Word], given: Given) -> None:
    """Run a script of another language: it is named, and reported as not read."""
    for word in words:
        if not word.text.startswith("-"):
            given.script(word, ())
            return


def spark(words: Sequence[Word], given: Given) -> None:
    """``spark-submit``: a script and its arguments."""
    at = 0
    while at < len(words) and words[at].text.startswith("-"):
        at += 2 if words[at].text in _SPARK else 1
    if at < len(words):
        given.script(words[at], words[at + 1 :])


def container(_words: Sequence[Word], given: Given) -> None:
    """``docker run`` and its like."""
    given.problem("a command runs in a container, which is not looked into")
