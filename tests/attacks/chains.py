"""A dataset made by three recorded steps, and documents about what became of it, all signed by the release key.

The good chain: ``download``, ``clean``, ``split``; the record of each is signed by whoever ran it.
"""

from __future__ import annotations

import hashlib
import json

from sbom.cyclonedx import write
from sbom.inventory import merkle
from sbom.lineage import statement
from sbom.model import Dataset, FileEntry
from sbom.provenance import Provenance
from sbom.signing import dsse, keys
from sbom.transformation import (
    DECLARED,
    OBSERVED,
    Edge,
    Lineage,
    Observation,
    Revision,
    Script,
    Step,
    Upstream,
    Word,
)

STARTED, ENDED = "2026-11-01T10:0{}:00Z", "2026-11-01T10:0{}:30Z"
SEEN = (Word(OBSERVED),)
OTHER = hashlib.sha256(b"other").hexdigest()
URL = "https://example.org/export.csv"
STAMP = "2026-11-02T00:00:00Z"


def digest(name: str) -> str:
    return hashlib.sha256(content(name)).hexdigest()


def content(name: str) -> bytes:
    return f"rows of {name}\n".encode()


def seen(name: str, sha256: str | None = "") -> Edge:
    return Edge(name, SEEN, digest(name) if sha256 == "" else sha256, len(content(name)))


def step(name: str, minute: int, inputs=(), outputs=(), **more) -> Step:
    given = {
        "argv": ("python", f"{name}.py"),
        "commands": (f"python {name}.py",),
        "scripts": (Script(f"{name}.py", digest(f"{name}.py"), 3),),
        "revision": Revision("c" * 40, dirty=False),
        "started": STARTED.format(minute),
        "finished": ENDED.format(minute),
        "exit_code": 0,
        "observation": Observation("strace", complete=True),
        **more,
    }
    return Step(name, f"{name}.step.json", inputs=tuple(sorted(inputs)), outputs=tuple(sorted(outputs)), **given)


class Chain:
    """The good chain; ``put`` writes a document about what became of it, signed by the release key."""

    def __init__(self, attack) -> None:
        self.attack = attack
        self.home = attack.release.home / "chain"
        self.data = self.home / "data"
        self.data.mkdir(parents=True)
        for name in ("train.csv", "test.csv"):
            (self.data / name).write_bytes(content(f"data/{name}"))
        self.keys = {}
        for name in ("jane", "team", "stranger"):
            key = keys.generate()
            keys.write_pair(self.home / name, key, None)
            self.keys[name] = key
        self.signers = {"download": "team", "clean": "jane", "split": "team"}
        self.download = step("download", 0, [Edge(URL, (Word(DECLARED, "--input"),))], [seen("raw.csv")])
        self.clean = step("clean", 1, [seen("raw.csv")], [seen("clean.csv")])
        self.split = step("split", 2, [seen("clean.csv")], [seen("data/train.csv"), seen("data/test.csv")])
        self.bom = self.home / "chain.cdx.json"

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.download, self.clean, self.split

    def signed(self, one: Step, by: str | None = None) -> Step:
        """Let whoever ran the step sign its record."""
        signer = self.keys[by or self.signers.get(one.name, "team")]
        envelope = dsse.sign(statement.dump(one), statement.PAYLOAD_TYPE, signer)
        return one._replace(envelope=envelope.decode())

    def dataset(self, steps, level: str = OBSERVED, provenance: Provenance | None = None, **more) -> Dataset:
        files = tuple(
            FileEntry(path.name, path.stat().st_size, (("SHA-256", hashlib.sha256(path.read_bytes()).hexdigest()),))
            for path in sorted(self.data.iterdir())
        )
        lineage = Lineage("data", tuple(steps), level=level, **more)
        known = provenance or Provenance()
        return Dataset("chain", "1.0", files, merkle.root(files), provenance=known, lineage=lineage)

    def put(self, steps, level: str = OBSERVED, **more) -> None:
        """Write the document: every record signed by its author, unless it is already; all of it by the release key."""
        made = tuple(one if one.envelope is not None or not one.recorded else self.signed(one) for one in steps)
        self.put_dataset(self.dataset(made, level, **more))

    def put_dataset(self, dataset: Dataset, edit=None) -> None:
        tree = dict(write.build(dataset, write.Origin("1.7", STAMP, "0", reproducible=False)))
        if edit is not None:
            edit(tree)
        self.bom.write_text(json.dumps(self.attack.sign(tree)), encoding="utf-8")

    def verify(self, *more: str):
        return self.attack.cli("verify", self.bom, self.data, "--public-key", self.attack.release.pub, *more)

    def key(self, step: str, whose: str) -> tuple[str, str]:
        """Return the option that gives a key for a step."""
        return "--step-key", f"{step}={self.home / whose}.pub"

    @property
    def demanding(self) -> tuple[str, ...]:
        """Return options that demand all that can be demanded of the good chain."""
        return "--require-lineage", "observed", *self.key("clean", "jane"), *self.key("*", "team")

    def accepted(self, *more: str) -> None:
        ran = self.verify(*more)
        assert ran.code == 0, ran.text

    def refused(self, check: str, *named: str, more: tuple[str, ...] = ()) -> None:
        """State that it is refused by this check, with the step named, and by no check of another family."""
        ran = self.verify("-f", "json", *more)
        assert ran.code == 1, ran.text
        checks = {one["id"]: one for one in json.loads(ran.out)["checks"]}
        assert checks[check]["status"] == "fail", ran.text
        assert all(one["status"] != "fail" for name, one in checks.items() if not name.startswith("lineage.")), ran.text
        said = json.dumps(checks[check], ensure_ascii=False)
        for name in named:
            assert name in said, said
        assert self.verify(*more).code == 1


class Above:
    """A dataset that the chain starts from: ``export.csv`` is ``raw.csv``'s content, at ``raw/`` in the workspace."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.boms = chain.home / "boms"
        self.boms.mkdir()
        self.bom = self.boms / "raw.cdx.json"
        self.write("team", digest("raw/export.csv"))
        raw = seen("raw/export.csv")
        self.steps = (chain.clean._replace(inputs=(raw,)), chain.split)
        self.named = self.name()

    def write(self, signer: str, sha256: str) -> None:
        entry = FileEntry("export.csv", len(content("raw/export.csv")), (("SHA-256", sha256),))
        dataset = Dataset("raw", "7", (entry,), merkle.root((entry,)))
        tree = dict(write.build(dataset, write.Origin("1.7", STAMP, "0", reproducible=False)))
        tree["serialNumber"] = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"
        self.bom.write_text(json.dumps(self.chain.attack.sign(tree, self.chain.home / f"{signer}.key")))

    def name(self) -> Upstream:
        sha256 = hashlib.sha256(self.bom.read_bytes()).hexdigest()
        return Upstream("urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", 1, sha256, "raw", "7", "raw")

    @property
    def asked(self) -> tuple[str, ...]:
        key = str(self.chain.home / "team.pub")
        return ("--require-lineage", "observed", "--chain", str(self.boms), "--upstream-key", key)
