"""What must be accepted: differences that change neither the data nor what was signed, and what the caller allowed."""

from __future__ import annotations

import io
import json
import os
from types import SimpleNamespace

import pytest

from sbom import api
from sbom.cyclonedx.canonical import canonical
from sbom.signing import jsf, keys


def shuffled(value):
    match value:
        case dict():
            return {key: shuffled(value[key]) for key in sorted(value, reverse=True)}
        case list():
            return [shuffled(item) for item in value]
        case _:
            return value


#: Ways to write the same document.
FORMS = {
    "compact": lambda tree: json.dumps(tree, separators=(",", ":"), ensure_ascii=False),
    "spaces": lambda tree: json.dumps(tree, indent=8),
    "tabs and CRLF": lambda tree: json.dumps(tree, indent="\t").replace("\n", "\r\n"),
    "blank lines around it": lambda tree: "\n\n " + json.dumps(tree) + "\n\t\n",
    "no newline at the end": lambda tree: json.dumps(tree, indent=2, ensure_ascii=False),
    "escaped": lambda tree: json.dumps(tree, ensure_ascii=True),
    "escaped slashes": lambda tree: json.dumps(tree).replace("/", "\\/"),
    "escapes in upper case": lambda tree: json.dumps(tree).replace("\\u00ef", "\\u00EF"),
    "letters escaped": lambda tree: json.dumps(tree).replace('"penguins"', '"\\u0070enguins"'),
    "keys in another order": lambda tree: json.dumps(shuffled(tree)),
    "version as a decimal": lambda tree: json.dumps(tree).replace('"version": 1,', '"version": 1.0,'),
    "version with an exponent": lambda tree: json.dumps(tree).replace('"version": 1,', '"version": 10e-1,'),
}


@pytest.mark.parametrize("case", FORMS)
def test_same_document_in_another_form(attack, case):
    text = FORMS[case](attack.tree())
    assert text.encode() != attack.bom.read_bytes()
    attack.bom.write_bytes(text.encode())
    attack.accepted()


def change_times(attack):
    for path in attack.data.rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)


def read_only(attack):
    for path in [*attack.data.rglob("*"), attack.data]:
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() else 0o444)


def executable(attack):
    for path in attack.data.rglob("*.csv"):
        path.chmod(0o777)


def copied(attack):
    """Every file is another inode with the same content."""
    for path in attack.data.rglob("*"):
        if path.is_file() and not path.is_symlink():
            copy = path.with_name("copy")
            copy.write_bytes(path.read_bytes())
            os.replace(copy, path)


def hard_linked(attack):
    os.link(attack.file("README.md"), attack.release.home / "elsewhere")


def two_names_of_one_inode(attack):
    attack.file("empty").unlink()
    (attack.release.home / "nothing").touch()
    os.link(attack.release.home / "nothing", attack.file("empty"))


def empty_directories(attack):
    attack.file("empty-directory/deep/er").mkdir(parents=True)
    attack.file(".hidden-directory").mkdir()


def moved(attack):
    moved_to = attack.release.home / "moved elsewhere"
    attack.data.rename(moved_to)
    moved_to.rename(attack.data)


HARMLESS = [change_times, read_only, executable, copied, hard_linked, two_names_of_one_inode, empty_directories, moved]


@pytest.mark.parametrize("change", HARMLESS, ids=lambda change: change.__name__.replace("_", " "))
def test_what_is_not_part_of_an_inventory(attack, change):
    change(attack)
    attack.accepted()
    attack.data.chmod(0o755)


# -- paths ------------------------------------------------------------------------------------------------------------


def accepted(attack, bom, data, *more):
    ran = attack.cli("verify", bom, data, "--public-key", attack.release.pub, *more)
    assert ran.code == 0, ran.text
    return ran


def test_data_through_a_symlink(attack, tmp_path):
    link = tmp_path / "current"
    link.symlink_to("data")
    accepted(attack, attack.bom, link)
    accepted(attack, attack.bom, f"{link}/")


