"""Croissant: what a dataset says, what its files are declared with, and what is never taken for what it is not."""

from __future__ import annotations

import base64
import hashlib
import json
import string

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as prove
from hypothesis import strategies as st

from sbom import generation
from sbom.inventory.walk import Options
from sbom.manifests import croissant
from sbom.manifests.croissant_rai import PROPERTIES
from sbom.provenance import ABSENT, LIVE, MALFORMED, MATCH, MISMATCH, NOT_DECLARED

V10 = "http://mlcommons.org/croissant/1.0"
V11 = "http://mlcommons.org/croissant/1.1"
RAI = "http://mlcommons.org/croissant/RAI/1.0"
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "conformsTo": "dct:conformsTo",
    **{key: f"cr:{key}" for key in ("citeAs", "isLiveDataset", "md5", "recordSet", "field", "source", "references")},
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
}
CONTEXT_08 = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "ml": "http://mlcommons.org/schema/",
    **{key: f"ml:{key}" for key in ("dataBiases", "dataCollection", "recordSet", "field", "dataType")},
}


def sha256(text="a"):
    return hashlib.sha256(text.encode()).hexdigest()


def md5(text="a"):
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def dataset(*distribution, conforms=V10, context=CONTEXT, **more):
    tree = {
        "@context": context,
        "@type": "sc:Dataset",
        "name": "n",
        "conformsTo": conforms,
        "distribution": list(distribution),
        **more,
    }
    return json.dumps({key: value for key, value in tree.items() if value is not None})


def obj(url=None, ident=None, **more):
    node = {"@type": "cr:FileObject", "@id": ident, "contentUrl": url, **more}
    return {key: value for key, value in node.items() if value is not None}


def reading(found):
    (one,) = found.readings
    assert one.manifest.reader == "croissant"
    return one.reading


def said(found):
    return [(one.field, one.value) for one in reading(found).said]


def messages(found):
    found = [one.message for one in reading(found).problems]
    assert not any("failed" in message for message in found)
    return found


def declared(found):
    inside = [(entry.path, one) for entry in found.crawled.entries for one in entry.declared]
    return [(path, one.algorithm, one.state) for path, one in [*inside, *found.crawled.provenance.elsewhere]]


# What a dataset says.


def test_fields_of_schema_org(crawl):
    found = crawl(
        {
            "croissant.json": dataset(
                name="penguins",
                description="Birds",
                version="1.2.0",
                license={
                    "@type": "sc:CreativeWork",
                    "name": "CC BY 4.0",
                    "url": "https://creativecommons.org/licenses/by/4.0/",
                },
                url="https://example.org/penguins",
                creator=[
                    {"@type": "sc:Person", "name": "Jane Doe", "@id": "https://orcid.org/0000-0002-1825-0097"},
                    {"@id": "#org"},
                ],
                publisher={"@type": "sc:Organization", "@id": "#org", "name": "Org"},
                contributor={"@type": "Person", "givenName": "A", "familyName": "B"},
                datePublished="2024-01-02",
                dateCreated={"@value": "2023", "@type": "sc:Date"},
                dateModified="2024-01-03T04:05:06Z",
                citeAs="@article{x}",
                citation="another work",
                keywords=["birds, ice", "snow"],
                inLanguage="en",
                sameAs=["https://doi.org/10.1/x"],
                identifier={"@type": "PropertyValue", "name": "DOI", "value": "10.1/x"},
                spatialCoverage={"@type": "Place", "name": "Antarctica"},
                temporalCoverage="2007/2009",
                isBasedOn={"@id": "https://example.org/raw"},
                conditionsOfAccess="ask",
                usageInfo={"@type": "DefinedTerm", "name": "General Research Use"},
                isAccessibleForFree=True,
                maintainer="Me",
                measurementTechnique="by hand",
                variableMeasured=[{"@type": "PropertyValue", "name": "bill"}, "mass"],
            )
        }
    )
    assert not messages(found)
    assert set(said(found)) == {
        ("name", "penguins"),
        ("description", "Birds"),
        ("version", "1.2.0"),
        ("license", "CC BY 4.0"),
        ("homepage", "https://example.org/penguins"),
        ("creator", "Jane Doe (https://orcid.org/0000-0002-1825-0097)"),
        ("creator", "Org"),
        ("supplier", "Org"),
        ("contributor", "A B"),
        ("release-date", "2024-01-02"),
        ("built-date", "2023"),
        ("modified-date", "2024-01-03T04:05:06Z"),
        ("citation", "@article{x}"),
        ("keyword", "birds"),
        ("keyword", "ice"),
        ("keyword", "snow"),
        ("language", "en"),
        ("identifier", "https://doi.org/10.1/x"),
        ("identifier", "10.1/x"),
        ("geography", "Antarctica"),
        ("collection-period", "2007/2009"),
        ("origin", "https://example.org/raw"),
        ("restriction", "ask"),
        ("restriction", "General Research Use"),
        ("availability", "accessible for free"),
        ("maintainer", "Me"),
        ("generation-method", "by hand"),
        ("schema", "variables: bill, mass"),
    }
    assert reading(found).version == "1.0"


