from __future__ import annotations

import pytest

from sbom.errors import UsageError
from sbom.sources.client import Policy
from sbom.sources.plan import plan

A, B = "a" * 64, "b" * 64


def names(*urls, name=None):
    return [one.name for one in plan(urls, (), name, Policy())]


def pins(urls, *given):
    return [one.sha256 for one in plan(urls, given, None, Policy())]


def test_names_come_from_the_urls():
    assert names("http://h/a/b.csv", "http://h/c%20d.csv?name=x.csv", "http://h/%C3%A4#f") == ["b.csv", "c d.csv", "ä"]
    assert names("http://h/?download", name="x.csv") == ["x.csv"]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://h",
            "http://h/",
            "http://h/a/",
            "http://h/..",
            "http://h/.",
            "http://h/%2e%2e",
            "http://h/%2E%2E%2Fetc%2Fpasswd",
        ),
        *("http://h/a%2Fb", "http://h/a%5Cb", "http://h/%00", "http://h/a%0Ab", "http://h/%1B[31m".replace("[", "%5B")),
        *(
            "http://h/C%3A",
            "http://h/.data-sbom.x.part",
            "http://h/data-sbom-retrieval.json",
            "http://h/Data-SBOM-Retrieval.json",
        ),
        "http://h/" + "x" * 230,
    ],
)
def test_urls_that_make_no_safe_name_are_refused(url):
    with pytest.raises(UsageError) as caught:
        names(url)
    assert "--name" in caught.value.hint


@pytest.mark.parametrize(
    "name", ["", "..", "a/b", "/x", "\\x", "a\nb", "\ud800", "data-sbom-retrieval.json", "é" * 200]
)
def test_given_names_are_checked_too(name):
    with pytest.raises(UsageError):
        names("http://h/x", name=name)


def test_two_urls_for_one_file_are_refused():
    with pytest.raises(UsageError, match=r"would become DATA\.csv, and so would http://h/data\.csv"):
        names("http://h/data.csv", "http://g/DATA.csv")
    with pytest.raises(UsageError, match="several URLs"):
        names("http://h/a", "http://h/b", name="c")


def test_pins_are_in_the_order_of_urls_or_in_them():
    assert pins(["http://h/a", "http://h/b"]) == [None, None]
    assert pins(["http://h/a", "http://h/b"], A.upper(), B) == [A, B]
    assert pins([f"http://h/a#sha256={A.upper()}", "http://h/b#other"]) == [A, None]
    assert pins([f"http://h/a#sha256={A}"], A.upper()) == [A]


@pytest.mark.parametrize(
    ("urls", "given"),
    [
        (["http://h/a", "http://h/b"], [A]),
        (["http://h/a"], [A, B]),
        (["http://h/a"], [A[:-1]]),
        (["http://h/a"], ["g" * 64]),
        (["http://h/a"], [""]),
        (["http://h/a#sha256="], []),
        (["http://h/a#sha256=abc"], []),
        ([f"http://h/a#sha256={A}"], [B]),
        ([], []),
    ],
)
def test_pins_that_make_no_sense_are_refused(urls, given):
    with pytest.raises(UsageError):
        pins(urls, *given)


def test_a_fragment_is_never_asked_for():
    assert plan([f"http://h/a#sha256={A}"], (), None, Policy())[0].target.url == "http://h/a"


def test_private_addresses_are_refused_early():
    with pytest.raises(UsageError, match="loopback"):
        names("http://127.0.0.1/x")
