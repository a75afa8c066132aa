from __future__ import annotations

import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from sbom.manifests import dvc, dvc_entries
from sbom.manifests.dvc_directory import directory_md5
from sbom.manifests.reading import Reading
from sbom.provenance import ABSENT, LINE_ENDINGS, MALFORMED, MATCH, MISMATCH, NOT_DECLARED


def md5(data: bytes | str) -> str:
    return hashlib.md5(data.encode() if isinstance(data, str) else data, usedforsecurity=False).hexdigest()


def reading(found, path):
    return next(one.reading for one in found.readings if one.manifest.path == path)


def problems(found, path):
    return [problem.message for problem in reading(found, path).problems]


def said(found, path, field):
    return [one.value for one in reading(found, path).said if one.field == field]


def states(found):
    inside = [(entry.path, one) for entry in found.crawled.entries for one in entry.declared]
    return {(path, one.algorithm): one.state for path, one in [*inside, *found.crawled.provenance.elsewhere]}


def listed(files: dict[str, str]) -> bytes:
    """What DVC keeps for a directory, written by hand."""
    items = [f'{{"md5": "{md5(files[path])}", "relpath": "{path}"}}' for path in sorted(files)]
    return f"[{', '.join(items)}]".encode()


def test_a_tracked_file_matches_and_a_changed_one_does_not(crawl):
    found = crawl(
        {
            "a.csv": "1,2\n",
            "a.csv.dvc": f"outs:\n- md5: {md5('1,2' + chr(10))}\n  size: 4\n  hash: md5\n  path: a.csv\n",
            "b.csv": "changed",
            "b.csv.dvc": f"outs:\n- md5: {md5('before')}\n  path: b.csv\n",
            "c.csv.dvc": f"outs:\n- md5: {md5('elsewhere')}\n  path: c.csv\n",
        }
    )
    assert states(found) == {("a.csv", "MD5"): MATCH, ("b.csv", "MD5"): MISMATCH, ("c.csv", "MD5"): ABSENT}
    assert [(one.path, one.declared, one.found) for one in found.crawled.mismatches] == [
        ("b.csv", md5("before"), md5("changed"))
    ]
    one = reading(found, "a.csv.dvc").declared[0]
    assert (one.size, one.pointer) == (4, "/outs/0/md5")


def test_text_hashed_with_line_feeds_only_is_told_apart(crawl):
    found = crawl(
        {"t.txt": b"a\r\nb\r\n", "t.txt.dvc": f"outs:\n- md5: {md5('a' + chr(10) + 'b' + chr(10))}\n  path: t.txt\n"}
    )
    assert states(found) == {("t.txt", "MD5"): LINE_ENDINGS}


def test_a_digest_that_looks_like_a_number_stays_a_digest(crawl):
    number = "12345678901234567890123456789012"
    found = crawl({"a": "x", "a.dvc": f"outs:\n- md5: {number}\n  path: a\n"})
    assert found.crawled.mismatches[0].declared == number


def test_a_malformed_digest_is_said_to_be_one(crawl):
    found = crawl({"a": "x", "a.dvc": "outs:\n- md5: not-a-digest\n  path: a\n- md5: [1]\n  path: b\n"})
    assert states(found) == {("a", "MD5"): MALFORMED, ("b", "MD5"): MALFORMED}


DIRECTORY = {"x.txt": "1", "sub/y.txt": "2", "é.txt": "3"}


def test_the_hash_of_a_directory_is_what_dvc_computes():
    items = sorted(
        ({"md5": md5(text), "relpath": path} for path, text in DIRECTORY.items()), key=lambda one: one["relpath"]
    )
    expected = md5(json.dumps(items, sort_keys=True))
    assert directory_md5((path, md5(text)) for path, text in DIRECTORY.items()) == expected
    # As a fixed value, so that oracle and code cannot change together.
    assert directory_md5([("b", "0" * 32), ("a", "f" * 32)]) == md5(
        '[{"md5": "' + "f" * 32 + '", "relpath": "a"}, {"md5": "' + "0" * 32 + '", "relpath": "b"}]'
    )


