"""A server that can misbehave, and clients that may talk to it; makes ``webserver`` importable for these tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent))

from webserver import Web

from sbom.sources import addresses
from sbom.sources.client import Client, Policy


@pytest.fixture
def web():
    server = Web()
    yield server
    server.close()


@pytest.fixture
def waits():
    """The pauses that a client would have made, in seconds."""
    return []


@pytest.fixture
def http(waits):
    """A client that may talk to loopback, and that never waits."""

    def make(**changes):
        return Client(Policy(**{"allow_private": True, "sleep": waits.append, "timeout": 20.0, **changes}))

    return make


@pytest.fixture
def only_here(monkeypatch):
    """Permit 127.0.0.1 as if it were a public address, and nothing else that is special."""
    real = addresses.refusal
    monkeypatch.setattr(addresses, "refusal", lambda text: None if text == "127.0.0.1" else real(text))
