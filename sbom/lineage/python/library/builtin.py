"""Built-in functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.lineage.python import texts
from sbom.lineage.python.formatting import formatted
from sbom.lineage.python.methods.paths import open_file
from sbom.lineage.python.values import (
    MAX_ITEMS,
    UNKNOWN,
    Class,
    External,
    Func,
    Items,
    Method,
    Object,
    Table,
    Text,
    alternatives,
    choice,
    key_of,
    table_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value

#: Numbers of a range that are kept apart.
_MAX_RANGE = 32
_MAX_DIGITS = 18


def _open(machine: Machine, given: Given) -> Value:
    return open_file(machine, given.get(0, "file", "path", "filename", "fp"), given.get(1, "mode"), given.where)


def _str(machine: Machine, given: Given) -> Value:
    return choice(machine.as_text(one) for one in alternatives(given.get(0, default=texts.text(""))))


def _int(_machine: Machine, given: Given) -> Value:
    value = given.get(0, default=0)
    if (
        isinstance(value, Text)
        and value.known
        and len(value.known) <= _MAX_DIGITS
        and value.known.lstrip("-").isdecimal()
    ):
        return int(value.known)
    return int(value) if isinstance(value, (int, float)) and abs(value) < 10**_MAX_DIGITS else UNKNOWN


def _float(_machine: Machine, given: Given) -> Value:
    value = given.get(0, default=0)
    if isinstance(value, Text) and value.known:
        try:
            return float(value.known[:_MAX_DIGITS])
        except ValueError:
            return UNKNOWN
    return value if isinstance(value, (int, float)) else UNKNOWN


def _bool(machine: Machine, given: Given) -> Value:
    known = machine.truth(given.get(0, default=False))
    return UNKNOWN if known is None else known


def _len(_machine: Machine, given: Given) -> Value:
    value = given.get(0)
    if isinstance(value, (Items, Table)):
        return UNKNOWN if value.rest else len(value.items)
    return len(value.known) if isinstance(value, Text) and value.known is not None else UNKNOWN


def _range(_machine: Machine, given: Given) -> Value:
    bounds = given.arguments
    known = [bound for bound in bounds if isinstance(bound, int)]
    if not known or len(known) != len(bounds) or (len(known) == 3 and not known[2]):  # noqa: PLR2004  # the step
        return Items([texts.GAP], rest=True)
    numbers = range(*known[:3])
    if max(abs(number) for number in known) > 1 << 62 or len(numbers) > _MAX_RANGE:
        return Items([texts.GAP], rest=True)
    return Items(list(numbers))


def _rows(machine: Machine, values: list[Value]) -> tuple[list[list[Value]], bool]:
    columns = [machine.iterate(value) for value in values]
    return [list(row) for row in zip(*(column for column, _ in columns), strict=False)], all(
        exact for _, exact in columns
    )


def _enumerate(machine: Machine, given: Given) -> Value:
    values, exact = machine.iterate(given.get(0))
    start = given.get(1, "start", default=0)
    rows: list[Value] = []
    for index, value in enumerate(values[:MAX_ITEMS]):
        number: Value = start + index if exact and isinstance(start, int) else texts.GAP
        rows.append(Items([number, value], "tuple"))
    return Items(rows, rest=not exact)


def _zip(machine: Machine, given: Given) -> Value:
    rows, exact = _rows(machine, given.arguments)
    return Items([Items(row, "tuple") for row in rows], rest=not exact)


def _collect(kind: str) -> Callable[[Machine, Given], Value]:
    def function(machine: Machine, given: Given) -> Value:
        if not given.has(0):
            return Items([], kind)
        value = given.get(0)
        if isinstance(value, External):
            return value
        values, exact = machine.iterate(value)
        return Items(values[:MAX_ITEMS], kind, rest=not exact or len(values) > MAX_ITEMS)

    return function


def _sorted(machine: Machine, given: Given) -> Value:
    values, exact = machine.iterate(given.get(0))
    names = [one.known or "" for one in values if isinstance(one, Text) and one.known is not None]
    if len(names) == len(values) and exact:
        values = [one for _, one in sorted(zip(names, values, strict=True), key=lambda pair: pair[0])]
    return Items(values, rest=not exact)


def _reversed(machine: Machine, given: Given) -> Value:
    values, exact = machine.iterate(given.get(0))
    return Items(values[::-1], rest=not exact)


def _next(machine: Machine, given: Given) -> Value:
    values, _ = machine.iterate(given.get(0))
    return values[0] if values else given.get(1)


def _dict(machine: Machine, given: Given) -> Value:
    made = Table({}, rest=given.rest)
    value = given.get(0)
    if isinstance(value, Table):
        made.items.update(value.items)
        made.rest = made.rest or value.rest
    elif given.has(0):
        rows, exact = machine.iterate(value)
        made.rest = made.rest or not exact
        for row in rows:
            key = key_of(row.items[0]) if isinstance(row, Items) and len(row.items) > 1 else None
            if key is not None and isinstance(row, Items):
                made.items[key[0]] = row.items[1]
            else:
                made.rest = True
    made.items.update(given.keywords)
    return made


def _get_attribute(machine: Machine, given: Given) -> Value:
    name = given.text(1)
    value = given.get(0)
    if name is None:
        return UNKNOWN
    if given.has(2):
        if value is None:
            return given.get(2)
        if isinstance(value, Table) and name not in value.items:
            return choice((given.get(2), UNKNOWN)) if value.rest else given.get(2)
        if isinstance(value, Object) and isinstance(machine.attribute(value, name), External):
            return choice((given.get(2), machine.attribute(value, name)))
    return machine.attribute(value, name)


def _set_attribute(machine: Machine, given: Given) -> Value:
    name = given.text(1)
    if name is not None:
        machine.set_attribute(given.get(0), name, given.get(2))
    return None


def _has_attribute(_machine: Machine, given: Given) -> Value:
    value, name = given.get(0), given.text(1)
    if isinstance(value, Table) and name is not None:
        return True if name in value.items else UNKNOWN if value.rest else False
    return True if isinstance(value, Object) and name in value.names else UNKNOWN


def _is_instance(_machine: Machine, given: Given) -> Value:
    wanted = given.get(1)
    kinds = wanted.items if isinstance(wanted, Items) else [wanted]
    known = [_is_any(value, kinds) for value in alternatives(given.get(0))]
    return UNKNOWN if None in known or len(set(known)) > 1 else known[0]


def _is_any(value: Value, kinds: list[Value]) -> bool | None:
    known = [_is_one(value, kind) for kind in kinds]
    return True if True in known else None if None in known else False


def _is_one(value: Value, kind: Value) -> bool | None:
    if not isinstance(kind, External) or kind == UNKNOWN or isinstance(value, (External, Object, Class, Func, Method)):
        return None
    name = kind.trail
    if isinstance(value, Text):
        return name.startswith("pathlib.") or name == "os.PathLike" if value.path else name == "builtins.str"
    if isinstance(value, Items):
        return name == f"builtins.{value.kind}"
    if isinstance(value, Table):
        return None if name not in {"builtins.str", "builtins.list"} else False
    return name == f"builtins.{type(value).__name__}" or (value is None and name == "types.NoneType")


def _map(machine: Machine, given: Given) -> Value:
    rows, exact = _rows(machine, given.arguments[1:])
    return Items([machine.call(given.get(0), given.replaced(row)) for row in rows[:MAX_ITEMS]], rest=not exact)


def _filter(machine: Machine, given: Given) -> Value:
    values, exact = machine.iterate(given.get(1))
    made = Items([], rest=not exact)
    for value in values[:MAX_ITEMS]:
        known = machine.truth(value if given.get(0) is None else machine.call(given.get(0), given.replaced([value])))
        if known is not False:
            made.items.append(value)
            made.rest = made.rest or known is None
    return made


def _any(machine: Machine, given: Given) -> Value:
    values, exact = machine.iterate(given.get(0))
    known = [machine.truth(value) for value in values]
    return True if True in known and exact else False if exact and None not in known else UNKNOWN


def _all(machine: Machine, given: Given) -> Value:
    values, exact = machine.iterate(given.get(0))
    known = [machine.truth(value) for value in values]
    return False if False in known and exact else True if exact and None not in known else UNKNOWN


def _vars(machine: Machine, given: Given) -> Value:
    value = given.get(0)
    machine.step()
    if isinstance(value, Table):
        return value
    return table_of(value.names) if isinstance(value, Object) else Table({}, rest=True)


def _globals(_machine: Machine, given: Given) -> Value:
    return table_of(given.frame.module.frame.names)


def _locals(_machine: Machine, given: Given) -> Value:
    return table_of(given.frame.names)


def _format(_machine: Machine, given: Given) -> Value:
    return formatted(given.get(0), given.text(1, default="") or "")


def _extreme(_machine: Machine, given: Given) -> Value:
    if len(given.arguments) == 1:
        value = given.arguments[0]
        return choice(value.items) if isinstance(value, Items) and value.items else UNKNOWN
    return choice(given.arguments)


def _type(_machine: Machine, given: Given) -> Value:
    value = given.get(0)
    return value.cls if isinstance(value, Object) else UNKNOWN


def _ignored(machine: Machine, _given: Given) -> Value:
    machine.step()
    return UNKNOWN


def _import(machine: Machine, given: Given) -> Value:
    from sbom.lineage.python.imports import absolute  # noqa: PLC0415

    name = given.text(0, "name")
    return UNKNOWN if not name or name.startswith(".") else absolute(machine, name, given.frame.module)


def _same(_machine: Machine, given: Given) -> Value:
    return given.get(0)


FUNCTIONS: dict[str, Callable[[Machine, Given], Value]] = {
    "builtins.open": _open,
    "io.open": _open,
    "codecs.open": _open,
    "gzip.open": _open,
    "bz2.open": _open,
    "lzma.open": _open,
    "smart_open.open": _open,
    "aiofiles.open": _open,
    "xopen.xopen": _open,
    "builtins.str": _str,
    "os.fspath": _str,
    "os.fsdecode": _str,
    "builtins.int": _int,
    "builtins.float": _float,
    "builtins.bool": _bool,
    "builtins.len": _len,
    "builtins.range": _range,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.list": _collect("list"),
    "builtins.tuple": _collect("tuple"),
    "builtins.set": _collect("set"),
    "builtins.frozenset": _collect("set"),
    "builtins.iter": _collect("list"),
    "builtins.sorted": _sorted,
    "natsort.natsorted": _sorted,
    "builtins.reversed": _reversed,
    "builtins.next": _next,
    "builtins.dict": _dict,
    "builtins.getattr": _get_attribute,
    "builtins.setattr": _set_attribute,
    "builtins.hasattr": _has_attribute,
    "builtins.isinstance": _is_instance,
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.any": _any,
    "builtins.all": _all,
    "builtins.vars": _vars,
    "builtins.globals": _globals,
    "builtins.locals": _locals,
    "builtins.format": _format,
    "builtins.max": _extreme,
    "builtins.min": _extreme,
    "builtins.type": _type,
    "builtins.print": _ignored,
    "builtins.__import__": _import,
    "importlib.import_module": _import,
    "typing.cast": lambda _machine, given: given.get(1),
    "copy.copy": _same,
    "copy.deepcopy": _same,
    "tqdm.tqdm": _same,
    "tqdm.auto.tqdm": _same,
    "tqdm.notebook.tqdm": _same,
    "tqdm.trange": _range,
    "tqdm.auto.trange": _range,
    "rich.progress.track": _same,
    "asyncio.run": _same,
    "asyncio.get_event_loop().run_until_complete": _same,
    "os.path.expanduser": _same,
    "os.path.expandvars": _same,
    "os.fsencode": _same,
    "click.format_filename": _same,
    "sys.intern": _same,
}
