"""Which elements of a profile are filled, by whom, and which are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sbom.errors import RefusedError
from sbom.profiles.catalog import Element, Profile, load
from sbom.profiles.facts import Fact, facts
from sbom.profiles.hints import option

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sbom.model import Dataset

_WHOLE = 100


class ProfileError(RefusedError):
    """A profile was required, and required elements of it are missing.

    :param missing: the elements, in the order of the profile.
    """

    def __init__(self, message: str, *, missing: tuple[Element, ...], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.missing = missing


class Result(NamedTuple):
    """What became of one element.

    :param facts: what fills it; empty when it is missing.
    :param lacking: ids of facts that would fill it: any one of them, or all where the element wants all.
    """

    element: Element
    facts: tuple[Fact, ...]
    lacking: tuple[str, ...]

    @property
    def filled(self) -> bool:
        """Whether the element is filled."""
        return bool(self.facts)


class Count(NamedTuple):
    """How many elements are filled, of how many."""

    filled: int
    total: int

    @property
    def percent(self) -> int:
        """Percentage, rounded down: only when every element is filled it is 100."""
        return self.filled * _WHOLE // self.total if self.total else _WHOLE


class Evaluation(NamedTuple):
    """What became of a profile: one result for each of its elements, in its order."""

    profile: Profile
    results: tuple[Result, ...]

    @property
    def required(self) -> Count:
        """Of the required elements."""
        return _count(result for result in self.results if result.element.required)

    @property
    def overall(self) -> Count:
        """Of all elements, required and recommended."""
        return _count(self.results)


def evaluate(profile: Profile, known: Mapping[str, Fact]) -> Evaluation:
    """Look which elements are filled.

    :param known: what :func:`sbom.profiles.facts` returned.
    """
    return Evaluation(profile, tuple(_result(element, known) for element in profile.elements))


def missing_required(evaluation: Evaluation) -> tuple[Result, ...]:
    """Return the required elements that nothing fills."""
    return tuple(result for result in evaluation.results if result.element.required and not result.filled)


def require(profile_id: str, dataset: Dataset, document: Mapping[str, object]) -> Evaluation:
    """Make sure that every required element of a profile is filled.

    :param document: the JSON values of the document that describes ``dataset``.
    :raises ProfileError: when one is missing; the message names each, and how to say it.
    :raises UsageError: when there is no such profile.
    """
    evaluation = evaluate(load(profile_id), facts(dataset, document))
    missing = missing_required(evaluation)
    if missing:
        count = evaluation.required
        named = ", ".join(f"{result.element.title} ({option(result)})" for result in missing)
        raise ProfileError(
            f"{len(missing)} of the {count.total} elements that {evaluation.profile.title} requires"
            f" {'is' if len(missing) == 1 else 'are'} missing: {named}",
            missing=tuple(result.element for result in missing),
            hint="say it with --set, in [provenance] of data-sbom.toml, or in a manifest beside the data",
        )
    return evaluation


def _result(element: Element, known: Mapping[str, Fact]) -> Result:
    found = tuple(known[name] for name in element.facts if name in known)
    lacking = tuple(name for name in element.facts if name not in known)
    if element.every and lacking:
        return Result(element, (), lacking)
    return Result(element, found, () if found else lacking)


def _count(results: Iterable[Result]) -> Count:
    states = [result.filled for result in results]
    return Count(sum(states), len(states))
