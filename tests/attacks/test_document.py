"""Threats "document", "hash downgrade" and "canonical form": what a document may look like, and what it may say."""

from __future__ import annotations

import json
import time

import pytest

from sbom.cyclonedx.canonical import canonical
from sbom.cyclonedx.document import Raw
from sbom.cyclonedx.strict_json import Limits
from sbom.verification.document import examine

DIGEST = "0" * 64


def deep(levels, opening=b'{"a":', inner=b"1", closing=b"}"):
    return opening * levels + inner + closing * levels


def replaced(old, new):
    def change(raw):
        assert raw.count(old) >= 1
        return raw.replace(old, new, 1)

    return change


#: Bytes that are put in the place of the document, exit code, and a part of the sentence.
BYTES = {
    "empty": (lambda _: b"", 3, "is not JSON"),
    "not JSON": (lambda _: b"hello", 3, "is not JSON"),
    "truncated": (lambda raw: raw[: len(raw) // 2], 3, "is not JSON"),
    "one byte short": (lambda raw: raw.rstrip()[:-1], 3, "is not JSON"),
    "garbage behind it": (lambda raw: raw + b"{}", 3, "is not JSON"),
    "a second document behind it": (lambda raw: raw + raw, 3, "is not JSON"),
    "a list": (lambda raw: b"[" + raw + b"]", 3, "not an object"),
    "a string": (lambda _: b'"CycloneDX"', 3, "not an object"),
    "null": (lambda _: b"null", 3, "not an object"),
    "binary": (lambda _: bytes(range(256)), 3, "is not JSON"),
    "UTF-16": (lambda raw: raw.decode().encode("utf-16"), 3, "is not JSON"),
    "UTF-8 with a byte order mark": (lambda raw: b"\xef\xbb\xbf" + raw, 3, "is not JSON"),
    "not UTF-8": (replaced(b"penguins", b"penguin\xff"), 3, "is not JSON"),
    "NUL bytes": (lambda raw: raw + b"\0" * 100, 3, "is not JSON"),
    "a comment": (replaced(b"{", b"{ // hello\n"), 3, "is not JSON"),
    "a trailing comma": (lambda raw: raw.rstrip()[:-1] + b",}", 3, "is not JSON"),
    "single quotes": (replaced(b'"bomFormat"', b"'bomFormat'"), 3, "is not JSON"),
    "a lone surrogate": (replaced(b'"penguins"', b'"\\ud800"'), 3, "is not JSON"),
    "NaN": (replaced(b'"version": 1', b'"version": NaN'), 3, "is not JSON"),
    "Infinity": (replaced(b'"version": 1', b'"version": Infinity'), 3, "is not JSON"),
    "a number beyond doubles": (replaced(b'"version": 1', b'"version": 1e999'), 3, "is not JSON"),
    "an integer beyond 2^53": (replaced(b'"version": 1', b'"version": 9007199254740993'), 1, ""),
    "an integer beyond 2^64": (replaced(b'"version": 1', b'"version": 18446744073709551617'), 1, "2^53"),
    "an integer of 100,000 digits": (replaced(b'"version": 1', b'"version": 1' + b"0" * 100_000), 3, "is not JSON"),
    "a leading zero": (replaced(b'"version": 1', b'"version": 01'), 3, "is not JSON"),
    "a plus sign": (replaced(b'"version": 1', b'"version": +1'), 3, "is not JSON"),
    "hexadecimal": (replaced(b'"version": 1', b'"version": 0x1'), 3, "is not JSON"),
    "300 nested objects": (lambda _: deep(300), 1, "nested too deeply"),
    "2,000 nested objects": (lambda _: deep(2_000), 3, ""),
    "2,000 nested lists in a member": (
        replaced(b'"version": 1', b'"x": ' + deep(2_000, b"[", b"", b"]") + b', "version": 1'),
        3,
        "",
    ),
    "a million open brackets": (lambda _: b"[" * 1_000_000, 3, ""),
    "ten million open brackets": (lambda _: b"[" * 10_000_000, 3, ""),
    "thirty million commas": (lambda _: b'{"a":[' + b"0," * 30_000_000 + b"0]}", 3, "components"),
}


@pytest.mark.parametrize("case", BYTES)
def test_bytes_that_are_no_document(attack, case):
    make, code, sentence = BYTES[case]
    attack.bom.write_bytes(make(attack.bom.read_bytes()))
    ran = attack.refused(sentence, code=code)
    assert len(ran.text.splitlines()) <= 8


DUPLICATES = {
    "at the top": (b'"bomFormat": "CycloneDX"', b'"bomFormat": "CycloneDX", "bomFormat": "CycloneDX"'),
    "components twice": (b'"components": [', b'"components": [], "components": ['),
    "in the dataset": (b'"name": "penguins"', b'"name": "evil", "name": "penguins"'),
    "in a file": (b'"name": "README.md"', b'"name": "evil", "name": "README.md"'),
    "in a property": (b'"value": "1"', b'"value": "2", "value": "1"'),
    "in a digest": (b'"alg": "SHA-256"', b'"alg": "MD5", "alg": "SHA-256"'),
    "by an escape": (b'"version": "1.0.0"', b'"version": "1.0.0", "versi\\u006fn": "1.0.0"'),
    "the signature": (b'"signature": {', b'"signature": {}, "signature": {'),
    "in the signature": (b'"algorithm": "Ed25519"', b'"algorithm": "HS256", "algorithm": "Ed25519"'),
    "in the key": (b'"kty": "OKP"', b'"kty": "RSA", "kty": "OKP"'),
}


@pytest.mark.parametrize("case", DUPLICATES)
def test_duplicate_keys_at_any_depth(attack, case):
    old, new = DUPLICATES[case]
    attack.bom.write_bytes(replaced(old, new)(attack.bom.read_bytes()))
    attack.refused("twice in one object")


def test_many_keys_and_one_duplicate_are_found_in_time(attack):
    keys = b",".join(b'"k%d":0' % number for number in range(200_000))
    attack.bom.write_bytes(b"{" + keys + b',"k199999":1}')
    attack.refused("twice in one object")


def dataset(tree):
    return tree["metadata"]["component"]


def set_property(holder, name, value):
    for item in holder["properties"]:
        if item["name"] == name:
            item["value"] = value
            return
    holder["properties"].append({"name": name, "value": value})


def drop_property(holder, name):
    holder["properties"] = [item for item in holder["properties"] if item["name"] != name]


def readme(tree):
    return next(item for item in tree["components"] if item["name"] == "README.md")


def hashes(*pairs):
    def change(tree):
        readme(tree)["hashes"] = [{"alg": name, "content": value} for name, value in pairs]

    return change


def sha256(tree):
    return readme(tree)["hashes"][0]["content"]


def with_md5(value):
    def change(tree):
        readme(tree)["hashes"].append({"alg": "MD5", "content": value})

    return change


#: Changes of the tree, which is then signed well by the trusted key: the document itself is at fault.
SIGNED = {
    "unknown specVersion": (lambda t: t.update(specVersion="9.9"), "bom.schema", "specVersion"),
    "old specVersion": (lambda t: t.update(specVersion="1.4"), "bom.schema", "specVersion"),
    "specVersion is a number": (lambda t: t.update(specVersion=1.7), "bom.schema", "specVersion"),
    "no specVersion": (lambda t: t.pop("specVersion"), "bom.schema", "specVersion"),
    "not CycloneDX": (lambda t: t.update(bomFormat="SPDX"), "bom.schema", "bomFormat"),
    "unknown member": (lambda t: t.update(hello=1), "bom.schema", "hello"),
    "components is an object": (lambda t: t.update(components={}), "bom.schema", "/components"),
    "version is negative": (lambda t: t.update(version=-1), "bom.schema", "/version"),
    "unknown algorithm": (hashes(("CRC32", "00000000")), "bom.schema", "alg"),
    "upper-case algorithm": (hashes(("sha-256", DIGEST)), "bom.schema", "alg"),
    "digest of unknown length": (hashes(("SHA-256", "abc")), "bom.schema", "content"),
    "duplicate bom-ref": (lambda t: readme(t).update({"bom-ref": "file:empty"}), "bom.references", "file:empty"),
    "bom-ref of the dataset taken": (lambda t: readme(t).update({"bom-ref": "dataset"}), "bom.references", "dataset"),
    "dangling dependency": (
        lambda t: t.update(dependencies=[{"ref": "dataset", "dependsOn": ["nothing"]}]),
        "bom.references",
        "nothing",
    ),
    "dangling assembly": (lambda t: t["compositions"][0]["assemblies"].append("gone"), "bom.references", "gone"),
    "no serial number": (lambda t: t.pop("serialNumber"), "bom.profile", "serial number"),
    "no metadata": (lambda t: t.pop("metadata"), "bom.references", ""),
    "dataset is an application": (lambda t: dataset(t).update(type="application"), "bom.profile", "dataset"),
    "dataset under another reference": (lambda t: dataset(t).update({"bom-ref": "x"}), "bom.references", "dataset"),
    "nested components": (
        lambda t: readme(t).update(components=[{"type": "file", "name": "hidden"}]),
        "bom.profile",
        "nested",
    ),
    "components in the dataset": (
        lambda t: dataset(t).update(components=[{"type": "file", "name": "hidden"}]),
        "bom.profile",
        "nested",
    ),
    "a component of another type": (
        lambda t: t["components"].append({"type": "library", "name": "left-pad", "bom-ref": "l"}),
        "bom.profile",
        "left-pad",
    ),
    "no format version": (lambda t: drop_property(dataset(t), "data-sbom:format-version"), "bom.profile", "data SBOM"),
    "unknown format version": (
        lambda t: set_property(dataset(t), "data-sbom:format-version", "4"),
        "bom.profile",
        "format version '4'",
    ),
    "format version twice": (
        lambda t: dataset(t)["properties"].append({"name": "data-sbom:format-version", "value": "1"}),
        "bom.profile",
        "twice",
    ),
    "no root": (lambda t: drop_property(dataset(t), "data-sbom:merkle-root"), "bom.profile", "Merkle root"),
    "empty root": (lambda t: set_property(dataset(t), "data-sbom:merkle-root", ""), "bom.profile", "Merkle root"),
    "upper-case root": (
        lambda t: set_property(dataset(t), "data-sbom:merkle-root", "A" * 64),
        "bom.profile",
        "Merkle root",
    ),
    "another root": (lambda t: set_property(dataset(t), "data-sbom:merkle-root", DIGEST), "inventory.root", "root"),
    "wrong number of files": (
        lambda t: set_property(dataset(t), "data-sbom:file-count", "8"),
        "bom.profile",
        "number of files",
    ),
    "wrong total size": (lambda t: set_property(dataset(t), "data-sbom:total-size", "1"), "bom.profile", "total size"),
    "no files": (lambda t: t.update(components=[]), "bom.profile", "lists no file"),
    "no components": (lambda t: t.pop("components"), "bom.profile", "lists no file"),
    "a file fewer": (lambda t: t["components"].pop(0), "bom.profile", "number of files"),
    "no claim of completeness": (lambda t: t.pop("compositions"), "bom.profile", "complete"),
    "two claims of completeness": (
        lambda t: t["compositions"].append({"aggregate": "incomplete", "assemblies": ["dataset"]}),
        "bom.profile",
        "complete",
    ),
    "completeness unknown": (lambda t: t["compositions"][0].update(aggregate="unknown"), "bom.profile", "complete"),
    "incomplete without a rule": (
        lambda t: t["compositions"][0].update(aggregate="incomplete"),
        "bom.profile",
        "incomplete",
    ),
    "no size": (lambda t: drop_property(readme(t), "data-sbom:size"), "bom.profile", "README.md"),
    "negative size": (lambda t: set_property(readme(t), "data-sbom:size", "-1"), "bom.profile", "README.md"),
    "size with a leading zero": (lambda t: set_property(readme(t), "data-sbom:size", "011"), "bom.profile", "size"),
    "size in Arabic digits": (
        lambda t: set_property(readme(t), "data-sbom:size", "\u0661\u0661"),
        "bom.profile",
        "size",
    ),
    "size beyond 2^53": (
        lambda t: set_property(readme(t), "data-sbom:size", "9007199254740993"),
        "bom.profile",
        "size",
    ),
    "size of 10,000 digits": (lambda t: set_property(readme(t), "data-sbom:size", "9" * 10_000), "bom.profile", "size"),
    "size twice": (
        lambda t: readme(t)["properties"].append({"name": "data-sbom:size", "value": "11"}),
        "bom.profile",
        "twice",
    ),
    "an empty link text": (lambda t: set_property(readme(t), "data-sbom:link", ""), "bom.profile", "link"),
    "a link text with an escape": (lambda t: set_property(readme(t), "data-sbom:link", "\x1b"), "bom.profile", "link"),
    "no digest": (lambda t: readme(t).pop("hashes"), "bom.profile", "README.md"),
    "an empty list of digests": (lambda t: readme(t).update(hashes=[]), "bom.profile", "README.md"),
    "MD5 only": (hashes(("MD5", "0" * 32)), "bom.profile", "no SHA-256"),
    "SHA-1 only": (hashes(("SHA-1", "0" * 40)), "bom.profile", "no SHA-256"),
    "SHA-512 only": (hashes(("SHA-512", "0" * 128)), "bom.profile", "no SHA-256"),
    "SHA-256 of 32 digits": (hashes(("SHA-256", "0" * 32)), "bom.profile", "README.md"),
    "SHA-256 of 128 digits": (hashes(("SHA-256", "0" * 128)), "bom.profile", "README.md"),
    "upper-case digest": (hashes(("SHA-256", "A" * 64)), "bom.profile", "README.md"),
    "two SHA-256 digests": (hashes(("SHA-256", DIGEST), ("SHA-256", DIGEST)), "bom.profile", "two SHA-256"),
    "an algorithm nobody can check": (
        lambda t: readme(t)["hashes"].append({"alg": "Streebog-256", "content": DIGEST}),
        "bom.profile",
        "Streebog",
    ),
    "right SHA-256, wrong MD5": (with_md5("0" * 32), "files.modified", "README.md"),
    "wrong SHA-256": (hashes(("SHA-256", DIGEST)), "files.modified", "README.md"),
}


@pytest.mark.parametrize("case", SIGNED)
def test_well_signed_and_wrong_all_the_same(attack, case):
    change, check, sentence = SIGNED[case]
    tree = attack.tree()
    change(tree)
    attack.put_signed(tree)
    attack.refused(sentence)
    report = json.loads(attack.verify("-f", "json", code=1).out)
    status = {item["id"]: item["status"] for item in report["checks"]}
    assert status[check] == "fail", {name: value for name, value in status.items() if value != "pass"}


def places(value, path=()):
    """Yield the way to every value of a document that is no object."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*path, key))
    if path and not isinstance(value, dict):
        yield path


def other(value):
    """Return a value of the same kind that is another one."""
    match value:
        case str():
            return value + "x"
        case list():
            return value[:-1]
        case _:
            return value + 1


def test_every_member_has_its_part_in_what_is_signed(attack):
    original = attack.tree()
    del original["signature"]
    found = list(places(original))
    assert len(found) > 100
    for *way, last in found:
        tree = json.loads(json.dumps(original))
        holder = tree
        for part in way:
            holder = holder[part]
        holder[last] = other(holder[last])
        assert canonical(tree) != canonical(original), (*way, last)


@pytest.mark.parametrize(
    "path",
    [("metadata", "timestamp"), ("serialNumber",), ("$schema",), ("components", 0, "mime-type"), ("version",)],
    ids=str,
)
def test_harmless_looking_members_are_signed_too(attack, path):
    tree = attack.tree()
    holder = tree
    for part in path[:-1]:
        holder = holder[part]
    old = holder[path[-1]]
    new = {"timestamp": "2020-01-01T00:00:00Z", "version": 2, "mime-type": "text/html"}.get(str(path[-1]))
    holder[path[-1]] = new or (
        "http://cyclonedx.org/schema/bom-1.7.schema.json#"
        if path[-1] == "$schema"
        else "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"
    )
    assert holder[path[-1]] != old
    attack.put(tree)
    attack.refused()


def test_limits_hold_in_time():
    """Documents at the edge of the limits are judged in time, whatever is in them."""
    limits = Limits(size=1 << 20, components=1_000)
    for data in (
        b" " * (1 << 20) + b"x",
        b'{"a":"' + b"x" * (1 << 20),
        b"{" + b'"a":{' * 5_000,
        b"[" + b"0," * 500_000,
    ):
        started = time.monotonic()
        result = examine(Raw("x", data), limits).results[0]
        assert time.monotonic() - started < 2
        assert result.status == "error"


def test_document_larger_than_the_limit_is_not_read_to_its_end(attack):
    with attack.bom.open("r+b") as stream:
        stream.truncate(300 << 20)
    ran = attack.cli(*attack.release.verify_args())
    assert ran.code == 3
    assert f"{attack.bom}: is larger than 268,435,456 bytes" in ran.err


@pytest.mark.parametrize("kind", ["directory", "pipe", "device"])
def test_document_that_is_no_file(attack, kind, tmp_path):
    import os  # noqa: PLC0415  # for this test only

    path = {"directory": str(tmp_path), "pipe": str(tmp_path / "pipe"), "device": "/dev/zero"}[kind]
    if kind == "pipe":
        os.mkfifo(path)
    ran = attack.cli("verify", path, attack.data, "--public-key", attack.release.pub)
    assert ran.code == 3
    assert path in ran.err
    assert "is not a regular file" in ran.err


def test_there_is_no_document(attack):
    ran = attack.cli("verify", "nothing.json", attack.data, "--public-key", attack.release.pub)
    assert ran.code == 2
    assert "nothing.json: there is no such document" in ran.err


def test_empty_path_of_the_data_is_not_the_working_directory(attack, monkeypatch):
    monkeypatch.chdir(attack.data)
    for command in (("verify", attack.bom, ""), ("guard", attack.bom, "")):
        more = ("--", "true") if command[0] == "guard" else ()
        ran = attack.cli(*command, "--public-key", attack.release.pub, *more)
        assert ran.code == 2


def test_digest_that_needs_something_that_is_not_installed(attack, monkeypatch):
    """What cannot be computed here is undecided, not left out."""
    from sbom.inventory import hashing  # noqa: PLC0415  # patched here

    monkeypatch.setattr(hashing.importlib.util, "find_spec", lambda _name: None)
    tree = attack.tree()
    readme(tree)["hashes"].append({"alg": "BLAKE3", "content": DIGEST})
    attack.put_signed(tree)
    attack.refused("BLAKE3 digests need the blake3 extra", code=3)
