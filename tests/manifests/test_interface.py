"""What a reading collects: nothing without bounds, nothing of another kind, nothing that the reader did not resolve."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sbom import names
from sbom.manifests import reading as readings
from sbom.manifests.digests import LENGTHS
from sbom.manifests.interface import FileReader
from sbom.manifests.reading import MAX_PROBLEMS, MAX_TEXT, MAX_VALUES, Declared, Linked, Problem, Reading
from sbom.provenance import LIVE, MALFORMED, NOT_DECLARED

HEX = "0123456789abcdef"
SHA256 = HEX * 4


def messages(reading: Reading) -> list[str]:
    return [problem.message for problem in reading.problems]


class TestSay:
    def test_texts_numbers_and_lists_of_them(self):
        reading = Reading()
        reading.say("name", " x ", "/a", when="2024")
        reading.say("keyword", ["a", 1, True, None, "", ["b", [], [["c"]]]], "/k")
        assert [tuple(one) for one in reading.said] == [
            ("name", "x", "/a", "2024"),
            ("keyword", "a", "/k/0", None),
            ("keyword", "1", "/k/1", None),
            ("keyword", "true", "/k/2", None),
            ("keyword", "b", "/k/5/0", None),
            ("keyword", "c", "/k/5/2/0/0", None),
        ]
        assert not reading.problems

    @pytest.mark.parametrize("value", [None, "", " \n", "\x1b", [], [None], [[]]])
    def test_nothing_is_not_said(self, value):
        reading = Reading()
        reading.say("name", value)
        assert not reading.said
        assert not reading.problems

    def test_another_kind_is_a_problem_with_its_place(self):
        reading = Reading()
        reading.say("name", {"a": 1}, "/n")
        reading.say("name", ["x", {}], "/n")
        assert reading.problems == [
            Problem("name is an object, not a text", "/n"),
            Problem("name is an object, not a text", "/n/1"),
        ]
        assert [one.value for one in reading.said] == ["x"]

    def test_an_unknown_field_is_a_mistake_of_the_reader(self):
        with pytest.raises(ValueError, match="licence is not a provenance field"):
            Reading().say("licence", "x")

    def test_lists_in_lists_without_end(self):
        deep: list[object] = ["x"]
        for _ in range(5000):
            deep = [deep]
        reading = Reading()
        reading.say("name", deep)
        assert [one.value for one in reading.said] == ["x"]

    @pytest.mark.parametrize(("length", "kept", "told"), [(MAX_TEXT, MAX_TEXT, 0), (MAX_TEXT + 1, MAX_TEXT, 1)])
    def test_a_long_value_is_cut(self, length, kept, told):
        reading = Reading()
        reading.say("name", "x" * length)
        assert len(reading.said[0].value) == kept
        assert len(reading.problems) == told

    @pytest.mark.parametrize("number", [MAX_VALUES, MAX_VALUES + 1, 10 * MAX_VALUES])
    def test_many_values_are_cut_and_told_once(self, number):
        reading = Reading()
        reading.say("keyword", ["x"] * number, "/k")
        reading.say("language", "en")
        assert len(reading.said) == MAX_VALUES + 1
        told = [] if number == MAX_VALUES else ["more than 1000 values of keyword; the rest is left out"]
        assert messages(reading) == told

    def test_what_one_manifest_says_altogether_is_bounded(self, monkeypatch):
        monkeypatch.setattr(readings, "MAX_TEXTS", 10)
        reading = Reading()
        reading.say("keyword", ["x" * 4, "y" * 6])
        assert not reading.problems
        reading.say("keyword", ["z", "z", "z"], "/k")
        reading.say("name", "n")
        assert [one.value for one in reading.said] == ["x" * 4, "y" * 6]
        assert reading.problems == [Problem("says more than 10 characters; the rest is left out", "/k/0")]

    @settings(deadline=None)
    @given(value=st.recursive(st.none() | st.text() | st.integers() | st.binary(), st.lists, max_leaves=20))
    def test_whatever_is_said_is_clean(self, value):
        reading = Reading()
        reading.say("keyword", value)
        for one in reading.said:
            assert one.value
            assert names.text_refusal(one.value.replace("\n", "").replace("\t", "")) is None


class TestDeclare:
    def test_a_digest(self):
        reading = Reading()
        reading.declare("a/b", "sha256", SHA256.upper(), "/h", size="5")
        assert reading.declared == [Declared("a/b", "SHA-256", SHA256, "/h", 5, None)]

    @pytest.mark.parametrize(
        ("algorithm", "value", "kept"),
        [
            ("sha256", "sha256", ("sha256", "sha256")),
            ("sha256", HEX, ("sha256", HEX)),
            (5, None, ("5", "nothing")),
            (None, {}, ("", "an object")),
            ("x" * 99, "y" * 999, ("x" * 40, "y" * 200)),
            ("a\x1b", "\ud800", ("a", "?")),
        ],
    )
    def test_what_is_no_digest_is_kept_as_written_within_bounds(self, algorithm, value, kept):
        reading = Reading()
        reading.declare("a", algorithm, value)
        assert reading.declared == [Declared("a", *kept, "", None, MALFORMED)]

    def test_without_a_digest(self):
        reading = Reading()
        reading.mention("a", "/a", size=1)
        reading.mention("b", live=True)
        assert [(one.path, one.size, one.state) for one in reading.declared] == [
            ("a", 1, NOT_DECLARED),
            ("b", None, LIVE),
        ]

    @pytest.mark.parametrize(
        "path", [None, 5, "/etc/passwd", "../x", "a/../b", "a//b", "a/", "C:x", "a\\b", "\0", "\ud800"]
    )
    def test_a_path_that_was_not_resolved_is_a_mistake_of_the_reader(self, path):
        reading = Reading()
        for call in (
            lambda: reading.declare(path, "md5", HEX * 2),
            lambda: reading.mention(path),
            lambda: reading.source("https://h/x", path=path or "/"),
        ):
            with pytest.raises(ValueError, match="is not a path of the dataset"):
                call()
        assert not reading.declared
        assert not reading.sources

    def test_the_root_is_a_path(self):
        reading = Reading()
        reading.declare("", "DVC-directory-MD5", HEX * 2)
        assert reading.declared[0].path == ""

    @settings(deadline=None)
    @given(algorithm=st.sampled_from([*LENGTHS]) | st.text() | st.integers(), value=st.text() | st.binary() | st.none())
    @example(algorithm="MD5", value="0" * 32 + "\n")
    def test_a_declaration_is_a_digest_or_malformed(self, algorithm, value):
        reading = Reading()
        reading.declare("a", algorithm, value)
        (one,) = reading.declared
        if one.state is None:
            assert len(one.value) == LENGTHS[one.algorithm]
            assert set(one.value) <= set(HEX)
        else:
            assert one.state == MALFORMED
            assert len(one.value) <= 200
            assert len(one.algorithm) <= 40


class TestSource:
    def test_everything(self):
        reading = Reading()
        reading.source(
            "https://h/x",
            "/s",
            path="x",
            hashes=(("md5", HEX * 2), ("md5", HEX * 2), ("sha256", "bad")),
            size=1,
            retrieved=" t ",
            etag='"e"',
            final_url="not a URL",
        )
        assert reading.sources == [Linked("https://h/x", "/s", "x", (("MD5", HEX * 2),), 1, "t", '"e"', None)]
        assert messages(reading) == ["the digest of the source https://h/x is malformed"]

    @pytest.mark.parametrize("url", [None, 5, "x", "/etc/passwd", "../x", "https://h/ x"])
    def test_what_is_no_url(self, url):
        reading = Reading()
        reading.source(url, "/s")
        assert reading.problems == [Problem("a source is not a URL", "/s")]
        assert not reading.sources

    @pytest.mark.parametrize("url", ["https://user:pass@h/x", "https://h/x?X-Amz-Signature=abc&token=abc"])
    def test_what_holds_a_secret_is_left_out(self, url):
        reading = Reading()
        reading.source(url, "/s")
        reading.source("https://h/x", final_url=url)
        assert [(one.url, one.final_url) for one in reading.sources] == [("https://h/x", None)]
        assert "holds a password or a token" in messages(reading)[0]
        assert url not in str(reading.problems)


class TestProblems:
    def test_they_are_capped_and_the_others_counted(self):
        reading = Reading()
        for number in range(MAX_PROBLEMS):
            reading.problem(f"{number}", f"/{number}")
        assert len(reading.problems) == MAX_PROBLEMS
        assert reading.problems[-1] == Problem("99", "/99")
        for _ in range(900):
            reading.problem("more")
        assert len(reading.problems) == MAX_PROBLEMS
        assert reading.problems[-1] == Problem("and 901 more problems")

    def test_a_rejection_beyond_the_cap_rejects(self):
        reading = Reading()
        for _ in range(MAX_PROBLEMS + 5):
            reading.problem("x")
        assert not any(problem.severe for problem in reading.problems)
        reading.reject("never")
        assert reading.valid is False
        assert reading.problems[-1] == Problem("and 7 more problems", severe=True)

    def test_a_rejection(self):
        reading = Reading()
        reading.valid = True
        reading.reject("no", "/x")
        assert (reading.valid, reading.problems) == (False, [Problem("no", "/x", severe=True)])


def test_what_most_readers_have_in_common():
    reader = FileReader()
    assert reader.accepts("a", b"")
    assert reader.further("a")
    assert [reader.scope(path) for path in ("a", "b/a", "c/b/a")] == ["", "b", "c/b"]


def test_text_json_and_yaml_of_what_is_given(only, crawl):
    class Reader(FileReader):
        name = "all"
        patterns = ("x",)

        def read(self, given, reading):
            reading.say("keyword", [given.text(), *given.json(), *given.yaml()])

    only(Reader())
    found = crawl({"x": b"[1]"})
    assert [one.value for one in found.crawled.provenance.assertions] == ["[1]", "1", "1"]
