"""Provenance to write and to read: one that has everything, and any that there may be."""

from __future__ import annotations

from hypothesis import strategies as st

from sbom.model import FileEntry
from sbom.provenance import (
    ABSENT,
    BY_CONFIGURATION,
    BY_OPTION,
    FIELDS,
    LIVE,
    MALFORMED,
    MATCH,
    MISMATCH,
    NOT_DECLARED,
    STATES,
    Assertion,
    Declaration,
    Manifest,
    Provenance,
    Source,
)

CARD = "ab" * 32
FILES = (
    FileEntry("README.md", 10, (("SHA-256", CARD),), None, "text/markdown"),
    FileEntry(
        "train/a.csv",
        20,
        (("SHA-256", "cd" * 32),),
        declared=(
            Declaration(MATCH, "SHA-256", "cd" * 32, "SHA256SUMS", "L1"),
            Declaration(MISMATCH, "MD5", "ef" * 16, "a.csv.dvc", "/outs/0"),
        ),
    ),
    FileEntry(
        "train/b.csv", 0, (("SHA-256", "00" * 32),), declared=(Declaration(LIVE, "", "", "/elsewhere/croissant.json"),)
    ),
)
SAMPLE = Provenance(
    manifests=(
        Manifest("/elsewhere/croissant.json", "croissant", "1.1", "", "12" * 32, inside=False),
        Manifest("README.md", "huggingface-card", sha256=CARD),
        Manifest("train", "huggingface-cache", scope="train", valid=True),
        Manifest("SHA256SUMS", "checksums"),
        Manifest("a.csv.dvc", "dvc", valid=False),
    ),
    assertions=(
        Assertion("version", "1.0", BY_OPTION),
        Assertion("license", "cc-by-4.0", BY_CONFIGURATION),
        Assertion("description", "Penguins.\nOf three species.", "/elsewhere/croissant.json", "/description"),
        Assertion("creator", "Ann <ann@example.org>", "/elsewhere/croissant.json", "/creator/0", "2024-05-01"),
        Assertion("creator", "Bob", "/elsewhere/croissant.json", "/creator/1", "2024-05-01T10:00:00+02:00"),
        Assertion("license", "other", "README.md", "/license"),
        Assertion("keyword", "birds", "README.md", "/tags/0"),
        Assertion("keyword", "ice", "README.md", "/tags/1"),
        Assertion("license", "MIT", "train", "", None, "train"),
        Assertion("supplier", "Palmer Station", "README.md", "/a~1b"),
        Assertion("maintainer", "lter@example.org", "README.md", "/maintainer"),
        Assertion("homepage", "https://example.org/penguins", "README.md", "/homepage"),
        Assertion("citation", "https://doi.org/10.1/x", "README.md", "/citation"),
        Assertion("citation", "Horst et al.", "README.md", "/citation"),
        Assertion("copyright", "© Palmer Station", "README.md", "/copyright"),
        Assertion("classification", "public", "README.md", "/x"),
        Assertion("personal-data", "none", "README.md", "/x"),
        Assertion("name", "penguins", "README.md", "/pretty_name"),
    ),
    sources=(
        Source("https://example.org/a.csv", "a.csv.dvc", "/deps/0", "train/a.csv", (("MD5", "ef" * 16), ("XXH64", "1" * 16)), 20),
        Source("https://example.org/all.zip", "README.md", "", None, (("SHA-256", "34" * 32),), 99, "2024-05-01T00:00:00Z", '"e"', "https://cdn.example.org/1"),
        Source("https://example.org/gone", "README.md", "/x", "gone.csv"),
        Source("https://example.org/mirror/a.csv", "README.md", "/y", "train/a.csv"),
    ),
    elsewhere=(
        ("gone.csv", Declaration(ABSENT, "SHA-256", "56" * 32, "SHA256SUMS", "L2")),
        ("", Declaration(MALFORMED, "", "sha256", "SHA256SUMS", "L3")),
        ("gone.csv", Declaration(NOT_DECLARED, "", "", "README.md")),
    ),
)  # fmt: skip

