"""Threat "names": names that mean different files to different programs, or that deceive a person."""

from __future__ import annotations

import os

import pytest

#: Names in a document, which is signed well: the profile refuses them, whatever the data holds.
IN_DOCUMENT = {
    "parent": ("../x", "'.' or '..' segment"),
    "parent inside": ("a/../../b", "'.' or '..' segment"),
    "parent at the end": ("a/..", "'.' or '..' segment"),
    "dot": ("./x", "'.' or '..' segment"),
    "only a dot": (".", "'.' or '..' segment"),
    "absolute": ("/etc/passwd", "the name is absolute"),
    "double slash": ("a//b", "an empty segment"),
    "trailing slash": ("a/", "an empty segment"),
    "empty": ("", ""),
    "drive letter": ("C:evil", "a drive letter"),
    "drive letter, lower case": ("c:/evil", "a drive letter"),
    "backslash": ("train\\0001.csv", "a backslash"),
    "parent by backslash": ("..\\evil", "a backslash"),
    "NUL": ("train/0001.csv\0.txt", "a control character"),
    "newline": ("x\ny", "a control character"),
    "escape sequence": ("\x1b[2J\x1b[1;1HVERIFIED", "a control character"),
    "C1 control": ("x\x9b31m", "a control character"),
    "delete": ("x\x7f", "a control character"),
    "tab": ("x\ty", "a control character"),
}


@pytest.mark.parametrize("case", IN_DOCUMENT)
def test_refused_name_in_a_signed_document(attack, case):
    name, reason = IN_DOCUMENT[case]
    tree = attack.tree()
    attack.component(tree, "README.md")["name"] = name
    attack.put_signed(tree)
    ran = attack.refused("bom.profile" if name else "", reason)
    assert "\x1b" not in ran.text
    assert "\x9b" not in ran.text


ON_DISK = {
    "newline": (b"a\nVERIFIED  1 file", r"a\nVERIFIED  1 file"),
    "escape sequence": (b"\x1b[2Kx", r"\x1b[2Kx"),
    "carriage return": (b"evil\rVERIFIED", r"evil\rVERIFIED"),
    "not UTF-8": (b"x\xff\xfe", r"x\udcff\udcfe"),
    "UTF-8 of a surrogate": (b"x\xed\xa0\x80", r"x\udced\udca0\udc80"),
    "overlong UTF-8": (b"\xc0\xaf", r"\udcc0\udcaf"),
    "backslash": (b"a\\b", "a\\b"),
    "C1 control": (b"x\xc2\x9b31m", r"x\x9b31m"),
    "drive letter": (b"C:x", "C:x"),
    "drive letter, not the first file": (b"z:x", "z:x"),
}


@pytest.mark.parametrize(
    ("inner", "case"), [(inner, case) for inner in ("", "train") for case in ON_DISK if not (inner and "drive" in case)]
)
def test_refused_name_on_disk_is_shown_escaped(attack, case, inner):
    raw, shown = ON_DISK[case]
    with open(os.path.join(os.fsencode(attack.file(inner)), raw), "wb") as stream:
        stream.write(b"x")
    ran = attack.refused("NAME", shown)
    assert not {"\x1b", "\x9b", "\r"} & set(ran.text)


@pytest.mark.parametrize("case", ON_DISK)
def test_generate_refuses_the_name(attack, case):
    raw, shown = ON_DISK[case]
    with open(os.path.join(os.fsencode(attack.data), raw), "wb") as stream:
        stream.write(b"x")
    ran = attack.cli("generate", attack.data, "-o", attack.release.home / "new.json")
    assert ran.code == 1
    assert shown in ran.err
    assert not {"\x1b", "\x9b", "\r"} & set(ran.text)


DECEIVING = {
    "bidi override": ("evil\u202efdp.exe", r"evil\u202efdp.exe"),
    "bidi isolate": ("a\u2066b", r"a\u2066b"),
    "zero width space": ("train\u200b", r"train\u200b"),
    "byte order mark": ("\ufeffREADME.md", r"\ufeffREADME.md"),
    "tag characters": ("x\U000e0041", r"x\U000e0041"),
    "line separator": ("x\u2028y", r"x\u2028y"),
}


@pytest.mark.parametrize("case", DECEIVING)
def test_deceiving_extra_is_shown_escaped(attack, case):
    name, shown = DECEIVING[case]
    attack.file(name).write_bytes(b"x")
    ran = attack.refused("EXTRA", shown)
    assert name not in ran.text


@pytest.mark.parametrize("case", DECEIVING)
def test_deceiving_name_is_warned_about_and_refused_when_strict(attack, case):
    name, shown = DECEIVING[case]
    attack.file(name).write_bytes(b"x")
    target = attack.release.home / "new.json"
    ran = attack.cli("generate", attack.data, "-o", target)
    assert ran.code == 0
    assert f"warning: {shown}" in ran.err
    target.unlink()
    ran = attack.cli("generate", attack.data, "-o", target, "--strict-names")
    assert ran.code == 1
    assert shown in ran.err
    assert not target.exists()


@pytest.mark.parametrize("name", ["readme.MD", "Train/x", "nai\u0308ve/x", "README.md ", "README.md."])
def test_twins_and_trailing_characters_are_warned_about(attack, name):
    path = attack.file(name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    ran = attack.cli("generate", attack.data, "-o", attack.release.home / "new.json")
    assert ran.code == 0
    assert "warning: " in ran.err
    ran = attack.cli("generate", attack.data, "-o", attack.release.home / "strict.json", "--strict-names")
    assert ran.code == 1


def test_twin_in_the_document_is_another_file(attack):
    """A listed name that differs from the file's in normalisation only is a missing file and an extra one."""
    tree = attack.tree()
    component = attack.component(tree, "na\u00efve/日本.txt")
    component["name"] = component["bom-ref"] = "nai\u0308ve/日本.txt"
    attack.put_signed(tree)
    attack.refused("MISSING", "EXTRA", "inventory.root")


def test_same_file_listed_twice(attack):
    tree = attack.tree()
    twin = dict(attack.component(tree, "README.md"), **{"bom-ref": "other"})
    tree["components"].append(twin)
    attack.put_signed(tree)
    attack.refused("README.md", "listed twice")


def test_link_text_with_an_escape_sequence(attack):
    attack.file("train/link.csv").unlink()
    attack.file("train/link.csv").symlink_to("\x1b]0;x\x07")
    ran = attack.refused("train/link.csv")
    assert "\x1b" not in ran.text


def test_hostile_texts_of_the_document_do_not_reach_the_terminal(attack):
    tree = attack.tree()
    tree["metadata"]["component"]["name"] = "penguins\x1b[2J\nVERIFIED  9 files"
    tree["metadata"]["component"]["version"] = "\u202e1.0"
    attack.put_signed(tree)
    ran = attack.verify("--expect-name", "penguins", code=1)
    assert not {"\x1b", "\u202e"} & set(ran.text)
    assert not [line for line in ran.out.splitlines() if line.startswith("VERIFIED")]


def test_long_names_are_cut(attack):
    tree = attack.tree()
    tree["metadata"]["component"]["name"] = "A" * 1_000_000
    attack.put_signed(tree)
    ran = attack.cli(*attack.release.verify_args())
    assert len(ran.text) < 5_000


def test_many_problems_are_counted_not_listed(attack):
    for number in range(100):
        attack.file(f"extra-{number:03}").write_bytes(b"")
    ran = attack.refused("extra-000", "and 80 more (-f json lists all)")
    assert len(ran.out.splitlines()) < 40
    assert len(attack.check("files.extra")["findings"]) == 100
