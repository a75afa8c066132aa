"""Step records: a Statement that others read, one meaning each, and nothing in it that could not be."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sbom.cyclonedx import canonical, strict_json
from sbom.errors import DocumentError, Error, LimitError, NotADocumentError, SignatureError
from sbom.lineage import statement
from sbom.signing import dsse, keys
from sbom.transformation import Edge, Step, Word

sys.path.append(str(Path(__file__).resolve().parents[1] / "cyclonedx"))

from lineages import EXPORT, RECORDED, SPLIT  # found by the line above

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schemas" / "step-record.schema.json").read_text("utf-8"))
FAST = jsonschema_rs.validator_for(SCHEMA)
STANDARD = jsonschema.Draft202012Validator(SCHEMA)
KEY = keys.generate()
#: A step with everything, as a record has it; with a directory and a table among its products.
STEP = SPLIT._replace(
    origin="",
    envelope=None,
    commands=("python src/split.py",),
    parameters=(("seed", "7"), ("since", "2024")),
    outputs=tuple(
        sorted((*SPLIT.outputs, Edge("logs/", SPLIT.outputs[0].words), Edge("table:t", EXPORT.inputs[0].words)))
    ),
)


def accepted(document):
    """Ask two validators, which have to agree."""
    fast = FAST.is_valid(document)
    assert fast == STANDARD.is_valid(document)
    return fast


def sign(payload, kind=statement.PAYLOAD_TYPE):
    return dsse.sign(payload, kind, KEY)


@pytest.fixture
def document():
    """A Statement, the test's own to break."""
    return json.loads(statement.dump(STEP))


# -- writing ------------------------------------------------------------------------------------------------------------


def test_it_is_a_statement_of_in_toto(document):
    assert document["_type"] == "https://in-toto.io/Statement/v1"
    assert document["predicateType"] == "urn:data-sbom:predicate:step:1"
    assert [one["name"] for one in document["subject"]] == ["data/test.csv", "data/train.csv", "log"]
    assert all(one["digest"].keys() == {"sha256"} for one in document["subject"])
    assert [one["name"] for one in document["predicate"]["products"]] == ["logs/", "table:t"]
    assert document["predicate"]["materials"] == [
        {
            "name": "raw.csv",
            "digest": {"sha256": "01" * 32},
            "annotations": {
                "size": 40,
                "words": [{"kind": "observed"}, {"kind": "declared", "where": "--input"}],
                "hashedAfter": True,
            },
        }
    ]
    assert "origin" not in document["predicate"]


def test_its_bytes_are_canonical(document):
    assert statement.dump(STEP) == canonical.canonical(document)
    assert statement.dump(STEP._replace(envelope="x", origin="y")) == statement.dump(STEP)


def test_what_is_no_utf_8_has_no_record():
    with pytest.raises(DocumentError, match="no canonical form"):
        statement.dump(STEP._replace(argv=("\udcff",)))


def test_the_schema_is_one_that_needs_nothing_else():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    used = set(_references(SCHEMA))
    assert used == {f"#/$defs/{name}" for name in SCHEMA["$defs"]}