def test_every_rai_property_is_said(crawl):
    texts = {f"rai:{key}": f"word {key}" for key in PROPERTIES}
    found = crawl({"m.json": dataset(conforms=[V11, RAI], **texts)})
    values = said(found)
    for key, (field, prefix) in PROPERTIES.items():
        assert (field, f"{prefix}word {key}") in values, key
    assert reading(found).version == "1.1"
    assert not messages(found)


@pytest.mark.parametrize(
    "key", ["rai:dataBiases", "cr:dataBiases", "http://mlcommons.org/croissant/RAI/dataBiases", "dataBiases", "bias"]
)
def test_a_property_is_known_under_each_of_its_names(crawl, key):
    context = CONTEXT | {"bias": {"@id": "rai:dataBiases"}}
    assert ("known-bias", "B") in said(crawl({"m.json": dataset(context=context, **{key: ["B"]})}))


@pytest.mark.parametrize("key", ["license", "other:license", "wd:license"])
def test_a_property_of_another_vocabulary_is_not_taken_for_ours(crawl, key):
    context = CONTEXT | {"x": "https://elsewhere.example/", "license": "x:license"}
    assert "license" not in dict(said(crawl({"m.json": dataset(context=context, **{key: "MIT"})})))


def test_provenance_of_the_dataset(crawl):
    found = crawl(
        {
            "m.json": dataset(
                conforms=V11,
                **{
                    "prov:wasDerivedFrom": [
                        {"@id": "urn:dataset:ImageNet"},
                        {"@type": "prov:Entity", "prov:label": "X"},
                    ],
                    "prov:wasGeneratedBy": {
                        "@type": "prov:Activity",
                        "prov:label": "Corruption",
                        "prov:endedAtTime": "2023-10-01T12:00:00Z",
                        "prov:wasAssociatedWith": {"@type": "prov:Agent", "prov:label": "Bot"},
                    },
                    "prov:wasAttributedTo": [
                        {"@type": "prov:SoftwareAgent", "prov:label": "Generator"},
                        {"prov:label": "Jane"},
                    ],
                    "prov:wasRevisionOf": {"@id": "https://example.org/v1"},
                },
            )
        }
    )
    assert said(found)[1:] == [
        ("origin", "urn:dataset:ImageNet"),
        ("origin", "X"),
        ("generation-method", "Corruption (by Bot; 2023-10-01T12:00:00Z)"),
        ("tool", "Generator"),
        ("contributor", "Jane"),
        ("previous-release", "https://example.org/v1"),
    ]


def test_provenance_of_one_file_names_the_file(crawl):
    made = {"prov:wasGeneratedBy": {"@type": "prov:Activity", "prov:label": "Web crawl"}}
    found = crawl({"m.json": dataset(obj("a.csv", "raw.csv", **made)), "a.csv": "a"})
    assert ("generation-method", "raw.csv: Web crawl") in said(found)


