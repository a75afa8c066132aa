"""Detect that another distribution has put files into the import package ``sbom``.

The import name is shared territory: distributions that bring a package of the same name overwrite each other's files
without a warning from the installer. Imports nothing of ours, since ours may be what was overwritten.
"""

from __future__ import annotations

from importlib.metadata import distributions

OURS = "data-sbom"
_PACKAGE = "sbom/"


def others() -> list[str]:
    """Name the other distributions that own files below ``sbom/``, sorted."""
    found = set()
    for distribution in distributions():
        name = distribution.metadata["Name"] or "an unnamed distribution"
        if name.lower().replace("_", "-") != OURS and any(
            file.as_posix().startswith(_PACKAGE) for file in distribution.files or ()
        ):
            found.add(name)
    return sorted(found)


def explain(error: ImportError) -> str:
    """Say why our own modules cannot be imported, and what to do."""
    rivals = others()
    if rivals:
        names = ", ".join(rivals)
        return (
            f"error: the import package 'sbom' is shared with {names}, which has overwritten files of {OURS}\n"
            f"hint: install {OURS} into an environment of its own, or remove {names} and reinstall {OURS}"
        )
    return f"error: {OURS} is not installed completely: {error}\nhint: reinstall it"
