"""Files that the caller trusts must not lie where whoever changes the data can change them, whatever they are called.

A key, a configuration: found through the data by name, through a link in it, through ``..`` behind a directory of it,
or as a hard link to a file of it, each would let the data vouch for itself.
"""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sbom.inventory.walk import Node, Place

#: Links that are followed on the way to one file; the kernel follows no more (path_resolution(7)).
_MAX_LINKS = 40


def leads_through(place: Place, path: str) -> bool:
    """Tell whether any step on the way to a file is part of the dataset: then the dataset decides where it ends."""
    prefix = place.root.rstrip("/") + "/"
    if place.only is not None:
        return (prefix + place.only) in _steps(path)
    return any(step.startswith(prefix) for step in _steps(path))


def is_among(nodes: Iterable[Node], path: str) -> bool:
    """Tell whether a file of the dataset is the same one as ``path``: a hard link, or the target of a followed link."""
    try:
        found = os.stat(path)
    except OSError:
        return False  # it was there when it was read, and nobody can change what is gone
    identity = found.st_dev, found.st_ino
    return any(node.state[1:3] == identity for node in nodes)


def _steps(path: str) -> Iterator[str]:
    """Yield every directory entry that the kernel looks up on the way to a file, each by its real directory."""
    current = "/"
    rest = deque(os.path.join(os.getcwd(), path).split("/"))
    links = 0
    while rest:
        part = rest.popleft()
        if part in {"", "."}:
            continue
        if part == "..":
            current = os.path.dirname(current)
            continue
        full = os.path.join(current, part)
        yield full
        try:
            text = os.readlink(full)
        except OSError:
            current = full  # no link
            continue
        links += 1
        if links > _MAX_LINKS:
            return
        if text.startswith("/"):
            current = "/"
        rest.extendleft(reversed(text.split("/")))
