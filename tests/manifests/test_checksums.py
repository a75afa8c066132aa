"""Checksum files: every form of line, what is guessed and what is not, and paths that lead elsewhere."""

from __future__ import annotations

import hashlib
import shutil
import subprocess  # the tools that write such files

import pytest
from hypothesis import example
from hypothesis import given as having
from hypothesis import strategies as st

from sbom import names
from sbom.manifests import checksums, digests, registry
from sbom.manifests.errors import ManifestError, OtherFormatError
from sbom.manifests.interface import Given
from sbom.manifests.reading import MAX_PROBLEMS, Reading
from sbom.provenance import ABSENT, MALFORMED, MATCH, MISMATCH

A = b"first\n"
B = b"second\n"
HEX = hashlib.sha256(A).hexdigest()
HEX_B = hashlib.sha256(B).hexdigest()
MD5 = hashlib.md5(A, usedforsecurity=False).hexdigest()


class Files(Given):
    """Some files, and one of them as the manifest."""

    def __init__(self, path, data, others=()):
        self.path, self.directory, self.root_name, self._data = path, path.rpartition("/")[0], "r", data
        self._others = frozenset({path, *others})

    def data(self, limit=1 << 20):
        return self._data

    def head(self, limit):
        return self._data[:limit]

    def exists(self, path):
        return path in self._others

    def resolve(self, text, base=None):
        path = f"{self.directory}/{text}" if self.directory else text
        return path.removeprefix("./") if names.refusal(path.removeprefix("./")) is None else None

    other = size = below = link = None


def read(data, path="SHA256SUMS", others=("a.csv", "b.csv")):
    reading = Reading()
    content = data.encode() if isinstance(data, str) else data
    checksums.READER.read(Files(path, content, others), reading)
    return reading


def declared(reading):
    return [(one.path, one.algorithm, one.value, one.pointer) for one in reading.declared]


@pytest.fixture(autouse=True)
def lone(monkeypatch):
    monkeypatch.setattr(registry, "MODULES", ("checksums", "lfs", "bagit"))


GOOD = ("a.csv", "SHA-256", HEX, "L1")


@pytest.mark.parametrize(
    "line",
    [
        f"{HEX}  a.csv",
        f"{HEX} *a.csv",
        f"{HEX} a.csv",
        f"{HEX}\ta.csv",
        f"{HEX}\t*a.csv",
        f"{HEX}    a.csv",
        f"{HEX.upper()}  a.csv",
        f"{HEX}  ./a.csv",
        f"{HEX}  a.csv\r",
        f"\\{HEX}  a.csv",
        f"SHA256 (a.csv) = {HEX}",
        f"SHA256(a.csv)= {HEX}",
        f"SHA2-256(a.csv)= {HEX}",
        f"sha-256 (a.csv) = {HEX}",
        f"\\SHA256 (a.csv) = {HEX}",
        f"sha256:{HEX}  a.csv",
        f"a.csv {HEX}",
        f"a.csv: {HEX}",
        f"a.csv, {HEX}",
        f"\ufeff{HEX}  a.csv",
    ],
)
def test_every_form_of_line(line):
    reading = read(f"{line}\n")
    assert declared(reading) == [GOOD]
    assert reading.problems == []


@pytest.mark.parametrize("line", [f"SHA256 (a.csv) = {HEX}", f"{HEX}  a.csv"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_powershell_writes_utf_16(line, encoding):
    assert declared(read(f"\ufeff{line}\r\n".encode(encoding))) == [GOOD]


def test_base64_of_cksum():
    value = "wV6CiBqq5LEjKPrrWSsUhCpSq9B/JlYfYe86tvSFbYc="
    one = read(f"SHA256 (a.csv) = {value}\n").declared[0]
    assert (one.algorithm, one.state) == ("SHA-256", None)
    assert len(one.value) == 64


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("SHA256SUMS", "SHA-256"),
        ("sha256sums.txt", "SHA-256"),
        ("sha256.txt", "SHA-256"),
        ("SHA2-256SUMS", "SHA-256"),
        ("CHECKSUMS.sha256", "SHA-256"),
        ("a.csv.sha256sum", "SHA-256"),
        ("model-sha1.bin.sha256", "SHA-256"),
        ("checksums.txt", "SHA-256"),
        ("SHASUMS256.txt", "SHA-256"),
        ("a.b3", "BLAKE3"),
        ("B3SUMS", "BLAKE3"),
        ("a.blake3", "BLAKE3"),
        ("a.b2", "BLAKE2b-256"),
        ("SHA3-256SUMS", "SHA3-256"),
        ("a.sha3", "SHA3-256"),
        ("sha3-256.md5.sha3-256", "SHA3-256"),
    ],
)
def test_64_digits_mean_what_the_name_says(base, expected):
    assert checksums.by_name(base)[64] == expected


