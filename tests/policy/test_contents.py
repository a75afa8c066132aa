"""The rules on files, provenance, lineage and the dataset."""

from __future__ import annotations

import pytest
from policies import answer, dataset, decision, facts, files, key, policy

from sbom.model import FileEntry, Selection
from sbom.policy.facts import Answer
from sbom.profiles import Fact, Stated
from sbom.transformation import Lineage, Observation, Step

NAMES = ("policy.files", "policy.provenance", "policy.lineage", "policy.dataset")


@pytest.mark.parametrize("check", NAMES)
def test_what_is_not_asked_is_not_judged(check):
    assert answer(policy(), facts("ada"), check) is Answer.NOT_ASKED


@pytest.mark.parametrize(
    ("rule", "change", "sentence"),
    [
        (
            "extras = []",
            {"allowed_extra": ("notes.txt",)},
            "notes.txt is not listed, and was let pass against the policy",
        ),
        ('extras = ["*.log"]', {"allowed_extra": ("x.log", "x.log.py")}, "x.log.py is not listed"),
        ('hashes = ["SHA-256", "SHA-512"]', {}, "a.csv has no SHA-512, and 1 more"),
        ("max-files = 1", {}, "there are 2 files, and at most 1 are allowed"),
        ("max-total-size = 19", {}, "the files have 20 bytes, and at most 19 are allowed"),
        ("max-file-size = 9", {}, "a.csv has 10 bytes, and at most 9 are allowed, and 1 more"),
        ("complete = true", {"only": ("a*",)}, "only a part of the data was looked at"),
        (
            "complete = true",
            {"dataset": dataset(selection=Selection(left_out=True))},
            "leaves files of the dataset out",
        ),
    ],
)
def test_files_that_break_a_rule(rule, change, sentence):
    found = decision(policy(f"[files]\n{rule}"), facts("ada", **change), "policy.files")
    assert found.answer is Answer.FAILS
    assert sentence in found.sentence


@pytest.mark.parametrize(
    "rule",
    [
        'extras = ["*.log"]', "extras = []", 'hashes = ["SHA-256"]', "max-files = 2", "max-total-size = 20", "max-file-size = 10",
        "complete = true",
    ],
)  # fmt: skip
def test_files_that_keep_to_it(rule):
    about = facts("ada", allowed_extra=("x.log",) if "log" in rule else ())
    assert answer(policy(f"[files]\n{rule}"), about, "policy.files") is Answer.HOLDS


def test_a_digest_that_every_file_has():
    entry = FileEntry("a", 1, (("SHA-256", "0" * 64), ("SHA-512", "0" * 128)))
    strict = policy('[files]\nhashes = ["SHA-512"]')
    assert answer(strict, facts("ada", dataset=dataset(files=(entry,))), "policy.files") is Answer.HOLDS
    assert answer(strict, facts("ada", dataset=dataset(files=(entry, *files("b")))), "policy.files") is Answer.FAILS


def known(*names):
    return {name: Fact(name, (Stated("x", "the caller"),)) for name in names}


def test_required_fields():
    wanted = policy('[provenance]\nrequired = ["license", "source-url"]')
    assert answer(wanted, facts("ada", known=known("license", "source-url")), "policy.provenance") is Answer.HOLDS
    found = decision(wanted, facts("ada", known=known("license")), "policy.provenance")
    assert (found.answer, found.sentence) == (Answer.FAILS, "source-url is not known")
    assert answer(wanted, facts("ada"), "policy.provenance") is Answer.UNDECIDED


def test_a_required_profile():
    wanted = policy('[provenance]\nprofiles = ["cisa"]')
    found = decision(wanted, facts("ada", known={}), "policy.provenance")
    assert found.answer is Answer.FAILS
    assert "requires" in found.sentence
    from sbom.profiles import load  # noqa: PLC0415  # beside its only use

    everything = known(*(name for element in load("cisa").elements for name in element.facts))
    assert answer(wanted, facts("ada", known=everything), "policy.provenance") is Answer.HOLDS


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("observed", Answer.HOLDS),
        ("declared", Answer.HOLDS),
        ("none", Answer.FAILS),
        (None, Answer.UNDECIDED),
        ("?", Answer.FAILS),
    ],
)
def test_levels_of_lineage(found, expected):
    assert (
        answer(policy('[lineage]\nlevel = "declared"'), facts("ada", lineage_level=found), "policy.lineage") is expected
    )


def made(*recorded, declared=()):
    steps = [Step(name, "record", observation=Observation("strace", complete=True)) for name in recorded]
    return dataset(lineage=Lineage(steps=(*steps, *(Step(name, "dvc.yaml") for name in declared))))


SIGNED = '[lineage.signers]\nclean = ["security"]\n"*" = ["releaser"]'


def test_steps_are_signed_by_whom_the_policy_names():
    by = {"clean": frozenset({key("grace")}), "split": frozenset({key("ada"), key("mallory")})}
    about = facts("ada", dataset=made("clean", "split", declared=["plot"]), step_signers=by)
    assert answer(policy(SIGNED), about, "policy.lineage") is Answer.HOLDS


@pytest.mark.parametrize(
    ("recorded", "by", "sentence"),
    [
        (["clean"], {}, "step clean is signed by nobody who is security"),
        (["clean"], {"clean": "mallory"}, "step clean is signed by nobody who is security"),
        (["clean", "split"], {"clean": "ada", "split": "grace"}, "step split is signed by nobody who is releaser"),
        ([], {"clean": "mallory"}, "step clean was not recorded, and has to be signed by somebody who is security"),
    ],
)
def test_steps_that_are_not(recorded, by, sentence):
    signers = {name: frozenset({key(who)}) for name, who in by.items()}
    found = decision(policy(SIGNED), facts("ada", dataset=made(*recorded), step_signers=signers), "policy.lineage")
    assert (found.answer, found.sentence) == (Answer.FAILS, sentence)


def test_steps_that_no_rule_is_about():
    some = policy('[lineage.signers]\nclean = ["security"]')
    about = facts("ada", dataset=made("clean", "split"), step_signers={"clean": frozenset({key("ada")})})
    assert answer(some, about, "policy.lineage") is Answer.HOLDS


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ('names = ["penguin", "Penguins"]', "the dataset is penguins, not penguin or Penguins"),
        ('versions = ["1.0"]', "the release is version 1.0.0, not 1.0"),
        (f'roots = ["{"0" * 64}"]', "the root is"),
    ],
)
def test_another_dataset(rule, sentence):
    found = decision(policy(f"[dataset]\n{rule}"), facts("ada"), "policy.dataset")
    assert found.answer is Answer.FAILS
    assert found.sentence.startswith(sentence)


def test_the_wanted_dataset():
    rule = f'[dataset]\nnames = ["penguins"]\nversions = ["1.0.0"]\nroots = ["{dataset().root}"]'
    assert answer(policy(rule), facts("ada"), "policy.dataset") is Answer.HOLDS
    found = decision(policy(rule), facts("ada", dataset=dataset(version=None)), "policy.dataset")
    assert "has no version" in found.sentence
