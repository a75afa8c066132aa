"""Listing directories, copying, archives: functions whose effects are not just arguments that are read or written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.lineage.python import apis, texts
from sbom.lineage.python.machine import Effect
from sbom.lineage.python.methods.paths import listed
from sbom.lineage.python.values import UNKNOWN, External, Items, Text, alternatives, choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value


def _glob(machine: Machine, given: Given) -> Value:
    """Do ``glob.glob``: the directory that stands before the first wildcard is read."""
    found: list[Value] = []
    for one in alternatives(given.get(0, "pathname")):
        if not isinstance(one, Text):
            continue
        machine.record(Effect.READ, one, given.where)
        parts: list[str | None] = []
        for part in one.parts:
            parts += _without_wildcards(part)
        found.append(texts.build(parts))
    return Items(found or [UNKNOWN], rest=True)


def _without_wildcards(part: str | None) -> list[str | None]:
    if part is None:
        return [None]
    pieces: list[str | None] = []
    rest = part.replace("**/", "*").replace("?", "*")
    for index, piece in enumerate(rest.split("*")[:50]):
        pieces += [None, piece] if index else [piece]
    return pieces


def _list(machine: Machine, given: Given) -> Value:
    """Do ``os.listdir``."""
    for one in alternatives(given.get(0, "path")):
        if isinstance(one, Text):
            machine.record(Effect.READ_DIRECTORY, one, given.where)
    return Items([texts.GAP], rest=True)


def _walk(machine: Machine, given: Given) -> Value:
    """Do ``os.walk``."""
    rows: list[Value] = []
    for one in alternatives(given.get(0, "top")):
        if isinstance(one, Text):
            machine.record(Effect.READ_DIRECTORY, one, given.where)
            names = Items([texts.GAP], rest=True)
            rows.append(Items([texts.build([*texts.join(one, texts.text("")).parts, None]), names, names], "tuple"))
    return Items(rows or [UNKNOWN], rest=True)


def _scan(machine: Machine, given: Given) -> Value:
    """Do ``os.scandir``."""
    rows = [
        listed(machine, texts.as_path(one), "*", given.where)
        for one in alternatives(given.get(0))
        if isinstance(one, Text)
    ]
    return rows[0] if rows else Items([UNKNOWN], rest=True)


def _copy(machine: Machine, given: Given) -> Value:
    """Copy a file: into a directory, where the target is one."""
    source, target = given.get(0, "src"), given.get(1, "dst")
    machine.record(Effect.READ, source, given.where)
    machine.record(Effect.WRITE, _target(machine, source, target), given.where)
    return target


def _move(machine: Machine, given: Given) -> Value:
    source, target = given.get(0, "src"), given.get(1, "dst")
    machine.record(Effect.MOVE, source, given.where)
    machine.record(Effect.WRITE, _target(machine, source, target), given.where)
    return target


def _target(machine: Machine, source: Value, target: Value) -> Value:
    made = {event.name.parts for event in machine.events if event.effect is Effect.MAKE_DIRECTORY}
    found: list[Value] = []
    for one in alternatives(target):
        if not isinstance(one, Text):
            continue
        known = one.known
        into = one.parts in made or (
            known is not None and (known.endswith("/") or machine.workspace.is_directory(known))
        )
        names = [texts.split(name)[1] for name in alternatives(source) if isinstance(name, Text)] or [texts.GAP]
        found += [texts.join(one, name) for name in names] if into else [one]
    return choice(found)


def _archive(machine: Machine, given: Given) -> Value:
    """Do ``shutil.make_archive``."""
    form = {"gztar": "tar.gz", "bztar": "tar.bz2", "xztar": "tar.xz"}.get(
        given.text(1, "format") or "", given.text(1, "format")
    )
    for one in alternatives(given.get(0, "base_name")):
        if isinstance(one, Text) and form is not None:
            machine.record(Effect.WRITE, texts.concatenate(one, texts.text(f".{form}")), given.where)
    source = given.get(2, "root_dir")
    machine.record(Effect.READ_DIRECTORY, source, given.where)
    return UNKNOWN


def _load_dataset(machine: Machine, given: Given) -> Value:
    """Do ``datasets.load_dataset``: files where it is told some, a directory, or a name on the hub."""
    if given.has(-1, "data_files", "data_dir"):
        machine.record(Effect.READ, given.get(-1, "data_files"), given.where)
        machine.record(Effect.READ_DIRECTORY, given.get(-1, "data_dir"), given.where)
    else:
        apis.apply(machine, "huggingface_hub.hf_hub_download", given.replaced([given.get(0, "path")]))
    return External("datasets.load_dataset()")


def _versioned(machine: Machine, given: Given) -> Value:
    """Do ``dvc.api.open`` and its kin: a file of the workspace, unless another repository is named."""
    if given.get(1, "repo") is None:
        machine.record(Effect.READ, given.get(0, "path"), given.where)
    return External("dvc.api.open()")


FUNCTIONS: dict[str, Callable[[Machine, Given], Value]] = {
    "glob.glob": _glob,
    "glob.iglob": _glob,
    "os.listdir": _list,
    "os.walk": _walk,
    "os.scandir": _scan,
    "shutil.copy": _copy,
    "shutil.copy2": _copy,
    "shutil.copyfile": _copy,
    "shutil.move": _move,
    "shutil.make_archive": _archive,
    "datasets.load_dataset": _load_dataset,
    "dvc.api.open": _versioned,
    "dvc.api.read": _versioned,
    "dvc.api.get_url": _versioned,
}
