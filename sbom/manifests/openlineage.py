"""OpenLineage events: one JSON object, a JSON list, or JSON Lines.

Specification: OpenLineage 1.0 and 2.0, ``RunEvent``, ``JobEvent`` and ``DatasetEvent``, with their standard facets.
Events of one run are put together. Nothing in them is a digest of content, so that none is declared.

What a run only reads is an origin; what it writes for another run to read is neither origin nor result. Where there is
exactly one result, its facets are about the dataset; of several, each is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sbom.manifests import texts, values
from sbom.manifests.errors import ManifestError, OtherFormatError
from sbom.manifests.interface import FileReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

_SCHEMA = re.compile(r"https?://openlineage\.io/spec/([0-9]+)-([0-9]+)-([0-9]+)/OpenLineage\.json(?:#.{0,200})?")
_MAJORS = frozenset({"1", "2"})
#: Datasets that are named in the description of one run; more are counted.
_MAX_NAMED = 20
_MAX_NAME = 500


class OpenLineage(FileReader):
    """Reads what ran, on what, and what became of it."""

    name = "openlineage"
    patterns = ("*.json", "*.jsonl", "*.ndjson")

    def accepts(self, path: str, head: bytes) -> bool:  # noqa: ARG002  # the name says nothing
        """Take files whose beginning has the keys of an event."""
        if b'"eventTime"' not in head and b'"eventType"' not in head:
            return False
        return (b'"job"' in head and b'"run"' in head) or b"openlineage.io/spec/" in head

    def read(self, given: Given, reading: Reading) -> None:
        """Read events.

        :raises ManifestError: when it is neither JSON nor JSON Lines.
        :raises OtherFormatError: when none of its values is an event.
        """
        log = _Log(reading)
        for value, where in _parsed(given, reading):
            log.take(value, where)
        if not log.events:
            raise OtherFormatError("holds no OpenLineage event")
        log.say()


READER = OpenLineage()


@dataclass
class _Dataset:
    """A dataset as all events together describe it."""

    name: str
    pointer: str
    facets: dict[str, tuple[dict[str, object], str]] = field(default_factory=dict)


@dataclass
class _Run:
    """A run, or a job without one, as all events together describe it."""

    job: str
    pointer: str
    start: str | None = None
    end: str | None = None
    state: str | None = None
    code: str | None = None
    inputs: dict[str, None] = field(default_factory=dict)
    outputs: dict[str, None] = field(default_factory=dict)


class _Log:
    """Collects events."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._runs: dict[str, _Run] = {}
        self._datasets: dict[str, _Dataset] = {}
        self._tools: dict[str, str] = {}
        self._people: dict[tuple[str, str], str] = {}
        self._read: set[str] = set()
        self._written: set[str] = set()
        self._strange: set[str] = set()
        self.events = 0

    def take(self, value: object, where: str) -> None:
        """Take one value; what is no event is a problem."""
        event = values.mapping(value)
        job, dataset = event.get("job"), event.get("dataset")
        if not isinstance(event.get("eventTime"), str) or not (isinstance(job, dict) or isinstance(dataset, dict)):
            self._reading.problem("is not an OpenLineage event", where)
            return
        self.events += 1
        self._version(event.get("schemaURL"), where)
        if (producer := values.text(event.get("producer"))) is not None:
            self._tools.setdefault(producer, f"{where}/producer")
        if isinstance(dataset, dict):
            self._dataset(dataset, f"{where}/dataset", self._written)
        if isinstance(job, dict):
            self._job(event, values.mapping(job), where)

    def _version(self, schema: object, where: str) -> None:
        named = _SCHEMA.fullmatch(schema) if isinstance(schema, str) else None
        if named is None:
            return
        version = ".".join(named.groups())
        self._reading.version = self._reading.version or version
        if named[1] not in _MAJORS and named[1] not in self._strange and len(self._strange) < _MAX_NAMED:
            self._strange.add(named[1])
            self._reading.problem(
                f"version {version[:40]} is not known; read as far as it is understood", f"{where}/schemaURL"
            )

    def _job(self, event: dict[str, object], job: dict[str, object], where: str) -> None:
        name = _named(job)
        if name is None:
            self._reading.problem("a job without a name", f"{where}/job")
            return
        identifier = values.text(values.mapping(event.get("run")).get("runId")) or name
        run = self._runs.setdefault(identifier[:_MAX_NAME], _Run(name, where))
        self._time(run, event, where)
        facets = values.mapping(job.get("facets"))
        run.code = run.code or _code(values.mapping(facets.get("sourceCodeLocation")))
        self._owners(facets, f"{where}/job", "contributor")
        engine = values.mapping(values.mapping(values.mapping(event.get("run")).get("facets")).get("processing_engine"))
        tool = " ".join(part for key in ("name", "version") if (part := values.text(engine.get(key))))
        if tool:
            self._tools.setdefault(tool, f"{where}/run/facets/processing_engine")
        for key, names, seen in (("inputs", run.inputs, self._read), ("outputs", run.outputs, self._written)):
            for one, pointer in values.pointed(event.get(key), f"{where}/{key}"):
                found = self._dataset(one, pointer, seen)
                if found is not None:
                    names[found] = None

    def _time(self, run: _Run, event: dict[str, object], where: str) -> None:
        time = event["eventTime"]
        if texts.date(time) is None:
            self._reading.problem("eventTime is not a time", f"{where}/eventTime")
            return
        text = str(time).strip()
        state = values.text(event.get("eventType"))
        if state is not None and state.upper() == "START":
            run.start = text
        elif run.end is None or text >= run.end:
            run.end = text
            run.state = state[:20].upper() if state else run.state

    def _dataset(self, value: object, where: str, seen: set[str]) -> str | None:
        entry = values.mapping(value)
        name = _named(entry)
        if name is None:
            self._reading.problem("a dataset without a name", where)
            return None
        seen.add(name)
        known = self._datasets.setdefault(name, _Dataset(name, where))
        for group in ("facets", "inputFacets", "outputFacets"):
            for key, facet in values.mapping(entry.get(group)).items():
                if isinstance(facet, dict) and key in _FACETS:
                    known.facets[key] = (facet, f"{where}/{group}/{values.token(key)}")
        return name

    def _owners(self, facets: dict[str, object], where: str, field_: str) -> None:
        owners = values.mapping(facets.get("ownership")).get("owners")
        for one, pointer in values.pointed(owners, f"{where}/facets/ownership/owners"):
            owner = values.mapping(one)
            who, role = values.text(owner.get("name")), values.text(owner.get("type"))
            if who is not None:
                self._people.setdefault((field_, f"{who} ({role})" if role else who), pointer)

    def say(self) -> None:
        """Say what all events together say."""
        for run in self._runs.values():
            when = run.end or run.start
            self._reading.say("preprocessing", _sentence(run), run.pointer, when=when)
        for tool, pointer in self._tools.items():
            self._reading.say("tool", tool, pointer)
        for name in self._datasets:
            if name not in self._written:
                self._origin(self._datasets[name])
        results = [self._datasets[name] for name in self._datasets if name in self._written and name not in self._read]
        for dataset in results:
            self._result(dataset, alone=len(results) == 1)
        for (field_, who), pointer in self._people.items():
            self._reading.say(field_, who, pointer)

    def _origin(self, dataset: _Dataset) -> None:
        self._reading.say("origin", dataset.name, dataset.pointer)
        facet, where = dataset.facets.get("dataSource", ({}, ""))
        uri = facet.get("uri")
        if not where:
            return
        if values.url(uri) is None:
            self._reading.problem("the uri of a data source is none", f"{where}/uri")
        elif texts.secret(str(uri)):
            self._reading.problem("the uri of a data source holds a password or token; it is left out", f"{where}/uri")
        else:
            self._reading.source(uri, f"{where}/uri")

    def _result(self, dataset: _Dataset, *, alone: bool) -> None:
        """Say the facets of a dataset that no run reads again."""
        prefix = "" if alone else f"{dataset.name}: "
        for key, (facet, where) in dataset.facets.items():
            if key == "schema":
                self._reading.say("schema", texts.columns(facet.get("fields"), of=dataset.name), f"{where}/fields")
            elif key == "ownership":
                self._owners({"ownership": facet}, where.rpartition("/facets/")[0], "maintainer")
            elif key == "lifecycleStateChange":
                change = values.text(facet.get("lifecycleStateChange"))
                self._reading.say("update-mechanism", change and f"{prefix}{change}", where)
            elif alone and key in _SINGLE:
                inner, said = _SINGLE[key]
                self._reading.say(said, facet.get(inner), f"{where}/{inner}")


