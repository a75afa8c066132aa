"""Configuration files: what they may say, and what is refused rather than guessed."""

from __future__ import annotations

import json
import os

import pytest

from sbom.cli.config import discover
from sbom.cyclonedx import read as reader
from sbom.errors import UsageError
from sbom.provenance import BY_CONFIGURATION, BY_OPTION


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
    "what describes data only": ("[provenance]\nlicense = 'MIT'\n", "has no table [verify]"),
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


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A small dataset with a card; the working directory is beside it."""
    root = tmp_path / "birds"
    root.mkdir()
    (root / "a.csv").write_bytes(b"x\n")
    (root / "README.md").write_text("---\nlicense: mit\npretty_name: Card\n---\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return root


def said(ran, field):
    """Return value and author of what a document says of a field, most trusted first."""
    assert ran.code == 0, ran.text
    tree = json.loads(ran.out)
    return [(one.value, one.manifest) for one in reader.read(tree).provenance.about(field)]


class TestProvenance:
    def test_it_counts_after_the_command_line_and_before_manifests(self, cli, data, config):
        config('[provenance]\nlicense = "Apache-2.0"\nname = "Configured"\n', "data-sbom.toml")
        ran = cli("generate", data, "--set", "license=CC0-1.0")
        assert said(ran, "license") == [("CC0-1.0", BY_OPTION), ("Apache-2.0", BY_CONFIGURATION), ("mit", "README.md")]
        component = json.loads(ran.out)["metadata"]["component"]
        assert component["name"] == "Configured"
        assert [one["license"]["id"] for one in component["licenses"]] == ["CC0-1.0"]
        assert said(cli("generate", data, "--name", "own"), "name") == [
            ("own", BY_OPTION),
            ("Configured", BY_CONFIGURATION),
            ("Card", "README.md"),
        ]

    def test_a_text_or_a_list_of_texts(self, cli, data, config):
        config('[provenance]\ncreator = ["Ada", "Grace"]\ngeography = "Norway"\nkeyword = []\n', "data-sbom.toml")
        ran = cli("generate", data)
        assert said(ran, "creator") == [("Ada", BY_CONFIGURATION), ("Grace", BY_CONFIGURATION)]
        assert said(ran, "geography") == [("Norway", BY_CONFIGURATION)]
        assert said(ran, "keyword") == []

    def test_of_a_project_and_of_a_file_that_is_named(self, cli, data, config):
        named = config('[provenance]\ngeography = "Sweden"\n', "mine.toml")
        config('[tool.data-sbom.provenance]\ngeography = "Norway"\n', "pyproject.toml")
        assert said(cli("generate", data), "geography") == [("Norway", BY_CONFIGURATION)]
        assert said(cli("generate", data, "--config", named), "geography") == [("Sweden", BY_CONFIGURATION)]

    def test_the_options_of_the_command_stay_what_they_are(self, cli, data, config):
        config('[generate]\nset = ["geography=Norway"]\n[provenance]\ngeography = "Sweden"\n', "data-sbom.toml")
        assert said(cli("generate", data), "geography") == [("Norway", BY_OPTION), ("Sweden", BY_CONFIGURATION)]

    def test_other_commands_have_no_use_for_it_and_do_not_mind(self, cli, data, config):
        config('[provenance]\ngeography = "Sweden"\n', "data-sbom.toml")
        assert cli("keygen", "-o", "k").code == 0

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("provenance = 1\n", "[provenance] is not a table"),
            ("[[provenance]]\n", "[provenance] is not a table"),
            ("[provenance]\nlicense = 1\n", "license must be a text or a list of texts"),
            ("[provenance]\nlicense = true\n", "must be a text or a list of texts"),
            ("[provenance]\nlicense = 2024-05-01\n", "must be a text or a list of texts"),
            ("[provenance]\ncreator = ['a', 1]\n", "must be a text or a list of texts"),
            ("[provenance]\ncreator = [['a']]\n", "must be a text or a list of texts"),
            ("[provenance.creator]\nname = 'a'\n", "must be a text or a list of texts"),
            ("[provenance]\nlicence = 'MIT'\n", "'licence' is not a provenance field"),
            ("[provenance]\nlicense = ['MIT', 'CC0-1.0']\n", "license can have one value only"),
            ("[provenance]\nlicense = ''\n", "the value of license is empty"),
            ('[provenance]\nlicense = "a\\u001b[2J"\n', "control characters"),
            ('[generate]\nmanifest = ["\\u0000"]\n', "not a path"),
            ("[generate]\nmanifest = 'x'\n", "must be a list of texts"),
            ("[generate]\nno-crawl = 'yes'\n", "must be true or false"),
            ("[generate]\non-mismatch = true\n", "must be one text or number"),
            ("[generate]\non-mismatch = 'perhaps'\n", "--on-mismatch cannot be 'perhaps'"),
            ("[generate]\nset = ['license']\n", "--set takes FIELD=VALUE"),
        ],
    )
    def test_mistakes_are_wrong_usage(self, cli, data, config, text, sentence):
        config(text, "data-sbom.toml")
        ran = cli("generate", data)
        assert ran.code == 2, ran.text
        assert ran.out == ""
        assert sentence in ran.err
        assert all(line.isprintable() for line in ran.err.split("\n"))

    def test_a_file_that_is_named_and_says_nothing_of_this_command(self, cli, data, config):
        named = config("[sign]\n", "mine.toml")
        assert cli("generate", data, "--config", named).code == 2
