"""DVC: ``*.dvc`` files, ``dvc.yaml`` and ``dvc.lock`` (https://doc.dvc.org, user guide, project structure).

Hashes are MD5 of the bytes; where no ``hash: md5`` stands beside them, DVC before 3.0 hashed text with line feeds only,
which the judge finds out. A stage of ``dvc.yaml`` has no hashes; its templates (``${…}``) are not filled in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.manifests import values, yamltext
from sbom.manifests.dvc_entries import Entries
from sbom.manifests.errors import ManifestError
from sbom.manifests.interface import FileReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

#: Bytes of a ``dvc.yaml`` that are read for the sake of its ``dvc.lock``.
_MAX_PIPELINE = 16 << 20
_LOCK_VERSIONS = frozenset({"1.0", "2.0"})
_TEMPLATE = "${"


class DvcReader(FileReader):
    """Reads the three files of DVC."""

    name = "dvc"
    patterns = ("*.dvc", "dvc.yaml", "dvc.lock", "dvcfile")

    def accepts(self, path: str, head: bytes) -> bool:  # noqa: ARG002  # the name says it
        """Take what is text."""
        return b"\0" not in head

    def read(self, given: Given, reading: Reading) -> None:
        """Read one of the three."""
        tree = given.yaml()
        if not isinstance(tree, dict):
            raise ManifestError(f"is {values.kind(tree)}, not a mapping")
        base = given.path.rpartition("/")[2].lower()
        if base == "dvc.lock":
            _lock(tree, given, reading)
        elif base == "dvc.yaml":
            _pipeline(tree, given, reading)
        else:
            _single(tree, given, reading)


def _single(tree: dict[str, object], given: Given, reading: Reading) -> None:
    """Read a ``*.dvc`` file: data that is tracked or imported, or a stage of DVC before 1.0."""
    entries = Entries(given, reading)
    base = entries.directory(tree.get("wdir"), "/wdir")
    reading.say("description", tree.get("desc"), "/desc")
    name = given.path.rpartition("/")[2].removesuffix(".dvc")
    _step(name, tree, "", reading)
    if base is None:
        return
    outs = _list(tree, "outs", "", reading)
    paths: list[str | None] = []
    for index, item in enumerate(outs):
        pointer = f"/outs/{index}"
        paths.append(entries.add(item, base, pointer))
        reading.say("description", values.mapping(item).get("desc"), f"{pointer}/desc")
    deps = _list(tree, "deps", "", reading)
    became = paths[0] if len(paths) == 1 and len(deps) == 1 else None
    for index, item in enumerate(deps):
        entries.imported(item, became, base, f"/deps/{index}")


def _lock(tree: dict[str, object], given: Given, reading: Reading) -> None:
    """Read a ``dvc.lock``: what each stage read and wrote when it was last run."""
    reading.version = values.text(tree.get("schema")) or "1.0"
    if reading.version not in _LOCK_VERSIONS:
        reading.problem(f"schema {reading.version[:40]!r} is unknown; it is read like 2.0", "/schema")
    stages, prefix = (tree, "") if "schema" not in tree else (_stages(tree, reading), "/stages")
    entries = Entries(given, reading)
    working = _working_directories(given, reading)
    bases: dict[str | None, str | None] = {}
    for name, stage in stages.items():
        pointer = f"{prefix}/{values.token(name)}"
        if not isinstance(stage, dict):
            reading.problem(f"a stage is {values.kind(stage)}, not a mapping", pointer)
            continue
        _step(name, stage, pointer, reading)
        wdir = working.get(name) or working.get(name.partition("@")[0])
        if wdir not in bases:
            bases[wdir] = None if wdir is not None and _TEMPLATE in wdir else entries.directory(wdir, pointer)
        base = bases[wdir]
        if base is not None:
            for key in ("deps", "outs"):
                for index, item in enumerate(_list(stage, key, pointer, reading)):
                    entries.imported(item, None, base, f"{pointer}/{key}/{index}")
    if stages:
        reading.say("tool", "DVC")
    _datasets(tree, reading)


def _stages(tree: dict[str, object], reading: Reading) -> dict[str, object]:
    found = tree.get("stages")
    if found is not None and not isinstance(found, dict):
        reading.problem(f"stages is {values.kind(found)}, not a mapping", "/stages")
    return values.mapping(found)


def _working_directories(given: Given, reading: Reading) -> dict[str, str]:
    """Return the ``wdir`` of each stage, which only the ``dvc.yaml`` beside a ``dvc.lock`` names."""
    path = f"{given.directory}/dvc.yaml" if given.directory else "dvc.yaml"
    if not given.exists(path):
        return {}
    try:
        tree = yamltext.load(given.other(path, _MAX_PIPELINE))
    except ManifestError as error:
        reading.problem(f"the working directories of its stages are not known: {path} {error}")
        return {}
    found: dict[str, str] = {}
    for name, stage in values.mapping(values.mapping(tree).get("stages")).items():
        wdir = _body(stage).get("wdir")
        if isinstance(wdir, str):
            found[name] = wdir
    return found


def _pipeline(tree: dict[str, object], given: Given, reading: Reading) -> None:
    """Read a ``dvc.yaml``: which stages there are, and which files of the dataset they read and write."""
    entries = Entries(given, reading)
    stages = _stages(tree, reading)
    for name, value in stages.items():
        pointer = f"/stages/{values.token(name)}"
        if not isinstance(value, dict):
            reading.problem(f"a stage is {values.kind(value)}, not a mapping", pointer)
            continue
        inner = "/do" if isinstance(value.get("do"), dict) else ""
        stage = _body(value)
        _step(name, stage, pointer + inner, reading)
        desc = values.text(stage.get("desc"))
        if desc is not None:
            reading.say("preprocessing", f"{name}: {desc}", f"{pointer}{inner}/desc")
        wdir = stage.get("wdir")
        if isinstance(wdir, str) and _TEMPLATE in wdir:
            continue
        base = entries.directory(wdir, f"{pointer}{inner}/wdir")
        if base is not None:
            _mention(stage, base, pointer + inner, given, reading)
    if stages:
        reading.say("tool", "DVC")
    for name, artifact in values.mapping(tree.get("artifacts")).items():
        of = values.mapping(artifact)
        if of.get("type") == "dataset":
            pointer = f"/artifacts/{values.token(name)}"
            reading.say("description", of.get("desc"), f"{pointer}/desc")
            reading.say("keyword", of.get("labels"), f"{pointer}/labels")
    _datasets(tree, reading)


def _mention(stage: dict[str, object], base: str, pointer: str, given: Given, reading: Reading) -> None:
    """Name the files of the inventory that a stage reads and writes."""
    for key in ("deps", "outs", "metrics", "plots", "params"):
        for written, where in _paths(_list(stage, key, pointer, reading), f"{pointer}/{key}", texts=key != "params"):
            if _TEMPLATE in written:
                continue
            path = given.resolve(written, base)
            if path and given.exists(path):
                reading.mention(path, where)


def _paths(items: list[object], pointer: str, *, texts: bool) -> Iterator[tuple[str, str]]:
    """Yield the paths of a stage's list: texts, and keys of mappings. The texts in ``params`` are no paths."""
    for index, item in enumerate(items):
        where = f"{pointer}/{index}"
        if isinstance(item, str):
            if texts:
                yield item, where
        else:
            for key in values.mapping(item):
                yield key, f"{where}/{values.token(key)}"