def test_an_odrl_policy_is_put_into_words(crawl):
    policy = {
        "@type": ["CreativeWork", "odrl:Offer"],
        "name": "DUO",
        "odrl:permission": {
            "odrl:action": {"@id": "duo:0000006", "name": "Health"},
            "odrl:constraint": [{"@type": "odrl:Constraint", "name": "Non-commercial use only"}],
        },
    }
    assert ("restriction", "DUO; permission: Health, Non-commercial use only") in said(
        crawl({"m.json": dataset(usageInfo=policy)})
    )


def test_record_sets_become_schema_splits_and_modality(crawl):
    sets = [
        {
            "@type": "cr:RecordSet",
            "@id": "images",
            "field": [
                {"@type": "cr:Field", "@id": "images/content", "dataType": "sc:ImageObject"},
                {"@type": "cr:Field", "@id": "images/label", "dataType": ["sc:Text", "cr:Label"]},
                {"@type": "cr:Field", "@id": "images/raw"},
            ],
        },
        {
            "@type": "cr:RecordSet",
            "@id": "s",
            "dataType": "cr:Split",
            "data": [{"s/name": "train"}, {"s/url": "cr:x", "s/name": "test"}],
        },
    ]
    found = crawl({"m.json": dataset(recordSet=sets)})
    assert said(found)[1:] == [
        ("schema", "images: content (ImageObject), label (Text), raw"),
        ("split", "train"),
        ("split", "test"),
        ("modality", "image"),
    ]


def test_a_value_in_several_languages_is_said_in_one(crawl):
    words = {"de": "Vögel", "en": "Birds"}
    tagged = [{"@value": "Vögel", "@language": "de"}, {"@value": "Birds", "@language": "en"}]
    for value in (words, tagged):
        found = crawl({"m.json": dataset(description=value)})
        assert [value for field, value in said(found) if field == "description"] == ["Birds"]


def test_what_is_no_date_is_a_problem(crawl):
    found = crawl({"m.json": dataset(datePublished="yesterday")})
    assert messages(found) == ["release-date is not a date"]
    assert "release-date" not in dict(said(found))


# Versions.


def test_version_0_8_has_no_conforms_to(crawl):
    file = {"@type": "sc:FileObject", "name": "a.csv", "contentUrl": "a.csv", "sha256": sha256()}
    found = crawl({"m.json": dataset(file, conforms=None, context=CONTEXT_08, dataBiases="B"), "a.csv": "a"})
    assert reading(found).version == "0.8"
    assert ("known-bias", "B") in said(found)
    assert declared(found) == [("a.csv", "SHA-256", MATCH)]


def test_an_unknown_version_is_reported_and_read(crawl):
    found = crawl(
        {
            "m.json": dataset(
                obj("a.csv", sha256=sha256()), conforms=["http://mlcommons.org/croissant/7.3", f"{RAI[:-3]}2.0"]
            ),
            "a.csv": "a",
        }
    )
    assert len(messages(found)) == 2
    assert "7.3" in messages(found)[0]
    assert reading(found).version == "7.3"
    assert declared(found) == [("a.csv", "SHA-256", MATCH)]


def test_a_graph_and_a_list_are_read(crawl):
    tree = json.loads(dataset({"@id": "f"}, context=None))
    file = obj("a.csv", "f", sha256=sha256())
    for document in (
        {"@context": CONTEXT, "@graph": [file, tree]},
        [{"@context": CONTEXT}, tree | {"@context": CONTEXT, "distribution": [file]}],
    ):
        found = crawl({"m.json": json.dumps(document), "a.csv": "a"})
        assert declared(found) == [("a.csv", "SHA-256", MATCH)]
    assert reading(found).declared[0].pointer == "/1/distribution/0/sha256"


def test_what_comes_late_in_a_file_decides(crawl):
    late = json.dumps(
        {"@context": CONTEXT_08 | {"x": "y" * 70_000}, "@type": "sc:Dataset", "name": "n", "conformsTo": V10}
    )
    assert reading(crawl({"m.json": late})).version == "1.0"


