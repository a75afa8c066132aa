from __future__ import annotations

from sbom.report import markdown
from sbom.report.github import render, step_summary
from sbom.verification.report import Finding


def test_tampered(samples):
    assert render(samples.tampered()).splitlines() == [
        (
            "::error file=data/train/0007.parquet,title=MODIFIED (files.modified)"
            "::train/0007.parquet: the content differs (sha256 aade78… → 06c04e…)"
        ),
        "::error file=data/train/0011.parquet,title=MISSING (files.missing)::train/0011.parquet: no file",
        "::error file=data/.cache/evil.py,title=EXTRA (files.extra)::.cache/evil.py: not listed",
        'FAILED  3 problems in 128 files · penguins 1.2.0 · signature good (key 9f2c… "release")',
    ]


def test_verified_annotates_nothing(samples):
    assert render(samples.good) == (
        'VERIFIED  128 files, 1.2 MB · penguins 1.2.0 · signature good (key 9f2c… "release")\n'
    )


def test_undecided_warns_at_the_document(samples):
    text = render(samples.report(samples.check("bom.parse", "error", sentence="It is too large.")))
    assert text.startswith("::warning file=penguins.cdx.json,title=ERROR (bom.parse)::It is too large.\nUNDECIDED  ")


def test_ten_annotations_of_each_type(samples):
    found = [Finding("files.type", "UNREADABLE", f"u{number}", "no") for number in range(12)]
    text = render(samples.report(*samples.missing(15).checks, samples.check("files.type", "error", *found)))
    lines = text.splitlines()
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert sum(line.startswith("::warning ") for line in lines) == 10
    assert lines[-1].endswith(" · 7 problems without an annotation (-f json lists all)")


def test_properties_and_data_are_escaped(samples):
    found = Finding("files.extra", "EXTRA", "a%,b:c::error::d\r\n", "50%")
    line = render(samples.report(samples.check("files.extra", "fail", found))).splitlines()[0]
    head, name, message = line.partition("d\\r\\n,title=")
    assert head == "::error file=data/a%25%2Cb%3Ac%3A%3Aerror%3A%3A"
    assert name
    assert message == "EXTRA (files.extra)::a%25,b:c::error::d\\r\\n: 50%25"


def test_step_summary_is_the_markdown(samples):
    assert step_summary(samples.tampered()) == markdown.render(samples.tampered())
