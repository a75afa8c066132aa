from __future__ import annotations

from dataclasses import replace

import pytest

from sbom.report.markdown import code, prose, render
from sbom.verification.report import SignerResult


def test_tampered(samples):
    text = render(samples.tampered())
    assert text.startswith("## data-sbom verify: FAILED\n\n3 problems in 128 files · penguins 1.2.0 · signature good")
    assert "| Dataset | `penguins` |\n| Version | `1.2.0` |\n" in text
    assert "| Pinned by the caller | yes |" in text
    assert "| `files.modified` | **fail** | yes | It does not hold. |" in text
    assert "| `bom.parse` | pass | yes | It holds. |" in text
    row = "| MODIFIED | `train/0007.parquet` | `files.modified` | the content differs (sha256 aade78… → 06c04e…) |"
    assert row in text
    assert "### 3 problems" in text
    assert "- see data-sbom explain files.modified\n" in text


def test_verified_has_no_problems(samples):
    text = render(samples.good)
    assert "problem" not in text
    assert "### Next" not in text


def test_only_the_first_problems_are_listed(samples):
    text = render(samples.missing(130))
    assert text.count("| MISSING |") == 100
    assert "\n\nand 30 more (-f json lists all)\n" in text
    assert "more (" not in render(samples.missing(100))


def test_lists_are_capped(samples):
    names = tuple(f"n{number}" for number in range(120))
    signers = tuple(SignerResult(f"{n:064x}", None, "ES256", "not-trusted") for n in range(30))
    text = render(samples.report(allowed_extra=names, notes=names, only=names, signers=signers))
    assert text.count("- `n") == 100
    assert "- and 20 more (-f json lists all)" in text
    assert "- and 100 more (-f json lists all)" in text
    assert "<br>and 10 more (-f json lists all)" in text


def test_without_a_dataset_signature_or_check(samples):
    text = render(samples.report(checks=(), dataset=None, signers=()))
    assert "| Dataset | unknown |" in text
    assert "| Signatures | none |" in text
    assert "### Checks" not in text
    assert "no check was made" in text


def test_not_pinned_and_blocking_skip(samples):
    skipped = samples.check("files.modified", "skipped", required=True)
    text = render(samples.report(skipped, dataset=replace(samples.good.dataset, pinned=False)))
    assert "| Pinned by the caller | no |" in text
    assert "| `files.modified` | **skipped** | yes |" in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a_b*c<img>", "`a_b*c<img>`"),
        ("", "–"),  # noqa: RUF001  # a dash is meant
        (None, "–"),  # noqa: RUF001  # a dash is meant
        ("a`b", "<code>a&#96;b</code>"),
        ("a|b", "<code>a&#124;b</code>"),
        ("\x1bé", "<code>&#92;x1bé</code>"),
    ],
)
def test_code(name, expected):
    assert code(name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A plain sentence: 3 files, 1.2 MB.", "A plain sentence&#58; 3 files, 1.2 MB."),
        ("<b>|`*_", "&#60;b&#62;&#124;&#96;&#42;&#95;"),
        ("@octocat #1", "&#64;<!-- -->octocat &#35;<!-- -->1"),
        ("https://x www.x.y", "https&#58;&#47;&#47;x www&#46;x.y"),
        ("- item", "&#45; item"),
        ("  12. item", "&#49;&#50;&#46; item"),
        ("a\nb", "a&#92;nb"),
    ],
)
def test_prose(text, expected):
    assert prose(text) == expected
