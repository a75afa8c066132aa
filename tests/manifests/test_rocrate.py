"""RO-Crate: the root data entity, the files, and the actions that made them."""

from __future__ import annotations

import hashlib
import json

import pytest

from sbom.manifests import rocrate
from sbom.provenance import ABSENT, MALFORMED, MATCH, MISMATCH, NOT_DECLARED

ORCID = "https://orcid.org/0000-0002-1825-0097"


def sha256(text="a"):
    return hashlib.sha256(text.encode()).hexdigest()


def sha1(text="a"):
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def crate(*nodes, root=None, version="1.1", ident="./", descriptor="ro-crate-metadata.json", context=None):
    return json.dumps(
        {
            "@context": context or f"https://w3id.org/ro/crate/{version}/context",
            "@graph": [
                {
                    "@id": descriptor,
                    "@type": "CreativeWork",
                    "conformsTo": {"@id": f"https://w3id.org/ro/crate/{version}"},
                    "about": {"@id": ident},
                },
                {"@id": ident, "@type": "Dataset", "name": "crate", **(root or {})},
                *nodes,
            ],
        }
    )


def file(ident, **more):
    return {"@id": ident, "@type": "File", **more}


def reading(found):
    (one,) = found.readings
    assert one.manifest.reader == "rocrate"
    return one.reading


def said(found):
    return [(one.field, one.value) for one in reading(found).said]


def messages(found):
    found = [one.message for one in reading(found).problems]
    assert not any("failed" in message for message in found)
    return found


def declared(found):
    inside = [(entry.path, one) for entry in found.crawled.entries for one in entry.declared]
    return {(path, one.algorithm, one.state) for path, one in [*inside, *found.crawled.provenance.elsewhere]}


def test_the_root_data_entity_and_the_people_it_refers_to(crawl):
    root = {
        "description": "D",
        "datePublished": "2024-01-02",
        "license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
        "author": [{"@id": ORCID}, {"@id": "https://orcid.org/0000-0001-5109-3700"}],
        "publisher": {"@id": "https://ror.org/04dkp1p98"},
        "identifier": {"@id": "#doi"},
        "citation": {"@id": "https://doi.org/10.1/paper"},
        "keywords": "a, b",
    }
    nodes = [
        {
            "@id": ORCID,
            "@type": "Person",
            "name": "Josiah Carberry",
            "affiliation": {"@id": "https://ror.org/04dkp1p98"},
        },
        {"@id": "https://ror.org/04dkp1p98", "@type": "Organization", "name": "Brown"},
        {
            "@id": "https://creativecommons.org/licenses/by/4.0/",
            "@type": "CreativeWork",
            "name": "Attribution, you know",
        },
        {"@id": "#doi", "@type": "PropertyValue", "name": "DOI", "value": "10.1/x"},
    ]
    found = crawl({"d/ro-crate-metadata.json": crate(*nodes, root=root), "d/a": "a"})
    assert said(found) == [
        ("name", "crate"),
        ("description", "D"),
        ("release-date", "2024-01-02"),
        ("license", "https://creativecommons.org/licenses/by/4.0/"),
        ("creator", f"Josiah Carberry (Brown; {ORCID})"),
        ("creator", "https://orcid.org/0000-0001-5109-3700"),
        ("supplier", "Brown"),
        ("identifier", "10.1/x"),
        ("citation", "https://doi.org/10.1/paper"),
        ("keyword", "a"),
        ("keyword", "b"),
    ]
    assert found.readings[0].manifest.scope == "d"
    assert not messages(found)


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.1-DRAFT", "1.2.1", "1.3"])
def test_known_versions(crawl, version):
    name = "ro-crate-metadata.jsonld" if version == "1.0" else "ro-crate-metadata.json"
    found = crawl({name: crate(version=version, descriptor=name), "a": "a"})
    assert reading(found).version == version
    assert not messages(found)


