"""Hydra: a configuration that is composed of files and of what the command line overrides.

See "The Defaults List" and "Packages" in Hydra's documentation.
"""

from __future__ import annotations

import posixpath
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from sbom.lineage.python import imports, texts
from sbom.lineage.python.library import trees
from sbom.lineage.python.library.configuration import load_file
from sbom.lineage.python.library.options import known_texts
from sbom.lineage.python.machine import Effect, Given
from sbom.lineage.python.values import UNKNOWN, Bound, Builtin, External, Items, Native, Table, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Machine
    from sbom.lineage.python.values import Value

_MAX_DEPTH = 6
_SELF = "_self_"
_HEADER = re.compile(r"\s*#\s*@package\s+(\S+)")
_NAME = frozenset({"--config-name", "-cn"})
_PATH = frozenset({"--config-path", "-cp"})
_DIRECTORY = "hydra:directory"
_STORED = "hydra:config/"


class _Composer:
    """One composition.

    :param directory: of the configuration files; ``None`` when nobody knows it.
    """

    def __init__(self, machine: Machine, directory: str | None, words: list[str], where: str) -> None:
        self._machine = machine
        self._directory = directory
        self._where = where
        self._chosen: dict[str, str] = {}
        self._set: list[tuple[str, str]] = []
        self._removed: list[str] = []
        self._groups: set[str] = set()
        self._elsewhere: list[tuple[str, Table]] = []
        for word in words:
            self._word(word)

    def _word(self, word: str) -> None:
        name, sign, value = word.partition("=")
        plain = name.lstrip("+~")
        if name.startswith("~"):
            self._removed.append(plain)
        elif sign and not name.startswith("-"):
            group = plain.partition("@")[0]
            if self._is_group(group):
                self._chosen[group] = value.strip("'\"")
            else:
                self._set.append((plain, value))

    def _is_group(self, name: str) -> bool:
        if self._directory is not None and self._machine.workspace.is_directory(posixpath.join(self._directory, name)):
            return True
        return any(stored.startswith(f"{_STORED}{name}/") for stored in self._machine.stored)

    def compose(self, name: str | None) -> Value:
        """Return the whole configuration."""
        made: Value = self._file(name, "", 0)[0] if name else Table({}, rest=True, dotted=True)
        for group, option in self._chosen.items():
            if group not in self._groups:
                made = self._included(made, "", group, option, None, 0)
        for package, value in self._elsewhere:
            made = _placed(self._machine, made, value, package)
        if isinstance(made, Table):
            for dotted in self._removed:
                trees.remove_dotted(made, dotted)
            for dotted, text in self._set:
                trees.override(made, dotted, text)
        return trees.as_table(self._machine, trees.interpolated(self._machine, made))

    def _load(self, name: str, group: str) -> tuple[Table, str]:
        """Return one file, or class that was stored under its name; and the package that it belongs to."""
        package = group.replace("/", ".")
        found: Value = self._machine.stored.get(f"{_STORED}{posixpath.join(group, name)}", Table({}))
        if self._directory is not None:
            stem = posixpath.normpath(posixpath.join(self._directory, group, name))
            for path in (stem, f"{stem}.yaml", f"{stem}.yml"):
                if path.endswith((".yaml", ".yml")) and self._machine.workspace.is_file(path):
                    self._machine.record(Effect.CONFIGURATION, texts.text(f"{texts.ROOT}/{path}"), self._where)
                    header = _HEADER.match(self._machine.workspace.text(path))
                    if header is not None and header[1] != "_group_":
                        package = "" if header[1] == "_global_" else header[1]
                    found = trees.merged(
                        self._machine, trees.as_table(self._machine, found), load_file(self._machine, path, "yaml")
                    )
                    break
        table = trees.as_table(self._machine, found)
        return (table if isinstance(table, Table) else Table({}, rest=True, dotted=True)), package

    def _file(self, name: str, group: str, depth: int) -> tuple[Table, str]:
        """Return one file with all that its defaults list names."""
        self._machine.step()
        value, package = self._load(name, group)
        defaults = value.items.pop("defaults", None)
        entries = list(defaults.items) if isinstance(defaults, Items) else []
        if _SELF not in known_texts(entries):
            entries.append(texts.text(_SELF))
        made: Value = Table({}, dotted=True)
        for entry in entries:
            if isinstance(entry, Text) and entry.known == _SELF:
                made = trees.merged(self._machine, made, value)
            elif depth < _MAX_DEPTH:
                made = self._default(made, entry, group, package, depth)
        return (made if isinstance(made, Table) else value), package

    def _default(self, made: Value, entry: Value, group: str, package: str, depth: int) -> Value:
        """Return a configuration with one entry of a defaults list put into it."""
        if isinstance(entry, Text) and entry.known is not None:
            above, _, option = entry.known.rpartition("/")
            if not above:
                return trees.merged(self._machine, made, self._file(option, group, depth + 1)[0])
            return self._included(made, package, _group(above, group), option, None, depth)
        for key, value in entry.items.items() if isinstance(entry, Table) else ():
            name, _, target = str(key).split(" ")[-1].partition("@")
            inner = _group(name, group)
            if inner.startswith("hydra/"):
                continue
            for option in known_texts(value.items if isinstance(value, Items) else [value]):
                made = self._included(made, package, inner, self._chosen.get(inner, option), target or None, depth)
        return made

    def _included(  # noqa: PLR0913, PLR0917  # what an entry of a defaults list says
        self, made: Value, package: str, group: str, option: str, target: str | None, depth: int
    ) -> Value:
        """Put an option of a group where it belongs: below the package that names it, or elsewhere."""
        self._groups.add(group)
        value, own = self._file(option, group, depth + 1)
        if target is not None:
            own = "" if target == "_global_" else target if not package else f"{package}.{target}"
        if not package:
            return _placed(self._machine, made, value, own)
        if own == package or own.startswith(f"{package}."):
            return _placed(self._machine, made, value, own[len(package) + 1 :])
        self._elsewhere.append((own, value))
        return made