def test_a_dataset_of_schema_org_is_left_to_others(crawl):
    plain = json.dumps({"@context": "https://schema.org/", "@type": "Dataset", "name": "n", "license": "MIT"})
    (one,) = crawl({"m.json": plain}).readings
    assert one.manifest.reader == "dcat"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b'{"text": "see http://mlcommons.org/croissant/1.0"}',
        b'{"@context": {"cr": "http://mlcommons.org/croissant/"}, "@type": "Person", "name": "x"}',
        b'["@context", "http://mlcommons.org/croissant/1.0"]',
    ],
)
def test_what_only_mentions_croissant_is_no_manifest(crawl, content):
    assert crawl({"m.json": content, "a": "a"}).readings == ()


def test_a_broken_manifest_is_reported(crawl):
    found = crawl({"m.json": dataset()[:-3]})
    assert "is not JSON" in messages(found)[0]


def test_files_need_not_wait_for_a_description():
    assert not croissant.READER.further("m.json")


def test_a_ro_crate_is_not_taken(crawl):
    assert not croissant.READER.accepts("d/ro-crate-metadata.json", dataset().encode())


# Files and their digests.


@pytest.mark.parametrize(
    "value",
    [sha256(), sha256().upper(), base64.b64encode(bytes.fromhex(sha256())).decode(), {"@value": sha256()}, [sha256()]],
)
def test_a_digest_in_each_spelling(crawl, value):
    found = crawl({"d/m.json": dataset(obj("x/a.csv", sha256=value)), "d/x/a.csv": "a"})
    assert declared(found) == [("d/x/a.csv", "SHA-256", MATCH)]


def test_a_wrong_digest_is_a_mismatch_and_all_are_compared(crawl):
    found = crawl({"m.json": dataset(obj("a.csv", sha256=sha256("b"), md5=md5())), "a.csv": "a"})
    assert declared(found) == [("a.csv", "SHA-256", MISMATCH), ("a.csv", "MD5", MATCH)]


@pytest.mark.parametrize(
    "value",
    [
        "https://github.com/mlcommons/croissant/issues/80",
        "sha256",
        md5(),
        "0" * 63,
        "g" * 64,
        7,
        True,
        {"x": 1},
        [[]],
        f"sha256:{sha256()}",
    ],
)
def test_what_is_no_digest_is_malformed(crawl, value):
    for url in ("a.csv", "https://example.org/a.csv", "https://example.org/absent.csv"):
        found = crawl({"m.json": dataset(obj(url, sha256=value)), "a.csv": "a"})
        states = [state for _, _, state in declared(found)]
        assert states == [MALFORMED] or (value == [[]] and states == [NOT_DECLARED])


@pytest.mark.parametrize("value", [None, "", []])
def test_no_digest_is_none(crawl, value):
    found = crawl({"m.json": dataset(obj("a.csv", sha256=value, md5=value)), "a.csv": "a"})
    assert declared(found) == [("a.csv", "", NOT_DECLARED)]


def test_a_live_dataset_needs_no_digest_but_keeps_those_it_has(crawl):
    files = [obj("today.csv"), obj("old.csv", sha256=sha256("b"))]
    found = crawl({"m.json": dataset(*files, isLiveDataset=True), "today.csv": "a", "old.csv": "a"})
    assert set(declared(found)) == {("today.csv", "", LIVE), ("old.csv", "SHA-256", MISMATCH)}
    assert ("update-mechanism", "live dataset: its data changes continuously") in said(found)
    found = crawl({"m.json": dataset(*files, isLiveDataset="perhaps"), "today.csv": "a", "old.csv": "a"})
    assert ("today.csv", "", NOT_DECLARED) in declared(found)
    assert messages(found) == ["isLiveDataset is not a truth value"]


def test_absent_data_is_declared_absent(crawl):
    found = crawl({"m.json": dataset(obj("gone.csv", sha256=sha256()))})
    assert declared(found) == [("gone.csv", "SHA-256", ABSENT)]


