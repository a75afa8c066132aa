"""The demo's dataset: real, whole, attributed; and a session that fails when a command does not end as it should."""

from __future__ import annotations

import hashlib
import json
import os
import runpy
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sbom.demo import dataset, session
from sbom.errors import OutputError, UndecidedError, UsageError

if TYPE_CHECKING:
    from sbom.demo.session import Ran

DATA = Path(str(files("sbom.demo"))) / "data"
SCRIPT = Path(__file__).resolve().parents[1] / "examples" / "make_demo_data.py"
SPECIES = ("adelie", "gentoo", "chinstrap")  # in the order of the original table


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def original_table() -> bytes:
    """Put the parts together again, in the order of the original table."""
    table = b""
    for species in SPECIES:
        for part in ("train", "test"):
            header, *rows = (DATA / "penguins" / part / f"{species}.csv").read_bytes().splitlines(keepends=True)
            table = (table or header) + b"".join(rows)
    return table


def test_files_have_the_digests_that_the_attribution_states() -> None:
    stated = dataset.attribution()["files"]
    found = {
        path.relative_to(DATA).as_posix(): sha256(path.read_bytes())
        for path in (DATA / "penguins").rglob("*")
        if path.is_file()
    }
    assert found == stated


def test_the_parts_are_the_original_table() -> None:
    table = dataset.attribution()["table"]
    original = original_table()
    assert sha256(original) == table["sha256"]
    assert original.count(b"\n") - 1 == table["rows"] == 344


def test_the_attribution_says_whose_it_is() -> None:
    found = dataset.attribution()
    assert found["licence"] == "CC0-1.0"
    assert found["doi"] == "10.5281/zenodo.3960218"
    text = (DATA / "penguins" / "README.md").read_text()
    for words in ("CC0-1.0", found["doi"], "10.1371/journal.pone.0090081", "Horst AM, Hill AP, Gorman KB (2020)"):
        assert words in text
    assert [name for name in found["authors"] if name.split()[-1] not in text] == []


def test_the_readme_counts_right() -> None:
    text = (DATA / "penguins" / "README.md").read_text()
    for part, seasons in (("train", "2007, 2008"), ("test", "2009")):
        rows = [
            (DATA / "penguins" / part / f"{name}.csv").read_bytes().count(b"\n") - 1
            for name in ("adelie", "chinstrap", "gentoo")
        ]
        assert f"| `{part}/*.csv` | {seasons} | {' | '.join(map(str, rows))} |" in text


def test_the_data_is_small() -> None:
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) <= 100_000


def test_the_script_makes_the_same_files_from_the_table(tmp_path: Path) -> None:
    table = tmp_path / "penguins.csv"
    table.write_bytes(original_table())
    subprocess.run([sys.executable, str(SCRIPT), str(table), str(tmp_path / "made")], check=True, timeout=60)
    made = json.loads((tmp_path / "made" / "ATTRIBUTION.json").read_text())
    stated = dataset.attribution()
    assert made["files"] == {name: digest for name, digest in stated["files"].items() if name.endswith(".csv")}
    assert {**made, "files": {}} == {**stated, "files": {}}


def test_the_script_refuses_another_table(tmp_path: Path) -> None:
    table = tmp_path / "penguins.csv"
    table.write_bytes(original_table().replace(b"Gentoo", b"Adelie", 1))
    ran = subprocess.run(
        [sys.executable, str(SCRIPT), str(table), str(tmp_path / "made")], check=False, capture_output=True, timeout=60
    )
    assert ran.returncode == 1
    assert b"is not the table" in ran.stderr
    assert not (tmp_path / "made").exists()


def test_lay_out_writes_the_dataset(tmp_path: Path) -> None:
    dataset.lay_out(tmp_path / "new" / "deep")
    for name, digest in dataset.attribution()["files"].items():
        assert sha256((tmp_path / "new" / "deep" / name).read_bytes()) == digest


