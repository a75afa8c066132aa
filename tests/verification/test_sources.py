"""``sources.online``: what is compared, what counts as a split view, and what must never look like success."""

from __future__ import annotations

import hashlib
import json
import socket
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "sources"))

from webserver import Web, cut, redirect, reply, serve

from sbom import api
from sbom.errors import UsageError
from sbom.model import Dataset, FileEntry
from sbom.provenance import Provenance, Source
from sbom.sources import record
from sbom.sources.client import Client, Policy
from sbom.verification import sources
from sbom.verification.interface import Expect, Options, Trust
from sbom.verification.report import Status, Verdict

DATA = b"species,mass\nAdelie,3750\n" * 100
OTHER = DATA.replace(b"Adelie", b"Gentoo")
SHA = (("SHA-256", hashlib.sha256(DATA).hexdigest()),)


@pytest.fixture
def web():
    server = Web()
    yield server
    server.close()


def check(*named, files=(), allow_private=True):
    dataset = Dataset("d", None, tuple(files), "0" * 64, provenance=Provenance(sources=named))
    client = Client(Policy(allow_private=allow_private, sleep=lambda seconds: None, timeout=20.0))
    return sources.check(dataset, Options(online=True), lambda done, total: None, client)


def test_sources_that_give_what_was_recorded_pass(web):
    web.routes |= {"a": serve(DATA), "b": redirect("/a")}
    result = check(Source(web.url("a"), "m", digests=SHA), Source(web.url("b"), "m", digests=SHA, size=len(DATA)))
    assert (result.status, result.required) == (Status.PASS, True)
    assert result.sentence == "2 sources with a digest give the recorded bytes"
    assert [one["status"] for one in result.evidence["sources"]] == ["same", "same"]
    assert result.evidence["sources"][1]["final_url"] == web.url("a")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"1"', '"2"', 'its ETag went from "1" to "2"'),
        ('"1"', '"1"', "although its ETag is the same"),
        (None, '"2"', None),
    ],
)
def test_other_bytes_are_a_split_view(web, before, after, said):
    web.routes["a"] = serve(OTHER, ETag=after)
    result = check(Source(web.url("a"), "m", path="a.csv", digests=SHA, size=len(DATA), etag=before))
    assert result.status is Status.FAIL
    (finding,) = result.findings
    assert (finding.kind, finding.path, finding.algorithm) == ("SPLIT-VIEW", "a.csv", "SHA-256")
    assert (finding.expected, finding.actual) == (SHA[0][1], hashlib.sha256(OTHER).hexdigest())
    assert web.url("a") in finding.message
    assert (said is None and "ETag" not in finding.message) or said in finding.message


def test_another_size_is_a_split_view(web):
    web.routes["a"] = serve(DATA)
    result = check(Source(web.url("a"), "m", digests=SHA, size=len(DATA) - 1))
    (finding,) = result.findings
    assert (result.status, finding.expected, finding.actual) == (Status.FAIL, str(len(DATA) - 1), str(len(DATA)))


def test_what_became_a_file_is_compared_with_that_file(web):
    web.routes["a"] = serve(OTHER)
    entry = FileEntry("a.csv", len(DATA), SHA)
    assert check(Source(web.url("a"), "m", path="a.csv"), files=[entry]).status is Status.FAIL
    web.routes["a"] = serve(DATA)
    assert check(Source(web.url("a"), "m", path="a.csv"), files=[entry]).status is Status.PASS


@pytest.mark.parametrize(
    "route",
    [
        lambda request: [reply(b"", 404)],
        lambda request: [reply(b"", 503)],
        cut(DATA, 5),
        lambda request: [b""],
        redirect("/a"),
    ],
)
def test_what_cannot_be_fetched_is_undecided(web, route):
    web.routes["a"] = route
    result = check(Source(web.url("a"), "m", digests=SHA))
    assert result.status is Status.ERROR
    assert [finding.kind for finding in result.findings] == ["UNREACHED"]


def test_a_split_view_counts_more_than_a_source_that_is_down(web):
    web.routes["a"] = serve(OTHER)
    result = check(Source(web.url("down"), "m", digests=SHA), Source(web.url("a"), "m", digests=SHA))
    assert result.status is Status.FAIL
    assert [finding.kind for finding in result.findings] == ["SPLIT-VIEW", "UNREACHED"]


def test_one_good_source_does_not_hide_a_bad_one(web):
    web.routes |= {"a": serve(DATA), "b": serve(OTHER)}
    assert check(Source(web.url("a"), "m", digests=SHA), Source(web.url("b"), "m", digests=SHA)).status is Status.FAIL


@pytest.mark.parametrize(
    "named",
    [
        [],
        [Source("s3://b/k", "m", digests=SHA)],
        [Source("https://h/x", "m")],
        [Source("https://h/x", "m", digests=(("XXH64", "0" * 16),))],
        [Source("https://h/x", "m", path="not-in-the-inventory")],
    ],
)
def test_nothing_to_compare_is_no_success(named):
    result = check(*named)
    assert (result.status, result.required) == (Status.SKIPPED, True)


def test_what_is_not_fetched_again_is_said(web):
    web.routes["a"] = serve(DATA)
    result = check(Source(web.url("a"), "m", digests=SHA), Source("https://u:p@h/x", "m"), Source("git://h/r", "m"))
    assert result.sentence.endswith("1 without a digest to compare with, 1 that are not http or https")
    assert result.evidence["without_digest"] == ["https://h/x"]
    assert result.evidence["other_schemes"] == ["git://h/r"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{}/a",
        "http://localhost:{}/a",
        "http://2130706433:{}/a",
        "http://[::ffff:127.0.0.1]:{}/a",
        "http://u:p@0:{}/a",
    ],
)
def test_a_document_cannot_make_us_connect_to_private_addresses(web, url):
    web.routes["a"] = serve(DATA)
    result = check(Source(url.format(web.port), "m", digests=SHA), allow_private=False)
    assert result.status is Status.ERROR
    assert "will not be connected to" in result.findings[0].message
    assert "u:p" not in result.findings[0].message
    assert web.requests == []


