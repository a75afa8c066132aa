from __future__ import annotations

import re
from dataclasses import replace
from textwrap import dedent

import pytest

from sbom.report.table import render
from sbom.verification.report import Counts, Finding, SignerResult

STRANGER = SignerResult("77" * 32, None, "ES256", "not-trusted")


def golden(text):
    return dedent(text).lstrip("\n")


def test_tampered(samples):
    assert render(samples.tampered()) == golden("""
        MODIFIED  train/0007.parquet   sha256 aade78… → 06c04e…
        MISSING   train/0011.parquet
        EXTRA     .cache/evil.py
        FAILED    3 problems in 128 files · penguins 1.2.0 · signature good (key 9f2c… "release")
                  The data is not what was released. Fetch it again, or compare two releases with data-sbom diff.
                  see data-sbom explain files.modified
    """)


def test_verified(samples):
    assert render(samples.good) == golden("""
        VERIFIED  128 files, 1.2 MB · penguins 1.2.0 · signature good (key 9f2c… "release")
    """)


def test_not_pinned(samples):
    report = samples.report(
        dataset=replace(samples.good.dataset, pinned=False),
        signers=(*samples.good.signers, STRANGER),
        allowed_extra=(".git/config",),
        notes=("the document lies inside the data",),
    )
    line = 'VERIFIED  128 files, 1.2 MB · penguins 1.2.0 · signature good (key 9f2c… "release") · root 06c04e… · '
    assert render(report) == "ALLOWED   .git/config\n" + line + golden("""
        dataset not pinned
                  the signature says who, not which dataset: pin it with --expect-name and --expect-version, or
                  --expect-root 06c04e1111111111111111111111111111111111111111111111111111111111
                  ignored, because not trusted: 1 signature (key 7777777777777777…)
                  note: the document lies inside the data
    """)


def test_subset(samples):
    report = samples.report(only=("train/**", "*.md"), counts=Counts(12, 98_765, 128))
    assert render(report) == golden("""
        VERIFIED-SUBSET  12 of 128 files, 98.8 kB · penguins 1.2.0 · signature good (key 9f2c… "release")
                         only what matches train/**, *.md was looked at; 116 listed files not
    """)


def test_undecided(samples):
    found = Finding("files.modified", "UNREADABLE", "train/0007.parquet", "permission denied")
    erred = samples.check("files.modified", "error", found, sentence="1 file could not be read.")
    assert render(samples.report(erred)) == golden("""
        UNREADABLE  train/0007.parquet   permission denied
        UNDECIDED   1 file could not be read (files.modified) · penguins 1.2.0 · signature good (key 9f2c… "release")
                    This is no verdict on the data. Remove what stopped the check, and verify again.
                    see data-sbom explain files.modified
    """)


def test_a_required_check_that_was_skipped(samples):
    skipped = samples.check("files.modified", "skipped", sentence="Nobody looked.")
    assert render(samples.report(skipped)) == golden("""
        SKIPPED    files.modified   Nobody looked.
        UNDECIDED  Nobody looked (files.modified) · penguins 1.2.0 · signature good (key 9f2c… "release")
                   This is no verdict on the data. Remove what stopped the check, and verify again.
                   see data-sbom explain files.modified
    """)


def test_an_unreadable_document(samples):
    checks = (
        samples.check("bom.parse", "fail", sentence="The document has a duplicate key."),
        samples.check("signature.valid", "skipped"),
    )
    report = samples.report(checks=checks, dataset=None, signers=(), counts=Counts())
    assert render(report) == golden("""
        FAIL      bom.parse   The document has a duplicate key.
        FAILED    1 problem · dataset unknown · signature not checked
                  Fetch the document again. If it was edited by hand or by a tool, generate and sign it anew.
                  see data-sbom explain bom.parse
                  not checked either: signature.valid
    """)


def test_no_checks(samples):
    assert render(samples.report(checks=())) == golden("""
        ERROR      verify   no check was made
        UNDECIDED  no check was made · penguins 1.2.0 · signature not checked
    """)


def test_a_finding_without_a_path_shows_its_check(samples):
    found = Finding("signature.valid", "INVALID", None, 'the signature of "release" does not verify')
    text = render(samples.report(samples.check("signature.valid", "fail", found)))
    assert text.startswith('INVALID   signature.valid   the signature of "release" does not verify\n')
    assert "signature not good (signature.valid)" in text


def test_the_message_of_a_modified_link_is_shown(samples):
    found = Finding("files.modified", "MODIFIED", "latest", "the link text differs", "v1", "v2")
    text = render(samples.report(samples.check("files.modified", "fail", found)))
    assert text.startswith("MODIFIED  latest   the link text differs (v1 → v2)\n")


@pytest.mark.parametrize(("count", "rows", "more"), [(20, 20, None), (21, 20, 1), (5020, 20, "5,000")])
def test_only_the_first_problems_are_listed(samples, count, rows, more):
    text = render(samples.missing(count))
    assert text.count("MISSING ") == rows
    assert ("more (-f json lists all)" in text) == (more is not None)
    if more is not None:
        assert f"          and {more} more (-f json lists all)\n" in text


def test_only_the_first_extras_and_notes_are_listed(samples):
    names = tuple(f"n{number}" for number in range(25))
    text = render(samples.report(allowed_extra=names, notes=names))
    assert text.count("ALLOWED ") == 20
    assert text.count("note: ") == 20
    assert "          and 5 more (-f json lists all)\n" in text
    assert "          and 5 more notes (-f json lists all)\n" in text


def test_wide_names_are_aligned(samples):
    found = [
        Finding("files.modified", "MODIFIED", path, "m", "a" * 64, "b" * 64, "SHA-256")
        for path in ("数据/一.csv", "abcdefghijk", "e\u0301", "x" * 60)
    ]
    lines = render(samples.report(samples.check("files.modified", "fail", *found))).splitlines()
    assert [line.index("sha256") for line in lines[:4]] == [
        10 + 48 + 3 - 3,  # three characters take two columns each
        10 + 48 + 3,
        10 + 48 + 3 + 1,  # one takes none
        10 + 60 + 3,
    ]


def test_color_changes_nothing_but_color(samples):
    for report in (samples.tampered(), samples.good, samples.report(checks=()), samples.missing(30)):
        colored = render(report, color=True)
        assert re.sub(r"\x1b\[[0-9;]+m", "", colored) == render(report)
        assert colored.count("\x1b[0m") * 2 == colored.count("\x1b")


def test_color_by_verdict(samples):
    assert "\x1b[31mMISSING   \x1b[0mtrain" in render(samples.missing(1), color=True)
    assert "\x1b[1;31mFAILED" in render(samples.missing(1), color=True)
    assert "\x1b[1;33mUNDECIDED" in render(samples.report(checks=()), color=True)
    assert "\x1b[33mERROR" in render(samples.report(checks=()), color=True)
