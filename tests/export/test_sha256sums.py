from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.export import render
from sbom.export.sha256sums import line

DIGEST = "ab" * 32


@pytest.fixture(scope="session")
def tool() -> list[str]:
    """The program whose format it is, or Perl's, which macOS has."""
    if shutil.which("sha256sum"):
        return ["sha256sum", "--check"]
    if shutil.which("shasum"):
        return ["shasum", "-a", "256", "--check"]
    pytest.skip("neither sha256sum nor shasum is here")


@pytest.fixture
def check(tool, samples, tmp_path):
    """Lay out files, and say which of them the real program takes for good."""

    def run(data: bytes, files: dict[str, bytes]) -> tuple[int, int]:
        folder = samples.write(tmp_path / "data", files)
        sums = tmp_path / "SHA256SUMS"
        sums.write_bytes(data)
        # The input is closed: a name that means it would be an error, not a hang.
        ran = subprocess.run([*tool, sums], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        assert b"improperly formatted" not in ran.stderr
        return ran.returncode, ran.stdout.count(b": OK\n")

    return run


def test_the_real_program_agrees(check, samples, small_dataset, facts):
    assert check(render(small_dataset, facts, "sha256sums"), samples.small) == (0, len(samples.small))


def test_odd_names(check, hostile_dataset, hostile_files, facts):
    assert check(render(hostile_dataset, facts, "sha256sums"), hostile_files) == (0, len(hostile_files))


@pytest.mark.parametrize("path", ["-", "100%.txt", "train/0001.csv"])
def test_the_real_program_finds_what_changed(check, samples, facts, path):
    files = samples.small | {"-": b"1", "100%.txt": b"2"}
    data = render(samples.dataset(files), facts, "sha256sums")
    assert check(data, files | {path: b"other"}) == (1, len(files) - 1)


def test_names_that_no_inventory_holds(check, samples):
    files = {"back\\slash": b"1", "line\nfeed": b"2", "carriage\rreturn": b"3", "\\n": b"4", "all\\\n\r": b"5"}
    data = "".join(line(entry.path, entry.sha256) for entry in samples.dataset(files).files)
    assert check(data.encode(), files) == (0, len(files))


def test_the_form():
    assert line("a b", DIGEST) == f"{DIGEST}  a b\n"
    assert line("-", DIGEST) == f"{DIGEST}  ./-\n"
    assert line("a\\b\n", DIGEST) == f"\\{DIGEST}  a\\\\b\\n\n"


def test_sorted_by_bytes(samples, facts):
    entries = samples.dataset({"b": b"", "a": b"", "\uffff": b"", "\U00010000": b""}).files
    data = render(samples.dataset({}, entries=entries[::-1]), facts, "sha256sums").decode()
    assert [one[66:] for one in data.split("\n")[:-1]] == ["a", "b", "\uffff", "\U00010000"]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_name_makes_one_line_that_can_be_read_back(path):
    text = line(path, DIGEST)
    assert text.count("\n") == 1
    assert "\r" not in text
    escaped = text.startswith("\\")
    name = text.removeprefix("\\")[66:-1]
    if escaped:
        name = "".join({"\\\\": "\\", "\\n": "\n", "\\r": "\r"}.get(part, part) for part in _parts(name))
    assert name == ("./-" if path == "-" else path)


def _parts(name):
    index = 0
    while index < len(name):
        width = 2 if name[index] == "\\" else 1
        yield name[index : index + width]
        index += width
