from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from sbom.errors import UsageError
from sbom.report import FORMATS, formatter, render
from sbom.report.interface import Formatter


def test_the_formats_of_the_contract():
    assert FORMATS == ("table", "json", "sarif", "markdown", "junit", "github")


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_ends_in_one_newline(samples, format_name):
    for report in (samples.good, samples.tampered(), samples.report(checks=())):
        text = render(report, format_name)
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        assert formatter(format_name)(report) == text


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_is_a_formatter(format_name):
    wanted = list(inspect.signature(Formatter.__call__).parameters)[1:]
    given = inspect.signature(formatter(format_name)).parameters
    assert [name for name, parameter in given.items() if parameter.default is parameter.empty] == wanted


def test_an_unknown_format_is_a_usage_error(samples):
    with pytest.raises(UsageError) as caught:
        render(samples.good, "xml\x1b")
    assert "table, json" in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_only_the_table_has_colors(samples):
    assert "\x1b[1;32mVERIFIED" in render(samples.good, "table", color=True)
    for format_name in FORMATS:
        assert "\x1b" not in render(samples.good, format_name)
        if format_name != "table":
            assert "\x1b" not in render(samples.good, format_name, color=True)


def test_the_table_starts_without_the_other_formats():
    code = (
        "import sys; from sbom.report import formatter; formatter('table');"
        "print([name for name in ('rich', 'orjson', 'json', 'xml.etree', 'hashlib') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "[]\n"
