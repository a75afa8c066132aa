"""A step record: an in-toto Statement about one run of one step, bare or signed (``docs/format.md`` describes it).

The products that have a digest are the Statement's subjects; everything else is its predicate. Files are in-toto
resource descriptors everywhere; what one has no member for (size, who says so) are its annotations.

What a record is known from, :attr:`~sbom.transformation.Step.origin`, is not in it.
"""

from __future__ import annotations

import os
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn

from sbom.cyclonedx import lineage_values as values
from sbom.cyclonedx import spec, strict_json
from sbom.cyclonedx.canonical import canonical
from sbom.errors import DocumentError, LimitError, NotADocumentError, SignatureError
from sbom.names import display
from sbom.signing import dsse
from sbom.transformation import OBSERVED, Edge, Observation, Revision, Script, Software, Step, Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
#: Required exactly: another one is another format.
PREDICATE_TYPE = "urn:data-sbom:predicate:step:1"
#: Of the DSSE envelope around a Statement.
PAYLOAD_TYPE = "application/vnd.in-toto+json"

_HINT = "give a step record that data-sbom record wrote"
_PLAIN: tuple[Word, ...] = (Word(OBSERVED),)
_MEMBERS = {"_type": str, "predicateType": str, "subject": list, "predicate": dict}
_REQUIRED = {"name": str, "observation": dict}
_OPTIONAL = {
    "commands": list, "argv": list, "directory": str, "scripts": list, "materials": list, "products": list,
    "parameters": list, "software": list, "revision": dict, "actor": str, "started": str, "finished": str,
    "exitCode": int,
}  # fmt: skip
_DESCRIPTOR = {"digest": dict, "annotations": dict}
_FULL = ("name", "digest", "annotations")
_ANNOTATIONS = {"size": int, "words": list, "hashedAfter": bool}


class _Refusal(Exception):  # noqa: N818  # never leaves this module
    """Why a record cannot be used."""


def dump(step: Step) -> bytes:
    """Return the Statement of a recorded step, canonical (RFC 8785), without its envelope.

    :raises DocumentError: when it has no canonical form, as with texts that are not UTF-8.
    """
    predicate: Json = {"name": step.name}
    members: tuple[tuple[str, object], ...] = (
        ("commands", step.commands),
        ("argv", step.argv),
        ("directory", step.directory),
        ("scripts", [_descriptor(one.name, one.sha256, {"size": one.size}) for one in step.scripts]),
        ("materials", [_resource(edge) for edge in step.inputs]),
        ("products", [_resource(edge) for edge in step.outputs if edge.sha256 is None]),
        ("parameters", [{"name": name, "value": value} for name, value in step.parameters]),
        ("software", [_known(one._asdict()) for one in step.software]),
    )
    predicate.update((name, value) for name, value in members if value)
    more = {"actor": step.actor, "started": step.started, "finished": step.finished, "exitCode": step.exit_code}
    predicate.update(_known(more))
    if step.revision is not None:
        predicate["revision"] = _known(step.revision._asdict())
    if step.observation is not None:
        predicate["observation"] = {**step.observation._asdict(), "gaps": list(step.observation.gaps)}
    subject = [_resource(edge) for edge in step.outputs if edge.sha256 is not None]
    return canonical(
        {"_type": STATEMENT_TYPE, "predicateType": PREDICATE_TYPE, "subject": subject, "predicate": predicate}
    )


def load(payload: bytes, path: str | None = None) -> Step:
    """Read a Statement. Strict: exactly the members that there are, each of its type, and nothing without a meaning.

    :param path: of the record, for messages; the step's origin is its last part.
    :raises NotADocumentError: when it is no JSON object.
    :raises LimitError: when it is too large.
    :raises DocumentError: when it is no record of a step, or one that cannot be.
    """
    return _step(_loaded(payload, path), path)


def read(data: bytes, path: str | None = None) -> Step:
    """Read a record: a bare Statement, or a DSSE envelope around one, which then is the step's ``envelope``.

    No signature is verified.

    :raises SignatureError: when it is a malformed envelope; and what :func:`load` raises.
    """
    document = _loaded(data, path)
    if "payload" not in document and "payloadType" not in document:
        return _step(document, path)
    return _in_envelope(data, path)._replace(envelope=data.decode())


def payload_of(envelope: str, path: str | None = None) -> Step:
    """Return the step that a signed record is about, without ``envelope``; raises what :func:`read` raises."""
    try:
        data = envelope.encode()
    except UnicodeEncodeError as error:
        raise SignatureError("the envelope is not UTF-8", path=path, hint=_HINT) from error
    return _in_envelope(data, path)


