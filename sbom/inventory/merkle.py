"""The Merkle tree of an inventory (RFC 6962, section 2.1), and proofs that a file belongs to it (section 2.1.1).

Leaves are the entries sorted by the UTF-8 bytes of their paths, each as
``SHA-256(0x00 ‖ JCS{"path": …, "sha256": …, "size": …[, "link": …]})``; a node is ``SHA-256(0x01 ‖ left ‖ right)``.
"""

from __future__ import annotations

from hashlib import sha256
from operator import itemgetter
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sbom.model import FileEntry


def leaf(entry: FileEntry) -> bytes:
    """Hash one entry (32 bytes). Its members stand in the order of JCS (RFC 8785), as which orjson writes strings."""
    link = b"" if entry.link is None else b'"link":%b,' % orjson.dumps(entry.link)
    fields = link, orjson.dumps(entry.path), entry.sha256.encode(), entry.size
    return sha256(b'\x00{%b"path":%b,"sha256":"%b","size":%d}' % fields).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Fold leaves into the root (32 bytes).

    :raises ValueError: for no leaf: an empty inventory has no identity.
    """
    level = list(leaves)
    if not level:
        msg = "an empty inventory has no root"
        raise ValueError(msg)
    while len(level) > 1:
        # Pairs level by level, the odd one out moving up unchanged: the tree that the RFC defines from the top.
        odd = level[-1:] if len(level) % 2 else []
        pairs = iter(level)
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)] + odd
    return level[0]


def root(entries: Iterable[FileEntry]) -> str:
    """Return the root of an inventory as lower-case hex; sorts the entries itself."""
    # Python compares strings by code point, which is the order of their UTF-8 bytes.
    return root_of(leaf(entry) for entry in sorted(entries, key=itemgetter(0))).hex()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path of leaf ``index``, lowest sibling first (RFC 6962, section 2.1.1).

    :raises ValueError: when there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        msg = f"there is no leaf {index} among {len(leaves)}"
        raise ValueError(msg)
    return _path(leaves, index)


def _path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    if len(leaves) <= 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*_path(leaves[:split], index), root_of(leaves[split:])]
    return [*_path(leaves[split:], index - split), root_of(leaves[:split])]


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes) -> bool:
    """Tell whether ``leaf_hash`` is leaf ``index`` of a tree of ``size`` leaves (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last = leaf_hash, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            node = sha256(b"\x01" + sibling + node).digest()
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            node = sha256(b"\x01" + node + sibling).digest()
        index >>= 1
        last >>= 1
    return last == 0 and node == root_hash