@pytest.mark.parametrize(
    ("base", "content", "expected"),
    [
        ("MD5SUMS", "md5", "MD5"),
        ("md5sum.txt", "md5", "MD5"),
        ("checksums.txt", "md5", "MD5"),
        ("CHECKSUMS", "sha1", "SHA-1"),
        ("SHA1SUMS", "sha1", "SHA-1"),
        ("checksum.sha224", "sha224", "SHA-224"),
        ("SHASUMS", "sha384", "SHA-384"),
        ("SHA512SUMS", "sha512", "SHA-512"),
        ("checksums.txt", "sha512", "SHA-512"),
        ("B2SUMS", "blake2b", "BLAKE2b-512"),
        ("a.sha3-512", "sha3_512", "SHA3-512"),
    ],
)
def test_the_algorithm_of_a_plain_line(base, content, expected):
    value = hashlib.new(content, A).hexdigest()
    assert declared(read(f"{value}  a.csv\n", base)) == [("a.csv", expected, value, "L1")]


def test_the_tag_counts_before_the_name_of_the_file():
    reading = read(f"MD5 (a.csv) = {MD5}\nBLAKE2b (b.csv) = {'a' * 128}\nBLAKE2b (b.csv) = {'b' * 64}\n")
    assert [one.algorithm for one in reading.declared] == ["MD5", "BLAKE2b-512", "BLAKE2b-256"]


def test_a_digest_that_does_not_fit_the_name_of_the_file_is_malformed():
    reading = read(f"{MD5}  a.csv\n", "SHA256SUMS")
    assert [one.state for one in reading.declared] == [MALFORMED]
    assert "unknown length" in reading.problems[0].message


def test_an_algorithm_that_nobody_knows_is_told_once():
    reading = read("".join(f"RMD160 (a.csv) = {'a' * 40}\n" for _ in range(5)) + f"SIZE (a.csv) = 6\n{HEX}  a.csv\n")
    assert [one.state for one in reading.declared] == [MALFORMED] * 5 + [None]
    assert [one.message for one in reading.problems] == ["RMD160 is not an algorithm that is known here"]


def test_blanks_in_names():
    reading = read(
        f"{HEX}  a b.csv\n{HEX}   c.csv\n{HEX}   d.csv\n{HEX} e\n", others=("a b.csv", " c.csv", "d.csv", "e")
    )
    assert [one.path for one in reading.declared] == ["a b.csv", " c.csv", "d.csv", "e"]


def test_brackets_and_equal_signs_in_names():
    reading = read(f"SHA256 (a) = (b).csv) = {HEX}\n", others=("a) = (b).csv",))
    assert declared(reading) == [("a) = (b).csv", "SHA-256", HEX, "L1")]


@pytest.mark.parametrize("line", [f"\\{HEX}  a\\nb", f"\\{HEX}  a\\\\b", f"\\SHA256 (a\\rb) = {HEX}"])
def test_escaped_names_are_none_that_an_inventory_may_hold(line):
    reading = read(f"{line}\n{HEX}  a.csv\n", others=("a.csv", "a\\nb", "ab"))
    assert [one.path for one in reading.declared] == ["a.csv"]
    assert reading.problems[0].pointer == "L1"


def test_an_escape_of_nothing():
    reading = read(f"\\{HEX}  a\\x\n{HEX}  a.csv\n")
    assert reading.problems == [("the name has a backslash that escapes nothing", "L1", False)]


def test_comments_armour_and_empty_lines_are_no_lines():
    text = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# made by hand\n; really\n\n   \n"
        f"{HEX}  a.csv\n-----BEGIN PGP SIGNATURE-----\n\n{HEX_B}  b.csv\n-----END PGP SIGNATURE-----\n"
    )
    reading = read(text)
    assert declared(reading) == [("a.csv", "SHA-256", HEX, "L8")]
    assert reading.problems == []


