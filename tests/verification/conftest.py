"""Publishes releases: signed documents without data, quickly, good ones and those of an attacker."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from sbom import api
from sbom.cyclonedx import write
from sbom.inventory import merkle
from sbom.model import Dataset, FileEntry, ReleaseLink
from sbom.signing import keys
from sbom.verification.interface import Trust

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = write.Origin("1.7", "2026-01-01T00:00:00Z", "0.1.0", reproducible=False)
RELEASE_KEY = keys.generate()
STRANGERS_KEY = keys.generate()


@dataclass(frozen=True)
class Publisher:
    """Writes documents below ``home``; ``key`` is the trusted one, ``strangers`` is not."""

    home: Path
    key: keys.PrivateKey = RELEASE_KEY
    strangers: keys.PrivateKey = STRANGERS_KEY

    @property
    def trust(self):
        return Trust((self.key.public,))

    def publish(self, version, previous=None, *, name="penguins", key=RELEASE_KEY, **other):
        """Publish a release that follows the document ``previous``.

        :param other: ``path`` of the document below ``home``; ``content``, any text that tells two releases apart.
        """
        content = other.get("content", "")
        number = sum(map(ord, f"{name}{version}{content}"))
        files = (FileEntry("a.csv", number, (("SHA-256", f"{number:064x}"),)),)
        link = previous if previous is None or isinstance(previous, ReleaseLink) else self.link(previous)
        tree = write.build(Dataset(name, version, files, merkle.root(files), previous=link), ORIGIN)
        target = self.home / other.get("path", f"{name}-{version}.cdx.json")
        return self.put(tree, target, key)

    @staticmethod
    def put(tree, target, key=RELEASE_KEY):
        """Sign a document (unless ``key`` is None) and write it."""
        bom = api.Bom(tree, None)
        if key is not None:
            bom.sign(key)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(bom.to_bytes())
        return target

    @staticmethod
    def link(path, **changes):
        """Return the link to a published document."""
        bom = api.Bom.read(path)
        number, dataset = bom.document["serialNumber"], bom.dataset
        return ReleaseLink(number, 1, bom.sha256, dataset.name, dataset.version)._replace(**changes)

    def line(self, *versions, name="penguins"):
        """Publish releases that follow each other."""
        paths = []
        for version in versions:
            paths.append(self.publish(version, paths[-1] if paths else None, name=name))
        return paths


@pytest.fixture
def publisher(tmp_path):
    (tmp_path / "releases").mkdir()
    return Publisher(tmp_path / "releases")


@pytest.fixture
def strict(publisher):
    """Trust of both keys, both of which must have signed."""
    return replace(publisher.trust, keys=(RELEASE_KEY.public, STRANGERS_KEY.public), require_signatures=2)
