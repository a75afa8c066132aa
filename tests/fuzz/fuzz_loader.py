"""Fuzz the way a document takes into the tool: bytes → JSON → schema → references → profile → signatures.

``python tests/fuzz/fuzz_loader.py --seconds 30`` (``make fuzz``) mutates good documents, as bytes and as JSON. It fails
on any exception that is not one of ours, on a document that takes longer than five seconds, and when the process grows
beyond 1 GiB. The input that did it is written next to the message.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sbom import api
from sbom.cyclonedx import document as documents
from sbom.cyclonedx.canonical import canonical
from sbom.cyclonedx.strict_json import Limits
from sbom.errors import Error
from sbom.signing import forms, keys, trust
from sbom.verification import document as checks

LIMITS = Limits(size=4 << 20, components=20_000)
SLOWEST = 5.0
LARGEST = 1 << 30
ODD_VALUES: list[Any] = [
    None, True, 0, -1, 2**53, 2**64, 1e308, 0.1, "", "x", "\x00", "\u202e", "../x", "/", "a\\b", "0" * 64, [], {}, [[]],
    {"": ""}, ["x"] * 3, "urn:cdx:x", "HS256", "Ed25519", "SHA-256", "file", "data", "\U0001f427",
]  # fmt: skip
ODD_KEYS = [
    "signature",
    "signers",
    "chain",
    "excludes",
    "components",
    "bom-ref",
    "ref",
    "hashes",
    "alg",
    "value",
    "\U0001f427",
]
ODD_BYTES = [
    b"\x00",
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\\",
    b"\xff",
    b"NaN",
    b"1e999",
    b"\\ud800",
    b"[" * 3000,
]


def corpus() -> list[bytes]:
    """Make good documents to start from: small, signed once, twice, linked, with links and many digests."""
    with tempfile.TemporaryDirectory() as home:
        data = Path(home) / "data"
        data.mkdir()
        (data / "a.csv").write_bytes(b"a,b\n1,2\n")
        (data / "b").symlink_to("a.csv")
        first = api.generate(data, name="fuzz", version="1", cache=False, exclude=["*.tmp"])
        pair = keys.write_pair(Path(home) / "k", keys.generate(), None)
        first.sign(api.load_private_key(pair[0]))
        path = Path(home) / "1.cdx.json"
        first.write(path)
        second = api.generate(
            data, version="2", hashes=["sha512", "blake2b-256"], previous=path, previous_keys=[pair[1]], cache=False
        )
        second.sign(keys.generate("ecdsa-p256"))
        second.sign(keys.generate("rsa-3072"))
        old = api.generate(data, name="fuzz", spec_version="1.6", cache=False)
        return [first.to_bytes(), second.to_bytes(), old.to_bytes()]


def _holders(value: Any) -> list[Any]:  # any JSON
    found = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, (dict, list)) and item:
            found.append(item)
            waiting.extend(item.values() if isinstance(item, dict) else item)
    return found


def mutate_tree(tree: dict[str, Any], rng: random.Random) -> bytes:
    """Change a few places of a document, keeping it JSON."""
    document = copy.deepcopy(tree)
    for _ in range(rng.randint(1, 4)):
        holders = _holders(document)
        holder = rng.choice(holders)
        spot = rng.choice(list(holder)) if isinstance(holder, dict) else rng.randrange(len(holder))
        other = rng.choice(holders)
        match rng.randrange(5):
            case 0:
                holder[spot] = copy.deepcopy(rng.choice(ODD_VALUES))
            case 1:
                del holder[spot]
            case 2 if isinstance(holder, dict):
                holder[rng.choice(ODD_KEYS)] = copy.deepcopy(rng.choice([*ODD_VALUES, other]))
            case 3 if isinstance(holder, list):
                holder.extend(copy.deepcopy(holder[:]) * rng.randint(1, 3))
            case _:
                holder[spot] = copy.deepcopy(other)
        if not document:
            break
    return json.dumps(document).encode()


def mutate_bytes(data: bytes, rng: random.Random) -> bytes:
    """Change a few bytes of a document, whatever becomes of it."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        spot = rng.randrange(len(changed) or 1)
        match rng.randrange(4):
            case 0 if changed:
                changed[spot] ^= 1 << rng.randrange(8)
            case 1:
                changed[spot:spot] = rng.choice(ODD_BYTES)
            case 2:
                del changed[spot : spot + rng.randint(1, 40)]
            case _:
                end = rng.randrange(len(changed) or 1)
                changed[spot:spot] = changed[min(spot, end) : max(spot, end)][:2000]
    return bytes(changed)


def feed(data: bytes, public: keys.PublicKey) -> str:
    """Take one document the whole way; return how far it came.

    :raises BaseException: whatever is not an error of ours.
    """
    examined = checks.examine(documents.Raw("fuzz", data), LIMITS)
    if examined.document is None:
        return "parse"
    if not examined.valid:
        return "schema"
    try:
        trust.evaluate(forms.read(examined.document.tree, canonical), [public])
    except Error:
        return "signature"
    return "profile" if examined.dataset is None else "all"


def run(seconds: float, seed: int) -> dict[str, int]:
    """Fuzz for a while; return how many documents came how far.

    :raises AssertionError: with the input's path, when one did what none may do.
    """
    rng = random.Random(seed)  # to be repeatable
    seeds = corpus()
    trees = [json.loads(data) for data in seeds]
    public = keys.generate().public
    reached: dict[str, int] = {}
    end = time.monotonic() + seconds
    for data in seeds:
        assert feed(data, public) == "all", "a good document is refused"
    while time.monotonic() < end:
        data = mutate_tree(rng.choice(trees), rng) if rng.random() < 0.7 else mutate_bytes(rng.choice(seeds), rng)
        started = time.monotonic()
        try:
            how_far = feed(data, public)
        except BaseException as error:
            raise AssertionError(f"{type(error).__name__}: {error}; {_keep(data)}") from error
        if time.monotonic() - started > SLOWEST:
            raise AssertionError(f"took longer than {SLOWEST} s; {_keep(data)}")
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) > LARGEST:
            raise AssertionError(f"took more than {LARGEST} bytes of memory; {_keep(data)}")
        reached[how_far] = reached.get(how_far, 0) + 1
    return reached


def _keep(data: bytes) -> str:
    with tempfile.NamedTemporaryFile(prefix="data-sbom-fuzz-", suffix=".json", delete=False) as stream:
        stream.write(data)
    return f"the input is in {stream.name}"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--seed", type=int, default=time.time_ns() & 0xFFFFFFFF)
    arguments = parser.parse_args()
    reached = run(arguments.seconds, arguments.seed)
    total = sum(reached.values())
    print(f"seed {arguments.seed}: {total} documents, none did what it must not; they came as far as {reached}")


if __name__ == "__main__":
    main()