#: Facet → its key, and the field: about the dataset only where there is one result.
_SINGLE = {
    "documentation": ("description", "description"),
    "version": ("datasetVersion", "version"),
    "outputStatistics": ("rowCount", "record-count"),
    "dataQualityMetrics": ("rowCount", "record-count"),
}
_FACETS = frozenset({*_SINGLE, "dataSource", "schema", "ownership", "lifecycleStateChange"})


def _parsed(given: Given, reading: Reading) -> Iterator[tuple[object, str]]:
    """Yield what the file holds: the items of a list with their pointers, or lines with their numbers."""
    data = given.data()
    try:
        whole = values.json(data)
    except ManifestError:
        yield from _lines(data, reading)
        return
    yield from values.pointed(whole, "")


def _lines(data: bytes, reading: Reading) -> Iterator[tuple[object, str]]:
    good = False
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            value = values.json(line)
        except ManifestError as error:
            if not good:
                raise
            reading.problem(f"a line {error}", f"L{number}")
            continue
        good = True
        yield value, f"L{number}"


def _named(value: dict[str, object]) -> str | None:
    """Return namespace and name as OpenLineage's naming conventions write them together."""
    name, namespace = values.text(value.get("name")), values.text(value.get("namespace"))
    if name is None:
        return None
    if namespace is None:
        return name[:_MAX_NAME]
    between = "/" if "://" in namespace and not name.startswith("/") else "" if name.startswith("/") else "."
    return f"{namespace}{between}{name}"[:_MAX_NAME]


def _sentence(run: _Run) -> str:
    """Describe a run: ``JOB: inputs → outputs (COMPLETE, 2026-01-01T00:00:00Z to …)``."""
    moved = f"{_list(run.inputs)} → {_list(run.outputs)}" if run.inputs or run.outputs else ""
    times = " to ".join(dict.fromkeys(time for time in (run.start, run.end) if time))
    brackets = ", ".join(part for part in (run.state, times) if part)
    text = f"{run.job}: {moved}" if moved else run.job
    text = f"{text} ({brackets})" if brackets else text
    return f"{text}; code: {run.code}" if run.code else text


def _list(names: Iterable[str]) -> str:
    all_ = list(names)
    more = f" and {len(all_) - _MAX_NAMED} more" if len(all_) > _MAX_NAMED else ""
    return (", ".join(all_[:_MAX_NAMED]) or "nothing") + more


def _code(facet: dict[str, object]) -> str | None:
    """Return where the code of a job is, with its version."""
    url = values.url(facet.get("url")) or values.url(facet.get("repoUrl"))
    if url is None or texts.secret(url):
        return None
    version = values.text(facet.get("version")) or values.text(facet.get("tag")) or values.text(facet.get("branch"))
    return f"{url} at {version[:100]}" if version else url