@given(st.dictionaries(st.text(min_size=1), st.text("0123456789abcdef", min_size=32, max_size=32)), st.randoms())
def test_order_does_not_matter_to_the_hash_of_a_directory(files, random):
    pairs = list(files.items())
    random.shuffle(pairs)
    assert directory_md5(pairs) == directory_md5(files.items())


def test_a_directory_matches_without_any_cache(crawl):
    value = directory_md5((path, md5(text)) for path, text in DIRECTORY.items())
    tree = {f"data/{path}": text for path, text in DIRECTORY.items()}
    found = crawl({**tree, "data.dvc": f"outs:\n- md5: {value}.dir\n  size: 3\n  nfiles: 3\n  path: data\n"})
    assert states(found) == {("data", "DVC-directory-MD5"): MATCH}


def test_an_added_a_missing_and_a_changed_file_each_break_a_directory(crawl):
    value = directory_md5((path, md5(text)) for path, text in DIRECTORY.items())
    manifest = {"data.dvc": f"outs:\n- md5: {value}.dir\n  path: data\n"}
    tree = {f"data/{path}": text for path, text in DIRECTORY.items()}
    fewer = {path: text for path, text in tree.items() if path != "data/x.txt"}
    for name, changed in (
        ("added", {**tree, "data/z": ""}),
        ("missing", fewer),
        ("changed", {**tree, "data/x.txt": "9"}),
    ):
        found = crawl({**manifest, **changed}, name=name)
        assert states(found) == {("data", "DVC-directory-MD5"): MISMATCH}, name


def cached(kept: bytes, name: str, *, place: str = ".dvc/cache/files/md5") -> dict[str, bytes | str]:
    return {f"{place}/{name[:2]}/{name[2:]}.dir": kept, ".dvc/config": ""}


def test_the_cached_list_declares_each_file(crawl):
    files = {"x.txt": "1", "y.txt": "2"}
    kept = listed(files)
    manifest = {
        "in/data.dvc": f"outs:\n- md5: {md5(kept)}.dir\n  path: data\n",
        "in/data/x.txt": "1",
        "in/data/y.txt": "9",
    }
    for number, place in enumerate((".dvc/cache/files/md5", ".dvc/cache")):
        found = crawl({**manifest, **cached(kept, md5(kept), place=place)}, name=f"d{number}")
        assert states(found) == {
            ("in/data", "DVC-directory-MD5"): MISMATCH,
            ("in/data/x.txt", "MD5"): MATCH,
            ("in/data/y.txt", "MD5"): MISMATCH,
        }


def test_a_cached_list_with_another_digest_is_not_believed(crawl):
    kept = listed({"x.txt": "evil"})
    name = md5("the real list")
    found = crawl({"data/x.txt": "evil", "data.dvc": f"outs:\n- md5: {name}.dir\n  path: data\n", **cached(kept, name)})
    assert problems(found, "data.dvc") == ["the cached list of its files has another MD5 than its name says"]
    assert states(found) == {("data", "DVC-directory-MD5"): MISMATCH}


def test_a_cached_list_cannot_speak_for_files_elsewhere(crawl):
    kept = json.dumps(
        [{"md5": md5("s"), "relpath": path} for path in ("../secret", "/etc/passwd", "a\\b", 5, "..", ".")]
    ).encode()
    found = crawl(
        {"secret": "s", "data.dvc": f"outs:\n- md5: {md5(kept)}.dir\n  path: data\n", **cached(kept, md5(kept))}
    )
    assert problems(found, "data.dvc") == ["a file of a directory is not in it"] * 6
    assert states(found) == {("data", "DVC-directory-MD5"): ABSENT}


def test_cached_lists_that_are_no_lists_are_reported(crawl):
    for number, kept in enumerate((b"{}", b"[", b"\xff", b"[1, null, []]")):
        found = crawl(
            {"data.dvc": f"outs:\n- md5: {md5(kept)}.dir\n  path: data\n", **cached(kept, md5(kept))}, name=f"d{number}"
        )
        assert problems(found, "data.dvc")