def test_an_unknown_version_is_reported_and_read(crawl):
    found = crawl({"ro-crate-metadata.json": crate(file("a", sha256=sha256()), version="3.0"), "a": "a"})
    assert "3.0" in messages(found)[0]
    assert declared(found) == {("a", "SHA-256", MATCH)}


def test_files_are_declared_mentioned_or_absent(crawl):
    nodes = [
        file("a.csv", sha256=sha256(), contentSize="1"),
        file("with%20space/b.csv", **{"wfrun:sha1": sha1()}),
        file("c.csv"),
        file("gone.csv", md5=hashlib.md5(b"a", usedforsecurity=False).hexdigest()),
        file("d.csv", sha256=sha256("other")),
        file("e.csv", sha256="sha256"),
        {"@id": "with%20space/", "@type": "Dataset"},
    ]
    tree = dict.fromkeys(("a.csv", "with space/b.csv", "c.csv", "d.csv", "e.csv"), "a")
    found = crawl({"ro-crate-metadata.json": crate(*nodes), **tree})
    assert declared(found) == {
        ("a.csv", "SHA-256", MATCH),
        ("with space/b.csv", "SHA-1", MATCH),
        ("c.csv", "", NOT_DECLARED),
        ("gone.csv", "MD5", ABSENT),
        ("d.csv", "SHA-256", MISMATCH),
        ("e.csv", "SHA-256", MALFORMED),
    }


def test_files_need_not_wait_for_a_crate():
    assert not rocrate.READER.further("ro-crate-metadata.json")


def test_pointers_lead_to_the_digest(crawl):
    found = crawl({"ro-crate-metadata.json": crate(file("a", sha256=sha256())), "a": "a"})
    assert reading(found).declared[0].pointer == "/@graph/2/sha256"


@pytest.mark.parametrize("ident", ["../a", "/a", "%2e%2e/a", "x/../../a", "file:///a", "..%2Fa"])
def test_nothing_outside_of_the_crate_is_looked_at(crawl, ident):
    found = crawl({"d/ro-crate-metadata.json": crate(file(ident, sha256=sha256())), "a": "a", "d/b": "b"})
    assert not declared(found)
    assert messages(found)


def test_a_file_on_the_web_is_a_source(crawl):
    nodes = [
        file("https://example.org/x.csv", sha256=sha256(), contentSize="1560B"),
        file("here.csv", contentUrl=["https://example.org/here.csv", {"@id": "https://mirror.example/here.csv"}]),
    ]
    found = crawl({"ro-crate-metadata.json": crate(*nodes), "here.csv": "a"})
    sources = {(one.url, one.path, one.size) for one in found.crawled.provenance.sources}
    assert sources == {
        ("https://example.org/x.csv", None, 1560),
        ("https://example.org/here.csv", "here.csv", None),
        ("https://mirror.example/here.csv", "here.csv", None),
    }
    assert declared(found) == {("x.csv", "SHA-256", ABSENT), ("here.csv", "", NOT_DECLARED)}


def test_the_download_of_the_crate_is_a_source(crawl):
    root = {"distribution": [{"@id": "https://example.org/crate.zip"}, {"@id": "#d"}]}
    nodes = [{"@id": "#d", "@type": "DataDownload", "contentUrl": "https://example.org/other.zip", "sha256": sha256()}]
    found = crawl({"ro-crate-metadata.json": crate(*nodes, root=root), "a": "a"})
    assert {one.url for one in found.crawled.provenance.sources} == {
        "https://example.org/crate.zip",
        "https://example.org/other.zip",
    }