def test_data_by_relative_paths(attack, monkeypatch):
    monkeypatch.chdir(attack.release.home)
    for path in ("data", "./data", "data/", "data/.", "data/../data", "data//"):
        accepted(attack, "penguins.cdx.json", path)


def test_data_is_the_working_directory(attack, monkeypatch):
    monkeypatch.chdir(attack.data)
    accepted(attack, "../penguins.cdx.json", ".")
    monkeypatch.chdir("train")
    accepted(attack, "../../penguins.cdx.json", "..")


def test_document_inside_the_data(attack, monkeypatch):
    inside = attack.file("penguins.cdx.json")
    attack.bom.rename(inside)
    accepted(attack, inside, attack.data)
    monkeypatch.chdir(attack.data)
    accepted(attack, "penguins.cdx.json", ".")
    accepted(attack, "train/../penguins.cdx.json", ".")


def test_document_inside_the_data_through_a_link_to_it(attack, tmp_path):
    attack.bom.rename(attack.file("penguins.cdx.json"))
    link = tmp_path / "current"
    link.symlink_to("data")
    accepted(attack, link / "penguins.cdx.json", attack.data)
    accepted(attack, attack.file("penguins.cdx.json"), link)


def test_document_through_a_symlink(attack, tmp_path):
    link = tmp_path / "latest.json"
    link.symlink_to(attack.bom)
    accepted(attack, link, attack.data)


def test_document_generated_into_the_data(attack):
    """``generate -o DATA/x.json`` leaves out its own path, and verify does too."""
    target = attack.file("sbom.json")
    made = attack.cli("generate", attack.data, "-o", target, "--sign-key", attack.release.key)
    assert made.code == 0
    assert "lies inside the data" in made.err
    accepted(attack, target, attack.data)
    assert attack.cli("generate", attack.data, "-o", target, "--sign-key", attack.release.key).code == 0
    accepted(attack, target, attack.data)


def test_document_on_standard_input(attack, monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(attack.bom.read_bytes())))
    accepted(attack, "-", attack.data)


def test_key_by_a_relative_path_and_a_symlink(attack, monkeypatch, tmp_path):
    link = tmp_path / "trusted.pub"
    link.symlink_to(attack.release.pub)
    monkeypatch.chdir(tmp_path)
    ran = attack.cli("verify", attack.bom, attack.data, "--public-key", "trusted.pub")
    assert ran.code == 0
    ran = attack.cli("verify", attack.bom, attack.data, "--public-key", "data/../trusted.pub")
    assert ran.code == 0


def test_paths_with_odd_names(attack, tmp_path):
    home = tmp_path / "a b $HOME `id` 🐧 -x"
    attack.data.rename(home)
    accepted(attack, attack.bom, home)


# -- signatures -------------------------------------------------------------------------------------------------------


def test_second_signer(attack, other_keys):
    private, public = other_keys("second")
    assert attack.cli("sign", attack.bom, "--key", private).code == 0
    attack.accepted()
    ran = attack.accepted("--public-key", str(public), "--require-signatures", "2")
    assert "2 signatures good" in ran.out


def test_untrusted_signer_beside_a_trusted_one(attack, other_keys):
    private, _ = other_keys("stranger")
    assert attack.cli("sign", attack.bom, "--key", private).code == 0
    ran = attack.accepted()
    assert "ignored, because not trusted: 1 signature" in ran.out


def test_signers_in_another_order(attack, other_keys):
    private, _ = other_keys("stranger")
    tree = dict(jsf.add(attack.tree(), keys.load_private(private), canonical).document)
    tree["signature"]["signers"].reverse()
    attack.put(tree)
    attack.accepted()


def test_untrusted_signer_with_a_wrong_value(attack, other_keys):
    """What a stranger writes cannot make a document worse, or anybody could."""
    private, _ = other_keys("stranger")
    tree = dict(jsf.add(attack.tree(), keys.load_private(private), canonical).document)
    tree["signature"]["signers"][1]["value"] = tree["signature"]["signers"][0]["value"]
    attack.put(tree)
    attack.accepted()


