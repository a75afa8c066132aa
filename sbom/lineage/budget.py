"""How much reading one file may cost: a few lines of a hostile pipeline stand for more than any machine can hold."""

from __future__ import annotations

from typing import Final

from sbom.lineage.interface import ScriptError

#: Characters of all texts that the templates, variables and patterns of one file become.
MAX_CHARACTERS: Final = 20_000_000
#: What each text costs beside its characters.
_EACH: Final = 10


class Budget:
    """What is left to one file. Work is counted in characters, so that a limit means the same on every machine."""

    def __init__(self, room: int = MAX_CHARACTERS) -> None:
        self._room = room

    def spend(self, characters: int, texts: int = 1) -> None:
        """Count some work.

        :raises ScriptError: when there was more than one file may cost.
        """
        self._room -= characters + _EACH * texts
        if self._room < 0:
            raise ScriptError("stands for more than is read of one file; the rest was not read")

    def spent(self, text: str) -> str:
        """Count a text, and return it; raises what :meth:`spend` raises."""
        self.spend(len(text))
        return text
