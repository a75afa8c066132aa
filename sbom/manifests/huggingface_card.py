"""Hugging Face dataset cards: ``README.md`` with YAML front matter.

Keys as the Hub's dataset card specification lists them (hub-docs, ``datasetcard.md``), and those of older cards
(``languages``, ``licenses``). Of the text below only the lines of the usual template are read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sbom.manifests import huggingface_features, values, yamltext
from sbom.manifests.errors import ManifestError, OtherFormatError
from sbom.manifests.interface import FileReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

#: Bytes of a card that are read.
MAX_CARD = 1 << 20
_MAX_LINE = 2_000
#: Characters that are kept of the name of a configuration.
_MAX_NAME = 200

#: Keys that only cards of datasets have.
_OWN = frozenset(
    [
        "task_categories",
        "task_ids",
        "size_categories",
        "source_datasets",
        "annotations_creators",
        "language_creators",
        "multilinguality",
        "pretty_name",
        "dataset_info",
        "configs",
        "paperswithcode_id",
        "viewer",
        "train-eval-index",
        "languages",
        "licenses",
        "language_details",
    ]
)
#: Keys that cards of models and front matter of other tools have, too.
_SHARED = frozenset(
    [
        "license",
        "license_name",
        "license_link",
        "license_details",
        "language",
        "tags",
        "extra_gated_prompt",
        "extra_gated_fields",
        "extra_gated_heading",
        "extra_gated_button_content",
        "extra_gated_description",
    ]
)
#: Keys that say: a model, a demonstration, a page of a web site.
_FOREIGN = frozenset(
    [
        "library_name",
        "pipeline_tag",
        "base_model",
        "base_model_relation",
        "model-index",
        "model_name",
        "sdk",
        "sdk_version",
        "app_file",
        "colorFrom",
        "inference",
        "widget",
        "layout",
        "permalink",
    ]
)
_KEY = re.compile(rb"^[\"']?([A-Za-z][A-Za-z_-]{0,40})[\"']?[ \t]*:", re.MULTILINE)
_FACT = re.compile(r"[-*]\s{1,4}\*\*([A-Za-z ]{1,40}?)(?:\s?\[optional\])?:?\s?\*\*:?\s{0,4}(.*)", re.IGNORECASE)
_LINK = re.compile(r"\((https?://[^)\s]{1,1500})\)|<?(https?://[^)\s>]{1,1500})")
#: What templates leave where nobody wrote anything.
_UNFILLED = ("more information needed]", "needs more information]", "]()", "{{")
_SUMMARIES = frozenset({"dataset summary", "dataset description", "summary"})
#: Line of the template → field.
_FACTS = {
    "homepage": "homepage",
    "leaderboard": "homepage",
    "repository": "identifier",
    "paper": "citation",
    "point of contact": "maintainer",
    "curated by": "creator",
    "shared by": "supplier",
}
#: Key → field, where the value is taken as it is.
_PLAIN = (
    ("pretty_name", "name"),
    ("language", "language"),
    ("languages", "language"),
    ("task_categories", "task"),
    ("task_ids", "task"),
    ("source_datasets", "origin"),
    ("extra_gated_prompt", "restriction"),
)
_TAGS = (("doi:", "identifier"), ("arxiv:", "citation"), ("modality:", "modality"), ("task_categories:", "task"))


class _Card(NamedTuple):
    """A card's front matter and, with the number of its first line, the text below."""

    matter: bytes
    text: bytes
    line: int


