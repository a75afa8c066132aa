"""Exceptions: problems that a policy lets pass, for a reason and until a time. Pure.

An exception whose time is over is a failure of its own: the policy says that somebody has to look at it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.inventory import selection
from sbom.names import display
from sbom.policy.facts import Answer, Decision, Found, Problem
from sbom.policy.model import EXCEPTABLE, EXCEPTIONS, FILES

if TYPE_CHECKING:
    from sbom.policy.facts import Facts
    from sbom.policy.model import Exemption, Policy

#: Problems of one rule that its decision lists, and files that an exception is said to be used for.
_LISTED = 1_000


class Exceptions:
    """The exceptions of a policy, and which of them were used."""

    def __init__(self, policy: Policy, facts: Facts) -> None:
        self._facts = facts
        self._all = policy.exceptions
        self._live = [one for one in policy.exceptions if facts.now < one.expires]
        self._used: dict[int, int] = {}

    def settle(self, found: Found) -> Decision:
        """Return what a rule decides when exceptions are made."""
        check, holds, problems, evidence, idle = found
        if holds is None:
            return Decision(check, Answer.NOT_ASKED, idle, evidence)
        left: list[Problem] = []
        reasons: dict[str, None] = {}
        for problem in problems:
            one = self._exemption(check, problem)
            if one is None:
                left.append(problem)
            else:
                reasons[display(one.reason, 200)] = None
        if not left:
            sentence = holds
            if reasons:
                count = f"{len(problems):,} problem{'s' if len(problems) > 1 else ''}"
                sentence = f"{count} let pass by exception: {'; '.join(reasons)}"
            return Decision(check, Answer.HOLDS, sentence, evidence)
        wrong = [problem for problem in left if not problem.undecided]
        unknown = [problem for problem in left if problem.undecided]
        shown = wrong or left
        more = f", and {len(shown) - 1:,} more" if len(shown) > 1 else ""
        answer = Answer.FAILS if wrong else Answer.UNDECIDED
        counted = {**evidence, "problems": len(left)}
        return Decision(check, answer, f"{shown[0].text}{more}", counted, tuple([*wrong, *unknown][:_LISTED]))

    def decision(self) -> Decision:
        """Return the decision on the exceptions themselves; to be asked for last."""
        if not self._all:
            return Decision(EXCEPTIONS, Answer.NOT_ASKED, "the policy makes no exception", {})
        over = [one for one in self._all if one not in self._live]
        used = [
            {"rule": one.rule, "reason": one.reason, "expires": _text(one), "problems": self._used[id(one)]}
            for one in self._all
            if id(one) in self._used
        ]
        problems = tuple(
            Problem(f'the exception from {one.rule} "{display(one.reason, 200)}" expired at {_text(one)}', one.rule)
            for one in over
        )
        evidence = {"used": used, "expired": len(over)}
        if problems:
            more = f", and {len(problems) - 1:,} more" if len(problems) > 1 else ""
            return Decision(EXCEPTIONS, Answer.FAILS, f"{problems[0].text}{more}", evidence, problems)
        sentence = f"{len(used)} of {len(self._all)} exceptions used"
        if used:
            sentence += ": " + "; ".join(f"{one['rule']} ({display(str(one['reason']), 120)})" for one in used)
        return Decision(EXCEPTIONS, Answer.HOLDS, sentence, evidence)

    def _exemption(self, check: str, problem: Problem) -> Exemption | None:
        """Return the first exception that covers a problem, and note that it was used."""
        if problem.final or check not in EXCEPTABLE:
            return None
        for one in self._live:
            if one.rule == check and self._is_for_release(one) and _covers(one, problem):
                self._used[id(one)] = self._used.get(id(one), 0) + 1
                return one
        return None

    def _is_for_release(self, one: Exemption) -> bool:
        dataset = self._facts.dataset
        return (not one.versions or dataset.version in one.versions) and (not one.roots or dataset.root in one.roots)


def _covers(one: Exemption, problem: Problem) -> bool:
    if one.rule == FILES and one.files:
        return problem.about != "" and selection.matches(problem.about, one.files)
    return not one.names or problem.about in one.names


def _text(one: Exemption) -> str:
    return one.expires.strftime("%Y-%m-%dT%H:%M:%SZ")