@pytest.mark.parametrize("name", ["/etc/passwd", "../a.csv", "x/../../a.csv", "C:\\a.csv", "a\x1bb"])
def test_a_name_that_leads_elsewhere(name, crawl):
    found = crawl({"sub/SHA256SUMS": f"{HEX}  {name}\n{HEX}  b.csv\n", "sub/b.csv": A, "a.csv": A})
    (one,) = found.readings
    assert [item.path for item in one.reading.declared] == ["sub/b.csv"]
    assert [problem.pointer for problem in one.reading.problems] == ["L1"]
    assert all(problem.message.isprintable() for problem in one.reading.problems)


def test_names_that_are_not_utf_8_in_a_crawl(crawl):
    found = crawl({"SHA256SUMS": HEX.encode() + b"  caf\xe9.csv\n" + HEX.encode() + b"  a.csv\n", "a.csv": A})
    (one,) = found.readings
    assert [item.path for item in one.reading.declared] == ["a.csv"]
    assert [problem.pointer for problem in one.reading.problems] == ["L1"]


def test_a_file_that_lists_itself():
    reading = read(f"{'0' * 64}  SHA256SUMS\n{HEX}  a.csv\n")
    assert [one.path for one in reading.declared] == ["a.csv"]
    assert "lists itself" in reading.problems[0].message


@pytest.mark.parametrize(
    "text",
    [HEX, f"{HEX}\n", f"{HEX}  -\n", f"{HEX} *-\n", f"sha256:{HEX}\n", f"{HEX}  /build/a.csv\n", f"{HEX}  out\\a.csv"],
)
def test_a_digest_beside_its_file(text):
    assert declared(read(text, "a.csv.sha256")) == [GOOD]


def test_a_digest_beside_its_file_in_a_directory_that_another_machine_had(crawl):
    found = crawl({"x/a.csv.sha256": f"{HEX}  data/a.csv\n", "x/a.csv": A})
    assert {one.path: [item.state for item in one.declared] for one in found.crawled.entries}["x/a.csv"] == [MATCH]


@pytest.mark.parametrize(
    ("text", "base"),
    [
        (f"{HEX}\n{HEX}\n", "a.csv.sha256"),
        (f"{HEX}\n{HEX}  b.csv\n", "a.csv.sha256"),
        (f"{HEX}\n", "SHA256SUMS"),
        (f"{HEX}\n", "checksums.txt"),
    ],
)
def test_a_digest_that_could_be_of_anything(text, base):
    reading = Reading()
    try:
        checksums.READER.read(Files(base, text.encode(), ("a.csv", "b.csv", "checksums")), reading)
    except ManifestError as error:
        assert "no checksum" in str(error)  # noqa: PT017  # some of them have nothing else
    assert not any(one.path == "a.csv" for one in reading.declared)
    assert "a digest without a name" in [problem.message for problem in reading.problems]


def test_a_name_elsewhere_is_not_bent_where_there_are_more_lines():
    reading = read(f"{HEX}  old/a.csv\n{HEX_B}  b.csv\n", "a.csv.sha256")
    assert {one.path for one in reading.declared} == {"old/a.csv", "b.csv"}


@pytest.mark.parametrize("text", ["", "hello\n", "# only words\n", "a,b\n1,2\n", f"Release commit {'a' * 40}\n"])
def test_a_file_without_checksums(text):
    with pytest.raises(OtherFormatError):
        read(text, "words.sha256")
    with pytest.raises(ManifestError) as caught:
        read(text, "CHECKSUMS")
    assert not isinstance(caught.value, OtherFormatError)


def test_binary_data_is_not_taken():
    assert not checksums.READER.accepts("a.b2", b"\x00\x01BLAKE")
    assert checksums.READER.accepts("a.b2", HEX.encode())


def test_prose_between_the_lines_is_told_within_bounds():
    reading = read("hello there\n" * 5_000 + f"{HEX}  a.csv\n")
    assert declared(reading) == [("a.csv", "SHA-256", HEX, "L5001")]
    assert len(reading.problems) == MAX_PROBLEMS


@pytest.mark.parametrize(
    "line",
    [
        " " * 200_000,
        "(" * 200_000,
        "SHA256 (" + ")=a" * 70_000,
        "SHA256 (" + ") = " * 70_000,
        HEX + " " * 200_000,
        HEX + "\t" * 200_000 + "\x00",
        "a " * 100_000,
        "\\" * 200_000,
        f"\\{HEX}  " + "\\\\" * 100_000,
        "0" * 200_000,
        "a:" * 100_000,
    ],
)
def test_hostile_lines_end(line):
    reading = read(f"{line}\n{HEX}  a.csv\n")
    assert ("a.csv", "SHA-256", HEX, "L2") in declared(reading)


