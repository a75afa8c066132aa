"""Documents to trace through: made from the model, signed, and linked as releases and upstream datasets are."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from sbom.cyclonedx import document as documents
from sbom.cyclonedx import write
from sbom.cyclonedx.canonical import canonical
from sbom.cyclonedx.strict_json import Limits
from sbom.inventory import merkle
from sbom.lineage import statement
from sbom.model import Dataset, FileEntry, ReleaseLink, TableStats
from sbom.signing import dsse, jsf, keys
from sbom.tracing import load, run
from sbom.transformation import DECLARED, OBSERVED, Edge, Lineage, Observation, Rows, Script, Step, Upstream, Word

if TYPE_CHECKING:
    from pathlib import Path

SEEN = (Word(OBSERVED),)
SAID = (Word(DECLARED, "dvc.yaml:1"),)
EMPTY = hashlib.sha256(b"").hexdigest()


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def edge(name: str, content: str | None = "", words=SEEN) -> Edge:
    """A file with a content; by default one that is its own name, ``None`` is unknown."""
    return Edge(name, words, None if content is None else sha(content or name), 7)


def step(name: str, inputs=(), outputs=(), *, minute: int = 0, **more) -> Step:
    """A recorded step; names stand for files whose content is their name."""
    given = {
        "argv": ("python", f"{name}.py"),
        "scripts": (Script(f"{name}.py", sha(f"{name}.py"), 3),),
        "started": f"2026-11-01T10:{minute:02}:00Z",
        "finished": f"2026-11-01T10:{minute:02}:30Z",
        "exit_code": 0,
        "actor": "Jane",
        "observation": Observation("strace", complete=True),
        **more,
    }
    edges = (tuple(sorted(edge(one) if isinstance(one, str) else one for one in group)) for group in (inputs, outputs))
    return Step(name, f"{name}.step.json", **dict(zip(("inputs", "outputs"), edges, strict=True)), **given)


def declared(name: str, inputs=(), outputs=(), **more) -> Step:
    """A step that only a pipeline states, without digests."""

    def said(group):
        return tuple(sorted(Edge(one, SAID) if isinstance(one, str) else one for one in group))

    return Step(name, "dvc.yaml", inputs=said(inputs), outputs=said(outputs), **more)


def entry(path: str, content: str = "", rows: int | None = None) -> FileEntry:
    stats = None if rows is None else TableStats(rows, 1)
    return FileEntry(path, 7, (("SHA-256", sha(content or path)),), None, None, stats)


def rows(name: str, content: str, *values: str) -> Rows:
    digests = b"".join(hashlib.sha256(value.encode()).digest()[:16] for value in values)
    return Rows(name, sha(content), digests)


class Workshop:
    """Makes documents below a directory."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.boms = home / "boms"
        self.boms.mkdir()
        self.keys = {}
        for name in ("release", "raw", "stranger"):
            self.keys[name] = keys.generate()
            keys.write_pair(home / name, self.keys[name], None)
        self._made = 0

    def pub(self, name: str) -> Path:
        return self.home / f"{name}.pub"

    def signed(self, one: Step, by: str = "release") -> Step:
        return one._replace(envelope=dsse.sign(statement.dump(one), statement.PAYLOAD_TYPE, self.keys[by]).decode())

    def put(  # noqa: PLR0913  # what a document is made of
        self,
        file: str,
        files,
        steps=(),
        *,
        prefix="data",
        name="birds",
        version="1.0",
        by="release",
        edit=None,
        previous=None,
        **lineage,
    ) -> Path:
        """Write a document; a file that has no content of its own holds the name that it has in the workspace."""
        self._made += 1
        where = f"{prefix}/" if prefix else ""
        entries = tuple(sorted(entry(one, where + one) if isinstance(one, str) else one for one in files))
        known = Lineage(prefix, tuple(steps), **lineage) if steps or lineage else Lineage()
        link = None if previous is None else self.link(previous)
        dataset = Dataset(name, version, entries, merkle.root(entries), previous=link, lineage=known)
        tree = dict(write.build(dataset, write.Origin("1.7", "2026-11-02T00:00:00Z", "0", reproducible=False)))
        tree["serialNumber"] = f"urn:uuid:3e671687-395b-41f5-a30f-{self._made:012}"
        if edit is not None:
            edit(tree)
        path = self.boms / file
        path.write_text(json.dumps(tree if by is None else self.sign(tree, by)), encoding="utf-8")
        return path

    def sign(self, tree, by="release"):
        bare = {name: value for name, value in tree.items() if name != "signature"}
        return dict(jsf.add(bare, keys.load_private(self.home / f"{by}.key"), canonical).document)

    def link(self, path: Path) -> ReleaseLink:
        tree = json.loads(path.read_bytes())
        component = tree["metadata"]["component"]
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return ReleaseLink(tree["serialNumber"], 1, digest, component["name"], component.get("version"))

    def upstream(self, path: Path, prefix: str | None = "raw") -> Upstream:
        serial, version, digest, name, release = self.link(path)
        return Upstream(serial, version, digest, name, release, prefix)

    def load(self, path: Path, *, chain: bool = True, by=("release",), upstream=("raw",), every: bool = False):
        public = {name: keys.load_public(self.pub(name)) for name in ("release", "raw", "stranger")}
        trusted = load.Trusted(tuple(public[one] for one in by), tuple(public[one] for one in upstream if by))
        raw = documents.read_bytes(str(path), Limits())
        return load.load(raw, str(self.boms) if chain else None, trusted, Limits(), every=every)

    def trace(self, path: Path, asked: str, *, descendants: bool = False, record: int | None = None, **more):
        """Trace with all that is in the directory; ``Drawn`` says what came out."""
        found = run.trace(self.load(path, every=descendants, **more), asked, descendants=descendants, record=record)
        return run.with_signatures(found, [one.public for one in self.keys.values()])


def drawn(trace) -> list[str]:
    """Return links as texts: ``0:raw.csv -read-> 0:step clean``, and ends as ``0:raw.csv ? reason``; sorted."""

    def label(number: int) -> str:
        node = trace.nodes[number]
        if node.step is not None:
            return f"{node.document}:step {node.step.name}"
        if node.sources:
            return f"{node.document}:{'+'.join(one.url for one in node.sources)}"
        return f"{node.document}:{'+'.join(one.name for one in node.items)}"

    lines = []
    for one in trace.links:
        sure = "" if one.exact else "~"
        lines.append(f"{label(one.before)} -{sure}{one.how}-> {label(one.after)}")
    lines += [f"{label(number)} ? {node.why}" for number, node in enumerate(trace.nodes) if node.why]
    return sorted(lines)
