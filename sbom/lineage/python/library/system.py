"""``os``, ``os.path``, ``sys``, ``pathlib`` and what finds the root of a project: names, not accesses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.lineage.python import texts
from sbom.lineage.python.values import UNKNOWN, Items, Text, alternatives, choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value

_MAX = 16


def _path(machine: Machine, given: Given) -> Value:
    """Make a ``pathlib`` path."""
    if not given.arguments:
        return texts.text(".", path=True)
    result: list[Text] = [texts.as_path(machine.as_text(one)) for one in alternatives(given.arguments[0])]
    for argument in given.arguments[1:]:
        result = [texts.join(one, machine.as_text(other)) for one in result for other in alternatives(argument)][:_MAX]
    return choice(result)


def _join(machine: Machine, given: Given) -> Value:
    """Do ``os.path.join``."""
    result: list[Text] = []
    for index, argument in enumerate(given.arguments):
        further = [machine.as_text(one) for one in alternatives(argument) if one is not None]
        result = [texts.join(one, other) for one in result for other in further][:_MAX] if index else further[:_MAX]
    return choice(result)


def _on_text(function: Callable[[Text], Value]) -> Callable[[Machine, Given], Value]:
    def wrapped(machine: Machine, given: Given) -> Value:
        return choice(function(machine.as_text(one)) for one in alternatives(given.get(0)))

    return wrapped


def _pair(function: Callable[[Text], tuple[Text, Text]]) -> Callable[[Text], Value]:
    return lambda value: Items(list(function(value)), "tuple")


def _absolute(machine: Machine, given: Given) -> Value:
    return choice(texts.absolute(machine.as_text(one), machine.directory) for one in alternatives(given.get(0)))


def _relative(machine: Machine, given: Given) -> Value:
    start = given.text(1, "start", default="")
    value = machine.as_text(given.get(0))
    if start is None or value.known is None:
        return texts.GAP
    whole = texts.absolute(value, machine.directory).known or ""
    base = texts.absolute(texts.text(start), machine.directory).known or ""
    return texts.text(whole[len(base) + 1 :]) if whole.startswith(f"{base}/") else value


def _here(machine: Machine, _given: Given) -> Value:
    return texts.absolute(texts.text(""), machine.directory)


def _here_path(machine: Machine, _given: Given) -> Value:
    return texts.as_path(texts.absolute(texts.text(""), machine.directory))


def _root_path(machine: Machine, given: Given) -> Value:
    """Return the root of the project, and what is asked for below it."""
    root = texts.text(texts.ROOT, path=True)
    further = [machine.as_text(one) for one in given.arguments if isinstance(one, Text) and not one.path]
    known = [one for one in further if one.known is not None and not one.known.startswith((".git", "/"))]
    return texts.join(root, *known) if known else root


def _project_root(machine: Machine, _given: Given) -> Value:
    machine.step()
    return texts.text(texts.ROOT, path=True)


def _elsewhere(machine: Machine, _given: Given) -> Value:
    machine.step()
    return texts.text("/tmp/<temporary>")  # noqa: S108  # what a program that is read is told, not used


def _elsewhere_path(machine: Machine, _given: Given) -> Value:
    machine.step()
    return texts.text("/<elsewhere>", path=True)


def _environment(machine: Machine, given: Given) -> Value:
    name = given.text(0, "key")
    if name is not None and name in machine.environment:
        return machine.environment[name]
    default = given.get(1, "default", "failobj")
    return default if given.has(1, "default") else choice((UNKNOWN, None))


def _change_directory(machine: Machine, given: Given) -> Value:
    value = given.get(0, "path")
    target = texts.in_workspace(value, machine.directory) if isinstance(value, Text) else None
    if target is not None:
        machine.directory = target
    return None


def _add_search(machine: Machine, given: Given) -> Value:
    """Do ``sys.path.insert`` and ``sys.path.append``."""
    for argument in given.arguments:
        for one in alternatives(argument):
            known = texts.in_workspace(one, machine.directory) if isinstance(one, Text) else None
            if known is not None:
                machine.finder.add(known)
    return None


def _unknown(machine: Machine, _given: Given) -> Value:
    machine.step()
    return UNKNOWN


FUNCTIONS: dict[str, Callable[[Machine, Given], Value]] = {
    "pathlib.Path": _path,
    "pathlib.PurePath": _path,
    "pathlib.PosixPath": _path,
    "pathlib.PurePosixPath": _path,
    "pathlib2.Path": _path,
    "path.Path": _path,
    "upath.UPath": _path,
    "cloudpathlib.AnyPath": _path,
    "anyio.Path": _path,
    "py.path.local": _path,
    "pathlib.Path.cwd": _here_path,
    "pathlib.Path.home": _elsewhere_path,
    "os.path.join": _join,
    "posixpath.join": _join,
    "os.path.dirname": _on_text(texts.directory_of),
    "os.path.basename": _on_text(lambda value: texts.split(value)[1]),
    "os.path.split": _on_text(_pair(texts.split)),
    "os.path.splitext": _on_text(_pair(texts.split_suffix)),
    "os.path.normpath": _on_text(texts.normal),
    "os.path.abspath": _absolute,
    "os.path.realpath": _absolute,
    "os.path.relpath": _relative,
    "os.getcwd": _here,
    "os.getcwdb": _here,
    "os.chdir": _change_directory,
    "os.path.exists": _unknown,
    "os.path.isfile": _unknown,
    "os.path.isdir": _unknown,
    "os.getenv": _environment,
    "os.environ.get": _environment,
    "os.environ.setdefault": _environment,
    "decouple.config": _environment,
    "environs.Env().str": _environment,
    "tempfile.mkdtemp": _elsewhere,
    "tempfile.gettempdir": _elsewhere,
    "tempfile.mktemp": _elsewhere,
    "tempfile.TemporaryDirectory": _elsewhere,
    "sys.path.append": _add_search,
    "sys.path.insert": _add_search,
    "sys.path.extend": _add_search,
    "site.addsitedir": _add_search,
    "pyprojroot.here": _root_path,
    "pyprojroot.find_root": _project_root,
    "rootutils.setup_root": _project_root,
    "rootutils.find_root": _project_root,
    "pyrootutils.setup_root": _project_root,
    "pyrootutils.find_root": _project_root,
    "dotenv.find_dotenv": lambda _machine, _given: texts.text(f"{texts.ROOT}/.env"),
    "hydra.utils.get_original_cwd": _here,
    "hydra.utils.to_absolute_path": _absolute,
    "git.Repo().git.rev_parse": _project_root,
}


def _words(machine: Machine) -> Value:
    return Items([texts.text(machine.call_read.script), *machine.words])


def _separator(_machine: Machine) -> Value:
    return texts.text("/")


CONSTANTS: dict[str, Callable[[Machine], Value]] = {
    "sys.argv": _words,
    "sys.executable": lambda _machine: texts.text("python"),
    "sys.platform": lambda _machine: texts.text("linux"),
    "os.sep": _separator,
    "os.path.sep": _separator,
    "os.curdir": lambda _machine: texts.text("."),
    "os.pardir": lambda _machine: texts.text(".."),
    "os.name": lambda _machine: texts.text("posix"),
    "typing.TYPE_CHECKING": lambda _machine: False,
    "git.Repo().working_dir": lambda _machine: texts.text(texts.ROOT),
    "git.Repo().working_tree_dir": lambda _machine: texts.text(texts.ROOT),
}