def test_one_list_named_by_many_directories_is_bounded(crawl, monkeypatch):
    monkeypatch.setattr(dvc_entries, "MAX_LISTED", 25)
    kept = listed({f"{number}.txt": "" for number in range(10)})
    outs = "".join(f"- md5: {md5(kept)}.dir\n  path: d{number}\n" for number in range(50))
    found = crawl({"all.dvc": f"outs:\n{outs}", **cached(kept, md5(kept))})
    assert sum(one.algorithm == "MD5" for one in reading(found, "all.dvc").declared) == 25
    assert problems(found, "all.dvc") == ["its directories list more than 25 files; the rest is left out"]


def test_lists_are_read_up_to_a_limit(crawl, monkeypatch):
    kept = listed({"a": "1"})
    monkeypatch.setattr(dvc_entries, "MAX_LISTS", len(kept) - 1)
    found = crawl({"d.dvc": f"outs:\n- md5: {md5(kept)}.dir\n  path: d\n", **cached(kept, md5(kept))})
    assert "the rest is not read" in problems(found, "d.dvc")[0]


def test_the_nearest_project_is_the_one_whose_cache_counts(crawl):
    kept = listed({"x": "1"})
    outer = cached(kept, md5(kept))
    found = crawl({**outer, "inner/.dvc/config": "", "inner/d.dvc": f"outs:\n- md5: {md5(kept)}.dir\n  path: d\n"})
    assert [one.path for one in reading(found, "inner/d.dvc").declared] == ["inner/d"]


def test_versioned_directories_declare_their_files(crawl):
    text = f"""outs:
- path: data
  size: 2
  nfiles: 2
  hash: md5
  files:
  - relpath: a.txt
    md5: {md5("1")}
    size: 1
    version_id: abc
  - relpath: b.txt
    etag: 0x8
    size: 1
  - relpath: ../outside
    md5: {md5("1")}
"""
    found = crawl({"data.dvc": text, "data/a.txt": "1", "data/b.txt": "2", "outside": "1"})
    assert states(found) == {("data/a.txt", "MD5"): MATCH, ("data/b.txt", ""): NOT_DECLARED}
    assert problems(found, "data.dvc") == ["a file of a directory is not in it"]


def test_an_imported_url_is_a_source(crawl):
    text = f"""md5: {"a" * 32}
frozen: true
desc: Cats
deps:
- etag: '"1e4-5"'
  size: 4
  path: https://example.com/a.csv
outs:
- md5: {md5("abcd")}
  path: a.csv
  desc: And dogs
meta: {{owner: me}}
"""
    found = crawl({"in/a.csv": "abcd", "in/a.csv.dvc": text})
    (source,) = found.crawled.provenance.sources
    assert (source.url, source.path, source.etag, source.size) == (
        "https://example.com/a.csv",
        "in/a.csv",
        '"1e4-5"',
        4,
    )
    assert said(found, "in/a.csv.dvc", "description") == ["Cats", "And dogs"]
    assert states(found) == {("in/a.csv", "MD5"): MATCH}


def test_an_import_names_repository_and_commit(crawl):
    def text(url):
        return f"deps:\n- path: get/data.xml\n  repo:\n    url: {url}\n    rev: main\n    rev_lock: {'c' * 40}\nouts:\n- path: data.xml\n  md5: {md5('x')}\n"

    found = crawl(
        {
            "https.dvc": text("https://github.com/o/r"),
            "scp.dvc": text("git@github.com:o/r.git"),
            "local.dvc": text("../r"),
            "get/data.xml": "not what was imported",
        }
    )
    assert said(found, "https.dvc", "origin") == [f"get/data.xml in https://github.com/o/r at {'c' * 40}"]
    assert [one.url for one in reading(found, "scp.dvc").sources] == ["ssh://git@github.com/o/r.git"]
    assert reading(found, "local.dvc").sources == []
    assert said(found, "local.dvc", "origin") == [f"get/data.xml in ../r at {'c' * 40}"]
    # The path of the dependency is one in the other repository, not here.
    assert {path for path, _ in states(found)} == {"data.xml"}
    assert [problems(found, name) for name in ("https.dvc", "scp.dvc", "local.dvc")] == [[], [], []]


