"""The least that anybody would write: scandir and SHA-256, one thread, everything in memory.

Usage: python plain_loop.py DIRECTORY
"""

from __future__ import annotations

import hashlib
import os
import sys


def digests(root: str) -> list[tuple[str, int, str]]:
    """Return path, size in bytes and SHA-256 of every regular file below root."""
    found = []
    directories = [root]
    while directories:
        with os.scandir(directories.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    directories.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    with open(entry.path, "rb", buffering=0) as file:
                        content = file.read()
                    found.append((entry.path, len(content), hashlib.sha256(content).hexdigest()))
    return sorted(found)


if __name__ == "__main__":
    print(len(digests(sys.argv[1])))
