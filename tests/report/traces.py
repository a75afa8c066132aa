"""Traces to render, made of values."""

from __future__ import annotations

from sbom.model import Dataset, FileEntry
from sbom.provenance import Source
from sbom.tracing.interface import (
    ANCESTORS,
    ASKED,
    DESCENDANTS,
    DOWNLOADED,
    FILES,
    HELD,
    PASSED,
    PREDECESSOR,
    READ,
    SAME,
    SOURCE,
    STEP,
    WRITTEN,
    WROTE,
    Document,
    Documents,
    Hop,
    Link,
    Node,
    Row,
    Seen,
    Trace,
)
from sbom.transformation import OBSERVED, Edge, Lineage, Observation, Revision, Script, Software, Step, Word
from sbom.verification.chain import Release
from sbom.verification.report import SignerResult

ONE, TWO, THREE = (f"{number}" * 64 for number in "123")
SIGNER = SignerResult("9f2c" + "0" * 60, "release", "Ed25519", "valid")


def document(role=ASKED, name="penguins", version="1.1.0", path="p.cdx.json", files=("train.csv", "test.csv")):
    release = Release(
        path, "d" * 64, "urn:uuid:1", 1, name, version, "e" * 64, None, "1.7", "2026-01-01T00:00:00Z", (SIGNER,)
    )
    entries = tuple(FileEntry(one, 1, (("SHA-256", ONE),)) for one in files)
    return Document(role, release, Dataset(name, version, entries, "e" * 64, lineage=Lineage("data")))


def edge(name, sha256=ONE):
    return Edge(name, (Word(OBSERVED),), sha256, 7)


def made(name="clean", **more):
    given = {
        "argv": ("python", f"{name}.py"),
        "scripts": (Script(f"{name}.py", TWO, 3), Script("lib.py")),
        "software": (Software("platform", "CPython", "3.12"),),
        "parameters": (("seed", "1"),),
        "revision": Revision("ab" * 20, dirty=True),
        "actor": "Jane",
        "started": "2026-01-01T10:00:00Z",
        "finished": "2026-01-01T10:00:05Z",
        "exit_code": 0,
        "observation": Observation("strace", complete=True),
        **more,
    }
    return Step(name, f"{name}.step.json", **given)


def seen(number, *rows, known=True, elsewhere=()):
    return Seen(number, known, rows, elsewhere)


HOPS = (
    Hop("data/train.csv", 7, 1, "clean", PASSED, "was passed on from raw.csv"),
    Hop("raw.csv", 9, 1, "export", WROTE, "was written by it: it read no table"),
    Hop("up.csv", 1, 2, None, HELD, "came with the dataset up"),
)
RELEASES = (seen(0, 7), seen(1, elsewhere=(("test.csv", 2),)), seen(2))
ROW = Row("data/train.csv", 7, "ab" * 16, RELEASES, first=1, certain=True, hops=HOPS)


def back(**more):
    """A file, its step, what that read: a file that was downloaded, and one of unknown origin."""
    nodes = (
        Node(FILES, 0, (edge("data/train.csv"),), released=True),
        Node(STEP, 0, step=made(), signature='the record is signed by key 9f2c… "jane"'),
        Node(FILES, 0, (edge("raw.csv", TWO),)),
        Node(
            SOURCE,
            0,
            sources=(
                Source("https://e.org/raw.csv", "me", retrieved="2026-01-01T00:00:00Z", digests=(("SHA-256", TWO),)),
            ),
        ),
        Node(FILES, 0, tuple(edge(f"odd/{n}", None) for n in range(5)), why="nobody says where it comes from"),
        Node(FILES, 1, (edge("data/old.csv", THREE),), released=True),
    )
    links = (
        Link(1, 0, WRITTEN, OBSERVED),
        Link(2, 1, READ, OBSERVED),
        Link(4, 1, READ, "declared", exact=False),
        Link(3, 2, DOWNLOADED, exact=False),
        Link(5, 1, SAME),
    )
    given = {
        "asked": "train.csv",
        "direction": ANCESTORS,
        "documents": Documents(
            (document(), document(PREDECESSOR, version="1.0.0"), document(PREDECESSOR, version=None)), checked=True
        ),
        "start": (0,),
        "nodes": nodes,
        "links": links,
        **more,
    }
    return Trace(**given)


def forward(**more):
    found = back()
    links = tuple(Link(one.after, one.before, one.how, one.kind, one.exact) for one in found.links)
    return back(**{"direction": DESCENDANTS, "links": links, **more})


def hostile(name):
    """A trace with ``name`` wherever a name or text of others can stand."""
    link = Link(1, 0, WRITTEN, OBSERVED)
    nodes = (
        Node(FILES, 1, (Edge(name, (Word(OBSERVED, name),), ONE, 1), Edge(f"data/{name}", (), None)), why=name, released=True),
        Node(
            STEP, 1, signature=name,
            step=Step(
                name, name, commands=(name, name), scripts=(Script(name, ONE), Script(name)), actor=name, started=name,
                finished=name, parameters=((name, name),), software=(Software("library", name, name, name),),
                observation=Observation("strace", complete=False, gaps=(name,)), revision=Revision("ab" * 20, dirty=None),
            ),
        ),
        Node(SOURCE, 1, sources=(Source(name, name, retrieved=name, final_url=name),)),
    )  # fmt: skip
    hops = (Hop(name, 1, 1, name, WROTE, name), Hop(name, 1, 0, None, HELD, name))
    row = Row(
        name,
        1,
        "ab" * 16,
        (seen(0, 1, elsewhere=((name, 2),)), seen(1, known=False)),
        first=0,
        certain=False,
        hops=hops,
    )
    documents = (document(name=name, version=name, path=name), document(PREDECESSOR, name, name, name, files=(name,)))
    return Trace(
        name, ANCESTORS, Documents(documents, checked=True), (0,), nodes, (link, Link(2, 1, READ, "declared")), row,
        (name,), (name,),
    )  # fmt: skip
