"""Licences as people write them: what is certain, what is not, and what pretends to be."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbom import spdx

CERTAIN = {
    # identifiers in any case, with spaces
    "cc-by-4.0": "CC-BY-4.0",
    "apache-2.0": "Apache-2.0",
    "mit": "MIT",
    "CC0-1.0": "CC0-1.0",
    "CC BY-SA 4.0": "CC-BY-SA-4.0",
    "  cc-by-nc-4.0\n": "CC-BY-NC-4.0",
    "cdla-permissive-2.0": "CDLA-Permissive-2.0",
    "etalab-2.0": "etalab-2.0",
    "ODC-BY-1.0": "ODC-By-1.0",
    "gpl-3.0-only": "GPL-3.0-only",
    "gpl-2.0+": "GPL-2.0-or-later",
    # spellings of one licence
    "odc-by": "ODC-By-1.0",
    "odbl": "ODbL-1.0",
    "pddl": "PDDL-1.0",
    "ODC-PDDL-1.0": "PDDL-1.0",
    "c-uda": "C-UDA-1.0",
    "lgpl-lr": "LGPLLR",
    "CC0: Public Domain": "CC0-1.0",
    # names
    "Creative Commons Attribution 4.0 International": "CC-BY-4.0",
    "Creative Commons Attribution-ShareAlike 3.0 Unported": "CC-BY-SA-3.0",
    "Attribution-NonCommercial 4.0 International (CC BY-NC 4.0)": "CC-BY-NC-4.0",
    "The MIT License": "MIT",
    "Apache License, Version 2.0": "Apache-2.0",
    "Open Data Commons Public Domain Dedication and License v1.0": "PDDL-1.0",
    "Open Government Licence v3.0": "OGL-UK-3.0",
    "GNU General Public License v3.0 or later": "GPL-3.0-or-later",
    'BSD 3-Clause "New" or "Revised" License': "BSD-3-Clause",
    # addresses
    "http://creativecommons.org/licenses/by/4.0": "CC-BY-4.0",
    "https://creativecommons.org/licenses/by/4.0/": "CC-BY-4.0",
    "https://creativecommons.org/licenses/by/4.0/legalcode": "CC-BY-4.0",
    "https://creativecommons.org/licenses/by/4.0/legalcode.en#s1": "CC-BY-4.0",
    "https://www.creativecommons.org/licenses/by-nc-sa/3.0/igo/deed.fr": "CC-BY-NC-SA-3.0-IGO",
    "HTTPS://CreativeCommons.org/publicdomain/zero/1.0/": "CC0-1.0",
    "https://opensource.org/licenses/MIT": "MIT",
    "https://opensource.org/license/apache-2-0/": "Apache-2.0",
    "https://spdx.org/licenses/CC-BY-SA-4.0.html#licenseText": "CC-BY-SA-4.0",
    "https://spdx.org/licenses/MIT.json": "MIT",
    "http://www.apache.org/licenses/LICENSE-2.0.html": "Apache-2.0",
    "https://opendatacommons.org/licenses/by/1-0/index.html": "ODC-By-1.0",
    "http://opendatacommons.org/licenses/pddl/": "PDDL-1.0",
    "https://cdla.dev/permissive-2-0/": "CDLA-Permissive-2.0",
    # expressions
    "Apache-2.0 AND CC-BY-4.0": "Apache-2.0 AND CC-BY-4.0",
    "mit or apache-2.0": "MIT OR Apache-2.0",
    "( (mit OR apache-2.0) AND odc-by )": "((MIT OR Apache-2.0) AND ODC-By-1.0)",
    "gpl-2.0-only WITH classpath-exception-2.0": "GPL-2.0-only WITH Classpath-exception-2.0",
    "(MIT)": "MIT",
}

NOT_CERTAIN = [
    "",
    "   ",
    "other",
    "unknown",
    "openrail",
    "llama2",
    "cc",
    "CC-BY",
    "CC BY",
    "BSD",
    "GPL",
    "Public Domain",
    "copyright-authors",
    "DbCL-1.0",
    "see LICENSE.md",
    # only, or later?
    "GPL 2",
    "GPL-3.0",
    "agpl-3.0",
    "GFDL-1.3",
    "GPL-2.0-with-classpath-exception",
    "GNU General Public License v3.0",
    "https://spdx.org/licenses/GPL-3.0.html",
    "https://www.gnu.org/licenses/gpl-3.0.html",
    "GPL-3.0 AND MIT",
    # an exception is no licence
    "GCC-exception-3.1",
    "Linux-syscall-note",
    # not quite an address
    "https://creativecommons.org/licenses/by/9.9/",
    "https://creativecommons.org/licenses/by/",
    "https://creativecommons.org/licenses/by/3.0/zz/",
    "https://opendatacommons.org/licenses/by/2.0/",
    "ftp://creativecommons.org/licenses/by/4.0/",
    # not quite an expression
    "MIT AND",
    "AND MIT",
    "MIT And Apache-2.0",
    "MIT Apache-2.0 OR",
    "MIT, Apache-2.0",
    "MIT/Apache-2.0",
    "(MIT",
    "MIT)",
    ")MIT(",
    "()",
    "MIT ()",
    "MIT WITH",
    "MIT WITH MIT",
    "WITH Classpath-exception-2.0",
    "MIT WITH (Classpath-exception-2.0)",
    "GPL-2.0-only WITH Classpath-exception-2.0 WITH GCC-exception-3.1",
    "(GPL-2.0-only) WITH Classpath-exception-2.0",
    "LicenseRef-mine AND MIT",
    "NOT MIT",
]


@pytest.mark.parametrize(("text", "expected"), CERTAIN.items())
def test_certain(text, expected):
    assert spdx.expression(text) == expected


@pytest.mark.parametrize("text", NOT_CERTAIN)
def test_not_certain(text):
    assert spdx.expression(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "https://creativecommons.org@evil.example/licenses/by/4.0/",
        "https://evilcreativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org.evil.example/licenses/by/4.0/",
        "https://evil.example/?https://creativecommons.org/licenses/by/4.0/",
        "https://evil.example/creativecommons.org/licenses/by/4.0/",
        "MIT License (GPL-3.0-only)",
        "CC-BY-NC-4.0 (CC BY 4.0)",
        "MIT\u200b",
        "MIT\x00",
    ],
)
def test_what_pretends_to_be_a_licence_is_not_certain(text):
    assert spdx.expression(text) is None


def test_names_that_could_mean_two_licences_are_in_no_table():
    table = spdx._unambiguous(
        [("a", "MIT"), ("a", "ISC"), ("b", "MIT"), ("b", "MIT"), ("c", "Gone-1.0")], {"MIT", "ISC"}
    )
    assert table == {"b": "MIT"}


def test_every_entry_of_our_tables_is_a_licence_of_the_list():
    tables = (
        *spdx._ALIASES.values(),
        *spdx._NAMES,
        *spdx._ADDRESSES.values(),
        *(one for _, one in spdx._commons_names()),
    )
    assert [one for one in tables if not spdx.is_identifier(one)] == []


def test_every_identifier_means_itself_or_is_deprecated():
    for one in spdx._spdx().ids:
        assert spdx.expression(one.swapcase()) == (
            None
            if spdx._GNU.fullmatch(one) and not one.endswith("+")
            else one.removesuffix("+") + "-or-later" * one.endswith("+")
        )


def test_identifiers_are_exact():
    assert spdx.is_identifier("CC-BY-4.0")
    assert spdx.is_identifier("GPL-3.0")  # deprecated, and in the schema
    for text in ("cc-by-4.0", "MIT ", "", "MIT OR ISC", "GCC-exception-3.1", "Linux-syscall-note", None, 3, ["MIT"]):
        assert not spdx.is_identifier(text)


@pytest.mark.parametrize("thing", [None, 3, 1.5, True, b"MIT", ["MIT"], {"MIT": 1}])
def test_what_is_no_text(thing):
    assert spdx.expression(thing) is None


def test_what_is_too_long_or_too_deep_is_not_certain():
    many = " OR ".join(["MIT"] * 140)
    assert spdx.expression(many) == many
    assert spdx.expression(" OR ".join(["MIT"] * 200)) is None
    assert spdx.expression("(" * 20 + "MIT OR ISC" + ")" * 20) is not None
    assert spdx.expression("(" * 21 + "MIT OR ISC" + ")" * 21) is None


def test_exceptions_are_told_from_licences_as_others_do():
    index = pytest.importorskip("license_expression", reason="an oracle").get_license_index()
    theirs = {one["spdx_license_key"]: one["is_exception"] for one in index if one.get("spdx_license_key")}
    ours = spdx._spdx()
    # Licences of SPDX's list, which the library has among the exceptions that they hold.
    both = {
        "eCos-2.0",
        "MPL-2.0-no-copyleft-exception",
        *(one for one in ours.ids if "GPL-" in one and "-with-" in one),
    }
    assert [one for one in ours.ids - both if theirs.get(one) is True] == []
    assert [one for one in ours.exceptions.values() if theirs.get(one) is False] == []


_NAMES = st.sampled_from(["MIT", "apache-2.0", "CC-BY-4.0", "GPL-2.0-only", "foo", "GPL-3.0"])
_WORDS = st.one_of(_NAMES, st.sampled_from(["AND", "OR", "or", "WITH", "Classpath-exception-2.0", "(", ")"]))


@given(st.lists(_WORDS, max_size=12))
def test_what_we_accept_others_parse_to_the_same(words):
    library = pytest.importorskip("license_expression", reason="an oracle")
    text = " ".join(words)
    ours = spdx.expression(text)
    if ours is not None:  # the library raises AssertionError for some of the rest
        licensing = library.get_spdx_licensing()
        assert str(licensing.parse(text, validate=True, strict=True)) == str(
            licensing.parse(ours, validate=True, strict=True)
        )


@given(st.one_of(st.text(max_size=1_100), st.text("()ANDORWITHmit-20. :/cby", max_size=200)))
def test_nothing_raises_and_what_is_certain_stays_so(text):
    found = spdx.expression(text)
    if found is not None:
        assert spdx.expression(found) == found


def test_importing_loads_no_list():
    program = "import sys, sbom.spdx as s; assert not s._spdx.cache_info().currsize; print('cyclonedx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
