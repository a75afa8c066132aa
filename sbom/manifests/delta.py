"""Delta Lake tables: ``_delta_log``, replayed commit by commit, so that only active files count.

Specification: Delta Transaction Log Protocol, sections "Delta Log Entries", "Actions", "Action Reconciliation".

A table is one manifest: its first commit (version 0), or ``_last_checkpoint`` where the first commits have been cleaned
up. That one reads the commits that follow it without a gap; the other files of the log are left to it. Parquet
checkpoints need pyarrow (extra ``parquet``). Nothing in a log is a digest, so that files are named, not declared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from sbom.manifests import delta_checkpoint, texts, values
from sbom.manifests.errors import ManifestError, OtherFormatError
from sbom.manifests.interface import MAX_SIZE, FileReader

if TYPE_CHECKING:
    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

_LOG = "_delta_log"
_COMMIT = re.compile(r"([0-9]{20})\.json")
_LAST = "_last_checkpoint"
#: The newest that the protocol defines for readers.
_READER_VERSION = 3
#: Reader features that do not change which files are active, or are understood here.
_FEATURES = frozenset(
    {
        "columnMapping",
        "deletionVectors",
        "timestampNtz",
        "typeWidening",
        "typeWidening-preview",
        "v2Checkpoint",
        "vacuumProtocolCheck",
        "variantType",
        "variantType-preview",
        "variantShredding-preview",
    }
)
#: Names below a table that are looked at for files that its log does not know: so many, and more for a longer log.
_MAX_STRANGE = 10_000
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class Delta(FileReader):
    """Reads a table's log."""

    name = "delta"
    patterns = (f"{_LOG}/*",)

    def accepts(self, path: str, head: bytes) -> bool:  # noqa: ARG002  # the protocol fixes the names
        """Take commits, and the note of the last checkpoint."""
        base = path.rpartition("/")[2]
        return base == _LAST or _COMMIT.fullmatch(base) is not None

    def scope(self, path: str) -> str:
        """Return the table's directory: the log's parent."""
        return path.rpartition("/")[0].rpartition("/")[0]

    def read(self, given: Given, reading: Reading) -> None:
        """Read the log from here on.

        :raises ManifestError: when commits before this one are missing.
        :raises OtherFormatError: when another file of the log stands for the table.
        """
        base = given.path.rpartition("/")[2]
        log = given.directory
        found = _COMMIT.fullmatch(base)
        version = int(found[1]) if found else None
        first, last = f"{log}/{0:020}.json", f"{log}/{_LAST}"
        if version:
            if given.exists(f"{log}/{version - 1:020}.json") or (not given.exists(first) and given.exists(last)):
                raise OtherFormatError("is read with the commits before it")
            raise ManifestError("the commit before this one is missing; it is not taken into account")
        if version is None and given.exists(first):
            raise OtherFormatError("is read with the first commit")
        table = _Table(given, reading)
        if version is None:
            table.begin()
        table.follow(0 if version is not None else table.version + 1)
        table.say()


READER = Delta()


class _File(NamedTuple):
    """An active file: an ``add`` that no ``remove`` has undone."""

    path: str
    size: object
    records: int | None
    deleted: int


@dataclass
class _State:
    """What a log amounts to."""

    files: dict[tuple[str, str], _File] = field(default_factory=dict)
    metadata: dict[str, object] = field(default_factory=dict)
    protocol: dict[str, object] = field(default_factory=dict)
    commits: list[tuple[int, dict[str, object]]] = field(default_factory=list)
    #: Paths that were ever named, as written.
    named: int = 0


