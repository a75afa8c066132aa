"""What every measurement needs: the command, its keys, the peers, a place to work in."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from measure import Bench, Command

HERE = Path(__file__).resolve().parent


class Workshop:
    """A scratch directory with keys, and the command lines of data-sbom and its peers."""

    def __init__(self, scratch: Path, peers: Path | None, runs: int, scale: float) -> None:
        """Make the keys.

        :param scratch: an empty directory; everything is written there.
        :param peers: the virtual environment with model-signing and bagit; ``None`` leaves both out.
        :param scale: what all counts and sizes are multiplied by; the bars hold for 1 only.
        """
        self.scratch = scratch
        self.peers = peers
        self.scale = scale
        self.python = sys.executable
        self.tool = [str(Path(sys.executable).with_name("data-sbom"))]
        self.cache = scratch / "cache"
        self.private_key, self.public_key = scratch / "bench.key", scratch / "bench.pub"
        self._write_keys()
        home = scratch / "home"
        home.mkdir()
        env = {
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "PATH": os.environ["PATH"],
            "TMPDIR": str(scratch),
            "XDG_CACHE_HOME": str(self.cache),
        }
        self.bench = Bench(env, scratch, runs)

    def _write_keys(self) -> None:
        """One ECDSA P-256 key, so that all tools sign with the same algorithm."""
        key = ec.generate_private_key(ec.SECP256R1())
        self.private_key.touch(mode=0o600)
        self.private_key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self.public_key.write_bytes(
            key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )

    def count(self, files: int) -> int:
        """Scale a number of files."""
        return max(10, round(files * self.scale))

    def size(self, size: int) -> int:
        """Scale a size in bytes of a large file."""
        return max(1 << 16, round(size * self.scale))

    def forget(self) -> None:
        """Remove the hash cache, wherever the platform keeps it."""
        for path in (self.cache, self.scratch / "home"):
            shutil.rmtree(path, ignore_errors=True)
        (self.scratch / "home").mkdir()

    # data-sbom

    def generate(
        self, data: Path, bom: Path, *, sign: bool = True, cache: bool = False, fresh: bool = False
    ) -> Command:
        """Describe data in bom, and sign it.

        :param cache: keep and use the cache of digests.
        :param fresh: remove that cache before each run.
        """
        argv = [*self.tool, "generate", str(data), "-o", str(bom), "--name", "bench", "--dataset-version", "1.0"]
        argv += [] if cache else ["--no-cache"]
        argv += ["--sign-key", str(self.private_key)] if sign else []
        name = "data-sbom generate" + (" --sign-key" if sign else "")
        name += " (cache on, empty)" if cache and fresh else ""

        def prepare() -> None:
            bom.unlink(missing_ok=True)
            if fresh:
                self.forget()

        return Command(name, argv, prepare)

    def crawl(self, data: Path, *, manifests: bool) -> Command:
        """Describe data, with what its manifests say or without."""
        bom = self.scratch / "crawl.cdx.json"
        argv = [*self.tool, "generate", str(data), "-o", str(bom), "--name", "bench", "--no-cache"]
        argv += [] if manifests else ["--no-crawl"]
        return Command(f"generate{'' if manifests else ' --no-crawl'}", argv, lambda: bom.unlink(missing_ok=True))

    def sign(self, unsigned: Path) -> Command:
        """Sign a copy of an unsigned document."""
        signed = unsigned.with_suffix(".signed.json")
        argv = [*self.tool, "sign", str(signed), "--key", str(self.private_key)]
        return Command("data-sbom sign", argv, lambda: _copy(unsigned, signed))

    def verify(self, data: Path, bom: Path) -> Command:
        """Verify data against a signed bom."""
        argv = [*self.tool, "verify", str(bom), str(data), "--public-key", str(self.public_key)]
        return Command("data-sbom verify", argv)

    # others

    def plain_loop(self, data: Path) -> Command:
        """Hash data in one thread of Python."""
        return Command("plain loop", [self.python, str(HERE / "plain_loop.py"), str(data)])

    def import_typer(self) -> Command:
        """Start Python, and import what the command line is made with."""
        return Command("python -c 'import typer'", [self.python, "-c", "import typer"])

    def openssl(self, data: Path) -> list[Command]:
        """Hash the files of data with openssl, when it is there."""
        if shutil.which("openssl") is None:
            return []
        names = [str(path) for path in sorted(data.rglob("*.bin"))]
        return [Command("openssl dgst -sha256", ["openssl", "dgst", "-sha256", *names])]

    def sha256sum(self, data: Path) -> list[Command]:
        """Hash the files of data with two processes of sha256sum, when it is there."""
        if shutil.which("sha256sum") is None:
            return []
        pipe = 'find "$1" -type f -print0 | xargs -0 -n 500 -P 2 sha256sum'
        return [Command("find | xargs -P2 sha256sum", ["sh", "-c", pipe, "sh", str(data)])]

    def model_signing(self, data: Path) -> list[Command]:
        """Sign and verify data with model-signing, when it is there."""
        if self.peers is None:
            return []
        tool = [str(self.peers / "bin" / "python"), "-m", "model_signing"]
        signature = ["--signature", str(self.scratch / "model.sig")]
        return [
            Command(
                "model-signing sign",
                [*tool, "sign", "key", str(data), *signature, "--private_key", str(self.private_key)],
            ),
            Command(
                "model-signing verify",
                [*tool, "verify", "key", str(data), *signature, "--public_key", str(self.public_key)],
            ),
        ]

    def bagit(self, data: Path) -> list[Command]:
        """Make and validate a bag of a copy of data (it moves the files), when it is there."""
        if self.peers is None:
            return []
        bag = self.scratch / "bag"

        def prepare() -> None:
            shutil.rmtree(bag, ignore_errors=True)
            shutil.copytree(data, bag)

        tool = [str(self.peers / "bin" / "python"), str(self.peers / "bin" / "bagit.py"), "--quiet", "--processes", "2"]
        return [
            Command("bagit make", [*tool, "--sha256", str(bag)], prepare),
            Command("bagit validate", [*tool, "--validate", str(bag)]),
        ]


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    shutil.copyfile(source, target)