def _in_envelope(data: bytes, path: str | None) -> Step:
    envelope = dsse.parse(data, path)
    if envelope.payload_type != PAYLOAD_TYPE:
        problem = f"the envelope holds {display(envelope.payload_type, 80)}, not {PAYLOAD_TYPE}"
        raise DocumentError(problem, path=path, hint=_HINT)
    return load(envelope.payload, path)


def _loaded(data: bytes, path: str | None) -> Json:
    try:
        return strict_json.loads(data, strict_json.Limits(), path=path or "")
    except NotADocumentError as error:
        raise NotADocumentError(error.message, path=path, hint=_HINT) from error
    except LimitError as error:
        raise LimitError(error.message, path=path, hint="record a step that touches less") from error
    except DocumentError as error:
        raise DocumentError(error.message, path=path, hint=_HINT) from error


def _step(document: Json, path: str | None) -> Step:
    try:
        return _read(document, "" if path is None else os.path.basename(path))
    except _Refusal as refusal:
        raise DocumentError(f"is no record of a step: {refusal}", path=path, hint=_HINT) from refusal


def _known(members: Mapping[str, object]) -> Json:
    return {name: value for name, value in members.items() if value is not None}


def _descriptor(name: str, sha256: str | None, annotations: Mapping[str, object]) -> Json:
    """Write an in-toto resource descriptor."""
    written: Json = {"name": name}
    if sha256 is not None:
        written["digest"] = {"sha256": sha256}
    known = _known(annotations)
    if known:
        written["annotations"] = known
    return written


def _resource(edge: Edge) -> Json:
    annotations: Json = {"size": edge.size}
    if edge.words != _PLAIN:
        annotations["words"] = [
            {"kind": kind, "where": where} if where else {"kind": kind} for kind, where in edge.words
        ]
    if edge.hashed_after:
        annotations["hashedAfter"] = True
    return _descriptor(edge.name, edge.sha256, annotations)


def _refuse(message: str) -> NoReturn:
    raise _Refusal(message)


def _check(reason: str | None, what: str) -> None:
    if reason is not None:
        _refuse(f"{display(what, 200)}: {reason}")


def _members(value: object, what: str, required: Mapping[str, type], optional: Mapping[str, type]) -> Json:
    """Return an object that has the required members and no other ones than these, of these types."""
    if type(value) is not dict:
        _refuse(f"{what} is not an object")
    for name, part in value.items():
        if type(part) is not (required.get(name) or optional.get(name)):
            _refuse(f"the member {display(name, 40)} of {what} is unknown or of the wrong type")
    for name in required:
        if name not in value:
            _refuse(f"{what} has no {name}")
    return value


def _texts(value: Sequence[object], what: str) -> tuple[str, ...]:
    if not all(type(one) is str for one in value):
        _refuse(f"{what} holds something else than texts")
    return tuple(value)  # type: ignore[arg-type]  # just looked at


def _read(document: Json, origin: str) -> Step:
    statement = _members(document, "the Statement", _MEMBERS, {})
    if statement["_type"] != STATEMENT_TYPE:
        _refuse(f"its _type is not {STATEMENT_TYPE}")
    if statement["predicateType"] != PREDICATE_TYPE:
        _refuse(f"its predicateType is not {PREDICATE_TYPE}")
    said = _members(statement["predicate"], "the predicate", _REQUIRED, _OPTIONAL)
    _check(values.text_refusal(said["name"]), "the name of the step")
    _check(values.directory_refusal(said.get("directory", "")), "the directory")
    if "actor" in said:
        _check(values.text_refusal(said["actor"]), "the actor")
    for name in ("started", "finished"):
        if name in said and not values.is_time(said[name]):
            _refuse(f"{name} is not a time in UTC (RFC 3339)")
    if not -spec.MAX_EXIT_CODE <= said.get("exitCode", 0) <= spec.MAX_EXIT_CODE:
        _refuse("the exit code is none")
    return Step(
        name=said["name"],
        origin=origin,
        commands=_texts(said.get("commands", ()), "commands"),
        argv=_texts(said.get("argv", ()), "argv"),
        directory=said.get("directory", ""),
        scripts=tuple(map(_script, said.get("scripts", ()))),
        inputs=_edges(said.get("materials", ()), "materials"),
        outputs=_outputs(statement["subject"], said.get("products", ())),
        parameters=_parameters(said.get("parameters", ())),
        software=tuple(map(_software, said.get("software", ()))),
        revision=_revision(said["revision"]) if "revision" in said else None,
        actor=said.get("actor"),
        started=said.get("started"),
        finished=said.get("finished"),
        exit_code=said.get("exitCode"),
        observation=_observation(said["observation"]),
    )


