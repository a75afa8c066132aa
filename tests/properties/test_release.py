"""Properties: what is released verifies; any change of path, type, bytes or meaning does not; any other change does."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sbom import api, errors, names
from sbom.cyclonedx.canonical import canonical
from sbom.signing import keys
from sbom.verification.interface import Trust

settings.register_profile("release", deadline=None, suppress_health_check=list(HealthCheck))
pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")

KEY = keys.generate()
STRANGER = keys.generate("ecdsa-p256")

SEGMENTS = st.one_of(
    st.sampled_from(
        ["a", "b", "train", "x.csv", ".git", "__pycache__", "é", "日本", "🐧", "a b", "A", "~", "#", "%41"]
    ),
    st.text(min_size=1, max_size=12).filter(
        lambda text: "/" not in text and names.refusal(text) is None and len(text.encode("utf-8", "replace")) < 200
    ),
)
PATHS = st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join).filter(lambda path: names.refusal(path) is None)
CONTENTS = st.one_of(st.binary(max_size=64), st.sampled_from([b"", b"a,b\n1,2\n", b'{"a": 1}\n', b"\x00" * 5000]))


def _fits(paths: list[str]) -> bool:
    """Tell whether all of them can exist side by side: none is a directory of another."""
    return not any(other != path and other.startswith(path + "/") for path in paths for other in paths)


TREES = st.dictionaries(PATHS, CONTENTS, min_size=1, max_size=8).filter(lambda tree: _fits(list(tree)))


@contextmanager
def released(tree: dict[str, bytes]):
    """Write a tree, and release it; yields the data's directory and the document's path."""
    home = Path(tempfile.mkdtemp())
    try:
        data = home / "data"
        for path, content in tree.items():
            (data / path).parent.mkdir(parents=True, exist_ok=True)
            (data / path).write_bytes(content)
        bom = api.generate(data, name="p", cache=False)
        bom.sign(KEY)
        bom.write(home / "p.cdx.json")
        yield data, home / "p.cdx.json"
    finally:
        shutil.rmtree(home)


def exit_code(bom: Path, data: Path) -> int:
    return api.verify(bom, data, trust=Trust([KEY.public])).exit_code


@settings(settings.get_profile("release"), max_examples=60)
@given(TREES)
def test_what_is_released_verifies(tree):
    with released(tree) as (data, bom):
        assert exit_code(bom, data) == 0


def _flip(path: Path, draw) -> None:
    content = bytearray(path.read_bytes())
    if not content:
        path.write_bytes(b"\0")
        return
    content[draw(st.integers(0, len(content) - 1))] ^= draw(st.integers(1, 255))
    found = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def _append(path: Path, draw) -> None:
    path.write_bytes(path.read_bytes() + draw(st.binary(min_size=1, max_size=9)))


def _truncate(path: Path, draw) -> None:
    content = path.read_bytes()
    assume(content)
    path.write_bytes(content[: draw(st.integers(0, len(content) - 1))])


def _remove(path: Path, draw) -> None:
    path.unlink()


def _rename(path: Path, draw) -> None:
    path.rename(path.with_name("renamed-" + draw(st.sampled_from("xyz"))))


def _add(path: Path, draw) -> None:
    path.with_name(draw(st.sampled_from([".hidden-extra", "extra", "extra.py"]))).write_bytes(draw(CONTENTS))


def _to_directory(path: Path, draw) -> None:
    path.unlink()
    path.mkdir()


def _to_inner_link(path: Path, draw) -> None:
    content = path.read_bytes()
    twin = path.with_name("twin-of-it")
    twin.write_bytes(content)
    path.unlink()
    path.symlink_to(twin.name)


def _to_fifo(path: Path, draw) -> None:
    path.unlink()
    os.mkfifo(path)


DATA_MUTATIONS = [_flip, _append, _truncate, _remove, _rename, _add, _to_directory, _to_inner_link, _to_fifo]


@settings(settings.get_profile("release"), max_examples=120)
@given(TREES, st.sampled_from(DATA_MUTATIONS), st.data())
def test_any_change_of_path_type_or_bytes_is_refused(tree, mutation, data_):
    with released(tree) as (data, bom):
        victim = data / data_.draw(st.sampled_from(sorted(tree)))
        mutation(victim, data_.draw)
        assert exit_code(bom, data) in {1, 3}


def _places(value: object, where: tuple[object, ...] = ()):
    """Yield the place of every value in a document, except inside the signature's own value."""
    yield where
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, (*where, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, (*where, index))


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=8), st.just([]), st.just({}), st.floats(0, 1)
)