@pytest.mark.parametrize("kind", keys.KEY_KINDS)
def test_every_kind_of_key(attack, tmp_path, kind):
    assert attack.cli("keygen", "-o", tmp_path / "k", "--algorithm", kind).code == 0
    attack.put(attack.sign(attack.tree(), tmp_path / "k.key"))
    ran = attack.cli("verify", attack.bom, attack.data, "--public-key", tmp_path / "k.pub")
    assert ran.code == 0, ran.text


def test_one_of_several_given_keys(attack, other_keys):
    _, absent = other_keys("absent")
    attack.accepted("--public-key", str(absent))


def test_signing_again_with_the_same_key_changes_nothing(attack):
    before = attack.bom.read_bytes()
    assert attack.cli("sign", attack.bom, "--key", attack.release.key).code == 0
    assert attack.bom.read_bytes() == before


# -- what the caller asks for -----------------------------------------------------------------------------------------


def test_the_wanted_dataset(attack):
    root = attack.tree()["metadata"]["component"]["properties"][1]["value"]
    wanted = ("--expect-name", "penguins", "--expect-version", "1.0.0", "--expect-root")
    attack.accepted(*wanted, root)
    attack.accepted(*wanted, root.upper())


EXTRAS = {
    "all": (["a", ".git/x", "train/y"], ["--allow-extra"]),
    "all, twice": (["a"], ["--allow-extra", "--allow-extra"]),
    "by name": (["evil.log"], ["--allow-extra=evil.log"]),
    "by name at any depth": (["train/evil.log"], ["--allow-extra=evil.log"]),
    "by pattern": (["a.log", "train/b.log"], ["--allow-extra=*.log"]),
    "by directory": ([".git/hooks/x", ".git/HEAD"], ["--allow-extra=.git/"]),
    "by directory name": ([".cache/a/b"], ["--allow-extra=.cache"]),
    "by rooted pattern": (["out/1/x.bin"], ["--allow-extra=out/**"]),
    "by two patterns": (["a.log", "b.tmp"], ["--allow-extra=*.log", "--allow-extra=*.tmp"]),
    "by class": (["part-1", "part-2"], ["--allow-extra=part-[0-9]"]),
    "by hidden name": ([".DS_Store", "train/.DS_Store"], ["--allow-extra=.DS_Store"]),
}


@pytest.mark.parametrize("case", EXTRAS)
@pytest.mark.parametrize("first", [False, True], ids=["options last", "options first"])
def test_allowed_extras(attack, case, first):
    files, more = EXTRAS[case]
    for name in files:
        attack.file(name).parent.mkdir(parents=True, exist_ok=True)
        attack.file(name).write_bytes(b"x")
    attack.refused("EXTRA", files[0])
    rest = [str(attack.bom), str(attack.data), "--public-key", str(attack.release.pub)]
    ran = attack.cli("verify", *(more + rest if first else rest + more))
    assert ran.code == 0, ran.text
    for name in files:
        assert f"ALLOWED   {name}" in ran.out


NOT_ALLOWED = {
    "another name": ("evil.log2", "--allow-extra=evil.log"),
    "another directory": ("test/evil.log", "--allow-extra=train/evil.log"),
    "another case": ("EVIL.LOG", "--allow-extra=evil.log"),
    "below a pattern": ("x.log/evil.py", "--allow-extra=*.log"),
    "a star crosses no directory": ("out/a/b", "--allow-extra=out/*"),
    "prefix": (".github/x", "--allow-extra=.git"),
}


@pytest.mark.parametrize("case", NOT_ALLOWED)
def test_extras_that_were_not_allowed(attack, case):
    name, more = NOT_ALLOWED[case]
    attack.file(name).parent.mkdir(parents=True, exist_ok=True)
    attack.file(name).write_bytes(b"x")
    attack.refused("EXTRA", name, more=(more,))


@pytest.mark.parametrize("pattern", ["", "/", "../x", "a/../b", "a//b", "."])
def test_patterns_that_can_match_nothing_are_wrong_usage(attack, pattern):
    attack.verify(f"--allow-extra={pattern}", code=2)
    attack.verify("--only", pattern, code=2)


