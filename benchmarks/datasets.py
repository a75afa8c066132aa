"""Make datasets to measure with. No two files have the same content; all of it is random enough for any file system."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PER_DIRECTORY = 1000
_CHUNK = 8 << 20


def make(root: Path, count: int, size: int) -> Path:
    """Write count files of size bytes each below root, a thousand in each directory; return when they are on disk."""
    for start in range(0, count, _PER_DIRECTORY):
        directory = root / f"part-{start // _PER_DIRECTORY:04d}"
        directory.mkdir(parents=True)
        for index in range(start, min(start + _PER_DIRECTORY, count)):
            _write(directory / f"{index:06d}.bin", index, size)
    os.sync()  # else the first runs would share the disk with what is still being written
    return root


def declare(root: Path, form: str) -> Path:
    """Write a manifest of all files: ``SHA256SUMS``, ``MD5SUMS`` or ``croissant.json``; return it."""
    manifest = root / form
    files = sorted(root.rglob("*.bin"))
    if form == "croissant.json":
        manifest.write_text(json.dumps(_croissant(root, files)), encoding="utf-8")
    else:
        algorithm = form.removesuffix("SUMS").lower()
        lines = [f"{_digest(path, algorithm)}  {path.relative_to(root)}\n" for path in files]
        manifest.write_text("".join(lines), encoding="utf-8")
    os.sync()
    return manifest


def _croissant(root: Path, files: list[Path]) -> dict[str, object]:
    return {
        "@context": {
            "@vocab": "https://schema.org/",
            "sc": "https://schema.org/",
            "cr": "http://mlcommons.org/croissant/",
        },
        "@type": "Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "bench",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": str(path.relative_to(root)),
                "name": path.name,
                "contentUrl": str(path.relative_to(root)),
                "contentSize": f"{path.stat().st_size} B",
                "encodingFormat": "application/octet-stream",
                "sha256": _digest(path, "sha256"),
            }
            for path in files
        ],
    }


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def touch_one(root: Path, value: int) -> None:
    """Change the first bytes of one file of root."""
    with min(root.rglob("*.bin")).open("r+b") as file:
        file.write(value.to_bytes(8, "big"))


def _write(path: Path, index: int, size: int) -> None:
    head = index.to_bytes(8, "big")
    block = os.urandom(min(size, _CHUNK))
    with path.open("wb") as file:
        file.write((head + block)[: len(block)])
        for _ in range(size // _CHUNK - 1):
            file.write(block)
        file.truncate(size)
