from __future__ import annotations

import json
import re

import pytest

from sbom import api
from sbom.profiles import evaluate, hints, ids, load
from sbom.profiles.facts import DERIVED
from sbom.profiles.hints import _EXAMPLES, _MANIFESTS, _OTHERWISE, _SET_BY, option
from sbom.provenance import FIELD_BY_ID


@pytest.mark.parametrize("profile_id", ids())
def test_every_missing_element_has_a_hint_that_works(profile_id):
    for result in evaluate(load(profile_id), {}).results:
        lines = hints(result)
        assert len(lines) == len(result.element.facts)
        for line in (*lines, option(result)):
            for field in re.findall(r"--set ([^= ]*)", line):
                assert field in FIELD_BY_ID


def test_the_tables_name_what_exists():
    assert set(_EXAMPLES) | set(_MANIFESTS) | set(_SET_BY.values()) <= set(FIELD_BY_ID)
    assert set(_OTHERWISE) | set(_SET_BY) <= set(DERIVED)


SAMPLES = {
    "croissant.json": {
        "@context": {
            "@vocab": "https://schema.org/",
            "sc": "https://schema.org/",
            "cr": "http://mlcommons.org/croissant/",
            "rai": "http://mlcommons.org/croissant/RAI/",
        },
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
    },
    "datapackage.json": {"resources": []},
    "CITATION.cff": {"cff-version": "1.2.0", "type": "dataset"},
    "README.md": {"pretty_name": "Penguins"},
}
#: What to write, where it is not just some text.
VALUES = {
    "authors": [{"given-names": "Ann", "family-names": "Example"}],
    "created": "2026-01-01T00:00:00Z",
    "creator": {"@type": "Person", "name": "Ann"},
    "date-released": "2026-01-01",
    "datePublished": "2026-01-01",
    "doi": "10.5281/zenodo.3960218",
    "publisher": {"@type": "Organization", "name": "LTER"},
    "source_datasets": ["original"],
    "sources": [{"title": "LTER"}],
    "version": "1.0.0",
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "manifest", "member"),
    [(field, manifest, member) for field, places in _MANIFESTS.items() for manifest, member in places],
)
def test_manifests_are_read_as_the_hints_say(tmp_path, field, manifest, member):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    tree = SAMPLES[manifest] | {member: VALUES.get(member, "CC0-1.0")}
    matter = "".join(f"{name}: {json.dumps(value)}\n" for name, value in tree.items())
    (tmp_path / manifest).write_text(f"---\n{matter}---\n" if manifest == "README.md" else json.dumps(tree))
    said = api.generate(tmp_path, cache=False, jobs=1).dataset.provenance.about(field)
    assert [one.manifest for one in said] == [manifest]
