from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from sbom.report.junit import render


def suite_of(report):
    text = render(report)
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    suites = ET.fromstring(text.encode())  # noqa: S314  # our own text
    (suite,) = suites
    cases = suite.findall("testcase")
    for element in (suites, suite):
        assert element.get("tests") == str(len(cases))
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert element.get(attribute) == str(len(suite.findall(f"testcase/{tag}")))
    return suite


def test_one_case_per_check(samples):
    suite = suite_of(samples.tampered())
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == [check.id for check in samples.good.checks]
    assert {case.get("classname") for case in cases} == {"data-sbom.bom", "data-sbom.signature", "data-sbom.files"}
    assert all(case.get("time") for case in cases)
    assert suite.get("failures") == "3"
    failure = suite.find("testcase[@name='files.modified']/failure")
    assert failure.get("message") == "It does not hold."
    assert failure.text == "MODIFIED train/0007.parquet: the content differs (sha256 aade78… → 06c04e…)"
    assert suite.findtext("system-out").startswith("FAILED: 3 problems")


def test_times(samples):
    suite = suite_of(samples.good)
    assert (suite.get("time"), suite.get("timestamp")) == ("2.500", "2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("started", "finished"),
    [("", ""), ("2026-01-01T00:00:00", "2026-01-01T00:00:01Z"), ("2026-01-01T00:00:01Z", "2026-01-01T00:00:00Z")],
)
def test_odd_times_are_none(samples, started, finished):
    assert suite_of(samples.report(started=started, finished=finished)).get("time") == "0.000"


def test_errors_and_lawful_skips(samples):
    lawful = samples.check("chain.previous", "skipped", required=False, sentence="Without --chain.")
    suite = suite_of(samples.report(samples.check("files.modified", "error"), lawful))
    assert (suite.get("errors"), suite.get("skipped")) == ("1", "1")
    assert suite.find("testcase/skipped").get("message") == "Without --chain."
    assert suite.find("testcase/error").text is None


def test_what_leaves_it_undecided_is_never_green(samples):
    assert suite_of(samples.report(samples.check("files.modified", "skipped"))).get("errors") == "1"
    assert suite_of(samples.report(checks=())).get("errors") == "1"


def test_a_finding_without_a_path_and_the_cap(samples):
    found = samples.finding("signature.valid", "INVALID", None, "it does not verify")
    suite = suite_of(samples.report(samples.check("signature.valid", "fail", *[found] * 1003)))
    lines = suite.findtext("testcase/failure").splitlines()
    assert lines[0] == "INVALID: it does not verify"
    assert len(lines) == 1001
    assert lines[-1] == "and 3 more (-f json lists all)"
