"""BagIt: every case of the Library of Congress' conformance suite, rebuilt from scratch, and what the specification adds.

A bag counts as accepted when the crawl calls its manifest valid: complete by its own rules, and every checksum holds.
"""

from __future__ import annotations

import hashlib
import logging
import unicodedata

import bagit as oracle
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as having
from hypothesis import strategies as st

from sbom import names
from sbom.manifests import bagit, registry
from sbom.manifests.errors import ManifestError
from sbom.manifests.interface import Given
from sbom.manifests.reading import Reading
from sbom.provenance import ABSENT, MATCH

A = b"bare\n"
B = b"some text\n"
PAYLOAD = {"data/bare-filename": A, "data/text-file.txt": B}


def digest(algorithm, content):
    return hashlib.new(algorithm, content).hexdigest()


def declaration(version="0.97", encoding="UTF-8"):
    return f"BagIt-Version: {version}\nTag-File-Character-Encoding: {encoding}\n".encode()


def listing(files, algorithm="md5", form="{} {}\n"):
    return "".join(form.format(digest(algorithm, content), path) for path, content in files.items())


def bag(  # noqa: PLR0913  # what a bag is made of
    version="0.97", payload=PAYLOAD, algorithm="md5", *, encoding="UTF-8", info="Contact-Name: Jo\n", tags=True, **files
):
    """Build a bag: ``files`` replace tag files (dots and dashes of a name written as ``_``), ``None`` leaves one out."""
    codec = encoding
    info_name = "bag-info.txt" if float(version) >= 0.96 else "package-info.txt"
    tree = {
        "bagit.txt": declaration(version, encoding),
        f"manifest-{algorithm}.txt": listing(payload, algorithm).encode(codec),
        info_name: None if info is None else info.encode(codec),
    }
    for key, content in files.items():
        name = {"bagit_txt": "bagit.txt", "manifest": f"manifest-{algorithm}.txt", "fetch": "fetch.txt"}[key]
        tree[name] = content.encode(codec) if isinstance(content, str) else content
    tree = {name: content for name, content in tree.items() if content is not None}
    if tags:
        tree[f"tagmanifest-{algorithm}.txt"] = listing(tree, algorithm).encode(codec)
    return tree | payload


def retag(tree, algorithm="md5"):
    """Write the tag manifest anew, so that only the fault under test is left."""
    tags = {name: content for name, content in tree.items() if "/" not in name and not name.startswith("tagmanifest")}
    return tree | {f"tagmanifest-{algorithm}.txt": listing(tags, algorithm).encode()}


def outside(path, version="0.97"):
    """A manifest that lists a path outside the bag, beside good lines."""
    return bag(version, manifest=listing(PAYLOAD) + f"{digest('md5', A)}  {path}\n")


def outside_fetch(path):
    return bag(fetch=f"http://localhost/foo {len(A)} {path}\n")


NFC, NFD = "data/N\u00fa\u00f1ez", "data/Nu\u0301n\u0303ez"
DUPLICATE_INFO = "Bagging-Date: 2016-02-26\nBagging-Date: 2016-03-10\nContact-Name: Jo\nContact-Name: Mo\n"
HOLES = "http://localhost/data/bare-filename - data/bare-filename\nhttp://localhost/x%201 10 data/text-file.txt\n"
INNER = {f"data/inner/{path}": content for path, content in bag(tags=True).items()}
FIVE = {f"data/dir{index}/test{index}.txt": b"test%d" % index for index in range(5)}
ENCODED = {
    "data/dir1/~test3.txt": b"3",
    "data/%7Edir2/dir3/test5.txt": b"5",
    "data/%7Edir2/test4.txt": b"4",
    "data/%7Etest1.txt": b"1",
    "data/%test2.txt": b"2",
}
TWO_ALGORITHMS = bag("1.0", algorithm="sha512", payload=PAYLOAD)

