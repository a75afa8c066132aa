"""Attributes and methods of ``pathlib`` paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.lineage.python import apis, texts
from sbom.lineage.python.handles import Handle
from sbom.lineage.python.machine import Effect
from sbom.lineage.python.values import UNKNOWN, Items, Method, Text, alternatives, choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value

_MAX_PARENTS = 30


def prop(machine: Machine, value: Text, name: str) -> Value:
    """Return an attribute of a text or path."""
    machine.step()
    if value.path:
        getter = _PROPERTIES.get(name)
        if getter is not None:
            return getter(value)
    elif name == "value":
        return value
    return Method(value, name)


def _name(value: Text) -> Text:
    return texts.split(value)[1]


def _stem(value: Text) -> Text:
    return texts.split_suffix(_name(value))[0]


def _suffix(value: Text) -> Text:
    return texts.split_suffix(_name(value))[1]


def _parents(value: Text) -> Items:
    found: list[Value] = []
    one = value
    while len(found) < _MAX_PARENTS:
        above = texts.parent(one)
        if above == one:
            break
        found.append(above)
        one = above
    return Items(found, "tuple")


def _parts(value: Text) -> Items:
    known = value.known
    if known is None:
        return Items([texts.GAP], "tuple", rest=True)
    head: list[Value] = [texts.text("/")] if known.startswith("/") else []
    return Items([*head, *(texts.text(part) for part in known.split("/") if part)], "tuple")


def _suffixes(value: Text) -> Items:
    known = _name(value).known
    return (
        Items([texts.GAP], rest=True)
        if known is None
        else Items([texts.text(f".{one}") for one in known.split(".")[1:]])
    )


_PROPERTIES: dict[str, Callable[[Text], Value]] = {
    "name": _name,
    "stem": _stem,
    "suffix": _suffix,
    "suffixes": _suffixes,
    "parent": texts.parent,
    "parents": _parents,
    "parts": _parts,
    "anchor": lambda _value: texts.text(""),
    "drive": lambda _value: texts.text(""),
}


def _same(_machine: Machine, receiver: Text, _given: Given) -> Value:
    return receiver


def _as_text(_machine: Machine, receiver: Text, _given: Given) -> Value:
    return Text(receiver.parts, receiver.literal)


def _absolute(machine: Machine, receiver: Text, _given: Given) -> Value:
    return texts.absolute(receiver, machine.directory)


def _join(machine: Machine, receiver: Text, given: Given) -> Value:
    result: list[Text] = [receiver]
    for argument in given.arguments:
        further = [machine.as_text(one) for one in alternatives(argument)]
        result = [texts.join(one, other) for one in result for other in further][:16]
    return choice(result)


def _with_name(_machine: Machine, receiver: Text, given: Given) -> Value:
    return choice(texts.join(texts.parent(receiver), texts.text_of(one)) for one in alternatives(given.get(0, "name")))


def _with_suffix(_machine: Machine, receiver: Text, given: Given) -> Value:
    stem = texts.split_suffix(receiver)[0]
    return choice(
        texts.as_path(texts.concatenate(stem, texts.text_of(one))) for one in alternatives(given.get(0, "suffix"))
    )


def _with_stem(_machine: Machine, receiver: Text, given: Given) -> Value:
    suffix = _suffix(receiver)
    stems = [texts.text_of(one) for one in alternatives(given.get(0, "stem"))]
    return choice(texts.join(texts.parent(receiver), texts.concatenate(stem, suffix)) for stem in stems)


def _relative(machine: Machine, receiver: Text, given: Given) -> Value:
    whole, other = receiver.known, given.get(0)
    base = texts.text_of(other).known
    if whole is None or base is None:
        return Text((None,), path=True)
    if whole.startswith(texts.ROOT) != base.startswith(texts.ROOT):
        whole = texts.absolute(receiver, machine.directory).known or ""
        base = texts.absolute(texts.text_of(other), machine.directory).known or ""
    return texts.text(whole[len(base) + 1 :] or ".", path=True) if whole.startswith(f"{base}/") else receiver


def _open(machine: Machine, receiver: Text, given: Given) -> Value:
    return open_file(machine, receiver, given.get(0, "mode"), given.where)


def open_file(machine: Machine, name: Value, mode: Value, where: str) -> Value:
    """Open a file."""
    first = len(machine.events)
    apis.record_open(machine, name, mode, where)
    return Handle(name, first, len(machine.events))


def _read(machine: Machine, receiver: Text, given: Given) -> Value:
    first = len(machine.events)
    machine.record(Effect.READ, receiver, given.where)
    return Handle(receiver, first, len(machine.events))


def _noting(effect: Effect) -> Callable[[Machine, Text, Given], Value]:
    def method(machine: Machine, receiver: Text, given: Given) -> Value:
        machine.record(effect, receiver, given.where)
        return UNKNOWN

    return method


def _rename(machine: Machine, receiver: Text, given: Given) -> Value:
    machine.record(Effect.MOVE, receiver, given.where)
    target = given.get(0, "target")
    machine.record(Effect.WRITE, target, given.where)
    return target


def _listing(machine: Machine, receiver: Text, given: Given) -> Value:
    pattern = given.text(0, "pattern", default="*")
    return listed(machine, receiver, pattern, given.where)


def listed(machine: Machine, directory: Text, pattern: str | None, where: str) -> Items:
    """Note that a directory is listed; return what may be in it."""
    machine.record(Effect.READ_DIRECTORY, directory, where)
    tail = "" if pattern is None else pattern.rpartition("*")[2]
    found = texts.join(directory, texts.build([None, tail if "/" not in tail else ""]))
    return Items([found], rest=True)


METHODS: dict[str, Callable[[Machine, Text, Given], Value]] = {
    "resolve": _absolute,
    "absolute": _absolute,
    "expanduser": _same,
    "as_posix": _as_text,
    "__str__": _as_text,
    "__fspath__": _as_text,
    "joinpath": _join,
    "with_name": _with_name,
    "with_suffix": _with_suffix,
    "with_stem": _with_stem,
    "relative_to": _relative,
    "open": _open,
    "read_text": _read,
    "read_bytes": _read,
    "write_text": _noting(Effect.WRITE),
    "write_bytes": _noting(Effect.WRITE),
    "touch": _noting(Effect.WRITE),
    "mkdir": _noting(Effect.MAKE_DIRECTORY),
    "unlink": _noting(Effect.REMOVE),
    "rmdir": _noting(Effect.REMOVE),
    "rename": _rename,
    "replace": _rename,
    "symlink_to": _noting(Effect.WRITE),
    "hardlink_to": _noting(Effect.WRITE),
    "iterdir": _listing,
    "glob": _listing,
    "rglob": _listing,
    "walk": _listing,
}