@pytest.mark.parametrize("url", ["http://a b/", "http://h:99999/", "http://", "https://h/\x1b[31m", "http://[::1/x"])
def test_malformed_urls_are_no_crash(url):
    result = check(Source(url, "m", digests=SHA))
    assert result.status in {Status.ERROR, Status.SKIPPED}
    assert all("\x1b" not in finding.message for finding in result.findings)


# --- within a verification ----------------------------------------------------------------------------------------------


@pytest.fixture
def fetched(web, tmp_path, key_pair):
    """A signed release of a file that was fetched; returns how to verify it."""
    web.routes["a.csv"] = serve(DATA, ETag='"1"')
    home = tmp_path / "data"
    home.mkdir()
    (home / "a.csv").write_bytes(DATA)
    url = web.url("a.csv")
    record.add(str(home), record.Retrieval(url, url, "2026-01-02T03:04:05Z", "a.csv", len(DATA), SHA[0][1], 200))
    bom = api.generate(home, name="d", cache=False)
    bom.sign(api.load_private_key(key_pair[0]))
    path = tmp_path / "d.cdx.json"
    bom.write(path)

    def verify(*, key=key_pair[1], expect=None, **options):
        return api.verify(path, home, trust=Trust([key]), expect=expect or Expect(), options=Options(**options))

    return verify


def test_nobody_is_asked_unless_it_is_wanted(web, fetched, monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", lambda *args: pytest.fail("a socket was opened"))
    report = fetched()
    assert report.verdict is Verdict.VERIFIED
    assert report.check("sources.online").status is Status.SKIPPED
    assert web.requests == []


def test_the_verdict_follows(web, fetched):
    assert fetched(online=True, allow_private=True).verdict is Verdict.VERIFIED
    assert fetched(online=True).exit_code == 3
    web.routes["a.csv"] = serve(OTHER)
    report = fetched(online=True, allow_private=True)
    assert (report.verdict, report.exit_code) == (Verdict.FAILED, 1)
    web.routes["a.csv"] = lambda request: [reply(b"", 410)]
    assert fetched(online=True, allow_private=True).exit_code == 3


def test_a_document_that_nobody_trusted_signed_connects_to_nothing(web, fetched, tmp_path):
    from sbom.signing import keys  # noqa: PLC0415  # for this test only

    _, stranger = keys.write_pair(tmp_path / "stranger", keys.generate(), None)
    report = fetched(key=stranger, online=True, allow_private=True)
    assert report.exit_code == 1
    assert report.check("sources.online").status is Status.SKIPPED
    assert report.check("sources.online").required
    assert fetched(expect=Expect(name="other"), online=True, allow_private=True).exit_code == 1
    assert web.requests == []


def test_a_release_without_sources_is_no_success(release):
    report = api.verify(release.bom, release.data, trust=Trust([release.pub]), options=Options(online=True))
    assert report.exit_code == 3


def test_command_line(web, fetched, cli, tmp_path, key_pair):
    words = ["verify", tmp_path / "d.cdx.json", tmp_path / "data", "--public-key", key_pair[1]]
    assert cli(*words, "--online", "--allow-private").code == 0
    web.routes["a.csv"] = serve(OTHER)
    ran = cli(*words, "--online", "--allow-private")
    assert ran.code == 1
    assert "SPLIT-VIEW" in ran.out
    ran = cli(*words, "--online", "--allow-private", "-f", "json")
    (found,) = [one for one in json.loads(ran.out)["checks"] if one["id"] == "sources.online"]
    assert found["evidence"]["sources"][0]["status"] == "differs"
    web.requests.clear()
    guarded = cli("guard", *words[1:], "--online", "--allow-private", "--", "true")
    assert guarded.code == 1
    assert cli(*words, "--online").code == 3


@pytest.mark.parametrize("flags", [["--online", "--offline"], ["--allow-private"]])
def test_flags_that_contradict_each_other(release, cli, flags):
    assert cli(*release.verify_args(*flags)).code == 2


def test_usage_errors_are_usage_errors():
    from sbom.cli import judging  # noqa: PLC0415  # for this test only

    plain = {"allow_extra": None, "only": None, "follow_symlinks": False, "chain": None, "jobs": None}
    plain["require_lineage"] = "none"
    with pytest.raises(UsageError):
        judging.options(**plain, offline=True, online=True, allow_private=False)
    assert judging.options(**plain, offline=False, online=True, allow_private=True).allow_private


def test_progress_never_exceeds_its_total(web):
    web.routes |= {"a": serve(DATA), "b": serve(DATA)}
    named = (Source(web.url("a"), "m", digests=SHA, size=len(DATA)), Source(web.url("b"), "m", digests=SHA))
    dataset = Dataset("d", None, (FileEntry("x", 7, SHA),), "0" * 64, provenance=Provenance(sources=named))
    seen = []
    client = Client(Policy(allow_private=True, timeout=20.0))
    sources.check(dataset, Options(online=True), lambda done, total: seen.append((done, total)), client)
    assert sum(done for done, _ in seen) == 2 * len(DATA)
    assert seen[-1][1] == 7 + 2 * len(DATA)
