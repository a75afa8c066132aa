from __future__ import annotations

import pytest

from sbom.errors import UsageError
from sbom.report.explanation import render
from sbom.verification.catalog import load


@pytest.mark.parametrize("check_id", list(load()))
def test_each_check_says_everything(check_id):
    text = render(check_id)
    words = " ".join(text.split())
    check = load()[check_id]
    assert text.startswith(f"{check_id}\n")
    for part in (check.means, check.required, check.skip, check.do):
        assert " ".join(part.split()) in words
    assert all(f"exit code {code}" in words for code in (0, 1, 3))
    assert max(map(len, text.splitlines())) <= 100


def test_all_checks_in_a_line_each():
    lines = render(None).splitlines()
    assert [line.split()[0] for line in lines[: len(load())]] == list(load())
    assert max(map(len, lines)) <= 100
    assert lines[-1].startswith("data-sbom explain CHECK")


def test_an_unknown_check():
    with pytest.raises(UsageError) as caught:
        render("files.modifed")
    assert "files.modified" in caught.value.hint
