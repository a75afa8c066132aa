"""``data-sbom guard``: the ordinary cases; attacks, signals and exit codes are in tests/attacks/test_guard.py."""

from __future__ import annotations

import json


def guard(cli, release, *more):
    return cli("guard", *release.verify_args()[1:], *more)


def test_runs_the_command_and_keeps_out_of_its_output(cli, release):
    ran = guard(cli, release, "--", "echo", "trained")
    assert ran.code == 0
    assert ran.out == "trained\n"
    assert ran.err.startswith("VERIFIED  9 files")


def test_quiet_says_nothing_when_all_is_well(cli, release):
    ran = guard(cli, release, "-q", "--", "true")
    assert (ran.code, ran.text) == (0, "")


def test_report_as_json_on_standard_error(cli, release):
    ran = guard(cli, release, "-f", "json", "--", "true")
    assert json.loads(ran.err)["verdict"] == "verified"


def test_report_on_standard_output(cli, release):
    ran = guard(cli, release, "--report", "-", "-q", "--", "true")
    assert json.loads(ran.out)["command"]["ran"] is True


def test_colour_of_what_is_shown(cli, release):
    assert "\x1b[" in guard(cli, release, "--color", "always", "--", "true").err
    assert "\x1b[" not in guard(cli, release, "--color", "never", "--", "true").err
    assert guard(cli, release, "--color", "pink", "--", "true").code == 2


def test_help_needs_no_command(cli):
    for word in ("-h", "--help"):
        ran = cli("guard", word)
        assert ran.code == 0
        assert "CMD" in ran.out


def test_configuration_of_its_own(cli, release, tmp_path):
    config = tmp_path / "policy.toml"
    config.write_text('[guard]\nexpect-name = "gulls"\n')
    assert guard(cli, release, "--config", config, "--", "true").code == 1
    config.write_text('[verify]\nexpect-name = "gulls"\n')
    ran = guard(cli, release, "--config", config, "--", "true")
    assert ran.code == 2
    assert "has no table [guard]" in ran.err