@pytest.mark.parametrize(
    "url",
    [
        "../secret.csv",
        "/etc/passwd",
        "a/../../secret.csv",
        "%2e%2e/secret.csv",
        "file:///etc/passwd",
        "",
        "C:\\x",
        "a\\b",
        "\x00",
    ],
)
def test_nothing_outside_of_the_dataset_is_looked_at(crawl, url):
    found = crawl({"d/m.json": dataset(obj(url, sha256=sha256())), "secret.csv": "a", "d/a": "a"})
    assert all(path.startswith("d/") for path, _, _ in declared(found))
    assert MATCH not in {state for _, _, state in declared(found)}
    assert messages(found)


def test_percent_encoding_is_decoded_unless_the_name_is_so(crawl):
    found = crawl({"m.json": dataset(obj("a%20b.csv", sha256=sha256())), "a b.csv": "a"})
    assert declared(found) == [("a b.csv", "SHA-256", MATCH)]
    found = crawl({"m.json": dataset(obj("a%20b.csv", sha256=sha256("x"))), "a b.csv": "a", "a%20b.csv": "x"})
    assert ("a%20b.csv", "SHA-256", MATCH) in declared(found)


# Archives.


def test_a_member_of_an_archive_is_not_the_file_beside_it(crawl):
    files = [
        obj("data/a.zip", "a.zip", sha256=sha256("zip")),
        obj("x.csv", "x.csv", containedIn={"@id": "a.zip"}, sha256=sha256("member")),
        obj("data/x.csv", "y", containedIn="a.zip"),
    ]
    found = crawl({"m.json": dataset(*files), "data/a.zip": "zip", "x.csv": "other", "data/x.csv": "other"})
    assert set(declared(found)) == {("data/a.zip", "SHA-256", MATCH), ("data/a.zip/x.csv", "SHA-256", ABSENT)}


def test_a_member_of_a_remote_archive_and_of_an_archive_in_an_archive(crawl):
    files = [
        obj("https://example.org/outer.tar?x=1", "outer", sha256=sha256()),
        obj("in/inner.zip", "inner", containedIn={"@id": "outer"}, md5=md5()),
        obj("x.csv", "x", containedIn={"fileObject": {"@id": "inner"}}, md5=md5()),
    ]
    found = crawl({"m.json": dataset(*files), "x.csv": "a"})
    assert declared(found) == [
        ("outer.tar/in/inner.zip", "MD5", ABSENT),
        ("outer.tar/in/inner.zip/x.csv", "MD5", ABSENT),
        ("outer.tar", "SHA-256", ABSENT),
    ]


@pytest.mark.parametrize("url", ["../x.csv", "../../x.csv", "/x.csv", "https://example.org/x.csv"])
def test_a_member_cannot_lead_out_of_its_archive(crawl, url):
    files = [obj("a.zip", "z"), obj(url, "x", containedIn={"@id": "z"}, sha256=sha256())]
    found = crawl({"m.json": dataset(*files), "a.zip": "zip", "x.csv": "a"})
    assert {path for path, _, _ in declared(found)} <= {"a.zip", "a.zip/x.csv"}
    assert MATCH not in {state for _, _, state in declared(found)}


def test_cyclic_and_missing_containers_are_reported(crawl):
    files = [
        obj("x.csv", "one", containedIn={"@id": "two"}, sha256=sha256()),
        obj("y.csv", "two", containedIn={"@id": "one"}, sha256=sha256()),
        obj("x.csv", "self", containedIn={"@id": "self"}, sha256=sha256()),
        obj("x.csv", "lost", containedIn={"@id": "nowhere"}, sha256=sha256()),
    ]
    found = crawl({"m.json": dataset(*files), "x.csv": "a", "y.csv": "a"})
    assert declared(found) == []
    assert sum("compared with nothing" in message for message in messages(found)) == 4
    assert sum("contained in itself" in message for message in messages(found)) == 2


