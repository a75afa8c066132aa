from __future__ import annotations

from sbom.verification.catalog import load


def test_one(cli):
    ran = cli("explain", "chain.rollback")
    assert ran.code == 0
    assert ran.out.startswith("chain.rollback\n  means ")


def test_all(cli):
    ran = cli("explain")
    assert ran.code == 0
    assert all(f"{check_id} " in ran.out for check_id in load())


def test_misspelled(cli):
    ran = cli("explain", "chain.rolback")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean chain.rollback or policy.rollback?" in ran.err


def test_hostile(cli):
    ran = cli("explain", "\x1b[31m" * 9)
    assert ran.code == 2
    assert "\x1b" not in ran.err
