"""Threat "rollback and freeze": an older release, a predecessor that is missing or replaced, forks and cycles."""

from __future__ import annotations

import json

import pytest

from sbom import api


@pytest.fixture
def line(attack):
    """Three releases in a row, all well signed: documents in one directory, the data of each beside it."""
    home = attack.release.home / "line"
    (home / "boms").mkdir(parents=True)
    made = []
    for number in range(3):
        data = home / f"data-{number}"
        data.mkdir()
        (data / "rows.csv").write_bytes(b"row\n" * (number + 1))
        previous = made[-1][0] if made else None
        bom = api.generate(
            data,
            name="gulls",
            version=f"{number}.0",
            previous=previous,
            previous_keys=[attack.release.pub] if previous else (),
            cache=False,
        )
        bom.sign(api.load_private_key(attack.release.key))
        path = home / "boms" / f"{number}.json"
        bom.write(path)
        made.append((path, data))
    return made


def verify(attack, release, *more):
    bom, data = release
    return attack.cli("verify", bom, data, "--public-key", attack.release.pub, "--chain", bom.parent, *more)


def status(attack, release):
    bom, data = release
    ran = attack.cli("verify", bom, data, "--public-key", attack.release.pub, "--chain", bom.parent, "-f", "json")
    report = json.loads(ran.out)
    return ran.code, {check["id"]: check["status"] for check in report["checks"] if check["id"].startswith("chain.")}


def test_the_newest_release_verifies(attack, line):
    assert verify(attack, line[2]).code == 0


@pytest.mark.parametrize("number", [0, 1])
def test_older_release(attack, line, number):
    ran = verify(attack, line[number])
    assert ran.code == 1
    assert "chain.rollback" in ran.out
    assert f"gulls {number + 1}.0" in ran.out


def test_without_a_chain_the_older_release_says_that_age_was_not_looked_at(attack, line):
    bom, data = line[0]
    ran = attack.cli("verify", bom, data, "--public-key", attack.release.pub, "-f", "json")
    assert ran.code == 0
    checks = {check["id"]: check for check in json.loads(ran.out)["checks"]}
    assert checks["chain.rollback"]["status"] == "skipped"
    assert not checks["chain.rollback"]["required"]


def test_missing_predecessor(attack, line):
    line[0][0].unlink()
    code, found = status(attack, line[2])
    assert code == 1
    assert found["chain.continuity"] == "fail"
    line[1][0].unlink()
    code, found = status(attack, line[2])
    assert code == 1
    assert found["chain.previous"] == "fail"


def test_predecessor_signed_again_is_another_document(attack, line, other_keys):
    second, _ = other_keys("second")
    assert attack.cli("sign", line[1][0], "--key", second).code == 0
    code, found = status(attack, line[2])
    assert code == 1
    assert found["chain.previous"] == "fail"


def test_predecessor_of_an_attacker(attack, line, other_keys):
    mallory, _ = other_keys("mallory")
    tree = json.loads(line[1][0].read_bytes())
    line[1][0].write_text(json.dumps(attack.sign(tree, mallory)))
    code, _ = status(attack, line[2])
    assert code == 1


def test_reformatted_predecessor_is_another_document(attack, line):
    """A release is named by its exact bytes."""
    line[1][0].write_text(json.dumps(json.loads(line[1][0].read_bytes())))
    assert status(attack, line[2])[0] == 1


def test_fork(attack, line):
    path, data = line[2]
    (data / "rows.csv").write_bytes(b"other\n")
    bom = api.generate(data, version="2.1", previous=line[1][0], previous_keys=[attack.release.pub], cache=False)
    bom.sign(api.load_private_key(attack.release.key))
    bom.write(path.with_name("fork.json"))
    ran = verify(attack, (path.with_name("fork.json"), data))
    assert ran.code == 1
    assert "chain.continuity" in ran.out


def test_one_version_with_two_contents(attack, line):
    path, data = line[2]
    (data / "rows.csv").write_bytes(b"other\n")
    bom = api.generate(data, version="1.0", previous=path, previous_keys=[attack.release.pub], cache=False)
    bom.sign(api.load_private_key(attack.release.key))
    bom.write(path.with_name("3.json"))
    ran = verify(attack, (path.with_name("3.json"), data))
    assert ran.code == 1
    assert "chain.continuity" in ran.out


def test_untrusted_successor_does_not_freeze_anybody_out(attack, line, other_keys):
    mallory, public = other_keys("mallory")
    path, data = line[2]
    bom = api.generate(data, version="9.0", previous=path, previous_keys=[attack.release.pub], cache=False)
    bom.sign(api.load_private_key(mallory))
    bom.write(path.with_name("9.json"))
    assert verify(attack, line[2]).code == 0
    assert verify(attack, line[2], "--public-key", public).code == 1


def test_generate_links_to_no_predecessor_that_does_not_verify(attack, line, other_keys):
    _, public = other_keys("mallory")
    target = attack.release.home / "next.json"
    args = ("generate", line[2][1], "-o", target, "--dataset-version", "3.0", "--previous", line[2][0])
    assert attack.cli(*args).code == 2
    ran = attack.cli(*args, "--previous-key", public)
    assert ran.code == 1
    assert "the predecessor does not verify" in ran.err
    assert not target.exists()


@pytest.mark.parametrize("kind", ["missing", "a file"])
def test_chain_that_cannot_be_listed(attack, line, kind):
    where = attack.bom if kind == "a file" else "nothing"
    ran = attack.cli("verify", *line[2], "--public-key", attack.release.pub, "--chain", where)
    assert ran.code in {2, 3}