def _change(document: dict, draw) -> None:
    """Make one structural change somewhere."""
    places = [place for place in _places(document) if place]
    *path, last = draw(st.sampled_from(places))
    holder = document
    for step in path:
        holder = holder[step]
    kind = draw(st.sampled_from(["replace", "delete", "duplicate", "edit"]))
    if kind == "delete":
        del holder[last]
    elif kind == "duplicate" and isinstance(holder, list):
        holder.insert(last, holder[last])
    elif kind == "edit" and isinstance(holder[last], str) and holder[last]:
        position = draw(st.integers(0, len(holder[last]) - 1))
        holder[last] = holder[last][:position] + draw(st.characters(codec="utf-8")) + holder[last][position + 1 :]
    else:
        holder[last] = draw(SCALARS)


def _meaning(document: dict) -> bytes:
    """Return the canonical form, with a signature that is there twice taken once: each covers its own entry only."""
    signature = document.get("signature")
    signers = signature.get("signers") if isinstance(signature, dict) else None
    if isinstance(signers, list):
        once = list({json.dumps(signer, sort_keys=True): signer for signer in signers}.values())
        document = {**document, "signature": {**signature, "signers": once}}
    return canonical(document)


@settings(settings.get_profile("release"), max_examples=250)
@given(TREES, st.data())
def test_any_change_of_the_documents_meaning_is_refused(tree, data_):
    with released(tree) as (data, bom):
        document = json.loads(bom.read_bytes())
        before = _meaning(document)
        _change(document, data_.draw)
        with suppress(errors.Error):  # what has no canonical form is another document, too
            assume(_meaning(document) != before)
        bom.write_bytes(json.dumps(document).encode())
        assert exit_code(bom, data) in {1, 3}


@settings(settings.get_profile("release"), max_examples=60)
@given(TREES, st.randoms(use_true_random=False), st.data())
def test_formatting_order_times_and_modes_do_not_matter(tree, random, data_):
    def shuffled(value: object) -> object:
        if isinstance(value, dict):
            items = list(value.items())
            random.shuffle(items)
            return {key: shuffled(item) for key, item in items}
        return [shuffled(item) for item in value] if isinstance(value, list) else value

    with released(tree) as (data, bom):
        document = shuffled(json.loads(bom.read_bytes()))
        indent = data_.draw(st.sampled_from([None, 0, 1, 7, "\t"]))
        text = json.dumps(document, indent=indent, ensure_ascii=data_.draw(st.booleans()))
        bom.write_bytes(data_.draw(st.sampled_from(["", " ", "\n\n"])).encode() + text.encode() + b"\n \t\r\n")
        for path in tree:
            os.utime(data / path, ns=(1, data_.draw(st.integers(0, 2**40))))
            (data / path).chmod(data_.draw(st.sampled_from([0o600, 0o644, 0o755, 0o444])))
        (data / "an empty directory").mkdir(exist_ok=True)
        assert exit_code(bom, data) == 0


@settings(settings.get_profile("release"), max_examples=30)
@given(TREES, st.data())
def test_what_strangers_sign_changes_nothing(tree, data_):
    with released(tree) as (data, bom):
        document = api.Bom.read(bom)
        document.sign(STRANGER)
        tree_ = document.document
        if data_.draw(st.booleans()):
            value = tree_["signature"]["signers"][1]["value"]
            tree_["signature"]["signers"][1]["value"] = "AAAA" + value[4:]
        bom.write_bytes(orjson.dumps(tree_))
        assert exit_code(bom, data) == 0
