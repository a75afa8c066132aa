"""The parts of a task: what a step has, from fields and properties of CycloneDX. Each is checked where it is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sbom.cyclonedx import lineage_values as values
from sbom.cyclonedx import spec
from sbom.cyclonedx.embedded import dump, load
from sbom.cyclonedx.properties import single_valued
from sbom.cyclonedx.refusal import refuse
from sbom.transformation import Observation, Revision

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

Json = dict[str, Any]

#: Properties that something that is read or written may have more than once.
OF_EDGE = frozenset({spec.WORD})
_BOOLEANS = {"true": True, "false": False}
_EXIT_CODE = re.compile(r"0|-?[1-9][0-9]{0,9}").fullmatch


def check(reason: str | None, where: str) -> None:
    """Refuse the document if there is a reason."""
    if reason is not None:
        refuse(reason, where)


def only(part: Json, known: AbstractSet[str], where: str) -> None:
    """Refuse members that this program does not write there: nobody would have checked them."""
    if not part.keys() <= known:
        refuse(f"has a member that lineage does not have: {min(part.keys() - known)[:40]}", where)


def sha256(hashes: Sequence[Json] | None, where: str) -> str | None:
    """Read the only digest of something that is in no inventory; ``None`` where nobody knows it."""
    if hashes is None:
        return None
    if len(hashes) != 1 or hashes[0]["alg"] != "SHA-256" or not values.is_sha256(hashes[0]["content"]):
        refuse("its only digest is not a SHA-256 in lower case", where)
    sha256: str = hashes[0]["content"]
    return sha256


def size(properties: Sequence[Json], where: str) -> int | None:
    """Read how many bytes something has; ``None`` where nobody knows."""
    if len(properties) == 1 and properties[0]["name"] == spec.SIZE:
        text = properties[0].get("value", "")
    else:
        text = single_valued(properties, OF_EDGE).get(spec.SIZE)
    if text is None:
        return None
    if not spec.DECIMAL.fullmatch(text) or int(text) > spec.MAX_SAFE_INTEGER:
        refuse("the size is not a number of bytes", where)
    return int(text)


def parameters(item: Json, step: str) -> tuple[tuple[str, str], ...]:
    """Read the parameters of a step."""
    only(item, {"parameters"}, step)
    pairs = tuple((one.get("name", ""), one.get("value", "")) for one in item["parameters"])
    names = [name for name, _ in pairs]
    if names != sorted(set(names)) or any("dataType" in one for one in item["parameters"]):
        refuse("a parameter is there twice, not in the order of the names, or has a type", step)
    return pairs


def commands(steps: Sequence[Json], step: str) -> tuple[str, ...]:
    """Read the shell texts of a step."""
    if not steps:
        return ()
    commands: list[Json] = steps[0].get("commands", ())
    if len(steps) > 1 or steps[0].keys() != {"commands"} or any(one.keys() != {"executed"} for one in commands):
        refuse("it has other steps than one list of commands", step)
    return tuple(one["executed"] for one in commands)


def argv(said: dict[str, str], step: str) -> tuple[str, ...]:
    """Read the words of a recorded command."""
    text = said.get(spec.ARGV)
    if text is None:
        return ()
    words = load(text)
    if not isinstance(words, list) or not all(type(word) is str for word in words) or dump(words) != text:
        refuse(f"the value of {spec.ARGV} is not a compact JSON array of texts", step)
    return tuple(words)


def directory(said: dict[str, str], step: str) -> str:
    """Read where a step ran."""
    directory = said.get(spec.DIRECTORY, "")
    check(values.directory_refusal(directory), step)
    return directory


def actor(said: dict[str, str], step: str) -> str | None:
    """Read who ran a step."""
    actor = said.get(spec.ACTOR)
    check(None if actor is None else values.text_refusal(actor), step)
    return actor


def time(text: str | None, step: str) -> str | None:
    """Read when a step started or ended."""
    if text is not None and not values.is_time(text):
        refuse("its start or end is not a time in UTC (RFC 3339)", step)
    return text


def exit_code(said: dict[str, str], step: str) -> int | None:
    """Read the exit code of a step."""
    text = said.get(spec.EXIT_CODE)
    if text is None:
        return None
    if not _EXIT_CODE(text) or abs(int(text)) > spec.MAX_EXIT_CODE:
        refuse("the exit code is none", step)
    return int(text)


def revision(said: dict[str, str], step: str) -> Revision | None:
    """Read the state of the repository that a step ran in."""
    commit, dirty = said.get(spec.GIT_COMMIT), said.get(spec.GIT_DIRTY)
    if commit is None and dirty is None:
        return None
    if commit is None or dirty is None or (commit != spec.UNKNOWN and not values.is_commit(commit)):
        refuse(
            "the commit is neither unknown nor 40 or 64 lower-case hexadecimal digits, or half of it is missing", step
        )
    if dirty != spec.UNKNOWN and dirty not in _BOOLEANS:
        refuse(f"{spec.GIT_DIRTY} is neither true nor false nor unknown", step)
    return Revision(None if commit == spec.UNKNOWN else commit, _BOOLEANS.get(dirty))


def observation(said: dict[str, str], gaps: tuple[str, ...], step: str) -> Observation | None:
    """Read how a step was observed; ``None`` for one that nobody recorded."""
    method, complete = said.get(spec.OBSERVATION), said.get(spec.COMPLETE)
    if method is None and complete is None and not gaps:
        return None
    if method is None or not values.is_method(method) or complete not in _BOOLEANS:
        refuse("how it was observed is unknown, or it does not say whether completely", step)
    return Observation(method, _BOOLEANS[complete], gaps)


def envelope(said: dict[str, str], step: str) -> str | None:
    """Return the signed record as it is; who looks at its signatures says whether it is one."""
    text = said.get(spec.ENVELOPE)
    if text is not None and (len(text) > spec.MAX_ENVELOPE or not text.lstrip().startswith("{")):
        refuse(f"the value of {spec.ENVELOPE} is no JSON object, or too large", step)
    return text