# -- any --------------------------------------------------------------------------------------------------------------

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ['"', "\\", "[", "{}", "\n", "null", "1", "a,b", "\u202e", "~1", "/", "A" * 300, "<script>", '{"a":1}']
)
SAID = TEXTS.filter(bool)
INSIDE = st.sampled_from(["README.md", "train/a.csv", "a directory", "train"])
OUTSIDE = st.sampled_from(["/elsewhere/x.json", "..", "../up.json", "caller", "data-sbom", "file:README.md"])
MANIFEST_PATHS = INSIDE | OUTSIDE | SAID
WHO = MANIFEST_PATHS | st.sampled_from([BY_OPTION, BY_CONFIGURATION])
HEX = st.sampled_from([16, 32, 40, 64, 128]).flatmap(
    lambda size: st.text("0123456789abcdef", min_size=size, max_size=size)
)
ALGORITHMS = st.sampled_from(["MD5", "SHA-1", "SHA-256", "SHA-512", "XXH64", "git-blob-SHA-1", "ü"])
WHEN = st.none() | SAID | st.sampled_from(
    ["2024-05-01", "2024", "2024-05-01T10:00:00Z", "2024-05-01T10:00:00.5+02:00", "2026-01-02T03:04:05Z",
     "2024-02-30T00:00:00Z", "2024-05-01T23:59:60Z", "0000-05-01T10:00:00Z", "2024-05-01T10:00:00Z\n"]
)  # fmt: skip
URLS = SAID | st.sampled_from(
    ["https://example.org/a b", "https://example.org/a", "s3://bucket/key?x=1#y", "git@github.com:a/b.git", "urn:x:y",
     "http://[::1]/", "https://example.org/%zz", "https://é.example/ü", "doi:10.1/x", "http:", "//x", "x:y@z:1"]
)  # fmt: skip
VALUES = (
    TEXTS
    | URLS
    | st.sampled_from(
        [
            "MIT",
            "cc-by-4.0",
            "MIT OR Apache-2.0",
            "Ann <a@example.org>",
            "a@example.org",
            "<>",
            " ",
            "other",
            "2024-05-01",
        ]
    )
)


GOOD = st.sampled_from([state for state in STATES if state not in {NOT_DECLARED, LIVE, MALFORMED}])
DECLARATIONS = (
    st.builds(Declaration, GOOD, ALGORITHMS, HEX, SAID, TEXTS)
    | st.builds(Declaration, st.just(MALFORMED), TEXTS, TEXTS, SAID, TEXTS)
    | st.builds(Declaration, st.sampled_from([NOT_DECLARED, LIVE]), st.just(""), st.just(""), SAID, TEXTS)
)


@st.composite
def _manifests(draw):
    inside = draw(st.booleans())
    path = draw(INSIDE if inside else OUTSIDE | SAID)
    digest = {entry.path: entry.sha256 for entry in FILES}.get(path, "78" * 32) if inside else "9a" * 32
    return Manifest(
        path, draw(SAID), draw(st.none() | TEXTS), draw(TEXTS), draw(st.sampled_from([None, digest])), inside,
        draw(st.sampled_from([None, True, False])),
    )  # fmt: skip


ASSERTIONS = st.builds(
    Assertion, st.sampled_from([field.id for field in FIELDS]), VALUES, WHO, TEXTS, WHEN, st.just("") | TEXTS
)
SOURCES = st.builds(
    Source, URLS, SAID, TEXTS, st.none() | INSIDE | TEXTS, st.lists(st.tuples(ALGORITHMS, HEX), max_size=2).map(tuple),
    st.none() | st.integers(0, 10**16), st.none() | TEXTS, st.none() | TEXTS, st.none() | TEXTS,
)  # fmt: skip
PROVENANCES = st.builds(
    Provenance,
    st.lists(_manifests(), max_size=4).map(tuple),
    st.lists(ASSERTIONS, max_size=6).map(tuple),
    st.lists(SOURCES, max_size=4).map(tuple),
    st.lists(st.tuples(TEXTS, DECLARATIONS), max_size=3).map(tuple),
)
INVENTORIES = st.tuples(*(st.lists(DECLARATIONS, max_size=3) for _ in FILES)).map(
    lambda lists: tuple(entry._replace(declared=tuple(found)) for entry, found in zip(FILES, lists, strict=True))
)