def test_databases_and_external_outputs_are_sources(crawl):
    text = "deps:\n- db:\n    connection: c\n    query: SELECT 1\n    file_format: csv\nouts:\n- path: a.csv\n- etag: e\n  path: s3://bucket/key\n"
    found = crawl({"a.csv": "", "a.dvc": text})
    assert said(found, "a.dvc", "origin") == ["database query: SELECT 1"]
    assert [one.url for one in reading(found, "a.dvc").sources] == ["s3://bucket/key"]
    assert states(found) == {("a.csv", ""): NOT_DECLARED}


LOCK = """stages:
  prepare:
    cmd: python prepare.py
    deps:
    - path: raw.csv
      hash: md5
      md5: {raw}
      size: 3
    - path: https://example.com/x
      etag: e1
    params:
      params.yaml:
        seed: 1
    outs:
    - path: out.csv
      md5: {out}
  train/it:
    cmd:
    - echo 1
    - echo 2
    outs: []
"""


def lock(schema="2.0"):
    body = LOCK.format(raw=md5("raw"), out=md5("out"))
    return f"schema: '{schema}'\n{body}" if schema else "\n".join(line[2:] for line in body.split("\n")[1:])


def test_a_lock_declares_what_stages_read_and_wrote(crawl):
    found = crawl({"raw.csv": "raw", "dvc.lock": lock()})
    assert states(found) == {("raw.csv", "MD5"): MATCH, ("out.csv", "MD5"): ABSENT}
    got = reading(found, "dvc.lock")
    assert got.version == "2.0"
    assert not got.problems
    assert said(found, "dvc.lock", "preprocessing") == ["prepare: python prepare.py", "train/it: echo 1\necho 2"]
    assert [one.pointer for one in got.said if one.field == "preprocessing"] == [
        "/stages/prepare/cmd",
        "/stages/train~1it/cmd",
    ]
    assert said(found, "dvc.lock", "tool") == ["DVC"]
    assert [(one.url, one.etag) for one in got.sources] == [("https://example.com/x", "e1")]


def test_the_first_schema_has_its_stages_at_the_top(crawl):
    found = crawl({"raw.csv": "raw", "dvc.lock": lock(None)})
    assert states(found) == {("raw.csv", "MD5"): MATCH, ("out.csv", "MD5"): ABSENT}
    assert reading(found, "dvc.lock").version == "1.0"
    assert not problems(found, "dvc.lock")


def test_an_unknown_schema_is_reported_and_read(crawl):
    found = crawl({"raw.csv": "raw", "dvc.lock": lock("9.0")})
    assert problems(found, "dvc.lock") == ["schema '9.0' is unknown; it is read like 2.0"]
    assert states(found)["raw.csv", "MD5"] == MATCH


def test_paths_of_a_lock_are_relative_to_the_working_directory_of_the_stage(crawl):
    pipeline = """stages:
  plain: {cmd: x, wdir: sub}
  many: {foreach: [a], do: {cmd: x, wdir: other}}
  templated: {cmd: x, wdir: "${where}"}
  away: {cmd: x, wdir: ../..}
"""
    locked = "schema: '2.0'\nstages:\n" + "".join(
        f"  {name}:\n    cmd: x\n    outs:\n    - path: f\n      md5: {md5(name)}\n"
        for name in ("plain", "many@a", "templated", "away", "here")
    )
    found = crawl(
        {"p/dvc.yaml": pipeline, "p/dvc.lock": locked, "p/sub/f": "plain", "p/other/f": "many@a", "p/f": "here"}
    )
    assert {path for (path, algorithm), state in states(found).items() if algorithm} == {"p/sub/f", "p/other/f", "p/f"}
    assert set(states(found).values()) == {MATCH}
    assert problems(found, "p/dvc.lock") == ["path leads out of the directory that the manifest speaks for"]