def test_lines_are_counted(monkeypatch):
    monkeypatch.setattr(checksums, "MAX_LINES", 3)
    reading = read(f"\n\n{HEX}  a.csv\n\n{HEX}  b.csv\n")
    assert [one.path for one in reading.declared] == ["a.csv"]
    assert "more than 3 lines" in reading.problems[0].message


def test_manifests_of_bags_are_left_to_the_reader_of_bags(crawl):
    found = crawl(
        {"manifest-sha256.txt": f"{HEX}  data/a.csv\n", "tagmanifest-md5.txt": f"{MD5}  x\n", "data/a.csv": A}
    )
    assert found.readings == ()


def test_states_in_a_crawl(crawl):
    found = crawl(
        {
            "SHA256SUMS": f"{HEX}  a.csv\n{HEX}  b.csv\n{HEX}  c.csv\n",
            "deep/md5sum.txt": f"{MD5} *a.csv\n{MD5}  ../a.csv\n",
            "a.csv": A,
            "b.csv": B,
            "deep/a.csv": A,
        }
    )
    states = {one.path: [item.state for item in one.declared] for one in found.crawled.entries}
    assert states["a.csv"] == [MATCH]
    assert states["b.csv"] == [MISMATCH]
    assert states["deep/a.csv"] == [MATCH]
    assert [(path, item.state) for path, item in found.crawled.provenance.elsewhere] == [("c.csv", ABSENT)]


@pytest.mark.parametrize(
    "command",
    [
        ["sha256sum"],
        ["sha256sum", "--tag"],
        ["sha256sum", "-b"],
        ["md5sum"],
        ["sha512sum"],
        ["b2sum"],
        ["b2sum", "-l", "256", "--tag"],
    ],
)
def test_what_the_tools_write(command, crawl, tmp_path):
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} here")
    files = {"a.csv": A, "with blank.csv": B, "deep/ü (1).csv": B, "deep/a = b": A, " x": A, "*y": B}
    for path, content in files.items():
        (tmp_path / "made" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "made" / path).write_bytes(content)
    done = subprocess.run([*command, "--", *files], cwd=tmp_path / "made", check=True, capture_output=True)
    name = "B2SUMS" if command[0] == "b2sum" else "checksums.txt"
    found = crawl({**files, name: done.stdout})
    assert {one.path: [item.state for item in one.declared] for one in found.crawled.entries} == {
        name: [],
        **{path: [MATCH] for path in files},
    }


@having(st.binary(max_size=400))
@example(b"\xff\xfe\x00\xd8")
def test_no_bytes_raise_anything_else(data):
    for base in ("SHA256SUMS", "a.csv.sha256", "x.b2"):
        try:
            reading = read(data, base)
        except ManifestError:
            continue
        assert reading.declared


LINES = st.sampled_from(
    [f"{HEX}  a.csv\n", f"SHA256 (b.csv) = {HEX}\n", f"\\{HEX}  a\\nb\n", f"{MD5} *x\n", f"{HEX}\n"]
)


@having(st.lists(LINES, max_size=4).map("".join), st.integers(0, 300), st.text(max_size=4))
def test_changed_lines_raise_nothing_else(text, index, change):
    changed = text[:index] + change + text[index + 1 :]
    try:
        reading = read(changed.encode("utf-8", "surrogatepass"), "a.csv.sha256")
    except ManifestError:
        return
    for one in reading.declared:
        assert one.state == MALFORMED or len(one.value) == digests.LENGTHS[one.algorithm]


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), min_size=1, max_size=20).filter(
    lambda name: names.refusal(name) is None and not name[0].isspace()
)


@having(st.lists(NAMES, min_size=1, max_size=5, unique=True))
def test_what_is_written_by_the_rules_is_read(paths):
    text = "".join(f"{hashlib.sha256(path.encode()).hexdigest()}  {path}\n" for path in paths)
    reading = read(text, others=paths)
    expected = {(path, hashlib.sha256(path.encode()).hexdigest()) for path in paths if path != "SHA256SUMS"}
    assert {(one.path, one.value) for one in reading.declared} == expected