class _Table:
    """Replays a log."""

    def __init__(self, given: Given, reading: Reading) -> None:
        self._given = given
        self._reading = reading
        self._log = given.directory
        self._root = given.directory.rpartition("/")[0]
        self._state = _State()
        self._room = MAX_SIZE
        #: Every file that is active is known.
        self._complete = True
        self.version = -1

    def begin(self) -> None:
        """Begin with the last checkpoint.

        :raises ManifestError: when the note about it is not usable.
        """
        note = values.mapping(self._given.json(1 << 20))
        version = values.integer(note.get("version"))
        if version is None:
            raise ManifestError("does not say which checkpoint is the last one")
        self.version = version
        try:
            actions = delta_checkpoint.actions(self._given, self._log, version, values.integer(note.get("parts")))
            for action in actions:
                self._apply(action, version, "")
        except ManifestError as error:
            self._complete = False
            self._reading.problem(f"which files of checkpoint {version} are active is not known: {error}", "/version")

    def follow(self, version: int) -> None:
        """Apply one commit after the other, as long as there is one."""
        while True:
            path = f"{self._log}/{version:020}.json"
            own = path == self._given.path
            if not own and not self._given.exists(path):
                return
            try:
                data = self._given.data(self._room) if own else self._given.other(path, self._room)
            except ManifestError as error:
                self._complete = False
                self._reading.problem(f"the log cannot be read any further: {error}")
                return
            self._room -= len(data)
            self._commit(data, version, own=own)
            self.version = version
            version += 1

    def _commit(self, data: bytes, version: int, *, own: bool) -> None:
        """Apply the actions of one commit: one JSON object per line."""
        for number, line in enumerate(data.split(b"\n"), 1):
            if not line.strip():
                continue
            where = f"L{number}" if own else ""
            try:
                action = values.json(line)
            except ManifestError as error:
                self._complete = False
                self._reading.problem(f"line {number} of commit {version} {error}", where)
                continue
            self._apply(values.mapping(action), version, where)

    def _apply(self, action: dict[str, object], version: int, where: str) -> None:
        for key, value in action.items():
            entry = values.mapping(value)
            if key in {"add", "remove"}:
                self._file(key, entry, version, where)
            elif key == "metaData" and entry:
                self._state.metadata = entry
            elif key == "protocol" and entry:
                self._state.protocol = entry
            elif key == "commitInfo" and entry:
                self._state.commits.append((version, entry))

    def _file(self, key: str, entry: dict[str, object], version: int, where: str) -> None:
        """Add or remove a file. Its key is its path and deletion vector ("Action Reconciliation")."""
        path = entry.get("path")
        if not isinstance(path, str) or not path:
            self._complete = False
            self._reading.problem(f"an {key} of commit {version} names no file", where)
            return
        vector = values.mapping(entry.get("deletionVector"))
        unique = "".join(values.scalar(vector.get(part)) or "" for part in ("storageType", "pathOrInlineDv", "offset"))
        self._state.named += 1
        if key == "remove":
            self._state.files.pop((path, unique), None)
            return
        deleted = values.integer(vector.get("cardinality")) or 0
        self._state.files[path, unique] = _File(path, entry.get("size"), _records(entry.get("stats")), deleted)

    def say(self) -> None:
        """Say what the table is, how it came about, and which files it has."""
        if not self._state.metadata and self._complete:
            self._reading.problem("the log has no metaData; a table without it is not valid")
        self._protocol()
        self._metadata()
        self._history()
        active = self._name_files()
        if self._complete:
            self._count()
            self._strange(active)

    def _protocol(self) -> None:
        protocol = self._state.protocol
        version = values.integer(protocol.get("minReaderVersion"))
        if version is None:
            return
        self._reading.version = str(version)
        if version > _READER_VERSION:
            self._reading.problem(f"version {version} is not known; read as far as it is understood")
        features = [text for one in values.items(protocol.get("readerFeatures")) if (text := values.text(one))]
        unknown = sorted({feature[:60] for feature in features if feature not in _FEATURES})
        if unknown:
            self._reading.problem(f"needs features that are not known: {', '.join(unknown[:10])}")

    def _metadata(self) -> None:
        metadata = self._state.metadata
        for key, name in (("id", "identifier"), ("name", "name"), ("description", "description")):
            self._reading.say(name, metadata.get(key))
        self._reading.say("built-date", texts.moment(metadata.get("createdTime")))
        schema = metadata.get("schemaString")
        if schema is not None:
            try:
                tree = values.json(schema.encode("utf-8", "replace")) if isinstance(schema, str) else None
            except ManifestError:
                tree = None
            said = texts.columns(values.mapping(tree).get("fields"))
            if tree is None:
                self._reading.problem("schemaString is no JSON")
            self._reading.say("schema", said)
        columns = [text for one in values.items(metadata.get("partitionColumns")) if (text := values.text(one))]
        if columns:
            self._reading.say("schema", f"partitioned by {', '.join(columns[: texts.MAX_COLUMNS])}")

    def _history(self) -> None:
        tools: dict[str, None] = {}
        when = None
        for version, info in self._state.commits:
            when = texts.moment(info.get("timestamp")) or when
            operation = values.text(info.get("operation"))
            if operation is not None:
                parameters = values.mapping(info.get("operationParameters"))
                mode = values.text(parameters.get("mode"))
                text = f"version {version}: {operation}" + (f" ({mode})" if mode else "")
                self._reading.say("preprocessing", text, when=texts.moment(info.get("timestamp")))
            if (engine := values.text(info.get("engineInfo"))) is not None:
                tools[engine] = None
        for tool in tools:
            self._reading.say("tool", tool)
        self._reading.say("modified-date", when)

    def _name_files(self) -> set[str]:
        active: set[str] = set()
        outside = 0
        for entry in self._state.files.values():
            if _SCHEME.match(entry.path) is not None:
                self._reading.source(entry.path, size=entry.size)
                continue
            path = self._given.resolve(unquote(entry.path, errors="surrogateescape"), self._root)
            if not path:
                outside += 1
            elif path not in active:
                active.add(path)
                self._reading.mention(path, size=entry.size)
        if outside:
            self._reading.problem(
                f"{outside} active files are absolute, or lead out of the table; they are not looked at"
            )
        return active

    def _count(self) -> None:
        """Say how many records there are, where every active file says it."""
        files = self._state.files.values()
        deleted = sum(one.deleted for one in files)
        counts = [one.records for one in files if one.records is not None]
        if counts and len(counts) == len(files):
            self._reading.say("record-count", max(0, sum(counts) - deleted))
        if deleted:
            vectors = sum(1 for one in files if one.deleted)
            self._reading.problem(
                f"{deleted} records of {vectors} active files are deleted by deletion vectors; the files hold them"
            )

    def _strange(self, active: set[str]) -> None:
        """Report Parquet files below the table that are not active: whoever reads the directory reads them as well."""
        strange = 0
        prefix = len(self._root) + 1 if self._root else 0
        for path in islice(self._given.below(self._root), _MAX_STRANGE + 10 * self._state.named):
            inner = path[prefix:]
            hidden = inner.startswith(("_", ".")) or "/_" in inner or "/." in inner
            strange += not hidden and inner.lower().endswith(".parquet") and path not in active
        if strange:
            verb = "file is" if strange == 1 else "files are"
            self._reading.problem(f"{strange} parquet {verb} not active in the table")


def _records(stats: object) -> int | None:
    """Return ``numRecords`` of a file's statistics, which are JSON text ("Per-file Statistics")."""
    if not isinstance(stats, str) or '"numRecords"' not in stats:
        return None
    try:
        return values.integer(values.mapping(values.json(stats.encode("utf-8", "replace"))).get("numRecords"))
    except ManifestError:
        return None
