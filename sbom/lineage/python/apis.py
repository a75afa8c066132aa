"""Which functions of libraries read and write what: look-up in the tables, and what their effects mean."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from sbom.lineage import sql, sqltext
from sbom.lineage.interface import ScriptError
from sbom.lineage.paths import is_url
from sbom.lineage.python import texts
from sbom.lineage.python.handles import Connected
from sbom.lineage.python.machine import Effect
from sbom.lineage.python.values import Choice, External, Items, Table, Text, alternatives
from sbom.lineage.python.values import texts as all_texts
from sbom.transformation import LITERAL, TABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value

FAMILIES = ("frames", "arrays", "models", "media", "files", "web")
_EFFECTS = {
    "read": Effect.READ,
    "write": Effect.WRITE,
    "read/": Effect.READ_DIRECTORY,
    "write/": Effect.WRITE_DIRECTORY,
    "make/": Effect.MAKE_DIRECTORY,
    "remove": Effect.REMOVE,
    "move": Effect.MOVE,
}
#: Attributes of Spark between a session or a frame and the format.
_CHAINS = frozenset({"read", "write", "readStream", "writeStream"})
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,10}(?:\.(?:gz|bz2|xz|zst|zip))?\Z")
_WRITING = re.compile(r"(?:save|write|export|dump|store)(?:_|\Z)")
_READING = re.compile(r"(?:load|read)(?:_|\Z)")
#: Names that begin like a reader or a writer, and are about something else.
_OTHER = frozenset(
    {"load_dotenv", "read_text", "write_text", "load_module", "load_iris", "write_through", "store_true"}
)
_HUB_NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)?\Z")
_TABLE_NAME = re.compile(r"[\w.`\"-]{1,200}\Z")
DATABASE_URL = re.compile(r"(?:sqlite|duckdb)(?:\+\w+)?:///(.+)", re.DOTALL)
#: A step is counted for so many characters that are parsed.
_CHARACTERS = 20


class Act(NamedTuple):
    """One effect of a function: the verb, and which argument it is about (-1: by name only, -2: all by position)."""

    verb: str
    position: int
    names: tuple[str, ...]
    suffix: str = ""
    careful: bool = False


class Tables(NamedTuple):
    """All tables: by dotted name; and by the name of a method, with the import names that it must come from."""

    exact: dict[str, tuple[Act, ...]]
    methods: dict[str, list[tuple[tuple[str, ...], tuple[Act, ...]]]]


@cache
def tables() -> Tables:
    """Read the tables; see :mod:`sbom.lineage.python.tables`."""
    result = Tables({}, {})
    for family in FAMILIES:
        module = import_module(f"sbom.lineage.python.tables.{family}")
        for line in module.ROWS.strip().splitlines():
            name, _, effects = line.partition(": ")
            acts = tuple(act for part in effects.split(";") if (act := _act(part.split())) is not None)
            roots, _, last = name.partition(".")
            result.exact[name] = acts
            if "." not in last and roots not in _CHAINS:
                result.methods.setdefault(last, []).append((tuple(roots.split(",")), acts))
    return result


def _act(words: list[str]) -> Act | None:
    if not words or words[0] == "none":
        return None
    verb, *rest = words
    careful = verb.endswith("~")
    verb, dot, suffix = verb.rstrip("~").partition(".")
    position = {"-": -1, "*": -2}.get(rest[0])
    return Act(verb, int(rest[0]) if position is None else position, tuple(rest[1:]), dot + suffix, careful)


@lru_cache(4096)
def find(trail: str) -> tuple[Act, ...] | None:
    """Return the effects of a function by its dotted name; ``None`` when it is in no table."""
    plain = canonical(trail)
    known = tables()
    if plain in known.exact:
        return known.exact[plain]
    last = plain.rpartition(".")[2]
    segments = plain.split(".")
    chain = next((one for one in reversed(segments[1:-1]) if one in _CHAINS), None)
    if chain is not None and f"{chain}.{last}" in known.exact:
        return known.exact[f"{chain}.{last}"]
    root = segments[0]
    fallback = None
    for roots, acts in known.methods.get(last, ()):
        if root in roots:
            return acts
        if "*" in roots:
            fallback = acts
    return fallback


def canonical(trail: str) -> str:
    """Return a dotted name without calls, and with one spelling for what has several."""
    plain = trail.replace("()", "")
    for prefix in ("tensorflow.keras.", "tensorflow.python.keras.", "tensorflow.compat.v1."):
        if plain.startswith(prefix):
            tail = plain[len(prefix) :]
            return f"keras.{tail}" if "keras" in prefix else f"tensorflow.{tail}"
    return plain


def apply(machine: Machine, trail: str, given: Given) -> bool:
    """Note what a call of a library's function reads and writes; tell whether the function is known."""
    acts = find(trail)
    if acts is None:
        return _guess(machine, trail, given)
    for act in acts:
        handler = _VERBS.get(act.verb, _plain)
        for value in _values(act, given):
            handler(machine, act, value, given)
    return True


def _values(act: Act, given: Given) -> list[Value]:
    if act.position == -2:  # noqa: PLR2004  # all of them
        return list(given.arguments)
    return [given.get(act.position, *act.names)] if given.has(act.position, *act.names) else []


def _plain(machine: Machine, act: Act, value: Value, given: Given) -> None:
    for one in all_texts(value):
        if act.careful and not looks_like_path(one):
            continue
        name = texts.concatenate(one, texts.text(act.suffix)) if act.suffix and not has_suffix(one) else one
        machine.record(_EFFECTS[act.verb], name, given.where)


