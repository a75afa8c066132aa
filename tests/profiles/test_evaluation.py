from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom.errors import RefusedError, UsageError
from sbom.profiles import (
    Count,
    Fact,
    ProfileError,
    Stated,
    evaluate,
    facts,
    hints,
    ids,
    load,
    missing_required,
    require,
)
from sbom.profiles.facts import DERIVED
from sbom.provenance import BY_OPTION, FIELDS, Source

CROISSANT = "croissant.json"
#: What a caller has to say so that each profile is complete, besides what the data says.
SAID = {
    "g7": ("description", "identifier", "personal-data", "origin", "license"),
    "cisa": ("supplier", "document-author", "identifier", "origin", "license"),
    "dps": ("description", "supplier", "geography", "built-date", "generation-method", "intended-use"),
    "spdx": ("creator", "built-date", "release-date"),
}
SOURCES = (Source("https://example.org/a", CROISSANT),)


def stated(*names):
    return {name: Fact(name, (Stated("x", CROISSANT),)) for name in names}


@pytest.fixture
def missing(document):
    def look(profile_id, dataset):
        return [
            result.element.id
            for result in missing_required(evaluate(load(profile_id), facts(dataset, document(dataset))))
        ]

    return look


@pytest.mark.parametrize("profile_id", SAID)
def test_each_profile_can_be_filled(make, document, profile_id):
    sources = SOURCES if profile_id == "spdx" else ()
    dataset = make(*((field, "something", BY_OPTION) for field in SAID[profile_id]), sources=sources)
    evaluation = require(profile_id, dataset, document(dataset))
    assert evaluation.required.percent == 100
    assert missing_required(evaluation) == ()


@pytest.mark.parametrize(("profile_id", "field"), [(name, field) for name, fields in SAID.items() for field in fields])
def test_each_statement_is_needed(make, document, profile_id, field):
    said = [(one, "something", BY_OPTION) for one in SAID[profile_id] if one != field]
    dataset = make(*said, sources=SOURCES if profile_id == "spdx" else ())
    with pytest.raises(ProfileError) as refused:
        require(profile_id, dataset, document(dataset))
    assert f"--set {field}=…" in str(refused.value)
    assert refused.value.missing
    assert refused.value.exit_code == 1
    assert isinstance(refused.value, RefusedError)


@pytest.mark.parametrize(("profile_id", "field"), [(name, field) for name, fields in SAID.items() for field in fields])
@pytest.mark.parametrize("nothing", ["unknown", "N/A", "un\u200bknown", " ", "TODO: later"])
def test_words_for_nothing_fill_nothing(make, document, profile_id, field, nothing):
    said = [(one, nothing if one == field else "something", BY_OPTION) for one in SAID[profile_id]]
    dataset = make(*said, sources=SOURCES if profile_id == "spdx" else ())
    with pytest.raises(ProfileError):
        require(profile_id, dataset, document(dataset))


def test_the_message_names_what_is_missing(make, document):
    dataset = make(
        *((field, "something", BY_OPTION) for field in SAID["g7"] if field not in {"license", "personal-data"})
    )
    with pytest.raises(ProfileError) as refused:
        require("g7", dataset, document(dataset))
    assert refused.value.message == (
        "2 of the 10 elements that G7 SBOM for AI requires are missing:"
        " dataset sensitivity (--set personal-data=…), dataset licence (--set license=…)"
    )
    assert [element.id for element in refused.value.missing] == ["dataset-sensitivity", "dataset-license"]


def test_a_profile_that_is_not_there(make, document):
    with pytest.raises(UsageError, match="g7, spdx"):
        require("g8", make(), document(make()))


def test_the_signature_is_recommended_only(make, document):
    dataset = make(*((field, "something", BY_OPTION) for field in SAID["g7"]))
    evaluation = evaluate(load("g7"), facts(dataset, document(dataset)))
    lacking = [result.element.id for result in evaluation.results if not result.filled]
    assert lacking == ["sbom-author", "sbom-signature"]


def test_all_means_all():
    profile = load("g7")
    element = next(one for one in profile.elements if one.id == "dataset-hash")
    alone = profile._replace(elements=(element,))
    (half,) = evaluate(alone, stated("dataset-root")).results
    assert (half.filled, half.facts, half.lacking) == (False, (), ("file-digests",))
    (whole,) = evaluate(alone, stated("dataset-root", "file-digests")).results
    assert (whole.filled, whole.lacking) == (True, ())


def test_any_means_any():
    profile = load("g7")
    element = next(one for one in profile.elements if one.id == "dataset-sensitivity")
    alone = profile._replace(elements=(element,))
    (one,) = evaluate(alone, stated("classification")).results
    assert [fact.id for fact in one.facts] == ["classification"]
    assert one.lacking == ()
    (none,) = evaluate(alone, {}).results
    assert none.lacking == ("personal-data", "classification")


def test_a_description_is_no_licence(make, missing):
    """A fact fills what asks for it, and nothing else."""
    dataset = make(("description", "MIT licensed, no personal data, from https://example.org", CROISSANT))
    assert "dataset-license" in missing("g7", dataset)
    assert "dataset-sensitivity" in missing("g7", dataset)
    assert "dataset-provenance" in missing("g7", dataset)


def test_percentages_are_rounded_down():
    assert Count(999, 1000).percent == 99
    assert Count(1, 3).percent == 33
    assert Count(0, 7).percent == 0
    assert Count(7, 7).percent == 100


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_only_the_whole_is_100(filled, total):
    filled = min(filled, total)
    assert (Count(filled, total).percent == 100) == (filled == total)


@given(st.sets(st.sampled_from([*DERIVED, *(field.id for field in FIELDS)])), st.sampled_from(ids()))
def test_more_facts_never_fill_less(names, profile_id):
    profile = load(profile_id)
    some, everything = (
        evaluate(profile, stated(*names)),
        evaluate(profile, stated(*DERIVED, *(field.id for field in FIELDS))),
    )
    assert everything.required.percent == everything.overall.percent == 100
    assert some.required.filled <= everything.required.filled
    for result in some.results:
        wanted = set(result.element.facts)
        assert result.filled == (wanted <= names if result.element.every else bool(wanted & names))
        assert bool(hints(result)) == (not result.filled)
        assert all(fact.id in names for fact in result.facts)
