"""Makes ``keyless_maker`` and ``stack`` importable for the tests of this room."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent))