class HuggingFaceCardReader(FileReader):
    """Reads dataset cards; cards of models and plain READMEs are left to others."""

    name = "huggingface-card"
    patterns = ("readme.md",)

    def accepts(self, path: str, head: bytes) -> bool:  # noqa: ARG002  # the name was looked at before
        """Take front matter with a key of dataset cards."""
        start = _start(head)
        if start is None:
            return False
        end = _end(head, start)
        keys = {key.decode() for key in _KEY.findall(head[start : len(head) if end is None else end[0]])}
        return _is_dataset(keys)

    def read(self, given: Given, reading: Reading) -> None:
        """Read front matter and the template's lines."""
        card = _split(given.head(MAX_CARD))
        tree = yamltext.load(card.matter)
        if not isinstance(tree, dict):
            raise ManifestError(f"its front matter is {values.kind(tree)}, not a mapping")
        if not _is_dataset(set(tree)):
            raise OtherFormatError("is not a card of a dataset")
        _matter(tree, reading)
        _text(values.decode(_whole(card.text)), card.line, reading)


def _is_dataset(keys: set[str]) -> bool:
    return bool(keys & _OWN) or (bool(keys & _SHARED) and not keys & _FOREIGN)


def _start(data: bytes) -> int | None:
    """Return where front matter starts: after a first line of three hyphens."""
    bare = data.removeprefix(b"\xef\xbb\xbf")
    skipped = len(data) - len(bare.lstrip(b" \t\r\n"))
    line_end = data.find(b"\n", skipped)
    if line_end < 0 or data[skipped:line_end].rstrip() != b"---":
        return None
    return line_end + 1


def _end(data: bytes, start: int) -> tuple[int, int] | None:
    """Return where the closing line of three hyphens starts, and where the line after it does."""
    at = start
    while at < len(data):
        line_end = data.find(b"\n", at)
        stop = len(data) if line_end < 0 else line_end
        if data.startswith(b"---", at) and data[at:stop].rstrip() == b"---":
            return at, min(stop + 1, len(data))
        at = stop + 1
    return None


def _split(data: bytes) -> _Card:
    start = _start(data)
    if start is None:
        raise ManifestError("has no front matter")
    end = _end(data, start)
    if end is None:
        raise ManifestError(f"has front matter that does not end within {MAX_CARD:,} bytes")
    return _Card(data[start : end[0]], data[end[1] :], data.count(b"\n", 0, end[1]) + 1)


def _whole(text: bytes) -> bytes:
    """Drop a last line that the limit may have cut, in the middle of a character."""
    return text if len(text) < MAX_CARD // 2 else text[: text.rfind(b"\n") + 1]


def _matter(tree: dict[str, object], reading: Reading) -> None:
    for key, field in _PLAIN:
        for value, pointer in _flat(tree.get(key), f"/{key}"):
            reading.say(field, value, pointer)
    _license(tree, reading)
    for value, pointer in _flat(tree.get("annotations_creators"), "/annotations_creators"):
        reading.say("annotation" if value == "no-annotation" else "annotator", value, pointer)
    for value, pointer in _flat(tree.get("language_creators"), "/language_creators"):
        text = values.text(value)
        reading.say("generation-method", value if text is None else f"language: {text}", pointer)
    for value, pointer in _flat(tree.get("multilinguality"), "/multilinguality"):
        reading.say("keyword", value, pointer)
    for value, pointer in _flat(tree.get("tags"), "/tags"):
        text = values.text(value) or ""
        field, start = next(((name, prefix) for prefix, name in _TAGS if text.startswith(prefix)), ("keyword", ""))
        keep = field in {"identifier", "citation"}
        reading.say(field, text if keep else text.removeprefix(start), pointer)
    code = values.text(tree.get("paperswithcode_id"))
    if code is not None:
        reading.say("identifier", f"https://paperswithcode.com/dataset/{code}", "/paperswithcode_id")
    _contents(tree, reading)