def _group(name: str, group: str) -> str:
    return name.lstrip("/") if name.startswith("/") else posixpath.join(group, name)


def _placed(machine: Machine, made: Value, value: Table, package: str) -> Value:
    """Return a configuration with another one merged into it at a package."""
    for part in reversed(package.split(".") if package else []):
        value = Table({part: value}, dotted=True)
    return trees.merged(machine, made, value)


def _main(_machine: Machine, function: Value, given: Given | None) -> Value:
    """Do ``@hydra.main``."""
    return _Application(function, given)


class _Application(Native):
    """A function that is called with a composed configuration."""

    __slots__ = ("_function", "_given")

    def __init__(self, function: Value, given: Given | None) -> None:
        self._function = function
        self._given = given

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return the function itself."""
        return self._function if name == "__wrapped__" else super().attribute(machine, name)

    def call(self, machine: Machine, given: Given) -> Value:
        """Run the program."""
        if given.arguments:
            return machine.call(self._function, given)
        own = self._given
        words = known_texts(machine.words)
        name = _option(words, _NAME) or (own.text(1, "config_name") if own is not None else None)
        named = _option(words, _PATH)
        path = texts.text(named) if named else own.get(0, "config_path") if own is not None else None
        frame = given.frame if own is None else own.frame
        composer = _Composer(machine, _directory(machine, path, frame.module.path), words, given.where)
        return machine.call(self._function, given.replaced([composer.compose(name)]))


def _option(words: list[str], flags: frozenset[str]) -> str | None:
    """Return the value of one of Hydra's own options."""
    for word, following in pairwise([*words, ""]):
        flag, sign, value = word.partition("=")
        if flag in flags:
            return value if sign else following
    return None


def _directory(machine: Machine, value: Value, module: str) -> str | None:
    """Return the directory of configuration files; a relative one is relative to the module that names it."""
    if value is None:
        return posixpath.dirname(module)
    if not isinstance(value, Text):
        return None
    beside = texts.absolute(texts.text(posixpath.dirname(module)), "")
    return texts.in_workspace(texts.join(beside, Text(value.parts)), machine.directory)


def _initialize(machine: Machine, given: Given) -> Value:
    """Do ``hydra.initialize`` and ``hydra.initialize_config_dir``: keep the directory for ``compose``."""
    value = given.get(0, "config_path", "config_dir")
    directory = _directory(machine, value, given.frame.module.path)
    machine.stored[_DIRECTORY] = UNKNOWN if directory is None else texts.text(directory)
    return UNKNOWN


def _compose(machine: Machine, given: Given) -> Value:
    directory = machine.stored.get(_DIRECTORY)
    known = directory.known if isinstance(directory, Text) else None
    words = known_texts(machine.iterate(given.get(1, "overrides", default=Items([])))[0])
    return _Composer(machine, known, words, given.where).compose(given.text(0, "config_name"))


class _Store(Native):
    """``ConfigStore``."""

    __slots__ = ()

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return ``store``."""
        return Builtin(name, _store) if name == "store" else super().attribute(machine, name)


def _store(machine: Machine, given: Given) -> Value:
    name = posixpath.join(given.text(0, "group") or "", given.text(1, "name") or "")
    machine.stored[f"{_STORED}{name}"] = trees.as_table(machine, given.get(2, "node"))
    return None


def _instantiate(machine: Machine, given: Given) -> Value:
    """Do ``hydra.utils.instantiate``: call what ``_target_`` names with the other keys."""
    table = given.get(0, "config")
    target = table.items.get("_target_") if isinstance(table, Table) else None
    if not isinstance(table, Table) or not isinstance(target, Text) or target.known is None:
        return UNKNOWN
    keywords = {
        str(key): _inner(machine, value, given) for key, value in table.items.items() if not str(key).startswith("_")
    }
    keywords.update({name: value for name, value in given.keywords.items() if not name.startswith("_")})
    function = _located(machine, target.known, given)
    partial = table.items.get("_partial_") is True or given.get(-1, "_partial_") is True
    if partial:
        return Bound(function, given.arguments[1:], keywords)
    return machine.call(function, Given(given.frame, given.where, given.arguments[1:], keywords))


def _inner(machine: Machine, value: Value, given: Given) -> Value:
    if isinstance(value, Table) and "_target_" in value.items:
        return _instantiate(machine, Given(given.frame, given.where, [value]))
    return value


def _located(machine: Machine, dotted: str, given: Given) -> Value:
    """Return what a dotted name stands for: something in a module of the workspace, or outside."""
    above, _, last = dotted.rpartition(".")
    if not above:
        return UNKNOWN
    module = imports.absolute(machine, above, given.frame.module)
    found = machine.attribute(module, last)
    return External(dotted) if isinstance(module, External) else found


FUNCTIONS: dict[str, Callable[[Machine, Given], Value]] = {
    "hydra.initialize": _initialize,
    "hydra.initialize_config_dir": _initialize,
    "hydra.initialize_config_module": _initialize,
    "hydra.compose": _compose,
    "hydra.core.config_store.ConfigStore.instance": lambda _machine, _given: _Store(),
    "hydra.core.config_store.ConfigStore": lambda _machine, _given: _Store(),
    "hydra.utils.instantiate": _instantiate,
    "hydra.utils.call": _instantiate,
}
WRAPPERS: dict[str, Callable[[Machine, Value, Given | None], Value]] = {"hydra.main": _main}