def _body(stage: object) -> dict[str, object]:
    """Return a stage itself, or what a ``foreach`` does."""
    tree = values.mapping(stage)
    return values.mapping(tree["do"]) if isinstance(tree.get("do"), dict) else tree


def _step(name: str, stage: dict[str, object], pointer: str, reading: Reading) -> None:
    """Assert the command of a stage, as it is written."""
    lines = [text for item in values.items(stage.get("cmd")) if (text := values.text(item)) is not None]
    if lines:
        reading.say("preprocessing", f"{name}: " + "\n".join(lines), f"{pointer}/cmd")
    elif stage.get("cmd") is not None:
        reading.problem(f"cmd is {values.kind(stage['cmd'])}, not a text", f"{pointer}/cmd")


def _datasets(tree: dict[str, object], reading: Reading) -> None:
    """Read ``datasets``: upstream data that stages name as ``ds://NAME``."""
    for item, pointer in values.pointed(tree.get("datasets"), "/datasets"):
        entry = values.mapping(item)
        url = values.text(entry.get("url"))
        if url is None or _TEMPLATE in url:
            continue
        commit = values.text(entry.get("rev_lock")) or values.text(entry.get("rev"))
        inner = values.text(entry.get("path"))
        if commit or inner:
            what = f"{inner} in {url}" if inner else url
            reading.say("origin", f"{what} at {commit}" if commit else what, pointer)
        reading.source(url, f"{pointer}/url")


def _list(tree: dict[str, object], key: str, pointer: str, reading: Reading) -> list[object]:
    found = tree.get(key)
    if found is None or isinstance(found, list):
        return found or []
    reading.problem(f"{key} is {values.kind(found)}, not a list", f"{pointer}/{key}")
    return []


READER = DvcReader()