def test_a_broken_pipeline_does_not_spoil_the_lock(crawl):
    found = crawl({"raw.csv": "raw", "dvc.lock": lock(), "dvc.yaml": "a: [", "x": ""})
    assert states(found)["raw.csv", "MD5"] == MATCH
    assert "the working directories of its stages are not known" in problems(found, "dvc.lock")[0]


def test_a_pipeline_names_files_that_are_here_and_nothing_else(crawl):
    pipeline = """vars: [{model: m.pkl}]
stages:
  train:
    cmd: python train.py ${model}
    desc: Learns
    deps: [raw.csv, missing.csv, "${model}", ../outside]
    params: [seed, {more.yaml: [a]}]
    outs: [{out.csv: {cache: false}}, dir]
    metrics: [{m.json: {cache: false}}]
    plots: [{p.csv: {x: a}}]
artifacts:
  data: {path: raw.csv, type: dataset, desc: Raw, labels: [cats, dogs]}
  model: {path: m.pkl, type: model, desc: Not about data}
datasets:
- {name: up, type: dvc, url: "https://github.com/o/r", path: x.csv, rev_lock: abc}
"""
    here = ("raw.csv", "more.yaml", "out.csv", "m.json", "p.csv", "dir/x", "seed")
    found = crawl({"dvc.yaml": pipeline, **dict.fromkeys(here, "")})
    assert set(states(found)) == {(path, "") for path in ("raw.csv", "more.yaml", "out.csv", "m.json", "p.csv")}
    assert said(found, "dvc.yaml", "preprocessing") == ["train: python train.py ${model}", "train: Learns"]
    assert said(found, "dvc.yaml", "description") == ["Raw"]
    assert said(found, "dvc.yaml", "keyword") == ["cats", "dogs"]
    assert said(found, "dvc.yaml", "origin") == ["x.csv in https://github.com/o/r at abc"]
    assert not problems(found, "dvc.yaml")


def test_paths_that_lead_away_are_problems_and_declare_nothing(crawl):
    for number, path in enumerate(("../secret", "/etc/passwd", "a/../../secret", "..", ".", '"a\\\\b"', '"a\\0b"')):
        found = crawl({"secret": "s", "in/x.dvc": f"outs:\n- path: {path}\n  md5: {md5('s')}\n"}, name=f"d{number}")
        if path != ".":
            assert problems(found, "in/x.dvc") == ["path leads out of the directory that the manifest speaks for"], path
            assert states(found) == {}
    found = crawl({"secret": "s", "in/x.dvc": f"wdir: ..\nouts:\n- path: secret\n  md5: {md5('s')}\n"})
    assert problems(found, "in/x.dvc") == ["path leads out of the directory that the manifest speaks for"]
    assert states(found) == {}


def test_a_working_directory_above_is_only_where_paths_start(crawl):
    text = f"wdir: ../..\nouts:\n- path: a/b/x.zip\n  md5: {md5('x')}\n- path: a/y\n  md5: {md5('y')}\n"
    found = crawl({"a/b/x.zip": "x", "a/y": "y", "a/b/x.zip.dvc": text})
    assert states(found) == {("a/b/x.zip", "MD5"): MATCH}
    assert problems(found, "a/b/x.zip.dvc") == ["path leads out of the directory that the manifest speaks for"]
    for number, wdir in enumerate(("/", "/a/b", '"a\\\\b"', '""', "[1]")):
        found = crawl({"x": "x", "x.dvc": f"wdir: {wdir}\nouts:\n- path: x\n  md5: {md5('x')}\n"}, name=f"w{number}")
        assert problems(found, "x.dvc") == ["wdir is not a relative path"]
        assert states(found) == {}


