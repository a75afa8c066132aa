"""Lineage to write and to read: one that has everything, and any that there may be."""

from __future__ import annotations

from hypothesis import strategies as st

from sbom.model import FileEntry
from sbom.provenance import Source
from sbom.transformation import (
    DECLARED,
    INFERRED,
    KINDS,
    LEVELS,
    LITERAL,
    METHODS,
    OBSERVED,
    STRACE,
    Edge,
    Lineage,
    Observation,
    Revision,
    Rows,
    Script,
    Software,
    Step,
    Upstream,
    Word,
)

SEEN = (Word(OBSERVED),)
RAW, CLEAN, TRAIN, TEST, CODE = (f"{number:02x}" * 32 for number in range(1, 6))
#: The inventory of a dataset that lies at ``data`` in the workspace.
FILES = (
    FileEntry("test.csv", 8, (("SHA-256", TEST),), None, "text/csv"),
    FileEntry("train.csv", 32, (("SHA-256", TRAIN),), None, "text/csv"),
)
EXPORT = Step(
    name="export",
    origin="dvc.yaml",
    commands=("python export.py > raw.csv", "gzip -k raw.csv"),
    scripts=(Script("export.py"), Script("params.yaml", CODE, 12)),
    inputs=(
        Edge("https://example.org/birds?year=2024", (Word(DECLARED, "dvc.yaml:4"),), RAW, 40),
        Edge("s3://bucket/{year}/x", (Word(INFERRED, "export.py:3"),)),
        Edge("table:birds", (Word(DECLARED, "dvc.yaml:5"), Word(LITERAL, "export.py:9"))),
    ),
    outputs=(
        Edge("raw.csv", (Word(DECLARED, "dvc.yaml:7"),), RAW, 40),
        Edge("tmp/", (Word(INFERRED, "export.py:20"),)),
    ),
    parameters=(("export.since", "2024"), ("seed", "7")),
)
SPLIT = Step(
    name="split",
    origin="split.step.json",
    argv=("python", "src/split.py", "--name", 'a "b"\n', ""),
    directory="src",
    scripts=(Script("src/split.py", CODE, 99),),
    inputs=(Edge("raw.csv", (*SEEN, Word(DECLARED, "--input")), RAW, 40, hashed_after=True),),
    outputs=(
        Edge("data/test.csv", SEEN, TEST, 8),
        Edge("data/train.csv", SEEN, TRAIN, 32),
        Edge("log", SEEN, CLEAN, 0),
    ),
    software=(
        Software("platform", "CPython", "3.12.1"),
        Software("library", "pandas", "2.2.0", "pkg:pypi/pandas@2.2.0"),
        Software("application", "pandas", None, "pkg:pypi/pandas@2.2.0"),
        Software("application", "awk"),
    ),
    revision=Revision("ab" * 20, dirty=True),
    actor="Jane <jane@example.org>",
    started="2026-01-02T03:04:05Z",
    finished="2026-01-02T03:05:05.250Z",
    exit_code=-9,
    observation=Observation(STRACE, complete=False, gaps=("it talked to 192.0.2.1", "a file changed")),
    envelope='{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"AA=="}]}\n',
)
BIRDS = Upstream("urn:uuid:aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", 2, "ee" * 32, "birds", "1.0", "up/birds")
SAMPLE = Lineage(
    prefix="data",
    steps=(EXPORT, SPLIT),
    upstream=(BIRDS, BIRDS._replace(prefix=""), BIRDS._replace(version=3, release=None, prefix=None)),
    sources=(Source("https://example.org/raw", "the caller", path="raw.csv", digests=(("SHA-256", RAW),), size=40),),
    level="declared",
    rows=(Rows("data/train.csv", TRAIN, bytes(range(32))), Rows("raw.csv", RAW, b"")),
)

