from __future__ import annotations

import pytest

from sbom.report.summary import advice, decisive, explained, headline, problems, signatures, unmade, where
from sbom.verification.report import Counts, SignerResult, Status

STRANGER = SignerResult("77" * 32, None, "ES256", "not-trusted")


def test_a_failed_check_without_findings_is_a_problem(samples):
    report = samples.report(samples.check("signature.present", "fail", sentence="There is no signature."))
    assert [(status, found.kind, found.check, found.message) for status, found in problems(report)] == [
        (Status.FAIL, "FAIL", "signature.present", "There is no signature.")
    ]


def test_no_checks_are_a_problem(samples):
    report = samples.report(checks=())
    assert [found.message for _, found in problems(report)] == ["no check was made"]
    assert headline(report)[0] == "UNDECIDED"


def test_skipped_checks_are_problems_only_where_they_decide(samples):
    skipped = samples.check("files.modified", "skipped")
    assert [found.kind for _, found in problems(samples.report(skipped))] == ["SKIPPED"]
    broken = samples.report(samples.check("bom.parse", "fail"), skipped)
    assert [found.kind for _, found in problems(broken)] == ["FAIL"]
    assert "not checked either: files.modified" in advice(broken)


def test_a_lawful_skip_is_nothing(samples):
    report = samples.report(samples.check("chain.previous", "skipped", required=False))
    assert problems(report) == []
    assert unmade(report) == []
    assert decisive(report) is None


def test_the_decisive_check_failed_before_it_erred_before_it_was_skipped(samples):
    skipped, erred = samples.check("bom.parse", "skipped"), samples.check("files.extra", "error")
    failed = samples.check("odd.check", "fail")
    assert decisive(samples.report(skipped)).id == "bom.parse"
    assert decisive(samples.report(skipped, erred)).id == "files.extra"
    assert decisive(samples.report(skipped, erred, failed)).id == "odd.check"


def test_a_check_that_the_table_does_not_know_gives_no_advice(samples):
    assert advice(samples.report(samples.check("odd.check", "fail"))) == []


def test_an_error_is_not_called_a_wrong_release(samples):
    said = " ".join(advice(samples.report(samples.check("files.modified", "error"))))
    assert "no verdict on the data" in said
    assert "not what was released" not in said


@pytest.mark.parametrize(
    ("data", "listed", "path", "expected"),
    [
        ("data", 3, "a/b", "data/a/b"),
        ("./data/", 3, "a", "data/a"),
        (".", 3, "a", "a"),
        ("./", 3, "a", "a"),
        ("", 3, "a", "a"),
        ("/", 3, "a", "/a"),
        ("/srv/data", 3, "a", "/srv/data/a"),
        ("x/one.csv", 1, "one.csv", "x/one.csv"),
        ("x/one.csv", 2, "one.csv", "x/one.csv/one.csv"),
        ("data", 3, None, "penguins.cdx.json"),
    ],
)
def test_where(samples, data, listed, path, expected):
    assert where(samples.report(data=data, counts=Counts(files_listed=listed)), path) == expected


def test_explained(samples):
    finding = samples.finding
    assert explained(finding("c", "K", "p", "size differs", "10", "12")) == "size differs (10 → 12)"
    assert explained(finding("c", "K", "p", "", "10", None)) == "10"
    assert explained(finding("c", "K", "p", "gone")) == "gone"


def test_good_is_said_only_when_every_check_of_signatures_held(samples):
    assert signatures(samples.good) == 'signature good (key 9f2c… "release")'
    failed = samples.report(samples.check("signature.threshold", "fail"))
    assert signatures(failed) == "signature not good (signature.threshold)"
    erred = samples.report(samples.check("signature.valid", "error"))
    assert signatures(erred) == "signature not decided (signature.valid)"
    for check_id in ("signature.valid", "signature.threshold"):
        assert signatures(samples.report(samples.check(check_id, "skipped"))) == "signature not checked"
    assert signatures(samples.report(checks=samples.good.checks[:1])) == "signature not checked"
    assert signatures(samples.report(signers=(STRANGER,))) == "signature not checked"
    unsigned = samples.report(samples.check("signature.present", "fail"), signers=())
    assert signatures(unsigned) == "not signed"


def test_several_signers(samples):
    signers = tuple(SignerResult(f"{n}" * 64, f"k{n}", "Ed25519", "valid") for n in range(5))
    expected = '5 signatures good (key 0000… "k0", key 1111… "k1", key 2222… "k2" and 2 more)'
    assert signatures(samples.report(signers=signers)) == expected


def test_strangers_are_mentioned(samples):
    unknown = SignerResult(None, None, "ES256", "not-trusted")
    said = advice(samples.report(signers=(*samples.good.signers, STRANGER, unknown)))
    assert said == ["ignored, because not trusted: 2 signatures (key 7777777777777777…, unknown key)"]


def test_a_dataset_name_cannot_pass_for_another_part_of_the_line(samples):
    from dataclasses import replace  # noqa: PLC0415  # used here only

    liar = replace(samples.good.dataset, name="x · dataset pinned", version=None)
    assert headline(samples.report(dataset=liar))[1].count(" · ") == headline(samples.good)[1].count(" · ")
    nobody = replace(samples.good.dataset, name="")
    assert "(no name) 1.2.0" in headline(samples.report(dataset=nobody))[1]
    assert "dataset unknown" in headline(samples.report(dataset=None))[1]