def _flat(value: object, pointer: str) -> Iterator[tuple[object, str]]:
    """Yield values of a key; older cards have a mapping of configurations there."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from values.pointed(inner, f"{pointer}/{values.token(key)}")
    else:
        yield from values.pointed(value, pointer)


def _license(tree: dict[str, object], reading: Reading) -> None:
    """Assert the licence; "other" is explained by two more keys, and "unknown" says nothing."""
    for key in ("license", "licenses"):
        for value, pointer in _flat(tree.get(key), f"/{key}"):
            if value == "other":
                name = values.text(tree.get("license_name"))
                link = values.text(tree.get("license_link"))
                text = f"{name} ({link})" if name and link else name or link or "other"
                where = "/license_name" if name else "/license_link" if link else pointer
                reading.say("license", text, where)
            elif value != "unknown":
                reading.say("license", value, pointer)


def _contents(tree: dict[str, object], reading: Reading) -> None:
    """Assert columns, splits and numbers of records."""
    infos = list(values.pointed(tree.get("dataset_info"), "/dataset_info"))
    splits: list[tuple[str, object, str]] = []
    for info, pointer in infos:
        entry = values.mapping(info)
        name = (values.text(entry.get("config_name")) or "default")[:_MAX_NAME]
        prefix = f"{name}/" if len(infos) > 1 else ""
        huggingface_features.say_columns(reading, entry.get("features"), f"{pointer}/features", prefix)
        splits.append((name, entry.get("splits"), f"{pointer}/splits"))
    huggingface_features.say_splits(reading, splits)
    said = {one.field for one in reading.said}
    if "record-count" not in said:
        for value, pointer in _flat(tree.get("size_categories"), "/size_categories"):
            reading.say("record-count", value, pointer)
    if "split" not in said:
        _data_files(tree, reading)


def _data_files(tree: dict[str, object], reading: Reading) -> None:
    """Assert the splits that ``configs`` names, where ``dataset_info`` names none."""
    configs = list(values.pointed(tree.get("configs"), "/configs"))
    for config, pointer in configs:
        entry = values.mapping(config)
        name = (values.text(entry.get("config_name")) or "default")[:_MAX_NAME]
        prefix = f"{name}/" if len(configs) > 1 else ""
        for part, where in values.pointed(entry.get("data_files"), f"{pointer}/data_files"):
            split = values.text(values.mapping(part).get("split"))
            if split is not None:
                reading.say("split", prefix + split, f"{where}/split")


def _text(text: str, first: int, reading: Reading) -> None:
    """Read the template's facts, its summary, and BibTeX in a fence."""
    fence: list[str] | None = None
    summary: list[str] | None = None
    where = 0
    for number, raw in enumerate(text.split("\n"), first):
        line = raw[:_MAX_LINE].rstrip()
        if line.lstrip().startswith("```"):
            if fence is not None and "".join(fence).lstrip().startswith("@"):
                reading.say("citation", "\n".join(fence), f"L{where}")
            fence, where = ([], number + 1) if fence is None else (None, where)
        elif fence is not None:
            fence.append(line)
        elif line.startswith("#"):
            _summary(summary, reading)
            about = line.strip("# :").lower()
            summary = [f"L{number + 1}"] if about in _SUMMARIES else None
        else:
            fact = _FACT.fullmatch(line.strip())
            if fact is not None:
                _fact(fact[1].strip().lower(), fact[2], f"L{number}", reading)
            elif summary is not None and not (line.startswith("<!--") and line.endswith("-->")):
                summary.append(line)
    _summary(summary, reading)


def _summary(lines: list[str] | None, reading: Reading) -> None:
    if lines is not None:
        text = "\n".join(lines[1:]).strip()
        if not _unfilled(text[:_MAX_LINE]):
            reading.say("description", text, lines[0])


def _unfilled(text: str) -> bool:
    lower = text.lower()
    return any(mark in lower for mark in _UNFILLED)


def _fact(name: str, value: str, pointer: str, reading: Reading) -> None:
    field = _FACTS.get(name)
    if field is None or _unfilled(value):
        return
    link = _LINK.search(value)
    reading.say(field, (link[1] or link[2]) if link and field in {"homepage", "identifier"} else value, pointer)


READER = HuggingFaceCardReader()