def test_stages_of_old_dvc_files_are_read(crawl):
    found = crawl(
        {"Dvcfile": "cmd: python x.py\ndeps:\n- path: a\nouts:\n- path: b\n  cache: false\n", "a": "", "b": ""}
    )
    assert said(found, "Dvcfile", "preprocessing") == ["Dvcfile: python x.py"]
    assert set(states(found)) == {("a", ""), ("b", "")}


def test_what_is_not_a_manifest_is_reported_and_binaries_are_left_alone(crawl):
    found = crawl(
        {
            "a.dvc": "- 1\n",
            "b.dvc": "a: b: c\n",
            "c.dvc": b"\xff\xfe\xfd",
            "d.dvc": b"PK\0\0",
            "e.dvc": "!!python/object/apply:os.system ['echo']\n",
            "f.dvc": "outs: x\ndeps: {a: 1}\ncmd: {x: 1}\n",
            "g.dvc": "outs: [1, {path: [1]}, {path: x, hash: crc, files: 5}]\n",
            "dvc.lock": "schema: '2.0'\nstages: [1]\n",
            "x/dvc.lock": "schema: '2.0'\nstages: {a: 1, b: {cmd: x, outs: 5}}\n",
            "dvc.yaml": "stages: 7\nartifacts: [1]\ndatasets: x\n",
            "x/dvc.yaml": "stages: {a: 1, b: {cmd: x, outs: [[1], 2], wdir: [1]}}\n",
        }
    )
    named = {one.manifest.path: len(one.reading.problems) for one in found.readings}
    assert named == {
        "a.dvc": 1, "b.dvc": 1, "c.dvc": 1, "e.dvc": 1, "f.dvc": 3, "g.dvc": 4, "dvc.lock": 1, "x/dvc.lock": 2,
        "dvc.yaml": 1, "x/dvc.yaml": 2,
    }  # fmt: skip
    assert not any("the reader failed" in text for path in named for text in problems(found, path))


def test_work_grows_with_the_number_of_stages_and_not_with_its_square():
    calls = 0

    class Counting:
        directory = ""

        def resolve(self, text, base=None):
            nonlocal calls
            calls += 1
            return text

        def exists(self, path):
            return False

        def below(self, directory):
            return iter(())

    number = 300
    stages = {
        f"s{index}": {"cmd": "x", "outs": [{"path": f"f{index}", "md5": "0" * 32 + ".dir"}]} for index in range(number)
    }
    got = Reading()
    dvc._lock({"schema": "2.0", "stages": stages}, Counting(), got)
    assert len(got.declared) == number
    assert calls == number


def directory_dvc(files: dict[str, bytes], path: str) -> str:
    pairs = sorted((name, hashlib.md5(data, usedforsecurity=False).hexdigest()) for name, data in files.items())
    listing = json.dumps([{"md5": md5, "relpath": name} for name, md5 in pairs])
    md5 = hashlib.md5(listing.encode(), usedforsecurity=False).hexdigest()
    return f"outs:\n- path: {path}\n  hash: md5\n  md5: {md5}.dir\n  nfiles: {len(files)}\n"


def test_the_manifest_beside_the_data_speaks_of_its_root(crawl, tmp_path):
    files = {"a.csv": b"a", "sub/b.csv": b"b"}
    (tmp_path / "data.dvc").write_text(directory_dvc(files, "data"), encoding="utf-8")
    found = crawl(files, name="data", manifests=(str(tmp_path / "data.dvc"),))
    assert [(path, one.state) for path, one in found.crawled.provenance.elsewhere] == [("", "match")]


def test_a_rule_that_left_out_something_else_hides_no_mismatch(crawl):
    files = {"d/a.csv": b"changed", "other/x": b"x"}
    manifest = directory_dvc({"a.csv": b"a"}, "d")
    states = {}
    for rule in ("other/", "d/a.csv"):
        found = crawl(files | {"d.dvc": manifest, "d/b.csv": b"b"}, name=rule.replace("/", ""), exclude=(rule,))
        states[rule] = {path: one.state for path, one in found.crawled.provenance.elsewhere}["d"]
    assert states == {"other/": "mismatch", "d/a.csv": "data-absent"}
