"""What ``record`` tells a person: what was seen, whether that is all, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.report.text import plural, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.recording.run import Recorded

_LISTED = 10
_NAMED = 4


def warnings(recorded: Recorded) -> list[str]:
    """Say what should not be overlooked."""
    step = recorded.step
    lines = _disagreeing(recorded.untouched, "was declared with {option}, and not touched")
    lines += _disagreeing(recorded.undeclared, "was touched, and not declared with {option}")
    observation = step.observation
    if observation is not None and not observation.complete:
        lines.append(f"the record of step {shown(step.name)} is not complete:")
        lines += [f"  {shown(gap)}" for gap in observation.gaps[:_LISTED]]
        if len(observation.gaps) > _LISTED:
            lines.append(f"  and {len(observation.gaps) - _LISTED:,} more reasons")
    if recorded.exit_code:
        lines.append(f"the command ended with exit code {recorded.exit_code}; the record says so")
    return lines


def _disagreeing(found: Sequence[tuple[str, str]], what: str) -> list[str]:
    lines = [f"{shown(name)} {what.format(option=option)}" for name, option in found[:_LISTED]]
    return lines + ([f"and {len(found) - _LISTED:,} more"] if len(found) > _LISTED else [])


def written(recorded: Recorded, path: str, *, signed: bool) -> list[str]:
    """Say what was recorded."""
    step = recorded.step
    method = "" if step.observation is None else f" · observed by {step.observation.method}"
    sums = f"{plural(len(step.inputs), 'input')}, {plural(len(step.outputs), 'output')}"
    lines = [f"wrote     {shown(path)} · step {shown(step.name)} · {sums}{method}"]
    for label, found in (("read", step.inputs), ("written", step.outputs), ("by", step.scripts)):
        if found:
            more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
            lines.append(f"          {label} {', '.join(shown(one.name) for one in found[:_NAMED])}{more}")
    state = "signed" if signed else "not signed: --sign-key KEY lets whoever ran the step vouch for it"
    lines.append(f"          {state}; use it with: data-sbom generate DATA --step {shown(path)}")
    return lines
