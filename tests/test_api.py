"""The Python API of the contract, its errors, and what its types promise a caller."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import orjson
import pytest

import sbom
from sbom import api
from sbom.errors import LimitError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_contracts_example(tmp_path, key_pair, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").write_bytes(b"x")
    bom = sbom.generate("data/", name="penguins", version="1.2.0")
    assert bom.sign(sbom.load_private_key(key_pair[0])) is True
    assert bom.sign(sbom.load_private_key(key_pair[0])) is False
    bom.write("penguins-1.2.0.cdx.json")
    trust = sbom.Trust(keys=[str(key_pair[1])])
    report = sbom.verify("penguins-1.2.0.cdx.json", "data/", trust=trust, expect=sbom.Expect(name="penguins"))
    report.require()
    assert report.verdict is sbom.Verdict.VERIFIED
    with pytest.raises(TypeError):
        bool(report)
    with sbom.guard("penguins-1.2.0.cdx.json", "data/", trust=trust) as guarded:
        assert guarded.exit_code == 0


def test_a_failure_raises_with_its_report(release):
    (release.data / "empty").write_bytes(b"no longer")
    report = sbom.verify(release.bom, release.data, trust=sbom.Trust([release.pub]))
    assert report.check("files.modified").status is sbom.Status.FAIL
    with pytest.raises(sbom.VerificationFailed) as failed:
        report.require()
    assert failed.value.report is report
    assert failed.value.exit_status == 1
    assert isinstance(failed.value, sbom.Error)


def test_guard_refuses_before_during_and_after(release, monkeypatch):
    trust = sbom.Trust([release.pub])
    with pytest.raises(sbom.Error, match="while it was in use"), sbom.guard(release.bom, release.data, trust=trust):
        (release.data / "empty").write_bytes(b"moved")
    entered = []
    with pytest.raises(sbom.VerificationFailed), sbom.guard(release.bom, release.data, trust=trust):
        entered.append(True)
    assert not entered


def test_guard_of_a_part_needs_a_word(release):
    trust, options = sbom.Trust([release.pub]), sbom.Options(only=("train/",))
    with pytest.raises(sbom.Error, match="part"), sbom.guard(release.bom, release.data, trust=trust, options=options):
        raise AssertionError("not to be entered")
    with sbom.guard(release.bom, release.data, trust=trust, options=options, allow_partial=True) as report:
        assert report.verdict is sbom.Verdict.SUBSET


def test_the_blocks_own_error_is_not_hidden(release):
    with pytest.raises(ZeroDivisionError), sbom.guard(release.bom, release.data, trust=sbom.Trust([release.pub])):
        raise ZeroDivisionError


def test_no_key_and_too_many_signatures_are_wrong_usage(release):
    with pytest.raises(sbom.Error, match="nobody was named"):
        sbom.verify(release.bom, release.data, trust=sbom.Trust([]))
    with pytest.raises(sbom.Error, match="cannot be required"):
        sbom.verify(release.bom, release.data, trust=sbom.Trust([release.pub, release.pub], require_signatures=2))


def test_a_document_is_not_written_over_the_data_it_describes(release):
    bom = sbom.generate(release.data)
    with pytest.raises(sbom.Error, match="is a file of the dataset"):
        bom.write(release.data / "README.md")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda tree: tree.update(specVersion="9.9"), "specVersion"),
        (lambda tree: tree["components"].append(tree["components"][0]), "two things|not valid"),
        (lambda tree: tree["metadata"]["component"].update(properties=[]), "not a data SBOM"),
    ],
)
def test_reading_refuses_what_is_no_data_sbom(release, change, what):
    tree = orjson.loads(release.bom.read_bytes())
    change(tree)
    release.bom.write_bytes(orjson.dumps(tree))
    with pytest.raises(sbom.Error, match=what):
        sbom.Bom.read(release.bom)


def test_a_bom_tells_what_it_describes(release):
    bom = sbom.Bom.read(release.bom)
    assert bom.root == bom.dataset.root
    assert bom.dataset.name == "penguins"
    assert bom.document["bomFormat"] == "CycloneDX"
    assert bom.to_bytes() == release.bom.read_bytes()


def test_a_command_is_needed(release):
    with pytest.raises(sbom.Error, match="no command"):
        api.guard_command(release.bom, release.data, [], trust=sbom.Trust([release.pub]))


def test_the_namespace():
    assert set(sbom.__all__) <= set(dir(sbom))
    for name in sbom.__all__:
        assert getattr(sbom, name) is not None
    with pytest.raises(AttributeError):
        sbom.nonsense  # noqa: B018  # reading it is the test


def test_importing_the_package_loads_nothing_else():
    code = "import sys, sbom; print([name for name in sys.modules if name.startswith('sbom.')])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


CALLER = """
import sbom

bom: sbom.Bom = sbom.generate("data/", name="penguins", version="1.2.0", exclude=["*.tmp"], hashes=["sha512"])
added: bool = bom.sign(sbom.load_private_key("release.key"))
bom.write("penguins.cdx.json")
report: sbom.Report = sbom.verify(
    "penguins.cdx.json",
    "data/",
    trust=sbom.Trust(keys=["release.pub"], require_signatures=1),
    expect=sbom.Expect(name="penguins"),
    options=sbom.Options(allow_extra=("*.log",)),
)
report.require()
code: int = report.exit_code
for finding in report.findings:
    where: str | None = finding.path
with sbom.guard("penguins.cdx.json", "data/", trust=sbom.Trust(keys=["release.pub"])) as held:
    verdict: sbom.Verdict = held.verdict
try:
    report.require()
except sbom.VerificationFailed as failed:
    again: sbom.Report = failed.report
"""
WRONG = (
    'import sbom\nsbom.verify("bom", "data")\nsbom.generate("data", versoin="1")\nx: int = sbom.generate("data").root\n'
)


def mypy(tmp_path: Path, text: str) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("mypy", reason="mypy is not installed: make dev installs it")
    (tmp_path / "caller.py").write_text(text)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(tmp_path / "cache")]
    return subprocess.run([*command, "caller.py"], cwd=tmp_path, capture_output=True, text=True, check=False)


def test_a_callers_typed_code_checks(tmp_path):
    ran = mypy(tmp_path, CALLER)
    assert ran.returncode == 0, ran.stdout


def test_a_callers_mistakes_are_found(tmp_path):
    ran = mypy(tmp_path, WRONG)
    assert ran.returncode == 1
    assert all(f"caller.py:{line}:" in ran.stdout for line in (2, 3, 4)), ran.stdout


def test_a_document_that_nobody_would_read_is_not_written(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").write_bytes(b"a")
    bom = api.generate(tmp_path / "data", limits=api.Limits(size=100), cache=False)
    with pytest.raises(LimitError, match="more than 100 are not read"):
        bom.write(tmp_path / "bom.json")
    assert not (tmp_path / "bom.json").exists()
