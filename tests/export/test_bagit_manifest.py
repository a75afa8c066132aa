from __future__ import annotations

import warnings
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.export import export, render
from sbom.export.bagit_manifest import line

DIGEST = "ab" * 32


@pytest.fixture(scope="session")
def bagit():
    """The Library of Congress' own library."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("bagit", reason="the library of BagIt is not installed")


@pytest.fixture
def check(bagit, samples, tmp_path):
    """Make a bag around files and a manifest, and let the library validate it."""

    def run(data: bytes, files: dict[str, bytes]) -> None:
        samples.write(tmp_path / "data", files)
        (tmp_path / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
        (tmp_path / "manifest-sha256.txt").write_bytes(data)
        bagit.Bag(str(tmp_path)).validate()

    return run


def test_the_bag_is_valid(check, samples, small_dataset, facts):
    check(render(small_dataset, facts, "bagit-manifest"), samples.small)


def test_odd_names(check, samples, hostile_files, facts):
    # The library does not decode %25: its own test for these is below.
    files = {name: content for name, content in hostile_files.items() if "%" not in name}
    assert len(files) > 30
    check(render(samples.dataset(files), facts, "bagit-manifest"), files)


@pytest.mark.parametrize("change", [{"README.md": b"other"}, {"more.txt": b""}, {"train/0001.csv": b""}])
def test_the_library_finds_what_changed(check, bagit, samples, facts, change):
    with pytest.raises(bagit.BagValidationError):
        check(render(samples.dataset(samples.small), facts, "bagit-manifest"), samples.small | change)


def test_a_missing_file(check, bagit, samples, small_dataset, facts):
    with pytest.raises(bagit.BagValidationError):
        check(render(small_dataset, facts, "bagit-manifest"), {"README.md": samples.small["README.md"]})


def test_percent_signs_are_encoded_as_the_specification_wants(samples, facts):
    done = export(samples.dataset({"100%.txt": b"", "%0A": b"", "%25": b"", "plain": b""}), facts, "bagit-manifest")
    found = [one[66:] for one in done.data.decode().split("\n")[:-1]]
    assert found == ["data/%250A", "data/%2525", "data/100%25.txt", "data/plain"]
    assert "3 names hold '%'" in done.notes[0]


def test_no_note_without_need(small_dataset, facts):
    assert export(small_dataset, facts, "bagit-manifest").notes == ()


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_name_makes_one_line_that_can_be_read_back(path):
    text = line(path, DIGEST)
    assert text.startswith(f"{DIGEST}  data/")
    assert text.count("\n") == 1
    assert "\r" not in text
    # Other percent signs cannot be there, so that decoding all is decoding these three.
    assert unquote(text[71:-1]) == path