def _references(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [inner] if key == "$ref" else _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


# -- there and back -----------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=200)
@given(RECORDED)
def test_any_recorded_step_comes_back(step):
    data = statement.dump(step)
    assert statement.load(data) == step
    assert statement.read(data) == step
    assert accepted(json.loads(data))


@settings(deadline=None, max_examples=40)
@given(RECORDED)
def test_signed_or_not_it_is_the_same_step(step):
    envelope = sign(statement.dump(step))
    assert accepted(json.loads(envelope))
    read = statement.read(envelope, "/somewhere/clean.step.json")
    assert read == step._replace(envelope=envelope.decode(), origin="clean.step.json")
    assert statement.read(statement.dump(step), "clean.step.json") == read._replace(envelope=None)
    assert statement.payload_of(read.envelope) == step


def test_the_text_of_an_envelope_is_kept_as_it_is():
    envelope = json.dumps(json.loads(sign(statement.dump(STEP))), indent=3).encode() + b"\n"
    assert statement.read(envelope).envelope == envelope.decode()
    assert statement.payload_of(envelope.decode()) == STEP


def test_other_spellings_of_the_same_are_read(document):
    spelled = json.dumps(document, indent=2, ensure_ascii=False).encode()
    assert statement.load(spelled) == STEP
    document["predicate"]["materials"][0]["annotations"]["hashedAfter"] = False
    document["subject"][0]["annotations"]["words"] = [{"kind": "observed", "where": ""}]
    document["predicate"]["observation"].pop("gaps")
    again = statement.load(json.dumps(document).encode())
    assert (again.inputs[0].hashed_after, again.outputs[0].words) == (False, (Word("observed"),))


def test_contradictions_are_left_to_the_chain_of_custody(document):
    """A record may say what cannot be true; who judges it names the step."""
    predicate = document["predicate"]
    predicate["finished"] = "1999-01-01T00:00:00Z"
    predicate["observation"]["complete"] = True
    predicate["materials"].append({"name": "seen-but-not-hashed"})
    assert statement.load(json.dumps(document).encode()).inputs[1] == Edge("seen-but-not-hashed", (Word("observed"),))


# -- what is refused ----------------------------------------------------------------------------------------------------


def _first(document):
    return document["subject"][0]


def _said(document):
    return document["predicate"]


def _material(document):
    return document["predicate"]["materials"][0]


def _name(name):
    return lambda d: _material(d).update(name=name)


def _words(*words):
    return lambda d: _material(d)["annotations"].update(words=list(words))


#: Name of the case → (what is changed, what is said about it, a schema can say it).
REFUSALS = {
    "type: none": (lambda d: d.pop("_type"), "has no _type", True),
    "type: older": (lambda d: d.update(_type="https://in-toto.io/Statement/v0.1"), "_type is not", True),
    "predicate type: none": (lambda d: d.pop("predicateType"), "has no predicateType", True),
    "predicate type: next": (lambda d: d.update(predicateType="urn:data-sbom:predicate:step:2"), "predicateType is not", True),
    "predicate type: link": (lambda d: d.update(predicateType="https://in-toto.io/attestation/link/v0.3"), "predicateType", True),
    "statement: more": (lambda d: d.update(comment="x"), "member comment of the Statement is unknown", True),
    "subject: none": (lambda d: d.pop("subject"), "has no subject", True),
    "subject: object": (lambda d: d.update(subject={}), "member subject of", True),
    "subject: text": (lambda d: d["subject"].append("x"), "is not an object", True),
    "subject: no digest": (lambda d: _first(d).pop("digest"), "a subject has no digest", True),
    "subject: empty digest": (lambda d: _first(d).update(digest={}), "has no sha256", True),
    "subject: weak digest": (lambda d: _first(d)["digest"].update(sha1="ab" * 20), "member sha1", True),
    "subject: twice": (lambda d: d["subject"].append(d["subject"][-1]), "is there twice", False),
    "subject: order": (lambda d: d["subject"].reverse(), "not in the order", False),
    "subject: uri": (lambda d: _first(d).update(uri="file:///x"), "member uri", True),
    "product: with a digest": (
        lambda d: _said(d)["products"][0].update(digest={"sha256": "ab" * 32}),
        "something else than a subject",
        True,
    ),
    "product: also a subject": (
        lambda d: _said(d)["products"].insert(0, {"name": "log"}),
        "is there twice",
        False,
    ),
    "predicate: none": (lambda d: d.update(predicate=None), "member predicate of", True),
    "predicate: more": (lambda d: _said(d).update(origin="x"), "member origin", True),
    "name: none": (lambda d: _said(d).pop("name"), "has no name", True),
    "name: empty": (lambda d: _said(d).update(name=" "), "is empty", True),
    "name: escape": (lambda d: _said(d).update(name="a\x1b[2J"), "control character", True),
    "observation: none": (lambda d: _said(d).pop("observation"), "has no observation", True),
    "observation: method": (lambda d: _said(d)["observation"].update(method="faith"), "in an unknown way", True),
    "observation: complete": (lambda d: _said(d)["observation"].update(complete=1), "wrong type", True),
    "observation: gaps": (lambda d: _said(d)["observation"].update(gaps=[None]), "else than texts", True),
    "argv: text": (lambda d: _said(d).update(argv="python"), "wrong type", True),
    "argv: number": (lambda d: _said(d)["argv"].append(1), "else than texts", True),
    "commands: list": (lambda d: _said(d).update(commands=[["x"]]), "else than texts", True),
    "directory: absolute": (lambda d: _said(d).update(directory="/home/jane"), "is absolute", True),
    "directory: escapes": (lambda d: _said(d).update(directory="../x"), "segment", True),
    "script: directory": (lambda d: _said(d)["scripts"][0].update(name="src/"), "a script is a file", True),
    "script: URL": (lambda d: _said(d)["scripts"][0].update(name="https://x.org/a.py"), "a script is a file", True),
    "script: escapes": (lambda d: _said(d)["scripts"][0].update(name="a/../../b"), "segment", True),
    "script: words": (lambda d: _said(d)["scripts"][0]["annotations"].update(words=[]), "member words", True),
    "digest: short": (lambda d: _material(d)["digest"].update(sha256="ab"), "not 64 lower-case", True),
    "digest: upper case": (lambda d: _material(d)["digest"].update(sha256="AB" * 32), "not 64 lower-case", True),
    "digest: newline": (lambda d: _material(d)["digest"].update(sha256="ab" * 32 + "\n"), "not 64 lower-case", True),
    "digest: empty": (lambda d: _material(d)["digest"].update(sha256=""), "not 64 lower-case", True),
    "digest: null": (lambda d: _material(d)["digest"].update(sha256=None), "wrong type", True),
    "digest: text": (lambda d: _material(d).update(digest="ab" * 32), "wrong type", True),
    "material: empty": (_name(""), "empty segment", True),
    "material: absolute": (_name("/etc/passwd"), "is absolute", True),
    "material: escapes": (_name("../raw.csv"), "segment", True),
    "material: root": (_name("/"), "empty segment", True),
    "material: dot": (_name("."), "segment", True),
    "material: directory escapes": (_name("a/../"), "segment", True),
    "material: backslash": (_name("a\\b"), "backslash", True),
    "material: newline": (_name("a\n"), "control character", True),
    "material: table without a name": (_name("table:"), "no name", True),
    "material: URL with a space": (_name("https://x.org/a b"), "neither a path nor a URL", True),
    "material: URL without a scheme": (_name("://x"), "neither a path nor a URL", True),
    "material: number": (_name(7), "wrong type", True),
    "size: negative": (lambda d: _material(d)["annotations"].update(size=-1), "not a number of bytes", True),
    "size: true": (lambda d: _material(d)["annotations"].update(size=True), "wrong type", True),
    "size: true alone": (lambda d: _material(d).update(annotations={"size": True}), "wrong type", True),
    "size: negative alone": (lambda d: _material(d).update(annotations={"size": -1}), "not a number of bytes", True),
    "hashed after: text": (lambda d: _material(d)["annotations"].update(hashedAfter="no"), "wrong type", True),
    "annotation: other": (lambda d: _material(d)["annotations"].update(mode="0600"), "member mode", True),
    "words: none": (_words(), "nobody says so", True),
    "words: unknown kind": (_words({"kind": "sworn"}), "is no kind of word", True),
    "words: order": (_words({"kind": "declared"}, {"kind": "observed"}), "most trusted", False),
    "words: two lines": (_words({"kind": "declared", "where": "a\nb"}), "control character", True),
    "words: text": (_words("observed"), "is not an object", True),
    "words: by whom": (_words({"kind": "declared", "who": "me"}), "member who", True),
    "parameter: twice": (lambda d: _said(d)["parameters"].append(_said(d)["parameters"][1]), "is there twice", False),
    "parameter: order": (lambda d: _said(d)["parameters"].reverse(), "not in the order", False),
    "parameter: number": (lambda d: _said(d)["parameters"][0].update(value=7), "wrong type", True),
    "parameter: no value": (lambda d: _said(d)["parameters"][0].pop("value"), "has no value", True),
    "software: type": (lambda d: _said(d)["software"][0].update(type="firmware"), "no type of software", True),
    "software: name": (lambda d: _said(d)["software"][0].update(name=""), "is empty", True),
    "software: version": (lambda d: _said(d)["software"][0].update(version="1" * 1025), "more than 1024", True),
    "software: purl": (lambda d: _said(d)["software"][0].update(purl="a\x00"), "control character", True),
    "revision: branch": (lambda d: _said(d)["revision"].update(commit="main"), "the commit is not", True),
    "revision: dirty": (lambda d: _said(d)["revision"].update(dirty="yes"), "wrong type", True),
    "revision: null": (lambda d: _said(d)["revision"].update(commit=None), "wrong type", True),
    "actor: empty": (lambda d: _said(d).update(actor=""), "is empty", True),
    "actor: null": (lambda d: _said(d).update(actor=None), "wrong type", True),
    "started: no zone": (lambda d: _said(d).update(started="2026-01-02T03:04:05"), "not a time in UTC", True),
    "started: other zone": (lambda d: _said(d).update(started="2026-01-02T03:04:05+00:00"), "not a time in UTC", True),
    "finished: no time": (lambda d: _said(d).update(finished="2026-02-30T00:00:00Z"), "not a time in UTC", False),
    "finished: number": (lambda d: _said(d).update(finished=1767323045), "wrong type", True),
    "exit code: text": (lambda d: _said(d).update(exitCode="0"), "wrong type", True),
    "exit code: true": (lambda d: _said(d).update(exitCode=True), "wrong type", True),
    "exit code: large": (lambda d: _said(d).update(exitCode=1 << 40), "the exit code is none", True),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals(document, case):
    change, reason, stated = REFUSALS[case]
    change(document)
    data = json.dumps(document).encode()
    with pytest.raises(DocumentError, match=reason) as caught:
        statement.load(data, "/tmp/x.step.json")  # noqa: S108  # no such file is touched
    assert caught.value.path == "/tmp/x.step.json"  # noqa: S108  # as above
    assert caught.value.hint is not None
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500
    with pytest.raises(DocumentError, match=reason):
        statement.read(sign(data))
    assert accepted(document) is not stated


@pytest.mark.parametrize(
    "change", [lambda d: d["predicate"].update(exitCode=1.0), lambda d: _material(d)["annotations"].update(size=40.0)]
)
def test_refuses_numbers_with_a_point(document, change):
    change(document)
    with pytest.raises(DocumentError, match="wrong type"):
        statement.load(json.dumps(document).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"step", b"\xff", b"{"])
def test_refuses_what_is_no_json_object(data):
    for ask in (statement.load, statement.read):
        with pytest.raises(NotADocumentError) as caught:
            ask(data, "x")
        assert "step record" in str(caught.value)


def test_refuses_what_readers_disagree_about():
    text = statement.dump(STEP)
    for data in (
        text.replace(b'"name":"split"', b'"name":"split","name":"clean"'),
        text.replace(b'"size":40', b'"size":9007199254740993'),
        text.replace(b'"seed"', b"[" * 5_000 + b'"seed"' + b"]" * 5_000),
    ):
        assert data != text
        with pytest.raises(Error) as caught:
            statement.load(data, "x")
        assert caught.value.exit_code in {1, 3}


def test_refuses_what_is_too_large(monkeypatch):
    limits = strict_json.Limits(size=100)
    monkeypatch.setattr(strict_json, "Limits", lambda: limits)
    with pytest.raises(LimitError, match="larger than 100 bytes"):
        statement.load(statement.dump(STEP))


@pytest.mark.parametrize("kind", ["application/json", "application/vnd.in-toto.provenance+dsse", "", "a\x1b[2J"])
def test_refuses_envelopes_of_something_else(kind):
    with pytest.raises(DocumentError, match=r"not application/vnd\.in-toto\+json") as caught:
        statement.read(sign(statement.dump(STEP), kind))
    assert str(caught.value).isprintable()


def test_refuses_envelopes_that_are_none():
    envelope = json.loads(sign(statement.dump(STEP)))
    for broken in (
        {**envelope, "signatures": []},
        {**envelope, "payload": "?"},
        {"payload": envelope["payload"]},
        {"payloadType": envelope["payloadType"]},
    ):
        with pytest.raises(SignatureError):
            statement.read(json.dumps(broken).encode())
    with pytest.raises(SignatureError):
        statement.payload_of("\ud800")


def test_an_envelope_in_an_envelope_is_none():
    with pytest.raises(DocumentError, match="the Statement"):
        statement.read(sign(sign(statement.dump(STEP))))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "x", "a/b", "observed", "ab" * 32]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "digest", "sha256", "annotations", "words", "kind", "size"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_any_part_can_be_anything(data):
    """Whatever stands in the place of a part, there is a step or a refusal, never another error."""
    document = copy.deepcopy(json.loads(statement.dump(STEP)))
    part = document
    while True:
        key = data.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
        inner = part[key]
        if not isinstance(inner, (dict, list)) or not inner or data.draw(st.booleans()):
            break
        part = inner
    part[key] = data.draw(_JSON)
    try:
        step = statement.load(json.dumps(document).encode())
    except DocumentError:
        return
    assert isinstance(step, Step)
    assert statement.load(statement.dump(step)) == step
    assert accepted(document)