#: Name of the case in the suite → the bag, and what the suite says: accept, reject, or accept with a warning.
SUITE = {
    **{
        f"v{version}/valid/basic-bag": (bag(version, FIVE), "accept")
        for version in ("0.93", "0.94", "0.95", "0.96", "0.97")
    },
    **{
        f"v{version}/valid/duplicate-metadata-entries": (bag(version, info=DUPLICATE_INFO), "accept")
        for version in ("0.93", "0.94", "0.95", "0.96", "0.97")
    },
    **{
        f"v{version}/valid/basic-bag-md5": (bag(version, FIVE, tags=False), "accept")
        for version in ("0.93", "0.94", "0.95", "0.96")
    },
    **{
        f"v0.97/valid/basic-bag-{algorithm}": (bag(algorithm=algorithm), "accept")
        for algorithm in ("sha1", "sha224", "sha256", "sha384", "sha512")
    },
    "v0.97/valid/minimal-bag": (bag(payload={"data/.keep": b""}, info=None, tags=False), "accept"),
    "v0.97/valid/UTF-16-encoded-tag-files": (bag(encoding="UTF-16"), "accept"),
    "v0.97/valid/UTF-16-encoded-tag-files (as first written)": (bag(encoding="UTF-16BE"), "accept"),
    "v0.97/valid/ISO-8859-1-encoded-tag-files": (
        bag(payload={"data/caf\u00e9": A}, encoding="ISO-8859-1", info="Contact-Name: Ren\u00e9\n"),
        "accept",
    ),
    "v0.97/valid/bag-in-a-bag": (bag(payload=INNER), "accept"),
    "v0.97/valid/bag-with-encoded-names": (bag(payload=ENCODED), "accept"),
    "v0.97/valid/bag-with-escapable-characters": (bag(payload={"data/dir (1)/a 'b' [c] & $d.txt": A}), "accept"),
    "v0.97/valid/bag-with-leading-dot-slash-in-manifest": (bag(manifest=listing(PAYLOAD, form="{}  ./{}\n")), "accept"),
    "v0.97/valid/bag-with-space": (bag(payload={"data/test file with spaces.txt": A}), "accept"),
    "v0.97/valid/holey-bag": (bag(fetch=HOLES), "accept"),
    "v0.97/valid/uncommon-metadata-separators": (bag(info="Contact-Name \t:\t Jo\nBagging-Date:2016-02-26\n"), "accept"),
    "v0.97/invalid/baginfo-missing-encoding": (bag(bagit_txt="BagIt-Version: 0.97\n"), "reject"),
    "v0.97/invalid/bom-in-bagit.txt": (bag(bagit_txt=b"\xef\xbb\xbf" + declaration()), "reject"),
    "v0.97/invalid/corrupt-data-file": (bag() | {"data/bare-filename": b"BARE\n"}, "reject"),
    "v0.97/invalid/corrupt-tag-file": (bag() | {"bag-info.txt": b"Contact-Name: Mo\n"}, "reject"),
    "v0.97/invalid/extra-file-in-bag": (bag() | {"data/bar": b"bar"}, "reject"),
    "v0.97/invalid/invalid-version-number": (bag(bagit_txt=declaration(".97")), "reject"),
    "v0.97/invalid/missing-baginfo": ({k: v for k, v in bag().items() if k != "bag-info.txt"}, "reject"),
    "v0.97/invalid/missing-bagit.txt": ({k: v for k, v in bag().items() if k != "bagit.txt"}, "reject"),
    "v0.97/invalid/out-of-scope-file-paths-using-dot-notation": (outside("../../../README.md"), "reject"),
    "v0.97/invalid/out-of-scope-file-paths-using-dot-notation-for-fetch": (outside_fetch("../../../README.md"), "reject"),
    "v0.97/invalid/same-filename-listed-twice-with-different-hashes": (
        bag(manifest=listing(PAYLOAD) + f"{digest('md5', b'x')} data/bare-filename\n"),
        "reject",
    ),
    "v0.97/invalid/bagit-with-invalid-whitespace (before it was moved)": (
        bag(bagit_txt="BagIt-Version : 0.97\nTag-File-Character-Encoding : UTF-8\n"),
        "reject",
    ),
    "v0.97/linux-only/out-of-scope-file-paths-using-absolute-path": (outside("/var/foo"), "reject"),
    "v0.97/linux-only/out-of-scope-file-paths-using-absolute-path-for-fetch": (outside_fetch("/var/foo"), "reject"),
    "v0.97/linux-only/out-of-scope-file-paths-using-shortcut": (outside("~/foo"), "reject"),
    "v0.97/linux-only/out-of-scope-file-paths-using-shortcut-for-fetch": (outside_fetch("~/foo"), "reject"),
    "v0.97/linux-only/out-of-scope-file-paths-using-shortcut-username": (outside("~root/foo"), "reject"),
    "v0.97/linux-only/out-of-scope-file-paths-using-shortcut-username-for-fetch": (outside_fetch("~root/foo"), "reject"),
    "v0.97/windows-only/out-of-scope-file-paths-using-absolute-path": (outside(r"C:\Windows\System32\setx.exe"), "reject"),
    "v0.97/windows-only/out-of-scope-file-paths-using-absolute-path-for-fetch": (
        outside_fetch(r"C:\Windows\System32\setx.exe"),
        "reject",
    ),
    "v0.97/windows-only/out-of-scope-file-paths-using-shortcut": (outside(r"%HomeDrive%\Windows\setx.exe"), "reject"),
    "v0.97/windows-only/out-of-scope-file-paths-using-shortcut-for-fetch": (
        outside_fetch(r"%HomeDrive%\Windows\setx.exe"),
        "reject",
    ),
    "v0.97/windows-only/out-of-scope-file-paths-using-unc": (outside(r"\\?\UNC\server\Windows\setx.exe"), "reject"),
    "v0.97/windows-only/out-of-scope-file-paths-using-unc-for-fetch": (
        outside_fetch(r"\\?\UNC\server\Windows\setx.exe"),
        "reject",
    ),
    "v0.97/darwin-only/precomposed-character-in-filename": (
        bag(payload={"data/contro\u0302le.txt": A}, manifest=f"{digest('md5', A)} data/contr\u00f4le.txt\n"),
        "warn",
    ),
    "v0.97/warning/filename-normalization": (
        bag(payload={NFD: b""}, manifest=f"{digest('md5', b'')} {NFC}\n"),
        "warn",
    ),
    "v0.97/warning/same-filename-listed-twice-with-different-normalization": (
        bag(payload={NFC: b""}, manifest=f"{digest('md5', b'')} {NFC}\n{digest('md5', b'')} {NFD}\n"),
        "warn",
    ),
    "v0.97/warning/same-filename-listed-twice-with-the-same-hash": (
        bag(manifest=listing(PAYLOAD) + f"{digest('md5', A)} data/bare-filename\n"),
        "warn",
    ),
    "v0.97/warning/made-with-md5sum-tools": (bag(manifest=listing(PAYLOAD, form="{} *{}\n")), "warn"),
    "v0.97/warning/relative-path": (bag(manifest=listing(PAYLOAD, form="{} ./{}\n")), "warn"),
    "v0.97/warning/special-system-files": (bag(payload={"data/.DS_Store": A, "data/Thumbs.db": B}), "accept"),
    "v0.97/warning/duplicate-file-with-different-case": (bag(payload={"data/Hello": A, "data/hello": A}), "accept"),
    "v1.0/valid/basicBag": (bag("1.0", algorithm="sha512", info="Bagging-Date: 2018-07-22\nPayload-Oxum: 15.2\n"), "accept"),
    "v1.0/invalid/bagit-with-invalid-whitespace": (
        bag("1.0", bagit_txt="BagIt-Version : 1.0\nTag-File-Character-Encoding : UTF-8\n"),
        "reject",
    ),
    "v1.0/invalid/missing-from-manifest": (bag("1.0") | {"data/missingFromManifest.txt": b"x"}, "reject"),
    "v1.0/invalid/same-filename-listed-twice-with-different-hashes": (
        bag("1.0", manifest=listing(PAYLOAD) + f"{digest('md5', b'x')} data/bare-filename\n"),
        "reject",
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def lone(monkeypatch):
    monkeypatch.setattr(registry, "MODULES", ("bagit", "checksums", "lfs"))


def verdict(found, path="bagit.txt"):
    """Return whether the bag is accepted, and why not or what is odd."""
    for manifest in found.crawled.provenance.manifests:
        if manifest.path == path:
            return manifest.valid, [*found.crawled.rejected, *found.crawled.warnings]
    return None, []


@pytest.fixture
def judged(crawl):
    return lambda tree: verdict(crawl(tree))


@pytest.mark.parametrize("case", SUITE)
def test_the_conformance_suite(case, judged):
    tree, expected = SUITE[case]
    valid, reasons = judged(tree)
    assert (valid is True) == (expected != "reject"), reasons
    if expected != "accept":
        assert reasons or case.endswith("missing-bagit.txt")
    else:
        assert not reasons or "different-case" in case or "dot-slash" in case


#: What the specification rejects, beyond the suite: name → bag.
INVALID = {
    "no payload manifest": {k: v for k, v in bag(tags=False).items() if not k.startswith("manifest")},
    "no payload directory": {k: v for k, v in bag(tags=False, manifest="").items() if not k.startswith("data/")},
    "data is a file": {k: v for k, v in bag(tags=False, manifest="").items() if not k.startswith("data/")} | {"data": b"x"},
    "a listed file is absent": {k: v for k, v in bag().items() if k != "data/text-file.txt"},
    "a listed file has another case": {k.replace("text-file", "Text-File"): v for k, v in bag().items()},
    "a file to be fetched": {k: v for k, v in bag(fetch=HOLES).items() if k != "data/text-file.txt"},
    "an unknown version": bag(bagit_txt=declaration("2.0")),
    "an unknown minor version": bag(bagit_txt=declaration("0.98")),
    "an unknown encoding": bag(bagit_txt=declaration(encoding="EBCDIC-WHATEVER")),
    "a codec of Python that is no encoding": bag(bagit_txt=declaration(encoding="rot13")),
    "a codec of Python that computes": bag(bagit_txt=declaration(encoding="punycode")),
    "a third line": bag(bagit_txt=declaration() + b"Payload-Byte-Count: 25\n"),
    "lines in the other order": bag(bagit_txt="Tag-File-Character-Encoding: UTF-8\nBagIt-Version: 0.97\n"),
    "two blanks": bag(bagit_txt=declaration().replace(b": ", b":  ")),
    "a blank at the end of a line in 1.0": bag("1.0", bagit_txt=declaration("1.0").replace(b"8\n", b"8 \n")),
    "an empty line in 1.0": bag("1.0", bagit_txt=declaration("1.0") + b"\n"),
    "a declaration in UTF-16": bag(bagit_txt=declaration().decode().encode("utf-16")),
    "a declaration that is too long": bag(bagit_txt=declaration() + b"\n" * 70_000),
    "wrong bytes in Payload-Oxum": bag(info="Payload-Oxum: 16.2\n"),
    "wrong files in Payload-Oxum": bag(info="Payload-Oxum: 15.3\n"),
    "a malformed Payload-Oxum": bag(info="Payload-Oxum: many\n"),
    "a Payload-Oxum with a sign": bag(info="Payload-Oxum: +15.2\n"),
    "two Payload-Oxum in 1.0": bag("1.0", info="Payload-Oxum: 15.2\nPayload-Oxum: 15.2\n"),
    "a metadata line without a colon": bag(info="Contact-Name: Jo\nno colon\n"),
    "metadata that start indented": bag(info="  indented\nContact-Name: Jo\n"),
    "blanks before the colon in 1.0": bag("1.0", info="Contact-Name : Jo\n"),
    "metadata in another encoding": bag(info=None) | {"bag-info.txt": b"Contact-Name: Ren\xe9\n"},
    "a manifest in another encoding": bag(payload={"data/caf\u00e9": A}, manifest=listing({"data/caf\u00e9": A}).encode("latin-1")),
    "a line of a manifest with a checksum only": bag(manifest=listing(PAYLOAD) + digest("md5", A) + "\n"),
    "a checksum that is none": bag(manifest=listing(PAYLOAD).replace(digest("md5", A), "z" * 32)),
    "a checksum of another length": bag(manifest=listing(PAYLOAD).replace(digest("md5", A), digest("sha1", A))),
    "a payload manifest that lists a tag file": bag(manifest=listing({**PAYLOAD, "bagit.txt": declaration()})),
    "a payload manifest that lists a directory": bag(manifest=listing(PAYLOAD) + f"{digest('md5', A)} data\n"),
    "a path that goes out and comes back": bag(manifest=listing(PAYLOAD).replace("data/bare", "../dataset/data/bare")),
    "a path with a segment of dots": bag(manifest=listing(PAYLOAD).replace("data/bare", "data/../data/bare")),
    "a line feed, encoded": bag(manifest=listing(PAYLOAD) + f"{digest('md5', A)} data/a%0Ab\n"),
    "an algorithm that nobody knows": bag() | {"manifest-whirlpool.txt": listing(PAYLOAD).encode()},
    "a digest that is not of the bytes": {k.replace("manifest-md5", "manifest-gitsha1"): v for k, v in bag(tags=False).items()},
    "a name of an algorithm that is not normal in 1.0": bag("1.0") | {"manifest-sha-1.txt": listing(PAYLOAD, "sha1").encode()},
    "bytes in the declaration that are not UTF-8": bag(bagit_txt=declaration() + b"\xff"),
    "an algorithm that nobody knows, alone": {k.replace("manifest-md5", "manifest-crc32"): v for k, v in bag(tags=False).items()},
    "a tag manifest of an algorithm that nobody knows": bag() | {"tagmanifest-whirlpool.txt": b"00 bagit.txt\n"},
    "a tag file that is absent": bag() | {"tagmanifest-md5.txt": f"{digest('md5', A)} metadata/x.xml\n".encode()},
    "a tag file outside": bag() | {"tagmanifest-md5.txt": f"{digest('md5', A)} ../x\n".encode()},
    "a tag file in somebody's home": bag() | {"tagmanifest-md5.txt": f"{digest('md5', A)} ~/x\n".encode(), "~/x": A},
    "a file in one of two manifests in 1.0": retag(
        bag("1.0") | {"manifest-sha256.txt": listing({"data/bare-filename": A}, "sha256").encode()}
    ),
    "a file twice in 1.0": bag("1.0", manifest=listing(PAYLOAD) + f"{digest('md5', A)} data/bare-filename\n"),
    "a tag manifest that lists payload in 1.0": bag("1.0") | {
        "tagmanifest-md5.txt": listing({**PAYLOAD, "manifest-md5.txt": listing(PAYLOAD).encode()}).encode()
    },
    "a tag manifest that lists a tag manifest in 1.0": bag("1.0") | {
        "tagmanifest-sha1.txt": listing({"manifest-md5.txt": listing(PAYLOAD).encode(), "tagmanifest-md5.txt": bag("1.0")["tagmanifest-md5.txt"]}, "sha1").encode()
    },
    "a tag manifest without the payload manifest in 1.0": bag("1.0") | {
        "tagmanifest-md5.txt": listing({"bagit.txt": declaration("1.0")}).encode()
    },
    "a byte order mark in a manifest in 1.0": bag("1.0", manifest="\ufeff" + listing(PAYLOAD)),
    "fetch: too few fields": bag(fetch="http://localhost/x data/bare-filename\n"),
    "fetch: no length": bag(fetch="http://localhost/x many data/bare-filename\n"),
    "fetch: a relative URL": bag(fetch="x/y - data/bare-filename\n"),
    "fetch: a tag file": bag(fetch="http://localhost/x - bag-info.txt\n"),
    "fetch: not in a manifest in 1.0": bag("1.0", fetch="http://localhost/x - data/other\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", INVALID)
def test_what_the_specification_rejects(case, judged):
    valid, reasons = judged(INVALID[case])
    assert valid is False
    assert reasons


#: What older versions, or usage, let pass, with a word about it where it is odd.
VALID = {
    "a file in one of two manifests before 1.0": (
        bag(manifest=listing({"data/bare-filename": A}), tags=False)
        | {"manifest-sha256.txt": listing({"data/text-file.txt": B}, "sha256").encode()},
        False,
    ),
    "two algorithms in 1.0": (
        retag(TWO_ALGORITHMS | {"manifest-sha256.txt": listing(PAYLOAD, "sha256").encode()}, "sha512"), False
    ),
    "algorithms of the new kind": (bag("1.0", algorithm="blake2b") | {}, False),
    "sha3": ({k.replace("sha3_256", "sha3256"): v for k, v in bag("1.0", algorithm="sha3_256", tags=False).items()}, False),
    "checksums in capitals": (bag(manifest=listing(PAYLOAD).upper().replace("DATA/BARE-FILENAME", "data/bare-filename").replace("DATA/TEXT-FILE.TXT", "data/text-file.txt")), False),
    "tabs and many blanks": (bag(manifest=listing(PAYLOAD, form="{}\t  \t{}\n")), False),
    "line ends of Windows": (bag(manifest=listing(PAYLOAD, form="{} {}\r\n"), info="Contact-Name: Jo\r\n"), False),
    "line ends of old": (bag(manifest=listing(PAYLOAD, form="{} {}\r"), bagit_txt=declaration().replace(b"\n", b"\r")), False),
    "no end of the last line": (bag(manifest=listing(PAYLOAD).removesuffix("\n"), bagit_txt=declaration()[:-1]), False),
    "two Payload-Oxum before 1.0, the first one counts": (bag(info="Payload-Oxum: 15.2\nPayload-Oxum: 1.1\n"), True),
    "blanks around the declaration before 1.0": (bag(bagit_txt=declaration().replace(b"\n", b" \n")), True),
    "a byte order mark in a manifest before 1.0": (bag(manifest="\ufeff" + listing(PAYLOAD)), True),
    "comments and empty lines": (bag(manifest="# by hand\n\n" + listing(PAYLOAD)), False),
    "trailing blanks": (bag(manifest=listing(PAYLOAD, form="{} {} \n")), False),
    "UTF-16 without a mark": (bag(bagit_txt=declaration(encoding="UTF-16"), encoding="UTF-16BE"), False),
    "UTF-16 of Windows without a mark": (bag(bagit_txt=declaration(encoding="UTF-16"), encoding="UTF-16LE"), False),
    "UTF-32": (bag(encoding="UTF-32"), False),
    "a percent sign in 1.0": (bag("1.0", {"data/100%.txt": A}, manifest=f"{digest('md5', A)} data/100%25.txt\n"), False),
    "a percent sign in 1.0 as older writers leave it": (bag("1.0", {"data/100%.txt": A}), False),
    "a percent sign before 1.0": (bag(payload={"data/100%25.txt": A}), False),
    "other tag files and directories": (bag() | {"metadata/x.xml": b"<x/>", "README": b"x"}, False),
    "a tag manifest over a tag directory": (
        bag(tags=False) | {"metadata/x": A, "tagmanifest-md5.txt": f"{digest('md5', A)} metadata/x\n".encode()}, False
    ),
    "a tag manifest that lists payload before 1.0": (bag() | {"tagmanifest-md5.txt": listing(PAYLOAD).encode()}, True),
    "fetch: not in a manifest before 1.0": (bag(fetch="http://localhost/x - data/other\n"), True),
    "fetch: another length": (bag(fetch="http://localhost/x 99 data/bare-filename\n"), True),
    "a name of an algorithm that is not normal before 1.0": (bag(tags=False) | {"manifest-sha-1.txt": listing(PAYLOAD, "sha1").encode()}, True),
    "a tag file that sounds like a manifest": (bag() | {"manifest-of-things.txt": b"things"}, False),
    "empty lines in the metadata": (bag(info="\nContact-Name: Jo\n\n   \n"), False),
    "a manifest that is none": (bag() | {"MANIFEST-SHA1.TXT": b"whatever"}, True),
    "two names that differ in normalisation": (bag(payload={NFC: A, NFD: B}), None),
}  # fmt: skip


@pytest.mark.parametrize("case", VALID)
def test_what_passes(case, judged):
    tree, odd = VALID[case]
    valid, reasons = judged(tree)
    assert valid is True, reasons
    assert odd is None or bool(reasons) == odd


def test_a_reason_names_the_place_and_where_to_get_what_is_missing(judged):
    valid, reasons = judged({k: v for k, v in bag(fetch=HOLES).items() if k != "data/text-file.txt"})
    assert valid is False
    assert any("not there yet, but can be fetched: data/text-file.txt" in reason.reason for reason in reasons[:3])


def test_provenance(crawl):
    info = (
        "Source-Organization: Spengler University\nOrganization-Address: 1400 Elm St.\nContact-Name: Edna Janssen\n"
        "Contact-Name: Mo\nContact-Phone: +1 408-555-1212\ncontact-email: ej@spengler.edu\n"
        "External-Description: Greyscale images\n   of papers.\nBagging-Date: 2008-01-15\nExternal-Identifier: s_001\n"
        "Bag-Size: 260 GB\nBag-Count: 1 of 15\nInternal-Sender-Identifier: /storage\n"
        "Internal-Sender-Description: not said\nBag-Software-Agent: hand\n"
    )
    (one,) = crawl(bag(info=info)).readings
    assert {(said.field, said.value, said.pointer) for said in one.reading.said} == {
        ("supplier", "Spengler University", "bag-info.txt L1"),
        ("maintainer", "Edna Janssen <ej@spengler.edu>", "bag-info.txt L3"),
        ("maintainer", "Mo", "bag-info.txt L4"),
        ("description", "Greyscale images\nof papers.", "bag-info.txt L7"),
        ("release-date", "2008-01-15", "bag-info.txt L9"),
        ("identifier", "s_001", "bag-info.txt L10"),
        ("identifier", "/storage", "bag-info.txt L13"),
        ("tool", "hand", "bag-info.txt L15"),
    }
    assert one.reading.version == "0.97"


@pytest.mark.parametrize(("version", "name"), [("0.95", "package-info.txt"), ("0.96", "bag-info.txt")])
def test_the_file_with_the_metadata_was_renamed(version, name, crawl):
    (one,) = crawl(
        bag(version) | {"bag-info.txt": b"Contact-Name: Jo\n", "package-info.txt": b"Contact-Name: Jo\n"}
    ).readings
    assert [said.pointer for said in one.reading.said] == [f"{name} L1"]


def test_an_address_alone(crawl):
    (one,) = crawl(bag(info="Contact-Email: jo@example.org\nInternal-Sender-Description: theirs\n")).readings
    assert [(said.field, said.value) for said in one.reading.said] == [
        ("description", "theirs"),
        ("maintainer", "jo@example.org"),
    ]


def test_declarations_and_sources(crawl):
    found = crawl(bag(fetch=HOLES))
    states = {
        one.path: [(item.algorithm, item.state, item.pointer) for item in one.declared] for one in found.crawled.entries
    }
    assert states["data/bare-filename"] == [("MD5", MATCH, "manifest-md5.txt L1")]
    assert states["bag-info.txt"] == [("MD5", MATCH, "tagmanifest-md5.txt L3")]
    first, second = found.crawled.provenance.sources
    assert first == (
        "http://localhost/data/bare-filename",
        "bagit.txt",
        "fetch.txt L1",
        "data/bare-filename",
        (("MD5", digest("md5", A)),),
        None,
        None,
        None,
        None,
    )
    assert (second.path, second.size) == ("data/text-file.txt", 10)


def test_absent_files_are_absent(crawl):
    found = crawl({k: v for k, v in bag().items() if k != "data/text-file.txt"})
    assert [(path, one.state) for path, one in found.crawled.provenance.elsewhere] == [("data/text-file.txt", ABSENT)]


def test_a_bag_in_a_subdirectory_speaks_for_itself(crawl):
    inner = {f"deep/bag/{path}": content for path, content in bag("1.0").items()}
    found = crawl(inner | {"data/more": b"x", "deep/data/more": b"x"})
    assert verdict(found, "deep/bag/bagit.txt")[0] is True
    assert found.crawled.provenance.manifests[0].scope == "deep/bag"


def test_a_bad_bag_in_a_good_one(crawl):
    bad = {f"data/inner/{path}": content for path, content in (bag() | {"data/extra": b"x"}).items()}
    found = crawl(bag("1.0", bad))
    assert verdict(found)[0] is True
    assert verdict(found, "data/inner/bagit.txt")[0] is False


@pytest.mark.parametrize("tree", [{"bagit.txt": b"Notes on bags.\n"}, bag() | {"BAGIT.TXT": declaration()}])
def test_what_is_no_bag_declaration(tree, crawl):
    assert [one.manifest.path for one in crawl(tree).readings] == [path for path in ["bagit.txt"] if len(tree) > 1]


def test_a_bag_without_a_proper_declaration_is_one_that_is_invalid(judged):
    assert judged(bag(bagit_txt="hello\n"))[0] is False


def test_problems_are_bounded(crawl):
    lines = "".join(f"{digest('md5', A)} ../{index}\n" for index in range(3_000))
    (one,) = crawl(bag(manifest=listing(PAYLOAD) + lines)).readings
    assert len(one.reading.problems) == 100
    assert one.reading.valid is False


def test_lines_are_bounded(crawl, monkeypatch):
    monkeypatch.setattr("sbom.manifests.bagit_tags.MAX_LINES", 2)
    for name, tree in (
        ("long", bag(payload=PAYLOAD | {"data/third": A}, tags=False)),
        ("info", bag(info="A: 1\nB: 2\nC: 3\n", tags=False)),
    ):
        valid, reasons = verdict(crawl(tree, name=name))
        assert valid is False
        assert "more than 2 lines" in reasons[0].reason


def by_library(root, caplog):
    """Ask the library of the Library of Congress."""
    with caplog.at_level(logging.CRITICAL, logger="bagit"):
        try:
            return oracle.Bag(str(root)).is_valid()
        except (oracle.BagError, UnicodeDecodeError, LookupError, ValueError):
            return False


#: Cases where the library decides differently, and why.
LIBRARY_DIFFERS = {
    "v0.97/invalid/bagit-with-invalid-whitespace (before it was moved)": "takes blanks before the colon",
    "v1.0/invalid/bagit-with-invalid-whitespace": "takes blanks before the colon",
    "v0.97/warning/same-filename-listed-twice-with-different-normalization": "looks for a file under both names",
}


@pytest.mark.parametrize("case", [case for case in SUITE if not case.startswith("v0.97/windows-only")])
def test_the_library_decides_as_we_do(case, crawl, tmp_path, caplog):
    tree, expected = SUITE[case]
    crawl(tree, name="dataset")
    same = by_library(tmp_path / "dataset", caplog) == (expected != "reject")
    assert same == (LIBRARY_DIFFERS.get(case) is None)


@pytest.mark.parametrize("algorithms", [["md5"], ["sha256", "sha512"], ["sha1", "sha3_256"], ["sha3_256"], ["blake2b"]])
def test_bags_that_the_library_makes(algorithms, crawl, tmp_path):
    root = tmp_path / "dataset"
    for path, content in {"a.csv": A, "deep/b c.csv": B, "100%.txt": A, "ü.txt": B}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    oracle.make_bag(str(root), {"Contact-Name": "Jo"}, checksums=algorithms)
    valid, reasons = verdict(crawl({}))
    assert valid is True, reasons
    assert bool(reasons) == ("sha3_256" in algorithms)


def change(tree, draw):
    """Change a valid bag in one place that both must see."""
    kind = draw(st.sampled_from(["nothing", "remove", "edit", "extra", "rename", "oxum", "line"]))
    path = draw(st.sampled_from(sorted(tree)))
    tree = dict(tree)
    if kind == "remove":
        del tree[path]
    elif kind == "edit":
        tree[path] += b"x" if path.startswith("data/") else b"\n"
    elif kind == "extra":
        tree["data/" + draw(st.sampled_from(["zz", "bare", "deep/zz"]))] = b""
    elif kind == "rename" and path.startswith("data/"):
        tree[path + "2"] = tree.pop(path)
    elif kind == "oxum":
        tree["bag-info.txt"] = b"Payload-Oxum: 15.%d\n" % draw(st.integers(1, 3))
    elif kind == "line":
        tree["manifest-md5.txt"] = b"".join(
            draw(st.permutations(tree["manifest-md5.txt"].splitlines(keepends=True)))[:1]
        )
    return tree


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@having(st.data())
def test_changed_bags_are_judged_as_the_library_judges_them(crawl, tmp_path_factory, caplog, data):
    tree = change(bag(tags=data.draw(st.booleans())), data.draw)
    root = tmp_path_factory.mktemp("bags")
    for path, content in tree.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    ours = verdict(crawl({}, name=f"../{root.name}"))[0] is True
    assert ours == by_library(root, caplog)


class Files(Given):
    """A bag in memory."""

    def __init__(self, tree):
        self.path, self.directory, self.root_name, self._tree = "bagit.txt", "", "bag", tree

    def data(self, limit=1 << 20):
        return self._tree["bagit.txt"]

    def other(self, path, limit=1 << 20):
        if path not in self._tree:
            raise ManifestError("is not there")
        return self._tree[path]

    def exists(self, path):
        return path in self._tree

    def size(self, path):
        return len(self._tree[path]) if path in self._tree else None

    def below(self, directory):
        return iter(sorted(self._tree))

    def resolve(self, text, base=None):
        text = text.removeprefix("./")
        return text if names.refusal(text) is None else None

    head = link = None


def read(tree):
    reading = Reading()
    bagit.READER.read(Files(tree), reading)
    return reading


FULL = retag(bag("1.0", fetch=HOLES) | {"manifest-sha256.txt": listing(PAYLOAD, "sha256").encode()})
TAGS = sorted(name for name in FULL if "/" not in name)


def test_the_full_bag_is_valid():
    assert read(FULL).valid is True


@having(st.sampled_from(TAGS), st.binary(max_size=200))
def test_no_bytes_raise_anything_else(name, content):
    try:
        reading = read(FULL | {name: content})
    except ManifestError:
        return
    assert reading.valid in {True, False}
    assert all(one.path and not one.path.startswith(("/", "..")) for one in reading.declared)


@having(
    st.sampled_from(TAGS),
    st.integers(0, 400),
    st.integers(0, 3),
    st.text(max_size=6),
    st.sampled_from(["utf-8", "utf-16", "UTF-32BE", "shift_jis", "iso-2022-jp"]),
)
def test_changed_bags_raise_nothing_else(name, index, length, text, encoding):
    tree = {path: content.decode().encode(encoding) for path, content in FULL.items() if "/" not in path}
    tree |= PAYLOAD | {"bagit.txt": declaration("1.0", encoding)}
    content = tree[name]
    tree[name] = content[:index] + text.encode("utf-8", "surrogatepass") + content[index + length :]
    try:
        reading = read(tree)
    except ManifestError:
        return
    assert reading.valid in {True, False}
    if reading.valid:
        assert set(PAYLOAD) <= {one.path for one in reading.declared}


@having(st.text(min_size=1, max_size=12))
def test_a_valid_bag_never_lists_what_is_not_there(written):
    line = f"{digest('md5', A)} {written}\n".encode("utf-8", "surrogatepass")
    tree = bag(tags=False)
    reading = read(tree | {"manifest-md5.txt": tree["manifest-md5.txt"] + line})
    if reading.valid:
        assert {one.path for one in reading.declared} == set(PAYLOAD)


@having(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), st.binary(max_size=4), min_size=1, max_size=4
    )
)
def test_every_name_that_an_inventory_may_hold_can_be_in_a_bag(files):
    payload = {f"data/{name}": content for name, content in files.items()}
    normal = [unicodedata.normalize("NFC", path) for path in payload]
    if any(names.refusal(path) or path != path.rstrip() for path in payload) or len(set(normal)) < len(normal):
        return
    if any(one != two and one.startswith(two + "/") for one in payload for two in payload):
        return
    encoded = {path.replace("%", "%25"): content for path, content in payload.items()}
    reading = read(bag("1.0", payload, tags=False, manifest=listing(encoded)))
    assert reading.valid is True, reading.problems
    assert {one.path for one in reading.declared} == set(payload)


def test_what_a_program_writes_in_every_line_is_told_once(crawl):
    (one,) = crawl(bag(manifest=listing(FIVE, form="{} *./{}\n"), payload=FIVE)).readings
    assert [problem.pointer for problem in one.reading.problems] == ["manifest-md5.txt L1"] * 2