def test_a_long_chain_of_containers_is_cut(crawl):
    files = [obj(f"{n}.zip", f"c{n}", containedIn={"@id": f"c{n + 1}"}, md5=md5()) for n in range(3_000)]
    found = crawl({"m.json": dataset(*files, obj("x.zip", "c3000")), "0.zip": "a", "x.zip": "x"})
    assert not any(state == MATCH for _, _, state in declared(found))
    assert "too deep" in messages(found)[0]
    assert max(path.count("/") for path, _, _ in declared(found)) < 20


def test_a_file_of_a_repository_is_there_only_when_it_is(crawl):
    files = [
        obj(
            "https://huggingface.co/datasets/x/y",
            "repo",
            encodingFormat="git+https",
            sha256="https://github.com/mlcommons/croissant/issues/80",
        ),
        obj("data/a.parquet", "a", containedIn={"@id": "repo"}, sha256=sha256()),
        obj("data/b.parquet", "b", containedIn={"@id": "repo"}, sha256=sha256()),
        {"@type": "cr:FileSet", "@id": "all", "containedIn": {"@id": "repo"}, "includes": "data/*.parquet"},
    ]
    found = crawl({"m.json": dataset(*files), "data/a.parquet": "a"})
    assert declared(found) == [("data/a.parquet", "SHA-256", MATCH), ("repo", "SHA-256", MALFORMED)]


def test_a_file_with_the_name_of_a_repository_is_not_it(crawl):
    files = [obj("https://example.org/x", "repo", encodingFormat="git+https", sha256=sha256("x"))]
    found = crawl({"m.json": dataset(*files), "repo": "a"})
    assert not [one for one in declared(found) if one[0] == "repo"]


# Sources.


def test_a_url_is_a_source_and_the_file_of_its_name_is_compared(crawl):
    file = obj("https://example.org/get/a.csv?v=1#x", "a.csv", sha256=sha256(), contentSize="1 B")
    found = crawl({"m.json": dataset(file), "a.csv": "a"})
    (source,) = found.crawled.provenance.sources
    assert (source.url, source.path, source.size) == ("https://example.org/get/a.csv?v=1#x", "a.csv", 1)
    assert source.digests == (("SHA-256", sha256()),)
    assert declared(found) == [("a.csv", "SHA-256", MATCH)]


@pytest.mark.parametrize(
    ("file", "compared"),
    [
        (obj("https://example.org/download?id=7", "a.csv"), True),
        (obj("https://example.org/download?id=7", "x", name="a.csv"), True),
        (obj("https://example.org/b.csv", "a.csv"), True),
        (obj("https://example.org/b.zip", "a.csv"), False),  # an archive is not the file that is called so
        (obj("https://example.org/a.csv/", "x"), False),
        (obj("https://example.org/A.csv", "x"), False),
        (obj("https://example.org/b.csv", "d/../a.csv"), True),
        (obj("https://example.org/b.csv", "https://example.org/a.csv"), False),
        (obj("https://example.org/m.json", "x"), False),  # it cannot hold its own digest
    ],
)
def test_only_a_file_with_exactly_the_declared_name_is_compared(crawl, file, compared):
    found = crawl({"m.json": dataset(file | {"sha256": sha256("other")}), "a.csv": "a", "d/x": "x"})
    assert (("a.csv", "SHA-256", MISMATCH) in declared(found)) is compared
    assert {state for _, _, state in declared(found)} <= {MISMATCH, ABSENT}