def test_a_create_action_is_a_step(crawl):
    nodes = [
        {
            "@id": "#step",
            "@type": "CreateAction",
            "name": "Took a photo",
            "instrument": [{"@id": "#camera"}, {"@id": "lens"}],
            "object": {"@id": "in.csv"},
            "result": [{"@id": "out.jpg"}],
            "agent": {"@id": ORCID},
            "startTime": "2017-06-10",
            "endTime": "2017-06-11T12:00:00Z",
        },
        {"@id": "#camera", "@type": "IndividualProduct", "name": "EPL1"},
        {"@id": ORCID, "@type": "Person", "name": "Josiah"},
        file("out.jpg"),
    ]
    found = crawl({"ro-crate-metadata.json": crate(*nodes), "out.jpg": "a"})
    assert said(found)[1:] == [
        (
            "preprocessing",
            f"Took a photo: EPL1, lens, in.csv → out.jpg (by Josiah ({ORCID}); 2017-06-10 to 2017-06-11T12:00:00Z)",
        ),
        ("tool", "EPL1"),
        ("tool", "lens"),
        ("contributor", f"Josiah ({ORCID})"),
    ]


def test_a_detached_crate_has_no_files_here(crawl):
    nodes = [
        file("a.csv", sha256=sha256()),
        file("https://example.org/b.csv"),
        file("#c", contentUrl="https://example.org/c.csv"),
    ]
    name = "x-ro-crate-metadata.json"
    found = crawl({name: crate(*nodes, ident="https://example.org/crate", descriptor=name), "a.csv": "other"})
    assert {one.url for one in found.crawled.provenance.sources} == {
        "https://example.org/b.csv",
        "https://example.org/c.csv",
    }
    assert "a.csv" not in {path for path, _, _ in declared(found)}
    assert messages(found) == ["a digest of what is no file of this dataset; it is compared with nothing"]
    assert ("name", "crate") in said(found)


def test_crates_in_subdirectories_speak_for_themselves(crawl):
    inner = crate(file("a.csv", sha256=sha256()))
    found = crawl(
        {
            "ro-crate-metadata.json": crate(file("sub/a.csv", sha256=sha256("b"))),
            "sub/ro-crate-metadata.json": inner,
            "sub/a.csv": "a",
        }
    )
    assert [(one.manifest.path, one.manifest.scope) for one in found.readings] == [
        ("ro-crate-metadata.json", ""),
        ("sub/ro-crate-metadata.json", "sub"),
    ]
    assert declared(found) == {("sub/a.csv", "SHA-256", MATCH), ("sub/a.csv", "SHA-256", MISMATCH)}


def test_without_a_descriptor_the_usual_root_is_taken(crawl):
    found = crawl(
        {"ro-crate-metadata.json": json.dumps({"@graph": [{"@id": "./", "@type": "Dataset", "name": "x"}]}), "a": "a"}
    )
    assert said(found) == [("name", "x")]
    assert messages(found)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b'{"@graph": 3}',
        b'{"@graph": [{"@id": "x"}]}',
        b"\xff\xfe",
        b'{"@graph": [{"@id": "ro-crate-metadata.json", "about": {"@id": "lost"}}]}',
    ],
)
def test_what_is_no_crate_is_reported(crawl, content):
    found = crawl({"ro-crate-metadata.json": content, "a": "a"})
    assert messages(found)
    assert not any("failed" in message for message in messages(found))


def test_the_same_id_twice_is_reported(crawl):
    found = crawl(
        {"ro-crate-metadata.json": crate(file("a", sha256=sha256()), file("a", sha256=sha256("b"))), "a": "a"}
    )
    assert declared(found) == {("a", "SHA-256", MATCH)}
    assert "twice" in messages(found)[0]


def test_references_in_a_circle_end(crawl):
    nodes = [
        {"@id": "#a", "@type": "Person", "affiliation": {"@id": "#b"}},
        {"@id": "#b", "affiliation": {"@id": "#a"}, "name": {"@id": "#a"}},
    ]
    root = {"author": {"@id": "#a"}, "hasPart": {"@id": "./"}, "publisher": {"@id": "#b"}, "license": {"@id": "./"}}
    found = crawl({"ro-crate-metadata.json": crate(*nodes, root=root), "a": "a"})
    assert ("creator", "#a (#b)") in said(found)
