from __future__ import annotations

import pytest

from sbom.errors import UsageError
from sbom.verification import catalog


def test_every_check_says_everything():
    for check_id, check in catalog.load().items():
        assert check.id == check_id
        assert all(text.strip() for text in check)


def test_the_table_is_read_once_and_cannot_be_changed():
    assert catalog.load() is catalog.load()
    with pytest.raises(TypeError):
        catalog.load()["bom.parse"] = None


def test_get():
    assert catalog.get("files.modified").do.startswith("The data is not what was released.")


def test_a_misspelled_check_is_answered_by_its_neighbours():
    with pytest.raises(UsageError) as caught:
        catalog.get("file.modified")
    assert "did you mean files.modified" in caught.value.hint


def test_an_unknown_check_is_answered_by_all():
    with pytest.raises(UsageError) as caught:
        catalog.get("\x1b[31m")
    assert "\x1b" not in str(caught.value)
    assert "bom.parse" in caught.value.hint
