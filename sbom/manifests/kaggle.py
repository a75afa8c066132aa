"""Kaggle's ``dataset-metadata.json``, as people write it to upload, and as ``kaggle datasets metadata`` downloads it.

Described in the documentation of Kaggle's command line ("Dataset Metadata"). A downloaded one has every value twice
(``title`` and ``titleNullable``), or all of it in an object ``info``, or the whole as a JSON text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sbom.manifests import texts, values
from sbom.manifests.errors import ManifestError, OtherFormatError
from sbom.manifests.interface import FileReader

if TYPE_CHECKING:
    from sbom.manifests.interface import Given
    from sbom.manifests.reading import Reading

_HOMEPAGE = "https://www.kaggle.com/datasets/"
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}/[A-Za-z0-9_-]{1,100}")
_LINK = re.compile(r"https?://[^\s()<>\[\]\"'`{}|\\^]{1,2000}")
#: Addresses in the running text of ``userSpecifiedSources`` that are taken.
_MAX_LINKS = 100
#: What ``kaggle datasets init`` writes for people to replace.
_PLACEHOLDER = "INSERT_"
#: At least one of these is in every one of Kaggle's; others use the file's name, too.
_OURS = ("id", "id_no", "title", "licenses", "datasetSlug", "info")
_UNKNOWN = frozenset({"unknown", "not specified"})


class Kaggle(FileReader):
    """Reads what Kaggle says of a dataset; it has no digests."""

    name = "kaggle"
    patterns = ("dataset-metadata.json",)

    def read(self, given: Given, reading: Reading) -> None:
        """Read the metadata.

        :raises ManifestError: when it is no object.
        :raises OtherFormatError: when nothing in it is Kaggle's.
        """
        tree = given.json()
        if isinstance(tree, str):
            tree = values.json(tree.encode("utf-8", "replace"))
        if not isinstance(tree, dict):
            raise ManifestError(f"is {values.kind(tree)}, not an object")
        data = values.mapping(tree)
        if not any(key in data for key in _OURS):
            raise OtherFormatError("has no key of Kaggle's")
        inner = values.mapping(data.get("info"))
        metadata = _Metadata(data | inner, "/info" if inner else "", given, reading)
        metadata.describe()
        metadata.identify()
        metadata.license()
        metadata.people()
        metadata.files()


READER = Kaggle()


class _Metadata:
    def __init__(self, data: dict[str, object], base: str, given: Given, reading: Reading) -> None:
        self._data = data
        self._base = base
        self._given = given
        self._reading = reading

    def describe(self) -> None:
        """Say title, description, keywords, and how it is kept."""
        for field, keys in (("name", ("title",)), ("description", ("description", "subtitle"))):
            for key in keys:
                if self._say(field, key):
                    break
        self._reading.say("keyword", self._data.get("keywords"), f"{self._base}/keywords")
        self._say("update-mechanism", "expectedUpdateFrequency")
        if texts.date(self._data.get("lastUpdated")) is not None:
            self._say("modified-date", "lastUpdated")
        if self._data.get("isPrivate") is True:
            self._reading.say("availability", "private on Kaggle", f"{self._base}/isPrivate")
        if self._say("origin", "userSpecifiedSources"):
            text = values.text(self._data["userSpecifiedSources"]) or ""
            links = (match[0].rstrip(".,;:!?*_") for match in _LINK.finditer(text))
            for _, link in zip(range(_MAX_LINKS), links, strict=False):
                self._reading.source(link, f"{self._base}/userSpecifiedSources")

    def identify(self) -> None:
        """Say the dataset's id and address on Kaggle."""
        key = "id"
        text = values.text(self._data.get("id"))
        if text is None or _ID.fullmatch(text) is None:
            owner, slug = values.text(self._data.get("ownerUser")), values.text(self._data.get("datasetSlug"))
            if owner and slug:
                key, text = "datasetSlug", f"{owner}/{slug}"
        if text is None:
            return
        if _ID.fullmatch(text) is None or _PLACEHOLDER in text:
            self._reading.problem("id is not OWNER/DATASET", f"{self._base}/{key}")
            return
        self._reading.say("identifier", text, f"{self._base}/{key}")
        self._reading.say("homepage", _HOMEPAGE + text, f"{self._base}/{key}")

    def license(self) -> None:
        """Say the licence. There should be one; only its name counts ("Contents")."""
        for one, where in values.pointed(self._data.get("licenses"), f"{self._base}/licenses"):
            entry = values.mapping(one) if isinstance(one, dict) else {"name": one}
            text = values.text(entry.get("name")) or values.text(entry.get("nameNullable"))
            if text is None:
                self._reading.problem("a licence without a name", where)
            elif text.lower() not in _UNKNOWN:
                self._reading.say("license", text, f"{where}/name" if isinstance(one, dict) else where)

    def people(self) -> None:
        """Say whose account it is in, and who works on it."""
        self._say("supplier", "ownerUser")
        for one, where in values.pointed(self._data.get("collaborators"), f"{self._base}/collaborators"):
            entry = values.mapping(one) if isinstance(one, dict) else {"username": one}
            user = values.text(entry.get("username"))
            role = values.text(entry.get("role"))
            if user is None:
                self._reading.problem("a collaborator without a name", where)
            else:
                self._reading.say("contributor", f"{user} ({role})" if role else user, where)

    def files(self) -> None:
        """Name the files, and say their columns."""
        for key, path_key, columns_key in (("resources", "path", "schema"), ("data", "name", "columns")):
            for one, where in values.pointed(self._data.get(key), f"{self._base}/{key}"):
                entry = values.mapping(one)
                text = values.text(entry.get(path_key))
                path = None if text is None else self._given.resolve(text)
                if text is None:
                    self._reading.problem(f"a file without {path_key}", where)
                elif not path:
                    self._reading.problem(
                        "is absolute or leads out of the dataset; it is not looked at", f"{where}/{path_key}"
                    )
                else:
                    self._reading.mention(path, f"{where}/{path_key}", size=entry.get("totalBytes"))
                found = entry.get(columns_key)
                fields = values.mapping(found).get("fields") if isinstance(found, dict) else found
                said = texts.columns(fields, of=(text or "")[:200])
                self._reading.say("schema", said, f"{where}/{columns_key}")

    def _say(self, field: str, key: str) -> bool:
        """Say a text under its key; tell whether there was one. What people should have replaced is a problem."""
        key = key if self._data.get(key) else f"{key}Nullable"
        value = self._data.get(key)
        if not value:
            return False
        where = f"{self._base}/{key}"
        if isinstance(value, (dict, list)):
            self._reading.problem(f"{key} is {values.kind(value)}, not a text", where)
            return False
        if isinstance(value, str) and value.startswith(_PLACEHOLDER):
            self._reading.problem(f"{key} has not been filled in", where)
            return False
        if isinstance(value, str) and value.strip().lower() in _UNKNOWN:
            return False
        self._reading.say(field, value, where)
        return True
