"""What commands share: where a payload goes, what a report may not replace, and closed streams."""

from __future__ import annotations

import os
import sys

import pytest

from sbom.cli import app as application
from sbom.cli.common import Console, check_report_target, put, refuse_inside
from sbom.errors import OutputError, UsageError

QUIET = Console(quiet=True, color="auto")


def test_payload_to_a_file_and_to_standard_output(tmp_path, capfdbinary):
    put("é\udcff", str(tmp_path / "x"))
    assert (tmp_path / "x").read_bytes() == "é\\udcff".encode()
    for target in (None, "-"):
        put(b"\x00\xff", target)
        assert capfdbinary.readouterr().out == b"\x00\xff"


def test_payload_that_does_not_arrive(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(OutputError, match="standard output is closed"):
        put("x", None)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_payload_to_a_full_disk(monkeypatch):
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(OutputError, match="No space left on device"):
            put("x" * 100_000, "-")


def test_report_targets(release, tmp_path):
    check_report_target(None, "nothing", "nothing", QUIET)
    check_report_target("-", "nothing", "nothing", QUIET)
    check_report_target(str(tmp_path / "new"), str(release.data), str(release.bom), QUIET)
    check_report_target(str(release.key), str(release.data), "-", QUIET)
    check_report_target(str(release.key), str(release.data), "nothing", QUIET)
    with pytest.raises(UsageError, match="the document itself"):
        check_report_target(str(release.bom), str(release.data), str(release.bom), QUIET)
    with pytest.raises(UsageError, match="a file of the dataset"):
        check_report_target(str(release.data / "empty"), str(release.data), str(release.bom), QUIET)


def test_file_inside_the_data(release, tmp_path):
    refuse_inside(None, "nothing")
    refuse_inside(str(tmp_path / "x"), str(release.data))
    with pytest.raises(UsageError, match="inside the data"):
        refuse_inside(str(release.data / "x"), str(release.data))


def test_colour_asks_the_stream_that_is_meant(monkeypatch):
    class Terminal:
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdout", None)
    assert not QUIET.colored()
    assert QUIET.colored(Terminal())
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert QUIET.colored()


def test_closed_streams_are_replaced(monkeypatch):
    """``<&- 2>&-``: their numbers are taken, so that no file of a dataset is opened under one of them."""
    opened = []
    real = os.fstat

    def closed(fd):
        if fd in {0, 2}:
            raise OSError(9, "Bad file descriptor")
        return real(fd)

    with monkeypatch.context() as patch:
        patch.setattr(application.os, "fstat", closed)
        patch.setattr(application.os, "open", lambda path, _flags: opened.append(path))
        patch.setattr(application.sys, "stdin", sys.stdin)
        patch.setattr(application.sys, "stderr", sys.stderr)
        application._complete_descriptors()
    assert opened == [os.devnull, os.devnull]
    monkeypatch.setattr(sys, "stdin", None)
    monkeypatch.setattr(sys, "stderr", None)
    application._complete_descriptors()
    with sys.stdin, sys.stderr:
        assert sys.stdin.read() == ""
        assert sys.stderr.write("x") == 1
