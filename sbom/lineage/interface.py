"""What readers of pipelines and scripts are given, and what they say.

A *pipeline reader* finds stages in a declarative file (``dvc.yaml``, ``Makefile``, …): what each one runs, and what it
declares to read and write. A *script reader* reads one script as one command runs it. Both are registered in
:mod:`sbom.lineage.registry`.

All paths are POSIX paths relative to the workspace, normalised; a directory that is read or written as a whole ends in
``/``. Other names are those of :mod:`sbom.transformation`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Bytes of a script or pipeline that is read; larger ones are reported.
MAX_SIZE = 4 << 20
#: Further scripts that one command may lead to.
MAX_SCRIPTS = 500


class ScriptError(Exception):
    """A script or pipeline cannot be read; the message says why, without its path."""


class Workspace(Protocol):
    """The directory that steps run in, read without following links out of it."""

    def text(self, path: str) -> str:
        """Return a file's text; a declared encoding (PEP 263, byte order marks) is honoured.

        :raises ScriptError: when it is not there, not a regular file, larger than :data:`MAX_SIZE`, or no text.
        """

    def is_file(self, path: str) -> bool:
        """Tell whether there is a regular file."""

    def is_directory(self, path: str) -> bool:
        """Tell whether there is a directory; ``""`` is the workspace."""

    def listing(self, directory: str) -> Sequence[str]:
        """Return the names in a directory, sorted, bounded; empty where there is none."""


class Access(NamedTuple):
    """Something that is read or written.

    :param kind: ``declared``, ``static-literal`` (the whole name stands there) or ``static-inferred`` (put together).
    :param where: file and line that it was read from, as in ``src/clean.py:12``.
    :param members: of a directory that is written: the files in it that it stands for. There are others, or may be,
        where there is none, or the directory is among them itself.
    """

    name: str
    writes: bool
    kind: str
    where: str
    members: frozenset[str] = frozenset()


class Call(NamedTuple):
    """One script, as a command runs it.

    :param script: its path.
    :param arguments: the words after it; what could not be known is not among them.
    :param directory: working directory; ``""`` is the workspace.
    :param parameters: values that the pipeline names for the stage: dotted name → value (text, number, list, mapping).
    :param where: where the command stands, as in ``dvc.yaml:4``.
    :param text: the script's text where it is not a file (``python -c``, a cell, a ``script:`` block).
    :param first_line: line of ``script`` that ``text`` starts at.
    :param language: of ``text``, where the name of ``script`` does not tell it: a reader's short name.
    :param after: how many of the accesses found with it come before it; all of them by default.
    """

    script: str
    arguments: tuple[str, ...] = ()
    directory: str = ""
    parameters: Mapping[str, object] = {}  # never changed
    where: str = ""
    text: str | None = None
    first_line: int = 1
    language: str = ""
    after: int | None = None


@dataclass(slots=True)
class Found:
    """What reading a script or a command found.

    :ivar accesses: in the order of the text, repetitions included.
    :ivar scripts: files that say what is done: scripts, modules of the workspace that they import, configuration that
        they look values up in (``params.yaml``). They are no data: they are not among ``accesses``.
    :ivar calls: scripts that are run from here.
    :ivar commands: shell texts that are run from here: ``(text, directory, where)``.
    :ivar problems: ``(path, what)`` that could not be read or understood.
    """

    accesses: list[Access] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    commands: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)


class ScriptReader(Protocol):
    """Reads scripts of one language."""

    @property
    def name(self) -> str:
        """Short name: ``python``, ``notebook``, ``shell``, ``sql``."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings, lower case, with the dot."""

    def read(self, call: Call, workspace: Workspace) -> Found:
        """Read one script, and what it includes, as it is run by one command.

        :raises ScriptError: when it cannot be read at all.
        """


@dataclass(slots=True)
class Stage:
    """A stage of a pipeline.

    :ivar name: unique within its file.
    :ivar commands: shell texts, templates filled in as far as their values are known.
    :ivar calls: scripts that it runs in another way than by a shell text.
    :ivar accesses: what it declares, of kind ``declared``.
    :ivar scripts: files that it names as its own code or configuration.
    :ivar where: file and line that it starts at.
    """

    name: str
    where: str
    directory: str = ""
    commands: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    parameters: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Pipeline:
    """A pipeline file as read: its stages, and ``(path, what)`` of what could not be read or understood."""

    stages: list[Stage] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)


class PipelineReader(Protocol):
    """Reads pipelines of one format."""

    @property
    def name(self) -> str:
        """Short name: ``dvc``, ``make``, ``snakemake``, ``kedro``, ``dbt``, ``airflow``."""

    @property
    def patterns(self) -> tuple[str, ...]:
        """File names, or ``*.suffix``, in lower case."""

    def accepts(self, path: str, workspace: Workspace) -> bool:
        """Tell, cheaply, whether a file whose name fits is one (a Python file may be an Airflow DAG)."""

    def read(self, path: str, workspace: Workspace) -> Pipeline:
        """Read one pipeline file, and what it includes.

        :raises ScriptError: when it cannot be read at all.
        """


def words(names: Iterable[str]) -> tuple[str, ...]:
    """Return texts once each, in their order."""
    return tuple(dict.fromkeys(names))
