"""Files of configuration, whose values are looked up: YAML, JSON, TOML, INI, ``.env``, and libraries around them."""

from __future__ import annotations

import configparser
import json
import posixpath
from typing import TYPE_CHECKING

from sbom import tomltext
from sbom.lineage.interface import ScriptError
from sbom.lineage.python import texts
from sbom.lineage.python.handles import Handle
from sbom.lineage.python.library import trees
from sbom.lineage.python.library.options import command_line, known_texts
from sbom.lineage.python.machine import Effect
from sbom.lineage.python.values import (
    UNKNOWN,
    Builtin,
    Class,
    External,
    Items,
    Native,
    Table,
    Text,
    alternatives,
    choice,
    table_of,
)
from sbom.manifests import yamltext
from sbom.manifests.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value

#: Characters of a file whose values are looked up; larger ones are data.
MAX_TEXT = 1 << 20
#: A step is counted for so many characters that are parsed.
_CHARACTERS = 50
_SUFFIXES = (".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".env", ".properties", ".json5", ".hocon")
_WORDS = ("config", "params", "settings", "hyperparameters", "hparams", "options", "credentials")
PARAMETERS = "params.yaml"


def is_configuration(path: str) -> bool:
    """Tell by its name that a file says what is done, and is no data."""
    name = posixpath.basename(path).lower()
    if name.endswith(_SUFFIXES):
        return True
    return name.endswith(".json") and any(word in name for word in _WORDS)


def parsed(machine: Machine, text: str, form: str) -> Value:
    """Return the values of a text.

    :param form: ``yaml``, ``json``, ``toml``, ``ini`` or ``env``.
    :raises ScriptError: when it is none.
    """
    machine.step(len(text) // _CHARACTERS)
    if len(text) > MAX_TEXT:
        return Table({}, rest=True)
    try:
        if form == "yaml":
            return trees.value_of(machine, yamltext.load(text.encode()), scalars=True)
        if form == "json":
            return trees.value_of(machine, json.loads(text))
        if form == "toml":
            return trees.value_of(machine, tomltext.loads(text))
    except (ManifestError, ValueError, RecursionError) as error:
        raise ScriptError(f"is no {form.upper()} that can be read") from error
    return _ini(machine, text) if form == "ini" else _env(text)


def _ini(machine: Machine, text: str) -> Value:
    parser = configparser.ConfigParser(strict=False)
    try:
        parser.read_string(text)
        sections = {name: dict(parser.items(name)) for name in (*parser.sections(), parser.default_section)}
    except configparser.Error as error:
        raise ScriptError("is no INI that can be read") from error
    return trees.value_of(machine, sections)


def _env(text: str) -> Value:
    found: dict[object, Value] = {}
    for line in text.splitlines():
        name, sign, value = line.strip().removeprefix("export ").partition("=")
        if sign and not name.startswith("#"):
            found[name.strip()] = texts.text(value.strip().strip("'\""))
    return Table(found)


def form_of(path: str, default: str) -> str:
    """Return the format that the end of a name stands for."""
    suffix = posixpath.splitext(path)[1].lower()
    forms = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".toml": "toml", ".ini": "ini", ".cfg": "ini"}
    return forms.get(suffix, default)


def load_file(machine: Machine, path: str, form: str) -> Value:
    """Return the values of a file of the workspace; what a pipeline names for its stage comes first."""
    value: Value = Table({}, rest=True)
    if machine.workspace.is_file(path):
        try:
            value = parsed(machine, machine.workspace.text(path), form)
        except ScriptError as error:
            machine.problem(path, str(error))
    if posixpath.basename(path) == PARAMETERS:
        value = trees.with_parameters(machine, value, machine.call_read.parameters)
    return value


def opened(machine: Machine, value: Value, where: str) -> Handle | None:
    """Return an opened file: one that is given, or that of a name."""
    if isinstance(value, Handle):
        return value
    if not any(isinstance(one, Text) for one in alternatives(value)):
        return None
    first = len(machine.events)
    machine.record(Effect.READ, value, where)
    return Handle(value, first, len(machine.events))


def load(machine: Machine, value: Value, form: str, where: str) -> Value:
    """Return the values of an opened file, or of a file by its name; note when it is no data."""
    handle = opened(machine, value, where)
    if handle is None:
        return Table({}, rest=True)
    found: list[Value] = []
    for one in alternatives(handle.name):
        path = texts.in_workspace(one, machine.directory) if isinstance(one, Text) else None
        if path is None:
            found.append(Table({}, rest=True))
            continue
        is_there = machine.workspace.is_file(path)
        if is_configuration(path) and (is_there or posixpath.basename(path) == PARAMETERS):
            handle.is_configuration(machine)
        found.append(
            load_file(machine, path, form_of(path, form))
            if is_there or posixpath.basename(path) == PARAMETERS
            else UNKNOWN
        )
    known = [one for one in found if not isinstance(one, External)]
    return choice(known) if known else External("?.loaded")


def _loader(form: str) -> Callable[[Machine, Given], Value]:
    """Return a function that takes an opened file or a text of that format."""

    def function(machine: Machine, given: Given) -> Value:
        value = given.get(0, "stream", "fp", "f", "s", "fd")
        if isinstance(value, Text) and not value.path:
            return _of_text(machine, value, form)
        return load(machine, value, form, given.where)

    return function


def _of_text(machine: Machine, value: Text, form: str) -> Value:
    if value.known is None:
        return UNKNOWN
    try:
        return parsed(machine, value.known, form)
    except ScriptError:
        return UNKNOWN  # what the program would fail at


def _by_name(form: str, *, dotted: bool = False) -> Callable[[Machine, Given], Value]:
    """Return a function that takes a file by its name."""

    def function(machine: Machine, given: Given) -> Value:
        value = load(machine, given.get(0, "filename", "file_", "path", "f", "file"), form, given.where)
        return trees.interpolated(machine, trees.as_table(machine, value)) if dotted else value

    return function


def _dotted(machine: Machine, given: Given) -> Value:
    """Make a mapping whose keys are attributes."""
    made: Value = table_of(given.keywords, rest=given.rest, dotted=True)
    if given.has(0):
        value = given.get(0)
        made = choice(trees.merged(machine, trees.as_table(machine, one), made) for one in alternatives(value))
        if isinstance(made, External):
            made = Table({}, rest=True, dotted=True)
    machine.step()
    return made


def _params_show(machine: Machine, given: Given) -> Value:
    """Do ``dvc.api.params_show``."""
    names = known_texts(given.arguments) or [PARAMETERS]
    value: Value = Table({})
    for name in names:
        path = texts.in_workspace(texts.text(name), machine.directory)
        if path is not None:
            if machine.workspace.is_file(path):
                machine.record(Effect.CONFIGURATION, texts.text(f"{texts.ROOT}/{path}"), given.where)
            value = trees.merged(machine, value, load_file(machine, path, form_of(path, "yaml")))
    return trees.with_parameters(machine, value, machine.call_read.parameters)


def _omega_create(machine: Machine, given: Given) -> Value:
    value = given.get(0, "obj", default=Table({}))
    if isinstance(value, Text) and value.known is not None:
        value = _of_text(machine, value, "yaml")
    return trees.interpolated(machine, trees.as_table(machine, value))


def _omega_merge(machine: Machine, given: Given) -> Value:
    made: Value = Table({}, dotted=True)
    for argument in given.arguments:
        made = trees.merged(machine, made, trees.as_table(machine, argument))
    return trees.interpolated(machine, made)


def _omega_cli(machine: Machine, given: Given) -> Value:
    made = Table({}, dotted=True)
    for word in known_texts(command_line(machine, given.get(0, "args_list", "dotlist"))):
        name, sign, text = word.lstrip("-").partition("=")
        if sign:
            trees.override(made, name, text)
    return made


def _omega_select(machine: Machine, given: Given) -> Value:
    machine.step()
    found = trees.get_dotted(given.get(0, "cfg"), given.text(1, "key") or "")
    return given.get(-1, "default") if isinstance(found, External) and given.has(-1, "default") else found


def _omega_update(_machine: Machine, given: Given) -> Value:
    table, name = given.get(0, "cfg"), given.text(1, "key")
    if isinstance(table, Table) and name:
        trees.set_dotted(table, name, given.get(2, "value"))
    return None


def _plain_table(machine: Machine, given: Given) -> Value:
    return trees.as_table(machine, given.get(0), dotted=False)


def _dynaconf(machine: Machine, given: Given) -> Value:
    """Do ``dynaconf.Dynaconf``: its files one over the other."""
    made: Value = Table({}, rest=True, dotted=True)
    for one in machine.iterate(given.get(-1, "settings_files", "settings_file", default=Items([])))[0]:
        if isinstance(one, Text):
            made = trees.merged(machine, made, trees.as_table(machine, load(machine, one, "toml", given.where)))
    return made


def _load_dotenv(machine: Machine, given: Given) -> Value:
    value = given.get(0, "dotenv_path")
    path = texts.in_workspace(value, machine.directory) if isinstance(value, Text) else ".env"
    if path is not None and machine.workspace.is_file(path):
        machine.record(Effect.CONFIGURATION, texts.text(f"{texts.ROOT}/{path}"), given.where)
        table = load_file(machine, path, "env")
        if isinstance(table, Table):
            for name, one in table.items.items():
                machine.environment.setdefault(str(name), one)
            return table
    return Table({}, rest=True)


class Yaml(Native):
    """``ruamel.yaml.YAML``."""

    __slots__ = ()

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return a method."""
        return Builtin(name, _loader("yaml")) if name == "load" else super().attribute(machine, name)


def _structured(machine: Machine, given: Given) -> Value:
    value = given.get(0)
    return trees.as_table(machine, machine.call(value, given.replaced([])) if isinstance(value, Class) else value)


#: Classes of mappings whose keys are attributes.
_DOTTED = (
    "box.Box", "box.ConfigBox", "easydict.EasyDict", "munch.Munch", "munch.munchify", "munch.DefaultMunch",
    "dotmap.DotMap", "addict.Dict", "attrdict.AttrDict", "attridict.attridict", "ml_collections.ConfigDict",
    "omegaconf.DictConfig",
)  # fmt: skip
FUNCTIONS: dict[str, Callable[[Machine, Given], Value]] = {
    **{f"yaml.{name}": _loader("yaml") for name in ("safe_load", "load", "full_load", "unsafe_load")},
    **{f"ruamel.yaml.{name}": _loader("yaml") for name in ("safe_load", "load", "round_trip_load")},
    **{
        f"{name}.{call}": _loader("json")
        for name in ("json", "simplejson", "ujson", "orjson", "rapidjson", "json5")
        for call in ("load", "loads")
    },
    **{f"{name}.{call}": _loader("toml") for name in ("tomllib", "tomli") for call in ("load", "loads")},
    "ruamel.yaml.YAML": lambda _machine, _given: Yaml(),
    "toml.load": _by_name("toml"),
    "toml.loads": _loader("toml"),
    "pytoml.load": _loader("toml"),
    "anyconfig.load": _by_name("yaml"),
    "dvc.api.params_show": _params_show,
    "omegaconf.OmegaConf.load": _by_name("yaml", dotted=True),
    "omegaconf.OmegaConf.create": _omega_create,
    "omegaconf.OmegaConf.structured": _structured,
    "omegaconf.OmegaConf.merge": _omega_merge,
    "omegaconf.OmegaConf.unsafe_merge": _omega_merge,
    "omegaconf.OmegaConf.from_cli": _omega_cli,
    "omegaconf.OmegaConf.from_dotlist": _omega_cli,
    "omegaconf.OmegaConf.select": _omega_select,
    "omegaconf.OmegaConf.update": _omega_update,
    "omegaconf.OmegaConf.to_container": _plain_table,
    "omegaconf.OmegaConf.to_object": _plain_table,
    **dict.fromkeys(_DOTTED, _dotted),
    "box.Box.from_yaml": _by_name("yaml", dotted=True),
    "box.Box.from_json": _by_name("json", dotted=True),
    "box.Box.from_toml": _by_name("toml", dotted=True),
    "box.ConfigBox.from_yaml": _by_name("yaml", dotted=True),
    "box.box_from_file": _by_name("yaml", dotted=True),
    "dynaconf.Dynaconf": _dynaconf,
    "dotenv.load_dotenv": _load_dotenv,
    "dotenv.dotenv_values": _load_dotenv,
    "ast.literal_eval": _loader("json"),
}
