"""How a dataset came about: the steps that made it, what each of them read and wrote, and who says so.

Frozen value types without I/O. Imports nothing of ours but :mod:`sbom.provenance`. ``docs/lineage.md`` explains them to
people. Names of what a step reads or writes are one of:

* a POSIX path relative to the *workspace*, the directory that the steps ran in (usually a repository); a directory ends
  in ``/``;
* a URL (it holds ``://``);
* a table of a database: ``table:`` and its name.

The dataset lies in the workspace at :attr:`Lineage.prefix`: its file ``train.csv`` is ``data/train.csv`` there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sbom.provenance import Source

# Who says that a step reads or writes something, most trusted first.
OBSERVED = "observed"
DECLARED = "declared"
LITERAL = "static-literal"
INFERRED = "static-inferred"
KINDS = (OBSERVED, DECLARED, LITERAL, INFERRED)

# How much is known of where a dataset comes from: everything observed, everything at least declared, or less.
NONE = "none"
LEVELS = (NONE, DECLARED, OBSERVED)

# How a recorded step was observed.
STRACE = "strace"
AUDIT_HOOK = "audit-hook"
SNAPSHOT = "snapshot"
METHODS = (STRACE, AUDIT_HOOK, SNAPSHOT)

TABLE = "table:"
#: Bytes that are kept of the SHA-256 of a row.
ROW_DIGEST = 16


class Word(NamedTuple):
    """One reason to believe in an edge.

    :param kind: one of :data:`KINDS`.
    :param where: file and line that it was read from, as in ``src/clean.py:12``; empty for what was observed.
    """

    kind: str
    where: str = ""


class Edge(NamedTuple):
    """One thing that a step reads or writes.

    :param words: who says so, most trusted kind first; at least one.
    :param sha256: of its content at that time (hex); ``None`` where nobody knows it.
    :param size: bytes.
    :param hashed_after: it was read, but nobody knew so before; it was hashed when the step had ended.
    """

    name: str
    words: tuple[Word, ...]
    sha256: str | None = None
    size: int | None = None
    hashed_after: bool = False

    @property
    def kind(self) -> str:
        """The most trusted kind."""
        return self.words[0].kind

    @property
    def is_file(self) -> bool:
        """Whether it is one file of the workspace: no directory, URL or table."""
        return is_file(self.name)


class Script(NamedTuple):
    """A file that says what a step does: a script, a module of it, its configuration.

    :param sha256: hex; ``size`` is in bytes; ``None`` where nobody knows.
    """

    name: str
    sha256: str | None = None
    size: int | None = None


class Software(NamedTuple):
    """A piece of software that a step ran with.

    :param type: a CycloneDX component type: ``platform`` (the interpreter), ``library`` or ``application``.
    """

    type: str
    name: str
    version: str | None = None
    purl: str | None = None


class Revision(NamedTuple):
    """The state of the repository that a step ran in: commit (hex) and whether anything differed from it."""

    commit: str | None
    dirty: bool | None


class Observation(NamedTuple):
    """How a step was observed: one of :data:`METHODS`; whether nothing can have escaped, and if not, why not."""

    method: str
    complete: bool
    gaps: tuple[str, ...] = ()


class Step(NamedTuple):
    """One transformation step.

    :param name: unique within a lineage.
    :param origin: what it is known from: the step record, or the pipeline file (path in the workspace).
    :param commands: shell texts, for people.
    :param argv: the words of a recorded command.
    :param directory: where it runs, relative to the workspace; ``""`` is the workspace itself.
    :param inputs: materials: sorted by name, each name once; so are ``outputs``, the products.
    :param parameters: name and value (JSON or text), sorted.
    :param actor: who ran it, as the record says; what a signature proves is another matter.
    :param started: RFC 3339, UTC; so is ``finished``. Both are ``None`` for a step that nobody recorded.
    :param observation: ``None`` for a step that nobody recorded.
    :param envelope: the exact text of the signed record (DSSE, JSON), where it is signed.
    """

    name: str
    origin: str
    commands: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()
    directory: str = ""
    scripts: tuple[Script, ...] = ()
    inputs: tuple[Edge, ...] = ()
    outputs: tuple[Edge, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    software: tuple[Software, ...] = ()
    revision: Revision | None = None
    actor: str | None = None
    started: str | None = None
    finished: str | None = None
    exit_code: int | None = None
    observation: Observation | None = None
    envelope: str | None = None

    @property
    def recorded(self) -> bool:
        """Whether a run of it was recorded."""
        return self.observation is not None


class Upstream(NamedTuple):
    """Another dataset, with a data SBOM of its own, that steps read from.

    :param serial_number: ``urn:uuid:…``; with ``version`` it makes the BOM-Link.
    :param sha256: of the exact bytes of its document.
    :param prefix: where its files lie in the workspace; ``None`` where no step reads one of them.
    """

    serial_number: str
    version: int
    sha256: str
    name: str
    release: str | None
    prefix: str | None


class Rows(NamedTuple):
    """The digests of the rows of a table, by which a row is found again in other releases.

    :param name: of the file in the workspace; ``sha256`` (hex) is that of the file.
    :param digests: :data:`ROW_DIGEST` bytes for each row, in their order.
    """

    name: str
    sha256: str
    digests: bytes


@dataclass(frozen=True, slots=True)
class Lineage:
    """How a dataset came about.

    :param prefix: where the dataset lies in the workspace; ``""`` is the workspace itself.
    :param steps: in an order in which they can have run.
    :param sources: where files of the workspace were downloaded from; their ``path`` is relative to the workspace.
    :param level: one of :data:`LEVELS`: what the document claims of its own completeness.
    :param rows: of tables whose rows are to be found again: files of the dataset, and what steps read and wrote.
    """

    prefix: str = ""
    steps: tuple[Step, ...] = ()
    upstream: tuple[Upstream, ...] = ()
    sources: tuple[Source, ...] = ()
    level: str = NONE
    rows: tuple[Rows, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything is known."""
        return bool(self.steps or self.upstream or self.sources)


def is_file(name: str) -> bool:
    """Tell whether a name is one file of the workspace: no directory, URL or table."""
    return not (name.endswith("/") or "://" in name or name.startswith(TABLE))


def under(prefix: str, path: str) -> str:
    """Return the name in the workspace of a file of a dataset that lies at ``prefix``."""
    return f"{prefix}/{path}" if prefix else path


def inside(prefix: str, name: str) -> str | None:
    """Return the path in a dataset at ``prefix`` of something in the workspace; ``None`` when it lies elsewhere."""
    if not prefix:
        return name
    return name[len(prefix) + 1 :] if name.startswith(f"{prefix}/") else None
