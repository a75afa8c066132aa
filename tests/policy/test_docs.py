"""docs/policy.md says what is so: its policy is one, and its tables name every key and every check."""

from __future__ import annotations

import re
from pathlib import Path

from sbom.policy import structure
from sbom.policy.model import CHECKS
from sbom.signing import keys
from sbom.verification import catalog

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")


def table(title: str) -> list[str]:
    section = TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return [row for row in section.splitlines() if row.startswith("| `")]


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return str(found)


def test_its_policy_demands_what_it_says(tmp_path, cli):
    for name in ("release", "ada"):
        keys.write_pair(tmp_path / name, keys.generate(), None)
    (tmp_path / "policy.toml").write_text(block("toml"), encoding="utf-8")
    ran = cli("policy", "check", tmp_path / "policy.toml", "-q")
    assert (ran.code, ran.out) == (0, block("text"))


def test_every_check_has_a_row_and_an_explanation():
    assert [row.split("`")[1] for row in table("What each check means")] == list(CHECKS)
    assert [check for check in CHECKS if check not in catalog.load()] == []


def test_every_key_is_named():
    schema = structure.schema()
    rows = "\n".join(table("Every table and key"))
    signer = schema["$defs"]["signer"]["properties"]
    keys = {*schema["properties"], *signer}
    for node in (*schema["properties"].values(), *signer.values()):
        inner = node.get("items", node)
        keys |= set(inner.get("properties", ()))
    assert sorted(key for key in keys if re.search(rf"\b{key}\b", rows) is None) == []
