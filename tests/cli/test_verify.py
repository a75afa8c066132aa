"""``data-sbom verify``: the ordinary cases; attacks are in tests/attacks."""

from __future__ import annotations

import json


def test_good_release_verifies(cli, release):
    ran = cli(*release.verify_args("--expect-name", "penguins", "--expect-version", "1.0.0"))
    assert ran.code == 0, ran.text
    assert ran.out.startswith("VERIFIED")


def test_json_report_parses_and_says_verified(cli, release):
    ran = cli(*release.verify_args("-f", "json"))
    assert ran.code == 0, ran.text
    assert json.loads(ran.out)["verdict"] == "verified"


def test_modified_file_is_named(cli, release):
    (release.data / "train" / "0002.csv").write_bytes(b"species,mass\nChinstrap,9999\n")
    ran = cli(*release.verify_args())
    assert ran.code == 1
    assert "MODIFIED" in ran.out
    assert "train/0002.csv" in ran.out
