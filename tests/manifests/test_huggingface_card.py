from __future__ import annotations

import pytest

from sbom.manifests import huggingface_card
from sbom.manifests.reading import Reading

CARD = """---
pretty_name: SQuAD
license: cc-by-4.0
language:
- en
- "no"
task_categories: [question-answering]
task_ids: [extractive-qa]
size_categories: [10K<n<100K]
source_datasets: ["extended|wikipedia"]
annotations_creators: [crowdsourced]
language_creators: [found]
multilinguality: [monolingual]
paperswithcode_id: squad
tags: [history, "doi:10.57967/hf/1", "arxiv:1606.05250", "modality:text"]
extra_gated_prompt: You agree not to re-identify anybody.
dataset_info:
  config_name: plain_text
  features:
  - name: id
    dtype: string
  - name: answers
    sequence:
    - name: text
      dtype: string
  - name: label
    dtype:
      class_label:
        names:
          '0': neg
          '1': pos
  splits:
  - name: train
    num_bytes: 79346108
    num_examples: 87599
  - name: validation
    num_examples: 10570
  download_size: 1
---
# Dataset Card for SQuAD

- **Homepage:** [Site](https://example.org/squad)
- **Repository:** https://github.com/o/r
- **Paper:** SQuAD: 100,000+ Questions
- **Point of Contact:** [More Information Needed]

### Dataset Summary

Questions posed by crowdworkers.

### Licensing

```
- **Homepage:** https://example.org/not-a-fact
```

```bibtex
@article{x,
  title = {A}
}
```
"""


def reading(found, path="README.md"):
    return next(one.reading for one in found.readings if one.manifest.path == path)


def said(found, field, path="README.md"):
    return [one.value for one in reading(found, path).said if one.field == field]


def card(matter: str, text: str = "") -> str:
    return f"---\n{matter}\n---\n{text}"


def test_every_field_of_a_card_is_read(crawl):
    found = crawl({"README.md": CARD})
    got: dict[str, list[str]] = {}
    for one in reading(found).said:
        got.setdefault(one.field, []).append(one.value)
    assert got == {
        "name": ["SQuAD"],
        "license": ["cc-by-4.0"],
        "language": ["en", "no"],
        "task": ["question-answering", "extractive-qa"],
        "origin": ["extended|wikipedia"],
        "restriction": ["You agree not to re-identify anybody."],
        "annotator": ["crowdsourced"],
        "generation-method": ["language: found"],
        "keyword": ["monolingual", "history"],
        "identifier": ["doi:10.57967/hf/1", "https://paperswithcode.com/dataset/squad", "https://github.com/o/r"],
        "modality": ["text"],
        "schema": ["id: string", "answers: sequence", "label: class label (2 classes)"],
        "split": ["train: 87599 records", "validation: 10570 records"],
        "record-count": ["98169"],
        "homepage": ["https://example.org/squad"],
        "citation": ["arxiv:1606.05250", "SQuAD: 100,000+ Questions", "@article{x,\n  title = {A}\n}"],
        "description": ["Questions posed by crowdworkers."],
    }
    assert not reading(found).problems


def test_pointers_and_lines_lead_to_the_place(crawl):
    found = crawl({"README.md": CARD})
    lines = CARD.split("\n")
    where = {one.value: one.pointer for one in reading(found).said}
    assert where["no"] == "/language/1"
    assert where["98169"] == "/dataset_info/splits"
    for value, text in (
        ("https://example.org/squad", "Site"),
        ("@article{x,\n  title = {A}\n}", "@article"),
        ("Questions posed by crowdworkers.", ""),
    ):
        assert text in lines[int(where[value][1:]) - 1]
    assert lines[int(where["Questions posed by crowdworkers."][1:]) - 2].endswith("Summary")


@pytest.mark.parametrize(
    "text",
    [
        "# A readme\n\nlicense: mit\n",
        card("title: A page\nlayout: page\nlicense: mit"),
        card("library_name: transformers\nlicense: mit\nlanguage: en\ntags: [x]"),
        card("pipeline_tag: text-generation\nlicense: mit"),
        card("title: Demo\nsdk: gradio\nlicense: mit"),
        card("something: else"),
        "----\nlicense: mit\n---\n",
        "--- a\nlicense: mit\n---\n",
        "",
        "---",
        "---\n",
    ],
)
def test_what_is_no_card_of_a_dataset_is_left_alone(crawl, text):
    assert crawl({"README.md": text}).readings == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.md", "\ufeff" + card("license: mit")),
        ("readme.MD", card("license: mit").replace("\n", "\r\n")),
        ("README.md", "\n\n" + card("license: mit")),
        ("README.md", card('"license": mit')),
        ("README.md", card("license: mit").removesuffix("\n")),
        ("README.md", card("license: mit\nlibrary_name: x\ntask_categories: [a]")),
    ],
)
def test_cards_in_other_dress_are_read(crawl, name, text):
    found = crawl({name: text})
    assert said(found, "license", name) == ["mit"]
    assert not reading(found, name).problems


