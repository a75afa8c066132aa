"""What every test may use: the command line in this process, and a good signed release to start from."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sbom import api
from sbom.cli.app import app
from sbom.signing import keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stack.server import Stack

sys.path.append(str(Path(__file__).resolve().parent))  # nodeproject.py


@dataclass(frozen=True)
class Ran:
    """How a command ended: exit code, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@pytest.fixture(autouse=True)
def _alone(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the user's cache, configuration and environment."""
    monkeypatch.setenv("DATA_SBOM_CACHE_DIR", str(tmp_path_factory.mktemp("cache") / "data-sbom"))
    for name in ("DATA_SBOM_KEY_PASSWORD", "SOURCE_DATE_EPOCH", "GITHUB_STEP_SUMMARY", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path_factory.mktemp("cwd"))


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Ran]]:
    """Run the command line in this process; ``cli("verify", bom, data, …)`` returns how it ended."""
    old = signal.getsignal(signal.SIGTERM)

    def run(*args: str | os.PathLike[str]) -> Ran:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            app([os.fspath(arg) for arg in args])
        got = capfd.readouterr()
        code = ended.value.code
        ran = Ran(code if isinstance(code, int) else 0 if code is None else 1, got.out, got.err)
        assert "Traceback (most recent call last)" not in ran.text, ran.text
        return ran

    yield run
    signal.signal(signal.SIGTERM, old)


@dataclass(frozen=True)
class Release:
    """A signed release on disk: data in ``data``, the document ``bom``, and its key pair."""

    home: Path
    data: Path
    bom: Path
    key: Path
    pub: Path

    def verify_args(self, *more: str | os.PathLike[str]) -> list[str]:
        return ["verify", str(self.bom), str(self.data), "--public-key", str(self.pub), *map(os.fspath, more)]


FILES = {
    "train/0001.csv": b"species,mass\nAdelie,3750\nGentoo,5000\n",
    "train/0002.csv": b"species,mass\nChinstrap,3500\n",
    "test/0001.jsonl": b'{"species": "Adelie", "mass": 3700}\n',
    "README.md": b"# penguins\n",
    ".hidden": b"x",
    "empty": b"",
    "na\u00efve/\u65e5\u672c.txt": "äöü\n".encode(),
    "blob.bin": bytes(range(256)) * 64,
}


def write_tree(root: Path, files: dict[str, bytes]) -> Path:
    """Write files below ``root``."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


@pytest.fixture(scope="session")
def key_pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An Ed25519 pair, ``(private, public)``, for tests that do not care which."""
    return keys.write_pair(tmp_path_factory.mktemp("keys") / "release", keys.generate(), None)


@pytest.fixture
def release(tmp_path: Path, key_pair: tuple[Path, Path]) -> Release:
    """Make a good signed release of ``penguins 1.0.0`` with an inner symlink, for tests to break."""
    data = write_tree(tmp_path / "data", FILES)
    (data / "train" / "link.csv").symlink_to("0001.csv")
    bom = api.generate(data, name="penguins", version="1.0.0", cache=False)
    bom.sign(api.load_private_key(key_pair[0]))
    path = tmp_path / "penguins.cdx.json"
    bom.write(path)
    return Release(tmp_path, data, path, *key_pair)


@pytest.fixture
def sigstore_stack(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """Run a Sigstore of our own on the loopback interface; see ``attestation/stack``."""
    pytest.importorskip("sigstore", reason="the sigstore extra is not installed")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "attestation"))
    from stack.server import Stack  # noqa: PLC0415  # needs the extra

    stack = Stack(tmp_path_factory.mktemp("stack"))
    yield stack
    stack.close()