def test_lay_out_takes_an_empty_directory_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="not empty"):
        dataset.lay_out(tmp_path)
    with pytest.raises(UsageError, match="not a directory"):
        dataset.lay_out(tmp_path / "file")
    with pytest.raises(UsageError, match="not a directory"):
        dataset.lay_out(tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text() == "x"


def test_lay_out_says_what_could_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left"):
        dataset.lay_out(tmp_path)


def test_lay_out_refuses_a_damaged_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = dataset.attribution()
    broken["files"] = {**broken["files"], "penguins/README.md": "00" * 32}
    monkeypatch.setattr(dataset, "attribution", lambda: broken)
    with pytest.raises(dataset.DamagedPackageError, match=r"penguins/README\.md") as caught:
        dataset.lay_out(tmp_path)
    assert caught.value.exit_code == 3


def test_poison_keeps_size_and_time(tmp_path: Path) -> None:
    dataset.lay_out(tmp_path)
    path = tmp_path / dataset.POISONED
    os.utime(path, ns=(1_600_000_000_123_456_789, 1_600_000_000_123_456_789))
    before = path.read_bytes()
    dataset.poison(tmp_path)
    after = path.read_bytes()
    assert (len(after), path.stat().st_mtime_ns) == (len(before), 1_600_000_000_123_456_789)
    changed = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    assert len(changed) == 34
    assert all(b == a.replace(b"Adelie", b"Gentoo") for a, b in changed)


def test_every_change_is_taken_back(tmp_path: Path) -> None:
    dataset.lay_out(tmp_path)
    for change in (dataset.poison, dataset.add_extra, dataset.remove):
        change(tmp_path)
    dataset.restore(tmp_path)
    found = {
        path.relative_to(tmp_path).as_posix(): sha256(path.read_bytes())
        for path in (tmp_path / "penguins").rglob("*")
        if path.is_file()
    }
    assert found == dataset.attribution()["files"]


def test_train_learns_from_the_real_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset.lay_out(tmp_path)
    main = runpy.run_path(str(DATA / "train.py"))["main"]
    main(tmp_path / "penguins")
    assert capsys.readouterr().out == "trained on 223 penguins: 119 of 119 test penguins named correctly\n"


def play(directory: Path) -> list[Ran]:
    return [event for event in session.play(directory) if isinstance(event, session.Ran)]


def test_every_command_ends_as_it_should(tmp_path: Path) -> None:
    ran = play(tmp_path / "demo")
    assert len(ran) == sum(len(scene.commands) for scene in session.SCENES)
    assert [one for one in ran if not one.as_it_should] == []
    assert {one.command.argv[1] for one in ran if one.command.argv[0] == "data-sbom"} == {
        *("generate", "keygen", "sign", "verify", "guard")
    }
    assert [one.exit_code for one in ran] == [0, 0, 0, 0, 0, 1, 1, 1, 0]


@pytest.mark.parametrize(
    "wrong",
    [
        session.Command(("python", "-c", "pass"), exit_code=1),
        session.Command(("python", "-c", "raise SystemExit(3)"), exit_code=1),
        session.Command(("python", "-c", "print('that')"), shows=("this",)),
        session.Command(("python", "-c", "print('this')"), hides=("this",)),
    ],
)
def test_it_stops_where_a_command_does_not_end_as_it_should(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: session.Command
) -> None:
    good = session.Command(("python", "-c", "pass"))
    monkeypatch.setattr(session, "SCENES", (session.Scene("title", (good, wrong, good)),))
    assert [one.as_it_should for one in play(tmp_path)] == [True, False]


def test_a_command_that_cannot_run_is_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = session.Command((str(tmp_path / "no-such-program"),))
    monkeypatch.setattr(session, "SCENES", (session.Scene("title", (missing,)),))
    with pytest.raises(UndecidedError, match="No such file"):
        play(tmp_path / "demo")


def test_a_command_that_does_not_end_is_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = session.Command(("python", "-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(session, "SCENES", (session.Scene("title", (endless,)),))
    monkeypatch.setattr(session, "_TIMEOUT_SECONDS", 0.2)
    with pytest.raises(UndecidedError, match="did not end"):
        play(tmp_path / "demo")


def test_commands_are_not_touched_by_what_surrounds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration above the directory, and a module of the same name below it, change nothing."""
    (tmp_path / "data-sbom.toml").write_text('[generate]\nexclude = ["train"]\n')
    (tmp_path / "sbom.py").write_text("raise SystemExit(7)\n")
    monkeypatch.chdir(tmp_path)
    assert all(one.as_it_should for one in play(tmp_path / "demo"))