def _file(value: object, what: str) -> tuple[str, str | None, Json]:
    """Read a resource descriptor: name, SHA-256, annotations."""
    if type(value) is dict and len(value) == len(_FULL):
        # Nearly all of thousands look like this, and are read in a quarter of the time.
        name, digest, said = map(value.get, _FULL)
        if type(name) is str and type(digest) is dict and len(digest) == 1 and type(said) is dict:
            sha256 = digest.get("sha256")
            if type(sha256) is str and values.is_sha256(sha256):
                return name, sha256, said
    return _any_file(value, what)


def _any_file(value: object, what: str) -> tuple[str, str | None, Json]:
    said = _members(value, what, {"name": str}, _DESCRIPTOR)
    name: str = said["name"]
    digest = said.get("digest")
    sha256: str | None = None
    if digest is not None:
        sha256 = _members(digest, "a digest", {"sha256": str}, {})["sha256"]
        if not values.is_sha256(str(sha256)):
            _refuse(f"{display(name, 200)}: the SHA-256 is not 64 lower-case hexadecimal digits")
    return name, sha256, said.get("annotations", {})


def _edge(value: object, what: str) -> Edge:
    name, sha256, said = _file(value, what)
    reason = values.refusal(name)
    if reason is not None:
        _check(reason, name)
    size, hashed_after, words = None, False, _PLAIN
    if len(said) == 1 and values.is_size(said.get("size")):
        size = said["size"]
    elif said:
        _members(said, "annotations", {}, _ANNOTATIONS)
        size = _size(said, name)
        hashed_after = said.get("hashedAfter", False)
        if "words" in said:
            words = tuple(map(_word, said["words"]))
            _check(values.words_refusal(words), name)
    return Edge(name, words, sha256, size, hashed_after)


def _size(said: Json, name: str) -> int | None:
    size: int | None = said.get("size")
    if size is not None and not values.is_size(size):
        _refuse(f"{display(name, 200)}: the size is not a number of bytes")
    return size


def _word(value: object) -> Word:
    said = _members(value, "a word", {"kind": str}, {"where": str})
    return Word(said["kind"], said.get("where", ""))


def _edges(descriptors: Sequence[object], what: str) -> tuple[Edge, ...]:
    edges = tuple(_edge(one, what) for one in descriptors)
    reason = values.order_refusal(edges)
    return edges if reason is None else _refuse(f"{what}: {reason}")


def _outputs(subject: Sequence[object], others: Sequence[object]) -> tuple[Edge, ...]:
    """Put the products together: subjects have a digest each, the others have none."""
    known, unknown = _edges(subject, "the subject"), _edges(others, "products")
    if not all(edge.sha256 for edge in known) or any(edge.sha256 for edge in unknown):
        _refuse("a subject has no digest, or something else than a subject has one")
    if not unknown:
        return known
    edges = tuple(sorted((*known, *unknown), key=attrgetter("name")))
    reason = values.order_refusal(edges)
    return edges if reason is None else _refuse(f"products: {reason}")


def _script(value: object) -> Script:
    name, sha256, said = _file(value, "a script")
    _check(values.script_refusal(name), name)
    _members(said, "annotations", {}, {"size": int})
    return Script(name, sha256, _size(said, name))


def _parameters(items: Sequence[object]) -> tuple[tuple[str, str], ...]:
    said = [_members(one, "a parameter", {"name": str, "value": str}, {}) for one in items]
    pairs = tuple((one["name"], one["value"]) for one in said)
    names = [name for name, _ in pairs]
    if names != sorted(set(names)):
        _refuse("a parameter is there twice, or not in the order of the names")
    return pairs


def _software(value: object) -> Software:
    said = _members(value, "software", {"type": str, "name": str}, {"version": str, "purl": str})
    one = Software(said["type"], said["name"], said.get("version"), said.get("purl"))
    _check(values.software_refusal(one), "software")
    return one


def _revision(value: object) -> Revision:
    said = _members(value, "the revision", {}, {"commit": str, "dirty": bool})
    commit: str | None = said.get("commit")
    if commit is not None and not values.is_commit(commit):
        _refuse("the commit is not 40 or 64 lower-case hexadecimal digits")
    return Revision(commit, said.get("dirty"))


def _observation(value: object) -> Observation:
    said = _members(value, "the observation", {"method": str, "complete": bool}, {"gaps": list})
    if not values.is_method(said["method"]):
        _refuse("it was observed in an unknown way")
    return Observation(said["method"], said["complete"], _texts(said.get("gaps", ()), "gaps"))
