"""``-f table``: a tree for a person at a terminal.

What has one cause only stands below it without indentation, so that a long pipeline stays narrow; where there are
several, each gets a branch. A node that was told already is not told again.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeAlias

from sbom.report import tracing_words as words
from sbom.report.text import plural, shown
from sbom.tracing.interface import ANCESTORS, FILES

if TYPE_CHECKING:
    from sbom.tracing.interface import Link, Trace

_NODES: Final = 200
_BRANCHES: Final = 30
_DEPTH: Final = 40
_LISTED: Final = 10
_LABEL: Final = 10
_RED, _GREEN, _YELLOW = "31", "32", "33"


def render(trace: Trace, *, color: bool = False) -> str:
    """Return the trace as lines for a terminal.

    :param color: emphasise (ECMA-48, section 8.3.117).
    """
    lines: list[str] = []
    row = words.row(trace)
    if row:
        lines.append(_labelled("ROW", row[0], color=color, paint=_GREEN))
        lines += [*(f"{'':<{_LABEL}}{line}" for line in row[1:]), ""]
    lines += [*_Tree(trace).lines(), ""]
    if trace.direction != ANCESTORS:
        lines += _tainted(trace)
    lines += _documents(trace)
    lines += [f"{'note':<{_LABEL}}{shown(note)}" for note in trace.notes[:_LISTED]]
    lines += [_labelled("WRONG", shown(problem), color=color, paint=_RED) for problem in trace.problems[:_LISTED]]
    unknown = any(node.why for node in trace.nodes)
    word = "WRONG" if trace.problems else "IN PART" if unknown else "TRACED"
    paint = _RED if trace.problems else _YELLOW if unknown else _GREEN
    way = "back" if trace.direction == ANCESTORS else "forward"
    trust = "" if trace.documents.checked else f" · {words.NOT_CHECKED}"
    lines.append(_labelled(word, f"{shown(trace.asked)} {way} · {words.sums(trace)}{trust}", color=color, paint=paint))
    return "\n".join(lines) + "\n"


def _labelled(word: str, text: str, *, color: bool, paint: str) -> str:
    label = f"{word:<{_LABEL}}"
    return f"\x1b[1;{paint}m{label}\x1b[0m{text}" if color else f"{label}{text}"


# A node, how it is linked, what stands before its first and its other lines, and how deep it is.
_Branch: TypeAlias = "tuple[int, Link | None, str, str, int]"


class _Tree:
    """Writes the graph as a tree, from the start along the direction of the question."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._back = trace.direction == ANCESTORS
        self._next: defaultdict[int, list[tuple[int, Link]]] = defaultdict(list)
        for link in trace.links:
            here, there = (link.after, link.before) if self._back else (link.before, link.after)
            self._next[here].append((there, link))
        self._lines: list[str] = []
        self._told: set[int] = set()

    def lines(self) -> list[str]:
        """Return the lines of the tree."""
        stack: list[_Branch] = [(number, None, "", "", 0) for number in reversed(self._trace.start)]
        while stack:
            number, link, first, rest, depth = stack.pop()
            if len(self._told) == _NODES and number not in self._told:
                left = len(self._trace.nodes) - len(self._told)
                self._lines.append(f"and {left:,} more places (-f json lists all)")
                break
            if not self._write(number, link, first, rest):
                continue
            further = self._next[number]
            if len(further) == 1:
                stack.append((*further[0], f"{rest}{self._arrow}", rest, depth))
            elif depth == _DEPTH and further:
                self._lines.append(f"{rest}… (-f json lists all)")
            else:
                stack.extend(self._branches(number, rest, depth))
        return self._lines

    @property
    def _arrow(self) -> str:
        return "← " if self._back else "→ "

    def _write(self, number: int, link: Link | None, first: str, rest: str) -> bool:
        """Write a node; return whether there is more to say, because it was not told before."""
        node = self._trace.nodes[number]
        sure = "" if link is None else words.how(link)
        again = number in self._told and bool(self._next[number])
        text = f"{first}{words.headline(self._trace, node)}{f' ({sure})' if sure else ''}"
        self._lines.append(text + (" · see above" if again else ""))
        if number in self._told:
            return False
        self._told.add(number)
        self._lines += [f"{rest}    {line}" for line in words.details(node)]
        if node.why:
            self._lines.append(f"{rest}    {shown(node.why)}")
        return True

    def _branches(self, number: int, rest: str, depth: int) -> list[_Branch]:
        """Return the branches of a node, the last one first."""
        further = self._next[number]
        found: list[_Branch] = []
        left = len(further) - _BRANCHES
        for at, (there, link) in enumerate(further[:_BRANCHES]):
            fork, bar = ("└─ ", "   ") if at == len(further) - 1 else ("├─ ", "│  ")
            found.append((there, link, rest + fork, rest + bar, depth + 1))
        if left > 0:
            self._lines.append(f"{rest}{left:,} of {len(further):,} branches are not here (-f json lists all)")
        return found[::-1]


def _tainted(trace: Trace) -> list[str]:
    """Say which files of which release are what was asked about, or were made from it."""
    found: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for node in trace.nodes:
        if node.kind == FILES and node.released:
            found[node.document].update(dict.fromkeys(one.name for one in node.items))
    lines: list[str] = []
    for number, names in sorted(found.items()):
        document = trace.documents.every[number]
        prefix = len(document.dataset.lineage.prefix) + 1 if document.dataset.lineage.prefix else 0
        some = ", ".join(shown(name[prefix:]) for name in list(names)[:_LISTED])
        more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
        count = f"{len(names):,} of {plural(len(document.dataset.files), 'file')}"
        lines.append(f"{'TAINTED':<{_LABEL}}{words.title(document)}: {count}: {some}{more}")
    return lines or [f"{'TAINTED':<{_LABEL}}no file of a dataset"]


def _documents(trace: Trace) -> list[str]:
    used = {node.document for node in trace.nodes} | {0}
    used |= set() if trace.row is None else {one.document for one in trace.row.releases}
    lines: list[str] = []
    for number in sorted(used):
        document = trace.documents.every[number]
        state = words.signed(document, checked=trace.documents.checked)
        what = f"{words.title(document)} · {shown(document.release.path)} · {state} · {words.ROLES[document.role]}"
        lines.append(f"{'document' if not lines else '':<{_LABEL}}{what}")
    return lines
