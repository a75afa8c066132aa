"""Validation against the official CycloneDX JSON schemas, which ship with ``cyclonedx-python-lib``.

Formats are checked (JSF's ``algorithm`` is ambiguous without), and nothing is ever fetched: a schema that names one
we do not have is an error.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

import orjson

from sbom.cyclonedx.spec import SPEC_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import jsonschema_rs

_PACKAGE = "cyclonedx.schema._res"
_PARTS = ("spdx", "jsf-0.82", "cryptography-defs")
_SHOWN = 5
_MESSAGE = 200


def _load(name: str) -> Any:  # noqa: ANN401  # a JSON schema
    return orjson.loads((files(_PACKAGE) / f"{name}.SNAPSHOT.schema.json").read_bytes())


def _never(uri: str) -> NoReturn:
    raise LookupError(f"{uri} is not among the schemas that ship with the package")


@lru_cache(maxsize=len(SPEC_VERSIONS))
def _validator(spec_version: str) -> jsonschema_rs.Draft7Validator:
    import jsonschema_rs  # noqa: PLC0415  # heavy; only what validates pays for it

    parts = [(f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", _load(name)) for name in _PARTS]
    return jsonschema_rs.Draft7Validator(
        _load(f"bom-{spec_version}"),
        registry=jsonschema_rs.Registry(parts, retriever=_never),
        validate_formats=True,
        mask="the value",
    )


def problems(document: dict[str, object]) -> list[tuple[str, str]]:
    """Validate a document against the schema of the version that it names.

    :return: ``(JSON Pointer, message)`` of the first few problems; empty when it is valid.
    """
    version = document.get("specVersion")
    if document.get("bomFormat") != "CycloneDX":
        return [("/bomFormat", "is not CycloneDX")]
    if not isinstance(version, str) or version not in SPEC_VERSIONS:
        return [("/specVersion", f"is not one of {', '.join(SPEC_VERSIONS)}, which are all that is supported")]
    validator = _validator(version)
    if validator.is_valid(document):
        return []
    found = [
        (_pointer(error.instance_path), str(error.message)[:_MESSAGE])
        for error in islice(validator.iter_errors(document), _SHOWN)
    ]
    return found or [("", "is not valid")]


def _pointer(path: Iterable[str | int]) -> str:
    """Write a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
