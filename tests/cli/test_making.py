"""``generate``, ``keygen`` and ``sign``: the ordinary cases, refusals, configuration and messages."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import subprocess
import sys

import orjson
import pytest

from sbom import api
from sbom.cli import common
from sbom.cli.app import app
from sbom.cli.common import Console, check_report_target, password
from sbom.errors import UsageError


def properties(document):
    return {item["name"]: item["value"] for item in document["metadata"]["component"]["properties"]}


class TestGenerate:
    def test_writes_to_standard_output_by_default(self, cli, release):
        ran = cli("generate", release.data, "--name", "n")
        assert ran.code == 0, ran.text
        assert json.loads(ran.out)["metadata"]["component"]["name"] == "n"

    def test_every_option_reaches_the_document(self, cli, release, monkeypatch):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
        out = release.home / "o.cdx.json"
        ran = cli(
            *("generate", release.data, "-o", out, "--name", "n", "--dataset-version", "2", "--include", "train/"),
            *("--exclude", "*.none", "--hash", "sha512", "--spec-version", "1.6", "--jobs", "1", "--no-cache"),
            *("--stats", "full", "--strict-names", "--reproducible", "--follow-symlinks", "--sign-key", release.key),
        )
        assert ran.code == 0, ran.text
        document = json.loads(out.read_bytes())
        assert document["specVersion"] == "1.6"
        assert document["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
        assert document["compositions"][0]["aggregate"] == "incomplete"
        assert {item["alg"] for item in document["components"][0]["hashes"]} == {"SHA-256", "SHA-512"}
        assert properties(document)["data-sbom:symlinks"] == "followed"
        assert len(document["signature"]["signers"]) == 1
        assert "incomplete on purpose" in ran.err

    def test_reproducible_documents_are_identical(self, cli, release, monkeypatch):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
        first, second = (
            cli("generate", release.data, "--reproducible", "-q", *more).out for more in ((), ("--jobs", "2"))
        )
        assert first == second
        assert json.loads(first)["serialNumber"].startswith("urn:uuid:")

    @pytest.mark.parametrize("epoch", [None, "", "soon", "99999999999999999999"])
    def test_reproducible_needs_a_time(self, cli, release, monkeypatch, epoch):
        if epoch is not None:
            monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        ran = cli("generate", release.data, "--reproducible")
        assert ran.code == 2
        assert "SOURCE_DATE_EPOCH" in ran.err

    def test_document_inside_the_data_is_left_out_and_warned_about(self, cli, release):
        out = release.data / "d.cdx.json"
        for _ in range(2):
            ran = cli("generate", release.data, "-o", out, "--sign-key", release.key)
            assert ran.code == 0, ran.text
            assert "lies inside the data" in ran.err
        assert cli("verify", out, release.data, "--public-key", release.pub).code == 0

    def test_what_people_usually_exclude_is_hinted_at(self, cli, release):
        (release.data / ".git").mkdir()
        (release.data / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
        ran = cli("generate", release.data, "-o", release.home / "o.json")
        assert "--exclude '.git'" in ran.err
        assert properties(json.loads((release.home / "o.json").read_bytes()))["data-sbom:git:branch"] == "main"

    def test_doubtful_names_are_warned_about_or_refused(self, cli, release):
        (release.data / "README.MD").write_bytes(b"twin")
        assert "warning: README.m" in cli("generate", release.data, "-o", release.home / "o.json").err
        ran = cli("generate", release.data, "-o", release.home / "o.json", "--strict-names")
        assert ran.code == 1
        assert "error: README.m" in ran.err

    def test_every_refused_file_is_named(self, cli, release):
        for number in range(25):
            os.mkfifo(release.data / f"pipe{number:02}")
        ran = cli("generate", release.data)
        assert ran.code == 1
        assert ran.out == ""
        assert "pipe00: a named pipe" in ran.err
        assert "pipe19" in ran.err
        assert "and 5 more" in ran.err

    @pytest.mark.parametrize(
        ("arguments", "what"),
        [
            (["--hash", "md5"], "not a known hash"),
            (["--spec-version", "1.5"], "cannot be written"),
            (["--stats", "some"], "statistics"),
            (["--jobs", "0"], "process"),
            (["--name", ""], "name"),
            (["--name", "a\x1bb"], "name"),
            (["--dataset-version", "\n"], "version"),
            (["--exclude", "../x"], "pattern"),
            (["--exclude", ""], "pattern"),
            (["--previous", "nowhere"], "--previous-key"),
            (["--color", "red", "-o", "x.json", "--nonsense"], "nonsense"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_arguments_that_make_no_sense(self, cli, release, arguments, what):
        ran = cli("generate", release.data, *arguments)
        assert ran.code == 2
        assert what in ran.err

    def test_an_empty_dataset_is_refused(self, cli, tmp_path):
        (tmp_path / "empty").mkdir()
        assert cli("generate", tmp_path / "empty").code == 1

    def test_a_missing_dataset_is_wrong_usage(self, cli, tmp_path):
        ran = cli("generate", tmp_path / "nowhere")
        assert ran.code == 2
        assert "nowhere" in ran.err

    def test_a_key_that_others_may_read_is_warned_about(self, cli, release, tmp_path):
        key = tmp_path / "open.key"
        key.write_bytes(release.key.read_bytes())
        key.chmod(0o644)
        assert "chmod 600" in cli("generate", release.data, "-o", tmp_path / "o.json", "--sign-key", key).err
        assert "chmod 600" in cli("sign", tmp_path / "o.json", "--key", key).err


def declared(document):
    """Return the states of what is declared, by path."""
    return {entry.path: [one.state for one in entry.declared] for entry in document.files if entry.declared}


class TestCrawling:
    @pytest.fixture
    def data(self, tmp_path):
        root = tmp_path / "birds"
        root.mkdir()
        (root / "a.csv").write_bytes(b"x\n")
        (root / "README.md").write_text("---\nlicense: mit\n---\n", encoding="utf-8")
        return root

    def test_manifests_are_read_and_told(self, cli, data, tmp_path):
        (data / "SHA256SUMS").write_text(f"{hashlib.sha256(b'x' + bytes([10])).hexdigest()}  a.csv\n", encoding="utf-8")
        ran = cli("generate", data, "-o", tmp_path / "o.json")
        assert ran.code == 0, ran.text
        assert "2 manifests read (huggingface-card, checksums)" in ran.err
        assert "declared hashes: 1 match" in ran.err
        dataset = api.Bom.read(tmp_path / "o.json").dataset
        assert declared(dataset) == {"a.csv": ["match"]}
        assert [one.value for one in dataset.provenance.about("license")] == ["mit"]

    def test_no_crawl(self, cli, data, tmp_path):
        (data / "SHA256SUMS").write_text(f"{'0' * 64}  a.csv\n", encoding="utf-8")
        assert cli("generate", data, "-o", tmp_path / "o.json").code == 1
        assert not (tmp_path / "o.json").exists()
        ran = cli("generate", data, "-o", tmp_path / "o.json", "--no-crawl", "--set", "license=MIT")
        assert ran.code == 0, ran.text
        dataset = api.Bom.read(tmp_path / "o.json").dataset
        assert declared(dataset) == {}
        assert [one.manifest for one in dataset.provenance.assertions] == ["the caller"]
        ran = cli("generate", data, "--no-crawl", "--manifest", data / "README.md")
        assert ran.code == 2
        assert "leave --no-crawl out" in ran.err

    def test_a_mismatch_stops_unless_it_is_to_be_recorded(self, cli, data, tmp_path):
        (data / "SHA256SUMS").write_text(f"{'0' * 64}  a.csv\n", encoding="utf-8")
        for flags in ([], ["--on-mismatch", "fail"]):
            ran = cli("generate", data, *flags)
            assert (ran.code, ran.out) == (1, "")
            assert f"a.csv: SHA-256 is {hashlib.sha256(b'x' + bytes([10])).hexdigest()}" in ran.err
            assert f"but SHA256SUMS declares {'0' * 64}" in ran.err
        ran = cli("generate", data, "-o", tmp_path / "o.json", "--on-mismatch", "warn")
        assert ran.code == 0
        assert "warning: a.csv: SHA-256 is" in ran.err
        assert "declared hashes: 1 mismatch" in ran.err
        assert declared(api.Bom.read(tmp_path / "o.json").dataset) == {"a.csv": ["mismatch"]}
        ran = cli("inspect", tmp_path / "o.json")
        assert "mismatch" in ran.out.lower()

    def test_a_manifest_elsewhere_and_one_inside(self, cli, data, tmp_path):
        other = tmp_path / "other.md5"
        other.write_text(f"{'0' * 32}  birds/a.csv\n", encoding="utf-8")
        ran = cli("generate", data, "--manifest", other)
        assert ran.code == 1
        assert f"../other.md5 declares {'0' * 32}" in ran.err
        ran = cli("generate", data, "--manifest", data / "README.md", "-o", tmp_path / "o.json")
        assert ran.code == 0, ran.text
        assert "1 manifest read" in ran.err
        (tmp_path / "prose").write_text("x", encoding="utf-8")
        ran = cli("generate", data, "--manifest", tmp_path / "prose", "-o", tmp_path / "o.json")
        assert "no reader takes it for a manifest" in ran.err

    @pytest.mark.parametrize("flag", ["license", "=x", "nothing=x", "license= ", "license=a\x1bb", "licence=MIT"])
    def test_what_cannot_be_set(self, cli, data, flag):
        ran = cli("generate", data, "--set", flag)
        assert ran.code == 2
        assert ran.out == ""
        assert ("--set takes FIELD=VALUE, not license" in ran.err) == (flag == "license")
        assert "\x1b" not in ran.err

    def test_setting_fields(self, cli, data, tmp_path):
        pairs = ["creator=Ada", "creator = Grace", "homepage=https://h/?a=b", "description=two\nlines"]
        flags = [part for pair in pairs for part in ("--set", pair)]
        assert cli("generate", data, "-o", tmp_path / "o.json", *flags).code == 0
        provenance = api.Bom.read(tmp_path / "o.json").dataset.provenance
        assert [one.value for one in provenance.about("creator")] == ["Ada", "Grace"]
        assert [one.value for one in provenance.about("homepage")] == ["https://h/?a=b"]
        assert [one.value for one in provenance.about("description")] == ["two\nlines"]
        assert cli("generate", data, "--set", "license=MIT", "--set", "license=X11").code == 2

    def test_a_profile_that_is_required(self, cli, data, tmp_path):
        target = tmp_path / "o.json"
        ran = cli("generate", data, "-o", target, "--require-profile", "dps")
        assert ran.code == 1
        assert not target.exists(), "nothing is left of it"
        assert cli("generate", data, "-o", target, "--require-profile", "nonsense").code == 2
        assert not target.exists()

    def test_disagreement_is_told(self, cli, data, tmp_path):
        ran = cli("generate", data, "-o", tmp_path / "o.json", "--set", "license=CC0-1.0")
        assert "manifests disagree about license" in ran.err

    def test_warnings_of_manifests_are_told_and_stop_nothing(self, cli, data, tmp_path):
        (data / "CITATION.cff").write_bytes(b"\xff\x1b[2J")
        ran = cli("generate", data, "-o", tmp_path / "o.json")
        assert ran.code == 0
        assert "warning: CITATION.cff: " in ran.err
        assert "\x1b" not in ran.err


class TestPrevious:
    def test_links_to_the_exact_bytes(self, cli, release):
        (release.data / "train" / "0003.csv").write_bytes(b"species,mass\n")
        out = release.home / "2.cdx.json"
        ran = cli(
            *("generate", release.data, "-o", out, "--dataset-version", "2", "--sign-key", release.key),
            *("--previous", release.bom, "--previous-key", release.pub),
        )
        assert ran.code == 0, ran.text
        assert "follows penguins 1.0.0" in ran.err
        link = api.Bom.read(out).dataset.previous
        assert (link.name, link.release, link.sha256) == ("penguins", "1.0.0", api.Bom.read(release.bom).sha256)
        assert api.Bom.read(out).dataset.name == "penguins"

    def test_a_predecessor_that_does_not_verify_is_refused(self, cli, release):
        document = orjson.loads(release.bom.read_bytes())
        document["metadata"]["component"]["version"] = "0.9"
        release.bom.write_bytes(orjson.dumps(document))
        ran = cli("generate", release.data, "--previous", release.bom, "--previous-key", release.pub)
        assert ran.code == 1
        assert "predecessor" in ran.err

    @pytest.mark.parametrize(("flag", "value"), [("--name", "whales"), ("--dataset-version", "1.0.0")])
    def test_another_name_or_the_same_version_is_refused(self, cli, release, flag, value):
        ran = cli("generate", release.data, "--previous", release.bom, "--previous-key", release.pub, flag, value)
        assert ran.code == 2
        assert "predecessor" in ran.err


class TestKeygen:
    @pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa-p256", "ecdsa-p384", "rsa-3072"])
    def test_every_kind_signs_and_verifies(self, cli, release, tmp_path, algorithm):
        assert cli("keygen", "-o", tmp_path / "k", "--algorithm", algorithm).code == 0
        assert stat.S_IMODE((tmp_path / "k.key").stat().st_mode) == 0o600
        assert cli("sign", release.bom, "--key", tmp_path / "k.key").code == 0
        for key in (tmp_path / "k.pub", release.pub):
            assert cli("verify", release.bom, release.data, "--public-key", key).code == 0

    def test_never_overwrites(self, cli, tmp_path):
        assert cli("keygen", "-o", tmp_path / "k").code == 0
        before = (tmp_path / "k.key").read_bytes()
        assert cli("keygen", "-o", tmp_path / "k").code == 2
        assert (tmp_path / "k.key").read_bytes() == before

    def test_encrypted_by_file_and_by_environment(self, cli, release, tmp_path, monkeypatch):
        (tmp_path / "secret").write_text("correct horse\n")
        assert cli("keygen", "-o", tmp_path / "k", "--key-password-file", tmp_path / "secret").code == 0
        assert b"ENCRYPTED" in (tmp_path / "k.key").read_bytes()
        ran = cli("sign", release.bom, "--key", tmp_path / "k.key")
        assert ran.code == 2
        assert "passphrase" in ran.err
        monkeypatch.setenv("DATA_SBOM_KEY_PASSWORD", "correct horse")
        assert cli("sign", release.bom, "--key", tmp_path / "k.key").code == 0
        assert cli("keygen", "-o", tmp_path / "e", "--encrypt").code == 0
        assert b"ENCRYPTED" in (tmp_path / "e.key").read_bytes()

    def test_encryption_without_a_passphrase_is_refused(self, cli, tmp_path, monkeypatch):
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        ran = cli("keygen", "-o", tmp_path / "k", "--encrypt")
        assert ran.code == 2
        assert not list(tmp_path.glob("k.*"))

    def test_the_passphrase_is_asked_for_at_a_terminal(self, monkeypatch):
        class Terminal(io.StringIO):
            def isatty(self):
                return True

        monkeypatch.setattr(sys, "stdin", Terminal())
        monkeypatch.setattr(common.typer, "prompt", lambda text, **_: f"{text}!")
        assert password(None, "Passphrase")() == b"Passphrase!"

    @pytest.mark.parametrize("content", [None, b"", b"\n", b"two\nlines\n", b"x" * 5000])
    def test_passphrase_files_that_are_none(self, tmp_path, content):
        path = tmp_path / "secret"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(UsageError):
            password(str(path), "")()


class TestSign:
    def test_a_second_key_leaves_the_first_valid(self, cli, release, tmp_path):
        cli("keygen", "-o", tmp_path / "second")
        assert cli("sign", release.bom, "--key", tmp_path / "second.key").code == 0
        both = ["--public-key", release.pub, "--public-key", tmp_path / "second.pub", "--require-signatures", "2"]
        assert cli("verify", release.bom, release.data, *both).code == 0

    def test_signing_again_changes_nothing(self, cli, release):
        before = release.bom.read_bytes()
        ran = cli("sign", release.bom, "--key", release.key)
        assert ran.code == 0
        assert "unchanged" in ran.err
        assert release.bom.read_bytes() == before

    def test_to_another_file_and_to_standard_output(self, cli, release, tmp_path):
        cli("keygen", "-o", tmp_path / "k")
        before = release.bom.read_bytes()
        assert cli("sign", release.bom, "--key", tmp_path / "k.key", "-o", tmp_path / "o.json").code == 0
        ran = cli("sign", release.bom, "--key", tmp_path / "k.key", "-o", "-")
        assert len(json.loads(ran.out)["signature"]["signers"]) == 2
        assert release.bom.read_bytes() == before

    def test_refuses_to_overwrite_what_is_no_document(self, cli, release, tmp_path):
        other = tmp_path / "notes.txt"
        other.write_text("mine")
        assert cli("sign", release.bom, "--key", release.key, "-o", other).code == 2
        assert other.read_text() == "mine"

    def test_refuses_a_document_that_was_changed_after_signing(self, cli, release, tmp_path):
        document = orjson.loads(release.bom.read_bytes())
        document["metadata"]["component"]["version"] = "9"
        release.bom.write_bytes(orjson.dumps(document))
        cli("keygen", "-o", tmp_path / "k")
        ran = cli("sign", release.bom, "--key", tmp_path / "k.key")
        assert ran.code == 1
        assert "changed after it was signed" in ran.err

    @pytest.mark.parametrize("form", ["bare", "chain"])
    def test_refuses_to_promote_other_forms(self, cli, release, form):
        document = orjson.loads(release.bom.read_bytes())
        signers = document["signature"]["signers"]
        document["signature"] = signers[0] if form == "bare" else {"chain": signers}
        release.bom.write_bytes(orjson.dumps(document))
        assert cli("sign", release.bom, "--key", release.key).code == 2


class TestConfiguration:
    def test_the_nearest_parents_file_gives_defaults(self, cli, release, tmp_path, monkeypatch):
        inner = tmp_path / "a" / "b"
        inner.mkdir(parents=True)
        (tmp_path / "data-sbom.toml").write_text('[generate]\nname = "far"\n')
        (tmp_path / "a" / "pyproject.toml").write_text(
            '[tool.data-sbom.generate]\nname = "near"\nexclude = [".hidden"]\njobs = 1\nno-cache = true\n'
        )
        monkeypatch.chdir(inner)
        document = json.loads(cli("generate", release.data).out)
        assert document["metadata"]["component"]["name"] == "near"
        assert ".hidden" not in {item["name"] for item in document["components"]}
        assert json.loads(cli("generate", release.data, "--name", "own").out)["metadata"]["component"]["name"] == "own"

    @pytest.mark.parametrize(
        "text",
        [
            "not toml [",
            '[generate]\nnonsense = "x"\n',
            "[generate]\nname = 3.5\n",
            '[generate]\nexclude = "x"\n',
            '[generate]\nno-cache = "yes"\n',
            "[generate]\nexclude = [1]\n",
            "generate = 1\n",
            "[nonsense]\n",
        ],
    )
    def test_mistakes_in_it_are_wrong_usage(self, cli, release, tmp_path, monkeypatch, text):
        (tmp_path / "data-sbom.toml").write_text(text)
        monkeypatch.chdir(tmp_path)
        ran = cli("generate", release.data)
        assert ran.code == 2
        assert "data-sbom.toml" in ran.err

    def test_a_pyproject_that_says_nothing_is_passed_over(self, cli, release, tmp_path, monkeypatch):
        (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.other]\n')
        monkeypatch.chdir(tmp_path)
        assert cli("generate", release.data).code == 0

    def test_judging_reads_only_what_it_is_given(self, cli, release, tmp_path, monkeypatch):
        (release.data / "extra").write_bytes(b"")
        (tmp_path / "data-sbom.toml").write_text('[verify]\nallow-extra = ["extra"]\n')
        monkeypatch.chdir(tmp_path)
        assert cli(*release.verify_args()).code == 1
        assert cli(*release.verify_args("--config", tmp_path / "data-sbom.toml")).code == 0

    def test_a_configuration_inside_the_data_is_refused(self, cli, release):
        inside = release.data / "c.toml"
        inside.write_text('[verify]\nallow-extra = ["**"]\n')
        ran = cli(*release.verify_args("--config", inside))
        assert ran.code == 2
        assert "c.toml" in ran.err

    @pytest.mark.parametrize("what", ["missing", "directory", "no table"])
    def test_a_configuration_that_is_none(self, cli, release, tmp_path, what):
        path = tmp_path / "c.toml"
        if what == "directory":
            path.mkdir()
        elif what == "no table":
            path.write_text("[generate]\n")
        assert cli(*release.verify_args("--config", path)).code == 2
        making = cli("generate", release.data, "--config", path)
        assert making.code == (0 if what == "no table" else 2)


class TestApplication:
    def test_version_and_help(self, cli):
        assert cli("--version").out.startswith("data-sbom ")
        ran = cli("--help")
        assert ran.code == 0
        for name in ("generate", "keygen", "sign", "verify", "guard", "inspect", "diff", "chain", "explain", "demo"):
            assert name in ran.out
            assert cli(name, "--help").code == 0

    def test_an_unknown_command_is_wrong_usage(self, cli):
        assert cli("scan").code == 2
        assert cli("record").code == 2

    def test_verbose_shows_the_traceback_and_quiet_shows_errors(self, capfd, tmp_path):
        with pytest.raises(SystemExit) as ended:
            app(["generate", str(tmp_path / "nowhere"), "-v"])
        assert ended.value.code == 2
        assert "Traceback" in capfd.readouterr().err
        with pytest.raises(SystemExit):
            app(["generate", str(tmp_path / "nowhere"), "-q"])
        assert "error:" in capfd.readouterr().err

    def test_an_unexpected_exception_is_undecided(self, cli, release, monkeypatch):
        def broken(*args, **kwargs):
            raise ZeroDivisionError("oh \x1b[31m")

        monkeypatch.setattr(api, "generate", broken)
        ran = cli("generate", release.data)
        assert ran.code == 3
        assert "ZeroDivisionError" in ran.err
        assert "\x1b" not in ran.err

    def test_memory_running_out_is_undecided(self, cli, release, monkeypatch):
        def greedy(*args, **kwargs):
            raise MemoryError

        monkeypatch.setattr(api, "generate", greedy)
        assert cli("generate", release.data).code == 3

    def test_colour_follows_flag_and_environment(self, monkeypatch):
        assert Console(quiet=False, color="always").colored()
        assert not Console(quiet=False, color="never").colored()
        monkeypatch.setenv("FORCE_COLOR", "1")
        assert Console(quiet=False, color="auto").colored()
        monkeypatch.setenv("NO_COLOR", "1")
        assert not Console(quiet=False, color="auto").colored()
        with pytest.raises(UsageError):
            Console(quiet=False, color="red").colored()

    def test_progress_is_drawn_on_a_terminal_only(self, monkeypatch):
        class Terminal(io.StringIO):
            def isatty(self):
                return True

        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        with common.progress(Console(quiet=False, color="auto"), "hashing") as advance:
            advance(50, 100)
            advance(50, 100)
        assert "hashing" in terminal.getvalue()
        quiet = Terminal()
        monkeypatch.setattr(sys, "stderr", quiet)
        with common.progress(Console(quiet=True, color="auto"), "hashing") as advance:
            advance(1, 1)
        assert quiet.getvalue() == ""

    def test_reports_do_not_overwrite_data_or_document(self, release, tmp_path):
        console = Console(quiet=False, color="auto")
        data, bom = str(release.data), str(release.bom)
        check_report_target(None, data, bom, console)
        check_report_target("-", data, bom, console)
        check_report_target(str(tmp_path / "new.json"), data, bom, console)
        for target in (release.data / "README.md", release.bom):
            with pytest.raises(UsageError):
                check_report_target(str(target), data, bom, console)

    def test_python_m_sbom_is_the_same_command(self):
        ran = subprocess.run([sys.executable, "-m", "sbom", "--version"], capture_output=True, text=True, check=True)
        assert ran.stdout.startswith("data-sbom ")
