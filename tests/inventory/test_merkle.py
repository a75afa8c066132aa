"""The tree against the known answers of RFC 6962's reference implementation, and proofs for trees of any size."""

from __future__ import annotations

import hashlib
import json

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from sbom.inventory import merkle
from sbom.model import FileEntry

# The leaves and roots that the reference implementation of Certificate Transparency is tested with.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHED = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in LEAVES]
PROOFS = [  # (leaf, size of the tree, audit path), numbered from 0
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


def entry(path, content=b"", **more):
    return FileEntry(path, len(content), (("SHA-256", hashlib.sha256(content).hexdigest()),), **more)


def defined_root(leaves):
    """Compute the root as RFC 6962 section 2.1 defines it, from the top."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + defined_root(leaves[:split]) + defined_root(leaves[split:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_of_the_reference_implementation(size):
    assert merkle.root_of(iter(HASHED[:size])).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size", "path"), PROOFS)
def test_audit_paths_of_the_reference_implementation(index, size, path):
    proof = merkle.inclusion_proof(HASHED[:size], index)
    assert [node.hex() for node in proof] == path
    assert merkle.verify_inclusion(HASHED[index], index, size, proof, bytes.fromhex(ROOTS[size - 1]))


def test_an_empty_inventory_has_no_root():
    with pytest.raises(ValueError, match="no root"):
        merkle.root([])


@pytest.mark.parametrize("index", [-1, 3, 100])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index):
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(HASHED[:3], index)


def test_leaf_is_the_canonical_form_of_the_entry():
    digest = hashlib.sha256(b"abc").hexdigest()
    text = f'{{"path":"dir/é \\"q\\" 日本","sha256":"{digest}","size":3}}'
    assert merkle.leaf(entry('dir/é "q" 日本', b"abc")) == hashlib.sha256(b"\0" + text.encode()).digest()
    text = f'{{"link":"../x","path":"l","sha256":"{digest}","size":3}}'
    assert merkle.leaf(entry("l", b"abc", link="../x")) == hashlib.sha256(b"\0" + text.encode()).digest()
    assert json.loads(text)["link"] == "../x"


def test_everything_in_a_leaf_counts_and_nothing_else():
    one = entry("a", b"x")
    other = entry("b", b"y")
    root = merkle.root([one, other])
    assert merkle.root([other, one]) == root
    more = one._replace(digests=(*one.digests, ("SHA-512", "0" * 128)), media_type="text/csv")
    assert merkle.root([more, other]) == root
    for changed in (
        one._replace(path="c"),
        one._replace(size=2),
        one._replace(link="b"),
        one._replace(digests=other.digests),
    ):
        assert merkle.root([changed, other]) != root


def test_a_leaf_is_no_node():
    """Second preimages: a node's content, taken for a leaf, hashes to something else."""
    root = merkle.root_of(HASHED[:2])
    assert hashlib.sha256(b"\x00" + HASHED[0] + HASHED[1]).digest() != root


def test_order_is_that_of_the_utf_8_bytes():
    paths = ["b", "a/b", "a-b", "a", "é", "z", "\uffff", "\U00010000", "A"]
    ordered = sorted(paths, key=lambda path: path.encode())
    expected = merkle.root_of(merkle.leaf(entry(path)) for path in ordered).hex()
    assert merkle.root(entry(path) for path in paths) == expected


@settings(deadline=None)
@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70), st.data())
def test_every_leaf_can_be_proved_and_nothing_else(leaves, data):
    root = merkle.root_of(leaves)
    assert root == defined_root(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = merkle.inclusion_proof(leaves, index)
    assert merkle.verify_inclusion(leaves[index], index, len(leaves), proof, root)
    wrong = data.draw(st.integers(-2, len(leaves) + 2).filter(lambda other: other != index))
    if not 0 <= wrong < len(leaves) or leaves[wrong] != leaves[index]:
        assert not merkle.verify_inclusion(leaves[index], wrong, len(leaves), proof, root)
    assert not merkle.verify_inclusion(bytes(32), index, len(leaves), proof, root) or leaves[index] == bytes(32)
    assert not merkle.verify_inclusion(leaves[index], index, len(leaves), [*proof, bytes(32)], root)
    if proof:
        assert not merkle.verify_inclusion(leaves[index], index, len(leaves), proof[:-1], root)
        broken = [bytes(value ^ 1 for value in proof[0]), *proof[1:]]
        assert not merkle.verify_inclusion(leaves[index], index, len(leaves), broken, root)


@settings(deadline=None)
@given(
    st.text(st.characters(codec="utf-8")), st.none() | st.text(st.characters(codec="utf-8")), st.integers(0, 2**53 - 1)
)
def test_any_leaf_is_the_hash_of_its_canonical_form(path, link, size):
    fields = {"path": path, "sha256": "ab" * 32, "size": size} | ({} if link is None else {"link": link})
    one = FileEntry(path, size, (("SHA-256", "ab" * 32),), link)
    assert merkle.leaf(one) == hashlib.sha256(b"\0" + rfc8785.dumps(fields)).digest()
