"""Which readers there are, and which files they read. Ours are loaded when one of their files is found.

Other distributions bring readers with entry points in the groups ``data_sbom.scripts`` and ``data_sbom.pipelines``.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast

from sbom.manifests.registry import points

if TYPE_CHECKING:
    from sbom.lineage.interface import PipelineReader, ScriptReader

SCRIPTS: Final = "data_sbom.scripts"
PIPELINES: Final = "data_sbom.pipelines"
#: Module and class → the suffixes of what it reads.
SCRIPT_READERS: Final = {
    "python.reader:PythonReader": (".py",),
    "python.notebook:NotebookReader": (".ipynb",),
    "shell:ShellReader": (".sh", ".bash", ".zsh", ".ksh"),
    "sql:SqlReader": (".sql",),
}
#: Module and class → the names of what it reads, the more particular ones first.
PIPELINE_READERS: Final = {
    "dvc:DvcReader": ("dvc.yaml", "*.dvc", "dvcfile"),
    "make:MakeReader": ("makefile", "gnumakefile", "*.mk"),
    "snakemake:SnakemakeReader": ("snakefile", "*.smk"),
    "kedro:KedroReader": ("catalog.yml", "catalog.yaml", "catalog_*.yml", "catalog_*.yaml"),
    "dbt:DbtReader": ("dbt_project.yml", "dbt_project.yaml"),
    "airflow:AirflowReader": ("*.py",),
}


def script_reader(path: str) -> ScriptReader | None:
    """Return who reads a script, by the end of its name; ``None`` for nobody."""
    lower = path.lower()
    for source, suffixes in SCRIPT_READERS.items():
        if lower.endswith(suffixes):
            return cast("ScriptReader", _load(source))
    return next((reader for reader in _others(SCRIPTS) if lower.endswith(tuple(reader.suffixes))), None)


def script_reader_named(name: str) -> ScriptReader:
    """Return one of our readers: ``python``, ``notebook``, ``shell`` or ``sql``."""
    source = next(one for one in SCRIPT_READERS if one.rpartition(".")[2].lower().endswith(f":{name}reader"))
    return cast("ScriptReader", _load(source))


def pipeline_readers(path: str) -> list[PipelineReader]:
    """Return who may read a pipeline, by its name."""
    base = path.rpartition("/")[2].lower()
    found = [cast("PipelineReader", _load(source)) for source, names in PIPELINE_READERS.items() if _fits(base, names)]
    return found + [reader for reader in _others(PIPELINES) if _fits(base, tuple(reader.patterns))]


def suggests(path: str) -> bool:
    """Tell, cheaply, whether a file may be a pipeline or a script."""
    base = path.rpartition("/")[2].lower()
    dot = base.rfind(".")
    if base in _names()[0] or (dot >= 0 and base[dot:] in _names()[1]):
        return True
    return any(_fits(base, names) for names in _names()[2])


@cache
def _names() -> tuple[frozenset[str], frozenset[str], tuple[tuple[str, ...], ...]]:
    """Return exact names, suffixes, and all the patterns that are neither."""
    patterns = [name for names in PIPELINE_READERS.values() for name in names]
    patterns += [name for reader in _others(PIPELINES) for name in reader.patterns]
    suffixes = {suffix for known in SCRIPT_READERS.values() for suffix in known}
    suffixes |= {suffix for reader in _others(SCRIPTS) for suffix in reader.suffixes}
    suffixes |= {name[1:] for name in patterns if name.startswith("*.") and name.count("*") == 1}
    exact = frozenset(name for name in patterns if "*" not in name)
    rest = tuple((name,) for name in patterns if "*" in name and name[1:] not in suffixes)
    return exact, frozenset(suffixes), rest


def _fits(base: str, names: tuple[str, ...]) -> bool:
    for name in names:
        start, star, end = name.partition("*")
        if base == name or (star and len(base) > len(name) - 1 and base.startswith(start) and base.endswith(end)):
            return True
    return False


@cache
def _load(source: str) -> object:
    module, _, name = source.partition(":")
    return getattr(import_module(f"sbom.lineage.{module}"), name)()


def problems() -> list[str]:
    """Say what is wrong with readers of other distributions."""
    return [problem for group in (SCRIPTS, PIPELINES) for problem in _found(group)[1]]


def _others(group: str) -> list[Any]:
    return _found(group)[0]


@cache
def _found(group: str) -> tuple[list[Any], list[str]]:
    """Load the readers of other distributions; return them, and what is wrong with the rest."""
    readers: list[Any] = []
    wrong: list[str] = []
    for point in points(group):
        try:
            reader = point.load()()
            texts = (reader.name, *(reader.suffixes if group == SCRIPTS else reader.patterns))
            usable = callable(reader.read) and all(isinstance(text, str) for text in texts)
        except Exception as error:  # noqa: BLE001  # somebody else's code: what is wrong is told, not hidden
            wrong.append(f"the reader {point.value!r} cannot be loaded: {type(error).__name__}: {error}")
            continue
        if usable:
            readers.append(reader)
        else:
            wrong.append(f"the reader {point.value!r} is not used: it is no reader")
    return readers, wrong
