"""Command lines as ``argparse``, ``click`` and others take them apart: options, positional arguments, conversions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from sbom.lineage.python import texts
from sbom.lineage.python.values import External, Items, Text, alternatives, choice

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sbom.lineage.python.machine import Given, Machine
    from sbom.lineage.python.values import Value

#: Words that one argument takes at most, where it takes all there are.
MANY: Final = 10_000


@dataclass(slots=True)
class Option:
    """An option, or a positional argument when it has no flags.

    :ivar name: what its value is called by.
    :ivar default: its value where it is not given.
    :ivar least: words that it takes at least; ``most``: at most. Both 0: it is a flag.
    :ivar several: its value is a list.
    :ivar appends: it may be given repeatedly, each time adding to its list.
    :ivar value: what a flag sets; what an option without a word sets.
    :ivar convert: what is called with each word; ``None`` for nothing.
    """

    name: str
    flags: tuple[str, ...] = ()
    default: Value = None
    least: int = 1
    most: int = 1
    several: bool = False
    appends: bool = False
    value: Value = True
    convert: Value = None


class Parsed(NamedTuple):
    """A command line taken apart: the words of each option, once for each time it is given; what is left."""

    found: dict[str, list[tuple[Option, list[Value]]]]
    rest: list[Value]


def command_line(machine: Machine, value: Value) -> list[Value]:
    """Return the words that a parser is given: a list, or else those of the program."""
    return list(value.items) if isinstance(value, Items) and not value.rest else list(machine.words)


def split(options: Sequence[Option], words: Sequence[Value], commands: Collection[str] = ()) -> Parsed:
    """Take a command line apart.

    :param commands: names of commands; all behind one of them is left.
    """
    flags = {flag: option for option in options for flag in option.flags}
    parsed = Parsed({}, [])
    plain: list[Value] = []
    at = 0
    while at < len(words):
        known = _known(words[at])
        at += 1
        if known in commands:
            parsed.rest.extend(words[at - 1 :])
            break
        if known == "--":
            plain.extend(words[at:])
            break
        option, attached = _option(known, flags)
        if option is None:
            if not _is_flag(known):
                plain.append(words[at - 1])
            continue
        taken: list[Value] = [] if attached is None or not option.most else [texts.text(attached)]
        while not (attached is not None or at >= len(words) or len(taken) >= option.most or _stops(words[at], flags)):
            taken.append(words[at])
            at += 1
        parsed.found.setdefault(option.name, []).append((option, taken))
    _place(options, plain, parsed)
    return parsed


def _place(options: Sequence[Option], plain: list[Value], parsed: Parsed) -> None:
    """Give positional arguments their words: each as many as it takes, and leaves for those behind it."""
    places = [option for option in options if not option.flags]
    for index, option in enumerate(places):
        kept = sum(other.least for other in places[index + 1 :])
        count = max(min(option.most, len(plain) - kept), min(option.least, len(plain)))
        taken, plain = plain[:count], plain[count:]
        if taken:
            parsed.found.setdefault(option.name, []).append((option, taken))
    parsed.rest[:0] = plain


def _known(word: Value) -> str:
    return (word.known or "") if isinstance(word, Text) else ""


def _is_flag(text: str) -> bool:
    return len(text) > 1 and text[0] == "-" and not text[1:].replace(".", "", 1).isdecimal()


def _stops(word: Value, flags: dict[str, Option]) -> bool:
    known = _known(word)
    return known == "--" or (_is_flag(known) and (_option(known, flags)[0] is not None or known.startswith("--")))


def _option(text: str, flags: dict[str, Option]) -> tuple[Option | None, str | None]:
    """Return the option that a word is, and the value behind its ``=`` (or, of one letter, right behind it)."""
    if not _is_flag(text):
        return None, None
    if text in flags:
        return flags[text], None
    name, sign, value = text.partition("=")
    if sign and name in flags:
        return flags[name], value
    if text.startswith("--"):
        longer = {id(option): option for flag, option in flags.items() if flag.startswith(name)}
        return (next(iter(longer.values())), value if sign else None) if len(longer) == 1 else (None, None)
    return (flags[text[:2]], text[2:]) if text[:2] in flags else (None, None)


def values(machine: Machine, options: Sequence[Option], parsed: Parsed, given: Given) -> dict[str, Value]:
    """Return the value of each option, converted."""
    result: dict[str, Value] = {}
    for option in options:
        found = parsed.found.get(option.name)
        if found is None:
            if option.name not in result:
                result[option.name] = _default(machine, option, given)
            continue
        rows = [_one(machine, one, row, given) for one, row in found]
        if found[0][0].appends:
            flat = [item for row in rows for item in (row.items if isinstance(row, Items) else [row])]
            result[option.name] = Items(list(rows) if option.several else flat)
        else:
            result[option.name] = rows[-1]
    return result


def _one(machine: Machine, option: Option, words: list[Value], given: Given) -> Value:
    if not option.most:
        return option.value
    made = [convert(machine, option.convert, word, given) for word in words]
    if option.several:
        return Items(made)
    return made[0] if made else option.value


def _default(machine: Machine, option: Option, given: Given) -> Value:
    if not option.most:
        return option.default
    return choice(
        convert(machine, option.convert, one, given) if isinstance(one, Text) else one
        for one in alternatives(option.default)
    )


def convert(machine: Machine, function: Value, word: Value, given: Given) -> Value:
    """Return what a conversion makes of a word; the word itself where the conversion is not known."""
    if function is None:
        return word
    made = machine.call(function, given.replaced([word]))
    return word if isinstance(made, External) else made


def flag_name(flags: Sequence[str]) -> str:
    """Return the name of an option's value: its first long flag, or else its first one."""
    long = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else "")
    return long.lstrip("-").replace("-", "_")


def known_texts(several: Sequence[Value]) -> list[str]:
    """Return the texts among values that are known."""
    return [one.known for one in several if isinstance(one, Text) and one.known is not None]