def test_what_is_allowed_is_not_hashed_and_may_be_anything(attack):
    os.mkfifo(attack.file("pipe"))
    attack.file("outside").symlink_to("/etc")
    attack.accepted("--allow-extra=pipe", "--allow-extra=outside")


@pytest.mark.parametrize(
    ("only", "number"),
    [(["train/*"], 3), (["*.md"], 1), (["train/"], 3), (["**/*.csv"], 3), (["*.md", "empty"], 2), (["**"], 9)],
    ids=str,
)
def test_a_part_of_the_data(attack, only, number):
    more = [word for pattern in only for word in ("--only", pattern)]
    ran = attack.verify(*more, code=0)
    assert ran.out.startswith(f"VERIFIED-SUBSET  {number} of 9 files")
    assert json.loads(attack.verify("-f", "json", *more, code=0).out)["verdict"] == "verified-subset"


def test_a_part_of_the_data_is_all_that_is_looked_at(attack):
    attack.file("README.md").write_bytes(b"changed")
    attack.file("blob.bin").unlink()
    attack.file("evil.py").write_bytes(b"x")
    assert attack.verify("--only", "train/*", code=0).out.startswith("VERIFIED-SUBSET")
    attack.refused("README.md", more=("--only", "*.md"))
    attack.refused("evil.py", more=("--only", "*.py", "--only", "train/*"))


@pytest.mark.parametrize("more", [["--only", "*.parquet"], ["--only", "Train/*"]], ids=str)
def test_a_part_that_matches_nothing_is_a_failure(attack, more):
    attack.refused("matches no file", more=tuple(more))


# -- datasets ---------------------------------------------------------------------------------------------------------

DATASETS = {
    "one zero-byte file": {"x": b""},
    "names": {
        "a b": b"1",
        " leading": b"2",
        "🐧/🦭.txt": b"3",
        "日本/語.csv": b"4",
        "-rf": b"5",
        "--help": b"6",
        "$(id)": b"7",
        "'": b"8",
        '"quoted"': b"9",
        "*": b"10",
        "[x]": b"11",
        "a=b&c": b"12",
        "~": b"13",
        "#": b"14",
        "%2e%2e": b"15",
        "...": b"16",
        "..x": b"17",
        "x..": b"18",
        "<b>": b"19",
        "{}": b"20",
        "nul": b"21",
        "CON": b"22",
        "ab:c": b"23",
    },
    "twins": {"A/x": b"1", "a/x": b"2", "\u00ef": b"3", "i\u0308": b"4"},
    "deep": {"/".join(str(number) for number in range(60)): b"x"},
    "long name": {"x" * 255: b"x"},
    "many files": {f"{number % 10}/{number}": b"%d" % number for number in range(500)},
    "equal files": {f"copy-{number}": b"same" for number in range(5)},
    "a data SBOM of something": {"bom.json": b'{"bomFormat": "CycloneDX"}'},
    "hidden files": {".git/HEAD": b"ref: refs/heads/main\n", ".env": b"", ".a/.b/.c": b""},
}


@pytest.mark.parametrize("case", DATASETS)
@pytest.mark.parametrize("version", ["1.7", "1.6"])
def test_generate_sign_verify(attack, tmp_path, case, version):
    data = tmp_path / "other"
    for name, content in DATASETS[case].items():
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    bom = tmp_path / "other.json"
    made = attack.cli("generate", data, "-o", bom, "--spec-version", version, "--sign-key", attack.release.key)
    assert made.code == 0, made.text
    accepted(attack, bom, data)
    assert json.loads(bom.read_bytes())["specVersion"] == version


def test_many_hashes(attack):
    options = [
        word for name in ("sha384", "sha512", "sha3-256", "blake2b-256", "blake2b-512") for word in ("--hash", name)
    ]
    bom = attack.release.home / "many.json"
    made = attack.cli("generate", attack.data, "-o", bom, *options, "--sign-key", attack.release.key)
    assert made.code == 0, made.text
    accepted(attack, bom, attack.data)