_SEGMENTS = st.sampled_from(["a", "b c", "ü.csv", "\U0001f427", "...", "x" * 60, "~", "table", "de:f"])
_PATHS = st.lists(_SEGMENTS, min_size=1, max_size=3).map("/".join)
_URLS = st.sampled_from(["https://a.org/x?y=1#z", "s3://b/{c}", "HTTP://[::1]/", "hdfs:///x", "a+b.c-d://é/"])
_NAMES = st.one_of(_PATHS, _PATHS.map("{}/".format), st.just("./"), _URLS, st.sampled_from(["table:a", "table:s.t/"]))
_DIGESTS = st.none() | st.sampled_from([RAW, CLEAN, TRAIN, TEST])
_SIZES = st.none() | st.sampled_from([0, 8, 32, 2**53 - 1])
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_TITLES = st.sampled_from(["x", "Jane Doe", "ünï", "<b>&", "a" * 200])
_WHERE = st.sampled_from(["", "a.py:1", "b c.py:22", "--input"])
_WORDS = st.lists(st.builds(Word, st.sampled_from(KINDS), _WHERE), min_size=1, max_size=4, unique=True).map(
    lambda words: tuple(sorted(words, key=lambda word: KINDS.index(word.kind)))
)
_EDGES = st.lists(
    st.builds(Edge, _NAMES, st.just(SEEN) | _WORDS, _DIGESTS, _SIZES, st.booleans()),
    max_size=5,
    unique_by=lambda edge: edge.name,
).map(lambda edges: tuple(sorted(edges)))
_TIMES = st.none() | st.sampled_from(["2026-01-02T03:04:05Z", "1999-12-31T23:59:59.999999Z"])


def _tuples(items, **limits):
    return st.lists(items, max_size=3, **limits).map(tuple)


_SOFTWARE = st.builds(
    Software,
    st.sampled_from(["platform", "library", "application"]),
    _TITLES,
    st.none() | _TITLES,
    st.none() | st.just("pkg:pypi/x@1"),
)
_OBSERVATIONS = st.builds(Observation, st.sampled_from(METHODS), st.booleans(), _tuples(_TEXTS))
_ANY = {
    "name": _TITLES,
    "commands": _tuples(_TEXTS),
    "argv": _tuples(_TEXTS),
    "directory": st.just("") | _PATHS,
    "scripts": _tuples(st.builds(Script, _PATHS, _DIGESTS, _SIZES), unique=True),
    "inputs": _EDGES,
    "outputs": _EDGES,
    "parameters": st.dictionaries(_TEXTS, _TEXTS, max_size=3).map(lambda said: tuple(sorted(said.items()))),
    "software": _tuples(_SOFTWARE, unique=True),
    "revision": st.none()
    | st.builds(Revision, st.none() | st.sampled_from(["ab" * 20, "cd" * 32]), st.none() | st.booleans()),
    "actor": st.none() | _TITLES,
    "started": _TIMES,
    "finished": _TIMES,
    "exit_code": st.none() | st.integers(-255, 2**32 - 1),
}
#: Steps as their records have them.
RECORDED = st.builds(Step, **_ANY, origin=st.just(""), observation=_OBSERVATIONS, envelope=st.none())
_STEPS = st.builds(
    Step,
    **_ANY,
    origin=_TEXTS,
    observation=st.none() | _OBSERVATIONS,
    envelope=st.none() | st.just(SPLIT.envelope),
)
_UPSTREAM = st.builds(
    BIRDS._replace, version=st.integers(1, 3), release=st.none() | _TITLES, prefix=st.none() | st.just("") | _PATHS
)
_SOURCES = st.builds(
    Source, _URLS, _TITLES, path=st.none() | _PATHS, digests=st.sampled_from([(), (("SHA-256", RAW),)]), size=_SIZES
)
_ROWS = st.builds(Rows, _PATHS, st.sampled_from([RAW, TRAIN]), st.sampled_from([b"", b"\x00" * 16, bytes(range(48))]))
LINEAGES = st.builds(
    Lineage,
    prefix=st.just("") | st.just("data") | _PATHS,
    steps=_tuples(_STEPS, unique_by=lambda step: step.name),
    upstream=_tuples(_UPSTREAM, unique_by=lambda one: (one.version, one.prefix)),
    sources=_tuples(_SOURCES),
    level=st.sampled_from(LEVELS),
    rows=_tuples(_ROWS, unique_by=lambda one: (one.name, one.sha256)),
)
