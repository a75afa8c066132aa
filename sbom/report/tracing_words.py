"""How a trace is put into words, in every format that a person reads. All of it is escaped for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sbom.report.text import listed, plural, short, shown
from sbom.tracing.interface import ASKED, DOWNLOADED, OTHER, PREDECESSOR, RAN, SAME, SOURCE, STEP, UPSTREAM
from sbom.transformation import OBSERVED, inside

if TYPE_CHECKING:
    from sbom.provenance import Source
    from sbom.tracing.interface import Document, Link, Node, Trace
    from sbom.transformation import Revision, Script, Step

NAMED: Final = 3
DIGITS: Final = 12
_COMMANDS: Final = 2
_SCRIPTS: Final = 4
_WIDTH: Final = 160
ROLES: Final = {
    ASKED: "asked about",
    PREDECESSOR: "an earlier release",
    UPSTREAM: "a dataset that steps read from",
    OTHER: "beside it",
}
NOT_CHECKED: Final = "signatures not checked: give --public-key PUB to check them"


def title(document: Document) -> str:
    """Name a release."""
    version = document.release.version
    return shown(document.release.name) if version is None else f"{shown(document.release.name)} {shown(version)}"


def signed(document: Document, *, checked: bool) -> str:
    """Say who signed a document."""
    if not checked:
        return "signature not checked"
    good = [one for one in document.release.signers if one.status == "valid"]
    named = ", ".join(f'{short(one.key or "", 4)} "{shown(one.label or "")}"' for one in good)
    return f"signature good (key {named})"


def files(trace: Trace, node: Node, *, named: int = NAMED) -> str:
    """Name a group of files: by their paths where they are files of the dataset."""
    names = [shown(_name(trace, node, one.name)) for one in node.items[:named]]
    rest = len(node.items) - len(names)
    return listed(names, named) + (f" and {rest:,} more" if rest else "")


def _name(trace: Trace, node: Node, name: str) -> str:
    if not node.released:
        return name
    path = inside(trace.documents.every[node.document].dataset.lineage.prefix, name)
    return name if path is None else path


def headline(trace: Trace, node: Node) -> str:
    """Say in one line what a node is."""
    where = "" if node.document == 0 else f" · in {title(trace.documents.every[node.document])}"
    if node.kind == STEP and node.step is not None:
        return f"step {shown(node.step.name)}{where} · {ran(node.step)}"
    if node.kind == SOURCE:
        urls = [source(one) for one in node.sources[:NAMED]]
        rest = len(node.sources) - len(urls)
        return ", ".join(urls) + (f" and {rest:,} more" if rest else "")
    said = files(trace, node)
    one = node.items[0] if len(node.items) == 1 else None
    if one is not None and one.sha256 is not None:
        said += f" · sha256 {short(one.sha256, DIGITS)}"
    elif one is None:
        said = f"{plural(len(node.items), 'file')}: {said}"
    return f"{said}{' · of the dataset' if node.released else ''}{where}"


def source(one: Source) -> str:
    """Name a place that data was downloaded from."""
    when = "" if one.retrieved is None else f", retrieved {shown(one.retrieved)}"
    return f"{shown(one.url)}{when}"


def ran(step: Step) -> str:
    """Say how a step is known."""
    observation = step.observation
    if observation is None:
        return f"not recorded: from {shown(step.origin)}"
    who = "" if step.actor is None else f" by {shown(step.actor)}, as the record says"
    when = "" if step.started is None else f" {shown(step.started)}"
    until = "" if step.finished is None else f" to {shown(step.finished)}"
    how = "complete" if observation.complete else "not complete"
    return f"recorded{when}{until}{who} ({observation.method}, {how})"


def details(node: Node) -> list[str]:
    """Say what a step ran, by whose word."""
    step = node.step
    if step is None:
        return []
    commands = [" ".join(step.argv)] if step.argv else list(step.commands)
    lines = [f"runs {shown(command, _WIDTH)}" for command in commands[:_COMMANDS]]
    if step.scripts:
        lines.append(f"by {listed([script(one) for one in step.scripts], _SCRIPTS)}{revision(step.revision)}")
    if node.signature:
        lines.append(shown(node.signature, _WIDTH))
    return lines


def script(one: Script) -> str:
    """Name a script with its digest."""
    return shown(one.name) if one.sha256 is None else f"{shown(one.name)} (sha256 {short(one.sha256, DIGITS)})"


def revision(one: Revision | None) -> str:
    """Say at which commit a step ran."""
    if one is None or one.commit is None:
        return ""
    state = {True: ", with changes that are not committed", False: "", None: ", unknown whether unchanged"}
    return f" at commit {short(one.commit, DIGITS)}{state[one.dirty]}"


def how(link: Link) -> str:
    """Say how sure a link is; empty for what was observed, or is proved by a digest."""
    if link.how == SAME:
        return "the same bytes"
    if link.how == DOWNLOADED:
        return "downloaded" if link.exact else "downloaded, nobody says with which SHA-256"
    if link.how == RAN:
        return "ran it"
    sure = link.kind if link.kind != OBSERVED else ""
    return ", ".join(part for part in (sure, "" if link.exact else "by name only") if part)


def row(trace: Trace) -> list[str]:
    """Tell the history of a row; the first line is the answer."""
    found = trace.row
    if found is None:
        return []
    every = trace.documents.every
    before = next(
        (one for at, one in enumerate(found.releases[1:]) if found.releases[at].document == found.first), None
    )
    first = title(every[found.first])
    if before is None and found.certain:
        lines = [f"row {found.number:,} has been there since the first release, {first}"]
    elif before is not None and found.certain:
        lines = [f"row {found.number:,} came with {first}: {title(every[before.document])} does not hold it"]
    else:
        lines = [f"row {found.number:,} is in {first}; whether an earlier release holds it, nobody can tell"]
    for one in found.releases:
        lines.append(f"{title(every[one.document])}: {_seen(one.rows, one.elsewhere, known=one.known)}")
    for hop in found.hops:
        step = "" if hop.step is None else f"step {shown(hop.step)}: "
        where = "" if hop.document == found.first else f" of {title(every[hop.document])}"
        lines.append(f"row {hop.number:,} of {shown(hop.name)}{where}: {step}the row {shown(hop.says)}")
    return lines


def _seen(rows: tuple[int, ...], elsewhere: tuple[tuple[str, int], ...], *, known: bool) -> str:
    parts = (
        [f"row {', '.join(f'{one:,}' for one in rows[:NAMED])}{' and more' if len(rows) > NAMED else ''}"]
        if rows
        else []
    )
    parts += [f"row {number:,} of {shown(path)}" for path, number in elsewhere[:NAMED]]
    if parts:
        return "; ".join(parts)
    return "not there" if known else "unknown, there are no digests of its rows"


def sums(trace: Trace) -> str:
    """Count what was found."""
    steps = sum(node.kind == STEP for node in trace.nodes)
    sources = sum(len(node.sources) for node in trace.nodes if node.kind == SOURCE)
    parts = [plural(steps, "step")]
    if sources:
        parts.append(plural(sources, "source"))
    open_ends = sum(len(node.items) for node in trace.nodes if node.why)
    if open_ends:
        parts.append(f"{plural(open_ends, 'file')} of unknown origin")
    return ", ".join(parts)
