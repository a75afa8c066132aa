"""The session: what is done to the data, which commands are run, and how each of them has to end.

The commands are run as a user would run them, each in a process of its own; nothing of their output is made up.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sbom.demo import dataset
from sbom.errors import UndecidedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_TIMEOUT_SECONDS = 120
_VERIFY = ("data-sbom", "verify", "penguins.cdx.json", "penguins", "--public-key", "release.pub")
_GUARD = ("data-sbom", "guard", *_VERIFY[2:])
_WANTED = ("--expect-name", "penguins")
_TRAIN = ("python", "train.py")
_TRAINED = "named correctly"


@dataclass(frozen=True, slots=True)
class Command:
    """One command, and how it has to end.

    :param argv: as a user types it.
    :param shows: texts that its output must hold; ``hides``: texts that it must not.
    """

    argv: tuple[str, ...]
    exit_code: int = 0
    shows: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()

    @property
    def ending(self) -> str:
        """How it has to end, for a person."""
        says = f" with {' and '.join(self.shows)}" if self.shows else ""
        hides = f" without {' or '.join(self.hides)}" if self.hides else ""
        return f"exit code {self.exit_code}{says}{hides}"


@dataclass(frozen=True, slots=True)
class Scene:
    """A part of the session: what it shows, what happens to the data first, and the commands."""

    title: str
    commands: tuple[Command, ...]
    prepare: Callable[[Path], None] | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended: its exit code, and what it printed (both streams, in order)."""

    command: Command
    exit_code: int
    output: str

    @property
    def as_it_should(self) -> bool:
        """Whether it ended with the exit code, and said what it had to."""
        command = self.command
        said = all(text in self.output for text in command.shows)
        return self.exit_code == command.exit_code and said and not any(text in self.output for text in command.hides)


SCENES = (
    Scene(
        "Describe the dataset: every file with its size and SHA-256, and one root for all.",
        (
            Command(
                (
                    *("data-sbom", "generate", "penguins", "-o", "penguins.cdx.json"),
                    *("--name", "penguins", "--dataset-version", "1.0.0"),
                ),
                shows=("7 files",),
            ),
        ),
    ),
    Scene(
        "Make a key pair, and sign.",
        (
            Command(("data-sbom", "keygen", "-o", "release"), shows=("release.pub",)),
            Command(("data-sbom", "sign", "penguins.cdx.json", "--key", "release.key"), shows=("signed",)),
        ),
    ),
    Scene(
        "Before training: is it signed by a key that I trust, and is every file what was signed?",
        (Command((*_VERIFY, *_WANTED), shows=("VERIFIED",)),),
    ),
    Scene(
        "Poison it: every third Adelie becomes a Gentoo, with the same size and modification time.",
        (
            Command(_TRAIN, shows=(_TRAINED,), hides=("119 of 119",)),
            Command((*_VERIFY, *_WANTED), 1, ("MODIFIED", "train/adelie.csv"), ("VERIFIED",)),
        ),
        dataset.poison,
    ),
    Scene(
        "Put it back, and hide one more file among the training data.",
        (Command((*_VERIFY, *_WANTED), 1, ("EXTRA", "train/.cache.csv"), ("VERIFIED", "MODIFIED")),),
        dataset.add_extra,
    ),
    Scene(
        "Put it back, and remove a file. A guarded command is not even started.",
        (
            Command(
                (*_GUARD, *_WANTED, "--", *_TRAIN),
                1,
                ("MISSING", "test/chinstrap.csv"),
                ("VERIFIED", "EXTRA", _TRAINED),
            ),
        ),
        dataset.remove,
    ),
    Scene(
        "Put it back: on the data that was signed, it runs.",
        (Command((*_GUARD, *_WANTED, "--", *_TRAIN), shows=("VERIFIED", f"119 of 119 test penguins {_TRAINED}")),),
        dataset.restore,
    ),
)


def play(directory: Path, *, color: bool = False) -> Iterator[Scene | Ran]:
    """Lay out the dataset in an empty directory, and play every scene: yields it, and then each command as it ends.

    It stops after a command that did not end as it should.

    :param color: let the commands colour their output.
    :raises UsageError: when the directory is not empty.
    :raises UndecidedError: when a command cannot be run, or does not end.
    """
    dataset.lay_out(directory)
    for scene in SCENES:
        yield scene
        if scene.prepare is not None:
            scene.prepare(directory)
        for command in scene.commands:
            ran = _run(command, directory, color=color)
            yield ran
            if not ran.as_it_should:
                return


def _run(command: Command, directory: Path, *, color: bool) -> Ran:
    # Children find their modules where this process does, and leave nothing in the user's cache.
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "DATA_SBOM_CACHE_DIR": str(directory / ".cache"),
        ("FORCE_COLOR" if color else "NO_COLOR"): "1",
    }
    environment.pop("NO_COLOR" if color else "FORCE_COLOR", None)
    try:
        done = subprocess.run(
            list(_real(command.argv)),
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or f"did not end within {_TIMEOUT_SECONDS} seconds"
        raise UndecidedError(f"{' '.join(command.argv)}: {reason}", hint="run it again") from error
    return Ran(command, done.returncode, done.stdout.decode("utf-8", "backslashreplace"))


def _real(argv: tuple[str, ...]) -> Iterator[str]:
    """Replace the programs by those of this installation, whatever PATH says."""
    for position, word in enumerate(argv):
        if position == 0 and word == "data-sbom":
            yield from (sys.executable, "-P", "-m", "sbom")
        elif word == "python":
            yield sys.executable
        else:
            yield word
