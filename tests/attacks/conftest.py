"""A good release in the hands of an attacker: change it, and state what the verifier has to say."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sbom.cyclonedx.canonical import canonical
from sbom.signing import jsf
from sbom.signing.keys import load_private

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path.append(str(Path(__file__).resolve().parent))  # chains.py

SECONDS = 10


@dataclass(frozen=True)
class Attack:
    """Holds a release, runs the verifier on what became of it, and judges the answer."""

    release: Any
    cli: Callable[..., Any]

    @property
    def data(self) -> Path:
        return self.release.data

    @property
    def bom(self) -> Path:
        return self.release.bom

    def file(self, path: str) -> Path:
        return self.release.data / path

    # -- the document -------------------------------------------------------------------------------------------------

    def tree(self) -> dict[str, Any]:
        """The document as JSON values."""
        return json.loads(self.bom.read_bytes())

    def put(self, tree: object) -> None:
        """Replace the document without signing it."""
        self.bom.write_text(json.dumps(tree, ensure_ascii=False, indent=2), encoding="utf-8")

    def sign(self, tree: dict[str, Any], key: Path | None = None) -> dict[str, Any]:
        """Give the document a good signature, whatever it says, by the trusted key or another one."""
        bare = {name: value for name, value in tree.items() if name != "signature"}
        return dict(jsf.add(bare, load_private(key or self.release.key), canonical).document)

    def put_signed(self, tree: dict[str, Any]) -> None:
        """Replace the document by one that the trusted key has signed: it is wrong in what it says only."""
        self.put(self.sign(tree))

    def component(self, tree: dict[str, Any], path: str) -> dict[str, Any]:
        return next(item for item in tree["components"] if item["name"] == path)

    # -- what the verifier says ---------------------------------------------------------------------------------------

    def verify(self, *more: str, code: int):
        """Run the verifier, which must end in time, with this exit code, and never with a traceback."""
        started = time.monotonic()
        ran = self.cli(*self.release.verify_args(*more))
        assert time.monotonic() - started < SECONDS
        assert ran.code == code, ran.text
        assert "error: unexpected" not in ran.err, ran.err
        return ran

    def refused(self, *named: str, code: int = 1, more: tuple[str, ...] = ()):
        """State that it is refused, and that what is wrong is named."""
        ran = self.verify(*more, code=code)
        assert not any(line.lstrip().startswith("VERIFIED") for line in ran.out.splitlines()), ran.text
        for name in named:
            assert name in ran.text, ran.text
        if code == 1:
            assert sum(line.startswith("FAILED") for line in ran.out.splitlines()) == 1, ran.text
        return ran

    def accepted(self, *more: str):
        """State that it verifies."""
        ran = self.verify(*more, code=0)
        assert ran.out.startswith("VERIFIED") or "\nVERIFIED" in ran.out, ran.text
        return ran

    def check(self, check_id: str, *more: str) -> dict[str, Any]:
        """Return one check of the JSON report."""
        ran = self.cli(*self.release.verify_args("-f", "json", *more))
        report = json.loads(ran.out)
        assert report["exit_code"] == ran.code
        return next(check for check in report["checks"] if check["id"] == check_id)


@pytest.fixture
def attack(release: Any, cli: Callable[..., Any]) -> Attack:
    return Attack(release, cli)


@pytest.fixture
def other_keys(tmp_path: Path) -> Callable[[str], tuple[Path, Path]]:
    """Make key pairs of others: ``other_keys("mallory")`` gives private and public key."""
    from sbom.signing import keys  # noqa: PLC0415  # made where it is needed

    def make(name: str) -> tuple[Path, Path]:
        return keys.write_pair(tmp_path / name, keys.generate(), None)

    return make


@pytest.fixture
def chain(attack: Attack) -> Any:
    from chains import Chain  # noqa: PLC0415  # made where it is needed

    return Chain(attack)


@pytest.fixture
def above(chain: Any) -> Any:
    from chains import Above  # noqa: PLC0415  # made where it is needed

    return Above(chain)
