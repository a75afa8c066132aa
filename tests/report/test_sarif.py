from __future__ import annotations

import json
from urllib.parse import unquote_to_bytes

import pytest

from sbom.report import sarif
from sbom.verification import catalog
from sbom.verification.report import Finding


def run_of(report):
    log = json.loads(sarif.render(report))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        # what GitHub code scanning requires of a result
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert physical["artifactLocation"]["uri"].isascii()
        assert physical["region"]["startLine"] == 1
        assert set(result["partialFingerprints"]) == {"primaryLocationLineHash"}
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(set(prints)) == len(prints)
    return run


def test_rules_come_from_the_catalog(samples):
    run = run_of(samples.good)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(catalog.load())
    for rule in rules:
        assert rule["shortDescription"]["text"] == catalog.get(rule["id"]).means
        assert catalog.get(rule["id"]).do in rule["help"]["text"]
    assert run["results"] == []
    assert run["tool"]["driver"]["name"] == "data-sbom"


def test_results(samples):
    run = run_of(samples.tampered())
    assert [(r["ruleId"], r["level"]) for r in run["results"]] == [
        ("files.modified", "error"),
        ("files.missing", "error"),
        ("files.extra", "error"),
    ]
    first = run["results"][0]
    assert first["message"]["text"] == ("MODIFIED train/0007.parquet: the content differs (sha256 aade78… → 06c04e…)")
    assert first["properties"]["actual"] == "06c04e" + "3" * 58
    assert first["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "data/train/0007.parquet",
        "uriBaseId": "%SRCROOT%",
    }
    assert "%SRCROOT%" in run["originalUriBaseIds"]


@pytest.mark.parametrize(("status", "level"), [("fail", "error"), ("error", "warning"), ("skipped", "warning")])
def test_checks_without_findings_are_results_at_the_document(samples, status, level):
    (result,) = run_of(samples.report(samples.check("signature.valid", status)))["results"]
    assert (result["ruleId"], result["level"]) == ("signature.valid", level)
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "penguins.cdx.json"


def test_a_finding_of_a_passed_check_is_a_note(samples):
    found = Finding("files.extra", "ODD", "a", "look at it")
    assert run_of(samples.report(samples.check("files.extra", "pass", found)))["results"][0]["level"] == "note"


def test_a_check_that_the_catalog_does_not_know_becomes_a_rule(samples):
    run = run_of(samples.report(samples.check("odd.check", "fail")))
    assert run["tool"]["driver"]["rules"][-1]["id"] == "odd.check"


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ({}, (True, 0, "verified")),
        ({"only": ("a",)}, (True, 0, "verified-subset")),
        ({"checks": ()}, (False, 3, "undecided")),
    ],
)
def test_invocation(samples, report, expected):
    (invocation,) = run_of(samples.report(**report))["invocations"]
    names = ("executionSuccessful", "exitCode", "exitCodeDescription")
    assert tuple(invocation[name] for name in names) == expected
    assert invocation["startTimeUtc"] == "2026-01-01T00:00:00Z"


def test_a_failed_verification_is_a_successful_execution(samples):
    (invocation,) = run_of(samples.tampered())["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 1)


def test_unknown_times_are_left_out(samples):
    (invocation,) = run_of(samples.report(started="", finished=""))["invocations"]
    assert not {"startTimeUtc", "endTimeUtc"} & invocation.keys()


def test_absolute_data_has_a_file_uri(samples):
    run = run_of(samples.report(*samples.missing(1).checks, data="/srv/my data"))
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "file:///srv/my%20data/train/0000.parquet"}


@pytest.mark.parametrize("name", ["a b#c?d%41", "a:b", "é\udcff", "\ud800"])
def test_uris_are_percent_encoded(samples, name):
    found = Finding("files.extra", "EXTRA", name, "m")
    run = run_of(samples.report(samples.check("files.extra", "fail", found), data="."))
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert not set(uri) & set(" #?:")
    errors = "surrogatepass" if name == "\ud800" else "surrogateescape"
    assert unquote_to_bytes(uri) == name.encode("utf-8", errors)


def test_fingerprints_do_not_follow_the_content(samples):
    def prints(actual, message="m"):
        found = Finding("files.modified", "MODIFIED", "a", message, "0" * 64, actual, "SHA-256")
        run = run_of(samples.report(samples.check("files.modified", "fail", found, found)))
        return [result["partialFingerprints"] for result in run["results"]]

    assert prints("1" * 64) == prints("2" * 64, "n")


def test_messages_hold_neither_links_nor_placeholders(samples):
    found = Finding("files.extra", "EXTRA", "[click](http://evil) {0}", "m")
    (result,) = run_of(samples.report(samples.check("files.extra", "fail", found)))["results"]
    assert result["message"]["text"] == "EXTRA [click\\](http://evil) {{0}: m"


def test_no_more_results_than_github_takes(samples, monkeypatch):
    assert sarif.MAX_RESULTS == 25_000
    monkeypatch.setattr(sarif, "MAX_RESULTS", 50)
    results = run_of(samples.missing(50))["results"]
    assert len(results) == 50
    assert results[-1]["message"]["text"].startswith("MISSING train/0049")
    results = run_of(samples.missing(60))["results"]
    assert len(results) == 50
    assert results[-2]["message"]["text"].startswith("MISSING train/0048")
    assert "and 11 more problems" in results[-1]["message"]["text"]
    assert results[-1]["level"] == "error"
