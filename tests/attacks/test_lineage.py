"""Threat "lineage": every document here is signed by the release's own key, so that only its lineage can be objected to.

The good chain: a download, ``clean``, ``split``; each step is recorded, and its record is signed by whoever ran it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace

import pytest

from sbom.cyclonedx import write
from sbom.inventory import merkle
from sbom.lineage import custody, statement
from sbom.model import Dataset, FileEntry
from sbom.provenance import Source
from sbom.signing import dsse, keys
from sbom.transformation import (
    DECLARED,
    NONE,
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

    def dataset(self, steps, level: str = OBSERVED, **more) -> Dataset:
        files = tuple(
            FileEntry(path.name, path.stat().st_size, (("SHA-256", hashlib.sha256(path.read_bytes()).hexdigest()),))
            for path in sorted(self.data.iterdir())
        )
        lineage = Lineage("data", tuple(steps), level=level, **more)
        return Dataset("chain", "1.0", files, merkle.root(files), lineage=lineage)

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

    @property
    def demanding(self) -> tuple[str, ...]:
        return (
            *("--require-lineage", "observed", "--step-key", f"clean={self.home / 'jane.pub'}"),
            *("--step-key", f"*={self.home / 'team.pub'}", "--step-key", f"clean={self.home / 'team.pub'}"),
        )

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


@pytest.fixture
def chain(attack):
    return Chain(attack)


# -- must be accepted -----------------------------------------------------------------------------------------------


def test_the_good_chain(chain):
    chain.put(chain.steps)
    chain.accepted()
    chain.accepted("--require-lineage", "declared")
    chain.accepted(*chain.demanding)


@pytest.mark.parametrize("level", [NONE, DECLARED, OBSERVED])
def test_a_claim_that_is_lower_than_what_holds(chain, level):
    chain.put(chain.steps, level)
    chain.accepted("--require-lineage", "observed")


def test_a_gap_that_nobody_claims_is_closed(chain):
    chain.put([chain.clean, chain.split], NONE)
    chain.accepted()


def test_a_named_source_in_place_of_a_step(chain):
    source = Source(URL, "the caller", path="raw.csv", digests=(("SHA-256", digest("raw.csv")),))
    chain.put([chain.clean, chain.split], sources=(source,))
    chain.accepted("--require-lineage", "observed")


def test_an_unsigned_record_where_nobody_asks_for_a_signature(chain):
    chain.put_dataset(chain.dataset(chain.steps))
    chain.accepted("--require-lineage", "observed")


def test_a_step_that_rewrites_its_input(chain):
    clean = step("clean", 1, [seen("raw.csv")], [seen("raw.csv", digest("clean.csv"))])
    split = chain.split._replace(inputs=(seen("raw.csv", digest("clean.csv")),))
    chain.put([chain.download, clean, split])
    chain.accepted("--require-lineage", "observed")


def test_a_pipeline_that_says_more_than_the_record(chain):
    clean = chain.signed(chain.clean)
    edges = tuple(one._replace(words=(*one.words, Word(DECLARED, "dvc.yaml:3"))) for one in clean.inputs)
    more = Edge("notes.txt", (Word(DECLARED, "dvc.yaml:4"),))
    chain.put([chain.download, clean._replace(inputs=tuple(sorted((*edges, more)))), chain.split])
    chain.accepted(*chain.demanding)


def test_clocks_that_are_a_little_apart(chain):
    chain.put([chain.download, chain.clean, chain.split._replace(started=STARTED.format(0), finished=ENDED.format(0))])
    chain.accepted("--require-lineage", "observed")


def test_a_declared_step_at_the_level_declared(chain):
    words = (Word(DECLARED, "dvc.yaml:2"),)
    declared = Step("clean", "dvc.yaml", inputs=(Edge("raw.csv", words),), outputs=(Edge("clean.csv", words),))
    chain.put([chain.download, declared, chain.split], DECLARED)
    chain.accepted("--require-lineage", "declared")
    chain.refused("lineage.complete", more=("--require-lineage", "observed"))


def test_no_lineage_at_all(chain):
    chain.put_dataset(replace(chain.dataset(()), lineage=Lineage()))
    chain.accepted()
    chain.refused("lineage.complete", more=("--require-lineage", "declared"))
    chain.refused("lineage.signatures", "clean", more=("--step-key", f"clean={chain.home / 'jane.pub'}"))


# -- ways to break it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dropped", "named"), [(0, "step clean: raw.csv"), (1, "step split: clean.csv"), (2, "train.csv")]
)
def test_drop_a_step(chain, dropped, named):
    steps = [one for number, one in enumerate(chain.steps) if number != dropped]
    chain.put(steps)
    chain.refused("lineage.products" if dropped == 2 else "lineage.materials", named)
    chain.refused("lineage.complete", "claims the level observed")
    chain.put(steps, NONE)
    chain.refused("lineage.complete", more=("--require-lineage", "declared"))


def test_drop_a_step_that_a_key_is_given_for(chain):
    chain.put([chain.download, chain.split], NONE)
    chain.refused(
        "lineage.signatures", "step clean: is not there", more=("--step-key", f"clean={chain.home / 'jane.pub'}")
    )


def test_reorder_steps(chain):
    chain.put([chain.download, chain.split, chain.clean])
    chain.refused("lineage.steps", "step split: stands before step clean")


def test_repeat_a_step(chain):
    dataset = chain.dataset([chain.download, chain.clean, chain.split])
    judged = custody.judge(replace(dataset, lineage=replace(dataset.lineage, steps=(*chain.steps, chain.clean))))
    assert any(one.check == "lineage.steps" and one.step == "clean" and not one.gap for one in judged.breaks)

    def again(tree):
        (workflow,) = tree["formulation"][0]["workflows"]
        workflow["tasks"].append({**workflow["tasks"][1], "description": "again"})

    chain.put_dataset(dataset, again)
    ran = chain.verify()
    assert ran.code == 1
    assert "step:clean" in ran.text


def test_swap_a_script(chain):
    script = Script("clean.py", OTHER, 3)
    chain.put(
        [
            chain.download,
            chain.clean._replace(scripts=(Script("common.py", OTHER, 3),)),
            chain.split._replace(scripts=(Script("common.py", digest("x"), 3),)),
        ]
    )
    chain.refused("lineage.scripts", "step split: common.py", "at the same commit step clean had")
    (chain.data / "clean.py").write_bytes(content("clean.py"))
    source = Source(URL, "the caller", path="data/clean.py", digests=(("SHA-256", digest("clean.py")),))
    chain.put(
        [chain.download, chain.clean._replace(scripts=(script._replace(name="data/clean.py"),)), chain.split],
        sources=(source,),
    )
    chain.refused("lineage.scripts", "step clean: data/clean.py", "but the dataset has")


def test_a_script_that_a_step_wrote_otherwise(chain):
    download = chain.download._replace(outputs=(seen("clean.py"), seen("raw.csv")))
    clean = chain.clean._replace(scripts=(Script("clean.py", OTHER, 3),))
    chain.put([download, clean, chain.split])
    chain.refused("lineage.scripts", "step clean: clean.py", "step download wrote")


def test_a_script_without_a_digest(chain):
    dataset = chain.dataset([chain.download, chain.clean._replace(scripts=(Script("clean.py"),)), chain.split])
    assert ("lineage.scripts", "clean", False) in [
        (one.check, one.step, one.gap) for one in custody.judge(dataset).breaks
    ]


@pytest.mark.parametrize("level", [NONE, OBSERVED])
def test_change_the_digest_of_a_material(chain, level):
    chain.put([chain.download, chain.clean._replace(inputs=(seen("raw.csv", OTHER),)), chain.split], level)
    chain.refused("lineage.materials", "step clean: raw.csv", "but step download wrote")


@pytest.mark.parametrize("level", [NONE, OBSERVED])
def test_change_the_digest_of_a_product(chain, level):
    chain.put(
        [
            chain.download,
            chain.clean,
            chain.split._replace(outputs=(seen("data/test.csv"), seen("data/train.csv", OTHER))),
        ],
        level,
    )
    chain.refused("lineage.products", "step split: train.csv")


def test_two_missing_digests_do_not_match(chain):
    download = chain.download._replace(outputs=(seen("raw.csv", None),))
    clean = chain.clean._replace(inputs=(seen("raw.csv", None),))
    judged = custody.judge(chain.dataset([download, clean, chain.split]))
    assert judged.level == NONE
    assert ("lineage.materials", "clean", False) in [(one.check, one.step, one.gap) for one in judged.breaks]


def test_empty_digests_are_no_digests(chain):
    dataset = chain.dataset([chain.download, chain.clean, chain.split])

    def empty(tree):
        for component in tree["formulation"][0]["components"]:
            for one in component.get("hashes", ()):
                one["content"] = ""

    chain.put_dataset(dataset, empty)
    assert chain.verify().code == 1


def test_a_loop_of_two(chain):
    a = step("a", 1, [seen("y.csv")], [seen("x.csv")])
    b = step("b", 1, [seen("x.csv")], [seen("y.csv"), seen("data/train.csv"), seen("data/test.csv")])
    chain.put([a, b])
    chain.refused("lineage.steps", "is part of a loop", "step b: is part of a loop: it reads what step a wrote", "step a: is part of a loop: it reads what step b wrote")


def test_a_loop_of_one(chain):
    chain.put([step("magic", 1, [seen("x.csv")], [seen("x.csv"), seen("data/train.csv"), seen("data/test.csv")])])
    chain.refused("lineage.steps", "step magic: x.csv", "a loop of one")


def test_a_stranger_signs_a_record(chain):
    chain.put([chain.download, chain.signed(chain.clean, "stranger"), chain.split])
    chain.accepted()
    chain.refused("lineage.signatures", "step clean", more=chain.demanding)


def test_the_right_person_for_another_step(chain):
    chain.put([chain.download, chain.clean, chain.signed(chain.split, "jane")])
    chain.refused("lineage.signatures", "step split", more=("--step-key", f"split={chain.home / 'team.pub'}"))


def test_a_record_that_nobody_signed(chain):
    chain.put_dataset(chain.dataset([chain.signed(chain.download), chain.clean, chain.signed(chain.split)]))
    chain.refused("lineage.signatures", "step clean: is not signed", more=chain.demanding)


def test_the_signature_of_another_step(chain):
    split = chain.signed(chain.split)
    chain.put([chain.download, chain.clean._replace(envelope=split.envelope), split])
    chain.refused("lineage.signatures", "step clean: is not what its signed record says")


def test_a_task_that_says_otherwise_than_its_record(chain):
    clean = chain.signed(chain.clean)
    changed = [
        clean._replace(actor="Jane"),
        clean._replace(argv=("python", "evil.py")),
        clean._replace(commands=("python evil.py",)),
        clean._replace(scripts=()),
        clean._replace(parameters=(("seed", "1"),)),
        clean._replace(started=None, finished=clean.finished),
        clean._replace(revision=None),
        clean._replace(inputs=()),
        clean._replace(outputs=(*clean.outputs, seen("extra.csv"))),
        clean._replace(observation=Observation("strace", complete=True, gaps=("none",))),
        clean._replace(directory="sub"),
    ]
    for one in changed:
        chain.put([chain.download, one, chain.split], NONE)
        chain.refused("lineage.signatures", "step clean: is not what its signed record says")


def test_an_observed_word_is_not_taken_for_a_remark(chain):
    clean = chain.signed(chain.clean)
    extra = Edge("extra.csv", (Word(OBSERVED, "dvc.yaml:3"),), OTHER, 1)
    chain.put([chain.download, clean._replace(outputs=(*clean.outputs, extra)), chain.split], NONE)
    assert chain.verify().code == 1


def test_a_record_that_was_edited(chain):
    clean = chain.signed(chain.clean)
    envelope = json.loads(clean.envelope)
    payload = json.loads(base64.b64decode(envelope["payload"]))
    payload["predicate"]["actor"] = "somebody"
    envelope["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()
    forged = clean._replace(actor="somebody", envelope=json.dumps(envelope))
    chain.put([chain.download, forged, chain.split])
    chain.accepted()
    chain.refused("lineage.signatures", "step clean", more=chain.demanding)


def test_an_envelope_that_is_none(chain):
    chain.put([chain.download, chain.clean._replace(envelope='{"payload": 1}'), chain.split])
    assert chain.verify().code == 1


def test_a_run_that_failed(chain):
    chain.put([chain.download, chain.clean._replace(exit_code=1), chain.split])
    chain.refused("lineage.steps", "step clean: failed")


def test_an_incomplete_run_that_is_called_observed(chain):
    clean = chain.clean._replace(observation=Observation("audit-hook", complete=False, gaps=("children are not seen",)))
    chain.put([chain.download, clean, chain.split])
    chain.refused("lineage.steps", "step clean: was not observed completely")
    chain.put([chain.download, clean, chain.split], DECLARED)
    chain.accepted("--require-lineage", "declared")


def test_a_material_from_nowhere(chain):
    clean = chain.clean._replace(inputs=(seen("extra.csv"), seen("raw.csv")))
    chain.put([chain.download, clean, chain.split])
    chain.refused("lineage.materials", "step clean: extra.csv", "nobody says where it comes from")


def test_a_file_that_no_step_wrote(chain):
    (chain.data / "planted.csv").write_bytes(b"planted")
    chain.put(chain.steps)
    chain.refused("lineage.products", "planted.csv")


def test_a_product_under_another_name(chain):
    chain.put(
        [chain.download, chain.clean._replace(outputs=(Edge("tidy.csv", SEEN, digest("clean.csv"), 1),)), chain.split]
    )
    chain.refused("lineage.materials", "step split: clean.csv")


def test_time_that_runs_backwards(chain):
    late = chain.download._replace(started="2026-11-01T11:00:00Z", finished="2026-11-01T11:01:00Z")
    chain.put([late, chain.clean, chain.split])
    chain.refused("lineage.steps", "step clean: began before step download had ended")
    chain.put([chain.download, chain.clean._replace(started=ENDED.format(1), finished=STARTED.format(1)), chain.split])
    chain.refused("lineage.steps", "step clean: ended before it began")


def test_a_directory_that_pretends_to_cover(chain):
    everything = Edge("./", (Word(DECLARED, "Makefile:1"),))
    chain.put([Step("all", "Makefile", outputs=(everything,)), chain.split])
    chain.refused("lineage.complete", "claims the level observed")


def test_a_guess_opens_no_gate(chain):
    words = (Word("static-inferred", "clean.py:3"),)
    guessed = Step("clean", "clean.py", outputs=(Edge("clean.csv", words, digest("clean.csv")),))
    chain.put([guessed, chain.split], DECLARED)
    chain.refused("lineage.complete", more=("--require-lineage", "declared"))


def test_a_source_with_another_digest(chain):
    source = Source(URL, "the caller", path="raw.csv", digests=(("SHA-256", OTHER),))
    chain.put([chain.clean, chain.split], sources=(source,))
    chain.refused("lineage.materials", "step clean: raw.csv")


def test_a_source_without_a_digest_is_no_observation(chain):
    source = Source(URL, "the caller", path="raw.csv", digests=(("MD5", "0" * 32),))
    chain.put([chain.clean, chain.split], sources=(source,))
    chain.refused("lineage.complete")
    chain.put([chain.clean, chain.split], DECLARED, sources=(source,))
    chain.accepted("--require-lineage", "declared")


def test_the_last_of_two_writers_counts(chain):
    again = step("patch", 3, [], [seen("data/train.csv", OTHER)])
    chain.put([*chain.steps, again])
    chain.refused("lineage.products", "step patch: train.csv")


# -- other datasets ---------------------------------------------------------------------------------------------------


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


@pytest.fixture
def above(chain):
    return Above(chain)


def test_a_dataset_that_steps_read_from(chain, above):
    chain.put(above.steps, upstream=(above.named,))
    chain.accepted(*above.asked)
    chain.accepted()
    chain.refused("lineage.complete", more=("--require-lineage", "observed"))


def test_another_document_with_the_same_name(chain, above):
    chain.put(above.steps, upstream=(above.named,))
    above.write("team", digest("raw/export.csv"))
    above.bom.write_text(above.bom.read_text() + "\n")
    chain.refused("lineage.upstream", "raw", more=above.asked)


def test_a_stranger_signs_the_other_document(chain, above):
    above.write("stranger", digest("raw/export.csv"))
    chain.put(above.steps, upstream=(above.name(),))
    chain.refused("lineage.upstream", "raw", more=above.asked)


def test_the_other_document_has_other_bytes(chain, above):
    above.write("team", OTHER)
    chain.put(above.steps, upstream=(above.name(),))
    chain.refused("lineage.materials", "step clean: raw/export.csv", more=above.asked)


def test_another_serial_number_for_the_same_bytes(chain, above):
    chain.put(
        above.steps,
        upstream=(above.named._replace(serial_number="urn:uuid:" + "0" * 8 + "-395b-41f5-a30f-a58921a69b79"),),
    )
    chain.refused("lineage.upstream", "raw", more=above.asked)


def test_the_release_key_is_no_key_for_other_datasets(chain, above):
    chain.put(above.steps, upstream=(above.named,))
    more = ("--require-lineage", "observed", "--chain", str(above.boms), "--upstream-key", str(chain.home / "jane.pub"))
    chain.refused("lineage.upstream", "raw", more=more)


def test_a_missing_document_hides_no_dropped_step(chain, above):
    chain.put([above.steps[1]], upstream=(above.named,))
    chain.refused("lineage.materials", "step split: clean.csv")


# -- the caller's keys ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--step-key", "--upstream-key"])
def test_a_key_inside_the_data(chain, option):
    chain.put(chain.steps)
    inner = chain.data / "evil.pub"
    inner.write_bytes((chain.home / "stranger.pub").read_bytes())
    ran = chain.verify(option, f"clean={inner}" if option == "--step-key" else str(inner))
    assert ran.code == 2
    assert "inside the data" in ran.text


@pytest.mark.parametrize("value", ["clean", "=x.pub", "clean=none.pub"])
def test_a_step_key_that_is_none(chain, value):
    chain.put(chain.steps)
    assert chain.verify("--step-key", value).code == 2


def test_an_unknown_level(chain):
    chain.put(chain.steps)
    assert chain.verify("--require-lineage", "all").code == 2