@pytest.mark.parametrize(
    ("matter", "expected"),
    [
        ("license: other\nlicense_name: my-licence\nlicense_link: LICENSE", ["my-licence (LICENSE)"]),
        ("license: other\nlicense_name: my-licence", ["my-licence"]),
        ("license: other\nlicense_link: https://x.org", ["https://x.org"]),
        ("license: other", ["other"]),
        ("license: unknown", []),
        ("license: [mit, apache-2.0]", ["mit", "apache-2.0"]),
        ("licenses:\n- mit", ["mit"]),
        ("licenses:\n  a: [mit]\n  b: [bsd]", ["mit", "bsd"]),
    ],
)
def test_licences_of_all_kinds(crawl, matter, expected):
    assert said(crawl({"README.md": card(matter)}), "license") == expected


def test_several_configurations_are_told_apart(crawl):
    matter = """dataset_info:
- config_name: a
  features: [{name: x, dtype: int64}, {name: t, dtype: {translation: {languages: [de]}}}, {name: i, dtype: image}]
  splits: [{name: train, num_examples: 1}, {name: test}]
- config_name: b
  features: [{name: x, struct: []}]
  splits: [{name: train, num_examples: 2}]"""
    found = crawl({"README.md": card(matter)})
    assert said(found, "schema") == ["a/x: int64", "a/t: translation", "a/i: image", "b/x: struct"]
    assert said(found, "split") == ["a/train: 1 records", "a/test", "b/train: 2 records"]
    # A split of unknown size makes the sum of its configuration unknown.
    assert said(found, "record-count") == ["b: 2"]


def test_categories_and_data_files_stand_in_for_numbers_and_splits(crawl):
    matter = "size_categories: [n<1K]\nconfigs:\n- config_name: d\n  data_files:\n  - split: train\n    path: x*"
    found = crawl({"README.md": card(matter)})
    assert said(found, "record-count") == ["n<1K"]
    assert said(found, "split") == ["train"]


def test_the_newer_template_is_read_and_what_nobody_filled_in_is_not(crawl):
    text = """## Dataset Details

### Dataset Description

<!-- Provide a longer summary of what this dataset is. -->

What it is.

- **Curated by:** Ada
- **Shared by [optional]:** [More Information Needed]

### Dataset Sources [optional]

- **Repository:** {{ repo }}
- **Paper [optional]:** [If there is a paper, add it here]()
- **Homepage:** <https://x.org>

### Dataset Summary

[Needs More Information]
"""
    found = crawl({"README.md": card("license: mit", text)})
    assert [(one.field, one.value) for one in reading(found).said] == [
        ("license", "mit"),
        ("creator", "Ada"),
        ("description", "What it is."),
        ("homepage", "https://x.org"),
    ]


def test_no_annotation_is_no_annotator(crawl):
    found = crawl({"README.md": card("annotations_creators: [no-annotation]")})
    assert (said(found, "annotation"), said(found, "annotator")) == (["no-annotation"], [])


def test_a_card_in_a_subdirectory_speaks_for_it(crawl):
    found = crawl({"a/README.md": card("license: mit")})
    assert found.readings[0].manifest.scope == "a"


def test_a_huge_card_is_not_read_whole(crawl, monkeypatch):
    monkeypatch.setattr(huggingface_card, "MAX_CARD", 4_000)
    text = "é" * 10_000
    long = crawl({"README.md": card("license: mit", f"# Dataset Summary\n\nShort.\n\n{text}")}, name="long")
    assert said(long, "license") == ["mit"]
    assert not reading(long).problems
    endless = crawl({"README.md": f"---\nlicense: mit\nx: {text}\n---\n"}, name="endless")
    assert [one.message for one in reading(endless).problems] == [
        "has front matter that does not end within 4,000 bytes"
    ]


@pytest.mark.parametrize(
    "matter",
    [
        "license: [",
        "license: !!python/object:os.system x",
        "license: a\nlicense: b",
        "license: \x00x",
        "license: &a [*a]",
    ],
)
def test_front_matter_that_is_not_yaml_is_reported(crawl, matter):
    found = crawl({"README.md": card(matter)})
    assert reading(found).problems
    assert "the reader failed" not in reading(found).problems[0].message


def test_aliases_of_aliases_do_no_harm(crawl):
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12))
    found = crawl({"README.md": card(f"a0: &a0 [x]\n{levels}\nlicense: mit")})
    assert "values" in reading(found).problems[0].message


def test_wrong_kinds_are_problems_and_the_rest_is_read(crawl):
    matter = "license: mit\npretty_name: {a: {b: c}}\nlanguage: [[[x]], {y: z}]\ntags: [{a: b}]\ndataset_info: [1, {features: 5, splits: 7}]"
    found = crawl({"README.md": card(matter)})
    assert said(found, "license") == ["mit"]
    assert "name is an object, not a text" in {one.message for one in reading(found).problems}


def test_a_card_that_is_no_utf8_below_its_front_matter_is_reported(crawl):
    found = crawl({"README.md": card("license: mit").encode() + b"\xff\xfe"})
    assert said(found, "license") == ["mit"]
    assert "not UTF-8" in reading(found).problems[0].message


def test_text_of_a_hostile_card_ends():
    # That it ends is the test: an expression that backtracks over one of these lines would not.
    lines = [
        "- **" + "a " * 100_000,
        "- **Homepage:** " + "(" * 100_000,
        "[" * 100_000,
        "- **a" + "[optional]" * 10_000,
    ]
    got = Reading()
    huggingface_card._text("\n".join([*lines, "- **Repository:** https://x.org"]), 1, got)
    assert [(one.value, one.pointer) for one in got.said if one.field == "identifier"] == [("https://x.org", "L5")]
