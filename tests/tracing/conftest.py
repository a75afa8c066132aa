from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent))  # workshop.py


@pytest.fixture
def shop(tmp_path):
    from workshop import Workshop  # noqa: PLC0415  # made where it is needed

    return Workshop(tmp_path)