def test_a_name_that_several_resources_have_is_certain_for_none(crawl):
    files = [obj(f"https://example.org/{n}/a.csv", f"f{n}", sha256=sha256(str(n))) for n in range(2)]
    found = crawl({"m.json": dataset(*files), "a.csv": "0"})
    assert declared(found) == []
    assert len(messages(found)) == 2
    mirrored = [obj(f"https://example.org/{n}/a.csv", f"f{n}", sha256=sha256()) for n in range(2)]
    assert declared(crawl({"m.json": dataset(*mirrored), "a.csv": "a"})) == [("a.csv", "SHA-256", MATCH)]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("11 B", 11),
        ("11", 11),
        (11, 11),
        ("11 bytes", 11),
        ("1.5 MB", None),
        ("11 KB", None),
        (-1, None),
        (True, None),
        ([], None),
        ("B", None),
    ],
)
def test_only_a_plain_number_of_bytes_is_a_size(crawl, text, size):
    found = crawl({"m.json": dataset(obj("https://example.org/a.csv", contentSize=text))})
    assert [one.size for one in found.crawled.provenance.sources] == [size]


def test_a_description_is_not_what_it_describes(crawl):
    found = crawl({"m.json": dataset(obj("https://example.org/m.json", "x", sha256=sha256()))})
    assert declared(found) == [("x", "SHA-256", ABSENT)]


def test_a_secret_in_an_address_is_left_out(crawl):
    found = crawl({"m.json": dataset(obj("https://me:hunter2@example.org/a.csv", sha256=sha256())), "a.csv": "a"})
    assert found.crawled.provenance.sources == ()
    assert "hunter2" not in repr(found.crawled)
    assert declared(found) == [("a.csv", "SHA-256", MATCH)]


def test_ten_thousand_files_are_all_declared(crawl):
    files = [obj(f"https://example.org/{n}.csv", f"f{n}", containedIn=None, md5=md5(str(n))) for n in range(10_000)]
    found = crawl({"m.json": dataset(*files)})
    assert len(declared(found)) == len(found.crawled.provenance.sources) == 10_000
    assert not messages(found)


@pytest.mark.parametrize(
    "value", [None, 1, "x", [], {}, [[[[[[1]]]]]], [None, 1, "x", {}, {"@id": "lost"}], {"@set": [1]}]
)
def test_a_distribution_of_any_kind(crawl, value):
    found = crawl({"m.json": json.dumps(json.loads(dataset()) | {"distribution": value})})
    assert not any("failed" in message for message in messages(found))


# The oracle.

_names = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=12)
_words = st.text(string.ascii_letters + " äß", min_size=1, max_size=30).filter(lambda text: text.strip() == text)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the oracle's own libraries
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@prove(
    name=_names,
    description=_words,
    licence=st.sampled_from(["https://creativecommons.org/licenses/by/4.0/", "MIT", "cc-by-4.0"]),
    files=st.dictionaries(_names, st.tuples(st.binary(min_size=1, max_size=3), st.booleans()), min_size=1, max_size=4),
)
def test_the_format_s_own_library_reads_the_same(tmp_path_factory, name, description, licence, files):
    mlc = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed: no oracle")
    root = tmp_path_factory.mktemp("oracle")
    distribution = [
        mlc.FileObject(
            id=f"id-{key}",
            name=f"{key}.csv",
            content_url=f"{'https://example.org/' if remote else ''}{key}.csv",
            encoding_formats=["text/csv"],
            sha256=hashlib.sha256(content).hexdigest(),
        )
        for key, (content, remote) in files.items()
    ]
    metadata = mlc.Metadata(
        name=name,
        description=description,
        license=[licence],
        url="https://example.org/",
        distribution=distribution,
        conforms_to=V10,
    )
    (root / "croissant.json").write_text(json.dumps(metadata.to_json(), default=str))
    for key, (content, _) in files.items():
        (root / f"{key}.csv").write_bytes(content)
    read = mlc.Metadata.from_json(ctx=mlc.Context(), json_=metadata.to_json())
    found = generation.crawl(root, (), Options(), lambda done, total: None)
    (one,) = found.readings
    fields = {field: value for field, value, _, _ in one.reading.said}
    assert fields["name"] == read.name
    assert fields["description"] == read.description
    assert fields["license"] == read.license[0]
    ours = {(item.path, item.value) for item in one.reading.declared}
    assert ours == {(item.content_url.rpartition("/")[2], item.sha256) for item in read.distribution}
    assert {state for _, _, state in declared(found)} == {MATCH}