def test_right_weak_digest_beside_a_strong_one(attack):
    import hashlib  # noqa: PLC0415  # for this test only

    tree = attack.tree()
    component = attack.component(tree, "README.md")
    md5 = hashlib.md5(b"# penguins\n", usedforsecurity=False).hexdigest()
    component["hashes"].append({"alg": "MD5", "content": md5})
    attack.put_signed(tree)
    attack.accepted()


def test_sparse_file(attack, tmp_path):
    data = tmp_path / "sparse"
    data.mkdir()
    with (data / "hole").open("wb") as stream:
        stream.truncate(64 << 20)
    bom = tmp_path / "sparse.json"
    assert attack.cli("generate", data, "-o", bom, "--sign-key", attack.release.key).code == 0
    accepted(attack, bom, data)


def test_single_file(attack, tmp_path):
    data = tmp_path / "rows.csv"
    data.write_bytes(b"a,b\n1,2\n")
    (tmp_path / "neighbour").write_bytes(b"not part of it")
    bom = tmp_path / "rows.json"
    assert attack.cli("generate", data, "-o", bom, "--sign-key", attack.release.key).code == 0
    accepted(attack, bom, data)
    link = tmp_path / "link.csv"
    link.symlink_to(data)
    accepted(attack, bom, link)


def test_links_that_are_followed_on_both_sides(attack, tmp_path):
    """The layout of the Hugging Face cache: snapshots of links to blobs beside them."""
    blobs, data = tmp_path / "hub" / "blobs", tmp_path / "hub" / "snapshots" / "abc"
    blobs.mkdir(parents=True)
    data.mkdir(parents=True)
    (blobs / "0123").write_bytes(b"rows")
    (data / "rows.parquet").symlink_to("../../blobs/0123")
    bom = tmp_path / "hub.json"
    assert attack.cli("generate", data, "-o", bom).code == 1
    made = attack.cli("generate", data, "-o", bom, "--follow-symlinks", "--sign-key", attack.release.key)
    assert made.code == 0, made.text
    accepted(attack, bom, data, "--follow-symlinks")
    ran = attack.cli("verify", bom, data, "--public-key", attack.release.pub)
    assert ran.code == 1
    assert "rows.parquet" in ran.out
    (blobs / "0123").write_bytes(b"evil")
    ran = attack.cli("verify", bom, data, "--public-key", attack.release.pub, "--follow-symlinks")
    assert ran.code == 1


def test_publisher_s_rules_with_the_same_permission_of_the_caller(attack):
    bom = attack.release.home / "excluding.json"
    made = attack.cli("generate", attack.data, "-o", bom, "--exclude", "*.bin", "--sign-key", attack.release.key)
    assert made.code == 0
    accepted(attack, bom, attack.data, "--allow-extra=*.bin")


def test_reproducible_documents_are_equal(attack, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    made = []
    for name in ("first", "second"):
        target = attack.release.home / name
        args = ("generate", attack.data, "-o", target, "--name", "penguins", "--reproducible")
        assert attack.cli(*args, "--sign-key", attack.release.key).code == 0
        accepted(attack, target, attack.data)
        made.append(target.read_bytes())
    assert made[0] == made[1]


def test_document_without_a_version(attack):
    bom = api.generate(attack.data, name="penguins", cache=False)
    bom.sign(api.load_private_key(attack.release.key))
    bom.write(attack.bom)
    attack.accepted("--expect-name", "penguins")
    attack.refused("the version is none", more=("--expect-version", "1.0.0"))


@pytest.mark.parametrize("code", [0, 5])
def test_guard_passes_on_the_exit_code(attack, code):
    args = attack.release.verify_args()[1:]
    assert attack.cli("guard", *args, "--", "sh", "-c", f"exit {code}").code == code


@pytest.mark.parametrize("jobs", ["1", "2", "64"])
def test_any_number_of_processes(attack, jobs):
    attack.accepted("--jobs", jobs)
