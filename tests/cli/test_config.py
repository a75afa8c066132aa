"""Configuration files: what they may say, and what is refused rather than guessed."""

from __future__ import annotations

import os

import pytest

from sbom.cli.config import discover
from sbom.errors import UsageError


def verify(cli, release, config, *more):
    return cli(*release.verify_args("--config", config, *more))


@pytest.fixture
def config(tmp_path):
    def write(text, name="policy.toml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


GOOD = """
[verify]
expect-name = "penguins"
allow-extra = ["*.log"]
require-signatures = 1
offline = true
format = "json"
"""


def test_options_are_named_as_on_the_command_line(cli, release, config):
    (release.data / "x.log").touch()
    ran = verify(cli, release, config(GOOD))
    assert ran.code == 0, ran.text
    assert ran.out.startswith("{")
    assert verify(cli, release, config(GOOD.replace("penguins", "gulls"))).code == 1


def test_command_line_goes_before_configuration(cli, release, config):
    ran = verify(cli, release, config('[verify]\nexpect-name = "gulls"\n'), "--expect-name", "penguins")
    assert ran.code == 0


def test_pyproject_that_is_named(cli, release, config):
    path = config('[project]\nname = "x"\n[tool.data-sbom.verify]\nexpect-name = "gulls"\n', "pyproject.toml")
    assert verify(cli, release, path).code == 1


BAD = {
    "not TOML": ("[verify", "is not TOML"),
    "not UTF-8": (b"\xff", "is not TOML"),
    "nested": ("a = " + "[" * 100_000, "is not TOML"),
    "large": ("#" * (1 << 20) + "\n", "is too large"),
    "empty": ("", "has no table [verify]"),
    "another command only": ("[sign]\n", "has no table [verify]"),
    "a typing error in a table": ("[verfy]\n", "unknown table [verfy]"),
    "a table that is none": ("verify = 1\n", "[verify] is not a table"),
    "an unknown option": ("[verify]\nexpect-nam = 1\n", "unknown option 'expect-nam'"),
    "an argument": ("[verify]\nbom = 'x'\n", "unknown option 'bom'"),
    "the name in the program": ("[verify]\nformat_name = 'json'\n", "unknown option 'format_name'"),
    "itself": ("[verify]\nconfig = 'x'\n", "unknown option 'config'"),
    "one value for a list": ("[verify]\nallow-extra = '*'\n", "must be a list of texts"),
    "a list of numbers": ("[verify]\nallow-extra = [1]\n", "must be a list of texts"),
    "a list for one value": ("[verify]\nexpect-name = ['x']\n", "must be one text or number"),
    "true for a text": ("[verify]\nexpect-name = true\n", "must be one text or number"),
    "a text for a flag": ("[verify]\noffline = 'no'\n", "must be true or false"),
    "a number that is none": ("[verify]\nrequire-signatures = 'many'\n", "--require-signatures"),
    "an impossible number": ("[verify]\nrequire-signatures = 0\n", "cannot be required"),
}


@pytest.mark.parametrize("case", BAD)
def test_mistakes_are_wrong_usage(cli, release, config, case):
    text, sentence = BAD[case]
    ran = verify(cli, release, config(text))
    assert ran.code == 2, ran.text
    assert sentence in ran.err
    assert "unexpected" not in ran.err


@pytest.mark.parametrize("text", ["[tool]\nx = 1\n", "tool = 1\n", "[tool.data-sbom]\n"])
def test_pyproject_that_says_nothing_is_not_taken_for_consent(cli, release, config, text):
    assert verify(cli, release, config(text, "pyproject.toml")).code == 2


@pytest.mark.parametrize("kind", ["missing", "directory", "pipe", "device"])
def test_what_is_no_file(cli, release, tmp_path, kind):
    path = "/dev/zero" if kind == "device" else str(tmp_path / kind)
    if kind == "directory":
        os.mkdir(path)
    elif kind == "pipe":
        os.mkfifo(path)
    ran = verify(cli, release, path)
    assert ran.code == 2
    assert path in ran.err


def test_discovery_goes_up_and_takes_the_nearest(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "data-sbom.toml").write_text("[sign]\n")
    assert discover(str(inner)) == (str(tmp_path / "data-sbom.toml"), {"sign": {}})
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\n")
    assert discover(str(inner))[0] == str(tmp_path / "data-sbom.toml")
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.data-sbom.sign]\n")
    assert discover(str(inner)) == (str(tmp_path / "a" / "pyproject.toml"), {"sign": {}})
    (tmp_path / "a" / "data-sbom.toml").write_text("")
    assert discover(str(inner)) == (str(tmp_path / "a" / "data-sbom.toml"), {})


def test_discovered_mistakes_are_wrong_usage(tmp_path):
    (tmp_path / "data-sbom.toml").write_text("[")
    with pytest.raises(UsageError, match="is not TOML"):
        discover(str(tmp_path))


def test_making_commands_use_what_they_find(cli, release, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data-sbom.toml").write_text('[generate]\nname = "found"\nexclude = ["*.bin"]\n')
    ran = cli("generate", release.data, "-o", tmp_path / "new.json")
    assert ran.code == 0, ran.text
    assert "found" in ran.err
    (tmp_path / "data-sbom.toml").write_text("[verify]\n")
    assert cli("generate", release.data, "-o", tmp_path / "new.json").code == 0
    (tmp_path / "data-sbom.toml").write_text("[generate]\nhello = 1\n")
    assert cli("generate", release.data, "-o", tmp_path / "new.json").code == 2