def has_suffix(value: Text) -> bool:
    """Tell whether a name ends in a suffix."""
    last = value.parts[-1] if value.parts else None
    return last is not None and _SUFFIX.search(last) is not None


def looks_like_path(value: Text) -> bool:
    """Tell whether a text is the name of a file or directory, and no word or sentence."""
    if value.path:
        return True
    whole = "".join(part or "" for part in value.parts)
    if len(whole) > 300 or any(character in whole for character in '\n\t{}<>"|*?'):  # noqa: PLR2004
        return False
    return "/" in whole or has_suffix(value)


def _open(machine: Machine, act: Act, value: Value, given: Given) -> None:
    mode_at = int(act.names[-1]) if act.names and act.names[-1].isdecimal() else 1
    mode = given.get(mode_at, "mode", "flag")
    record_open(machine, value, mode, given.where)


def record_open(machine: Machine, value: Value, mode: Value, where: str) -> None:
    """Note what opening a file in some mode does."""
    for one in alternatives(mode):
        known = one.known if isinstance(one, Text) else "r"
        for effect in open_effects(known or "r"):
            machine.record(effect, value, where)


def open_effects(mode: str) -> list[Effect]:
    """Return what a mode of ``open`` means."""
    if mode[:1] in {"w", "x", "n"} or "w" in mode or "x" in mode:
        return [Effect.WRITE]
    if "a" in mode or mode == "c":
        return [Effect.WRITE]
    return [Effect.READ, Effect.WRITE] if "+" in mode else [Effect.READ]


def _hub(machine: Machine, act: Act, value: Value, given: Given) -> None:
    for one in alternatives(value):
        if not isinstance(one, Text):
            continue
        known = one.known
        if known is not None and not one.path and _is_hub_name(machine, known):
            prefix = "hf://datasets/" if act.verb == "hubdata" else "hf://"
            machine.record(Effect.READ, texts.text(prefix + known, literal=one.literal), given.where)
        else:
            machine.record(Effect.READ_DIRECTORY, one, given.where)


def _is_hub_name(machine: Machine, known: str) -> bool:
    if not _HUB_NAME.match(known) or known.startswith(".") or is_url(known):
        return False
    first = known.partition("/")[0]
    if machine.workspace.is_directory(first) or known.endswith("/"):
        return False
    written = (event.name.known for event in machine.events if event.effect is not Effect.READ)
    return not any(
        name is not None and (name == known or name.startswith((f"{first}/", f"./{first}/"))) for name in written
    )


def run_sql(machine: Machine, statement: Text, where: str) -> None:
    """Note which files a text in DuckDB's SQL reads and writes; its tables are values of the program."""
    text = "".join(sqltext.UNKNOWN if part is None else part for part in statement.parts)
    machine.step(len(text) // _CHARACTERS)
    try:
        found = sql.accesses(text, machine.directory, where, "duckdb")
    except ScriptError as error:
        machine.problem(where.rpartition(":")[0], f"holds SQL that {error}")
        return
    for access in found:
        if not access.name.startswith(TABLE):
            name = access.name if is_url(access.name) else f"{texts.ROOT}/{access.name}"
            directory = access.name.endswith("/")
            if access.writes:
                effect = Effect.WRITE_DIRECTORY if directory else Effect.WRITE
            else:
                effect = Effect.READ_DIRECTORY if directory else Effect.READ
            machine.record(effect, texts.text(name, literal=access.kind == LITERAL), where)


def _url(machine: Machine, act: Act, value: Value, given: Given) -> None:
    """Note what is done to the file of a database, given its address or a connection."""
    effect = Effect.WRITE if act.verb == "url>" else Effect.DATABASE
    for one in alternatives(value):
        name = one.name if isinstance(one, Connected) else file_of(one)
        if name is not None:
            machine.record(effect, name, given.where)


def file_of(url: Value) -> Text | None:
    """Return the file that the address of a database names; ``None`` when it names none."""
    head = url.parts[0] if isinstance(url, Text) and url.parts else None
    match = None if head is None else DATABASE_URL.match(head)
    return texts.build([match[1], *url.parts[1:]]) if match is not None and isinstance(url, Text) else None


def _table(machine: Machine, act: Act, value: Value, given: Given) -> None:
    for one in alternatives(value):
        if isinstance(one, Text) and one.known and _TABLE_NAME.match(one.known):
            effect = Effect.READ if act.verb == "table<" else Effect.WRITE
            name = one.known.replace("`", "").replace('"', "")
            machine.record(effect, texts.text(f"table:{name}", literal=one.literal), given.where)


def _guess(machine: Machine, trail: str, given: Given) -> bool:
    """Judge a function that is in no table by its name, where an argument is clearly a path."""
    last = trail.rpartition(".")[2]
    root = External(trail).root
    if last in _OTHER or root in {"builtins", "logging", "typing"}:
        return False
    effect = Effect.WRITE if _WRITING.match(last) else Effect.READ if _READING.match(last) else None
    if effect is None:
        return False
    for value in (*given.arguments, *given.keywords.values()):
        if isinstance(value, (Items, Table)):
            continue
        for one in value.values if isinstance(value, Choice) else (value,):
            if isinstance(one, Text) and looks_like_path(one) and (has_suffix(one) or one.path):
                machine.record(effect, one, given.where)
    return True


_VERBS: dict[str, Callable[[Machine, Act, Value, Given], None]] = {
    "open": _open,
    "hub": _hub,
    "hubdata": _hub,
    "url": _url,
    "url>": _url,
    "table<": _table,
    "table>": _table,
}
