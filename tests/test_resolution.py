"""Which assertion counts, which agree, which contradict; and that none is ever lost."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sbom.provenance import BY_CONFIGURATION, BY_OPTION, FIELD_BY_ID, FIELDS, Assertion, Provenance
from sbom.resolution import Resolved, comparable, resolve, resolve_all

ASSERTIONS = st.lists(
    st.builds(
        Assertion,
        st.sampled_from(["license", "name", "keyword", "built-date", "creator"]),
        st.sampled_from(["MIT", "mit", "MIT License", " m it ", "2024-01-02", "2024-01-02T03:04:05Z", "2024", ""])
        | st.text(max_size=3),
        st.sampled_from(["a", "b", "c", BY_OPTION, BY_CONFIGURATION]),
        st.just(""),
        st.none(),
        st.sampled_from(["", "", "sub"]),
    ),
    max_size=12,
)


def provenance(*said: tuple[str, str, str]) -> Provenance:
    return Provenance(assertions=tuple(Assertion(*one) for one in said))


def values(resolved: Resolved) -> tuple[list[str], list[str], list[str]]:
    chosen, agreeing, conflicting = ([one.value for one in part] for part in resolved[1:])
    return chosen, agreeing, conflicting


def test_nothing_said():
    assert resolve(Provenance(), "name") == Resolved("name", (), (), ())
    assert list(resolve_all(Provenance())) == [field.id for field in FIELDS]


def test_one_value_only():
    said = provenance(
        ("name", "A", "m"), ("name", " a", "n"), ("name", "b", "n"), ("name", "B", "o"), ("name", "A", "o")
    )
    assert values(resolve(said, "name")) == (["A"], [" a", "A"], ["b", "B"])


def test_the_first_manifest_may_give_several_and_contradicts_no_one_but_others():
    said = provenance(
        ("license", "MIT", "m"), ("license", "CC0-1.0", "m"), ("license", "cc0-1.0", "n"), ("license", "X", "n")
    )
    assert values(resolve(said, "license")) == (["MIT", "CC0-1.0"], ["cc0-1.0"], ["X"])


def test_several_values_are_no_contradiction():
    said = provenance(("keyword", "a", "m"), ("keyword", "b", "n"), ("keyword", "A", "n"))
    assert values(resolve(said, "keyword")) == (["a", "b"], ["A"], [])


def test_the_caller_goes_first_by_order_alone():
    said = provenance(("name", "a", BY_OPTION), ("name", "b", BY_CONFIGURATION), ("name", "c", "m"))
    assert values(resolve(said, "name")) == (["a"], [], ["b", "c"])


def test_parts_do_not_speak_for_the_whole():
    said = Provenance(assertions=(Assertion("name", "part", "m", scope="sub"), Assertion("name", "whole", "n")))
    assert values(resolve(said, "name")) == (["whole"], [], [])
    assert values(resolve_all(said)["name"]) == (["whole"], [], [])


@pytest.mark.parametrize(
    ("field", "first", "second", "same"),
    [
        ("license", "MIT License", "mit", True),
        ("license", "cc-by-4.0", "https://creativecommons.org/licenses/by/4.0/", True),
        ("license", "CC-BY", "cc-by-4.0", False),
        ("license", "Our Terms", "our  terms", True),
        ("name", "MIT License", "mit", False),
        ("built-date", "2024-05-01", "2024-05-01T23:00:00Z", True),
        ("release-date", "2024-05-01", "2024-05-02", False),
        ("modified-date", "2024", "2024-05-01", False),
        ("name", "2024-05-01", "2024-05-01T23:00:00Z", False),
        ("name", "Stra\u00dfe", "STRASSE", True),
        ("name", " a\n b\t", "a b", True),
        ("name", "ab", "a b", False),
    ],
)
def test_what_is_the_same(field, first, second, same):
    assert (comparable(field, first) == comparable(field, second)) is same


@settings(deadline=None)
@given(said=ASSERTIONS)
def test_nothing_is_dropped_and_nothing_is_made_up(said):
    # As in a document: manifest by manifest. And each at a place of its own, so that none is another one.
    said = sorted(said, key=lambda one: one.manifest)
    whole = Provenance(assertions=tuple(one._replace(pointer=f"/{number}") for number, one in enumerate(said)))
    for field, resolved in resolve_all(whole).items():
        about = whole.about(field)
        assert resolved == resolve(whole, field)
        together = resolved.chosen + resolved.agreeing + resolved.conflicting
        assert Counter(together) == Counter(about)
        assert bool(resolved.chosen) == bool(about)
        assert not resolved.conflicting or FIELD_BY_ID[field].single
        chosen = [comparable(field, one.value) for one in resolved.chosen]
        assert len(set(chosen)) == len(chosen)
        assert {comparable(field, one.value) for one in resolved.agreeing} <= set(chosen)
        assert not {comparable(field, one.value) for one in resolved.conflicting}.intersection(chosen)
        if about:
            assert resolved.chosen[0] == about[0]
            if FIELD_BY_ID[field].single:
                assert {one.manifest for one in resolved.chosen} == {about[0].manifest}
            assert all(list(part) == [one for one in about if one in part] for part in resolved[1:]), "in order"


@settings(deadline=None)
@given(said=ASSERTIONS)
def test_known_and_unknown_are_all_fields(said):
    whole = Provenance(assertions=tuple(said))
    known = {field for field, resolved in resolve_all(whole).items() if resolved.chosen}
    assert known.isdisjoint(whole.unknown())
    assert known.union(whole.unknown()) == FIELD_BY_ID.keys()
