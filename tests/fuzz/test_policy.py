"""Whatever a policy file or a state file holds: a policy or a state, or an error of ours, and nothing else."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[1] / "policy"))

from policies import FULL, MINIMAL, facts, policy, revocation  # after its directory is known

from sbom.errors import UndecidedError, UsageError
from sbom.policy import read, sentences, state
from sbom.policy.decide import decide
from sbom.policy.errors import PolicyError

TEXT = MINIMAL + FULL
LINES = TEXT.splitlines()
PIECES = [
    "true",
    "-1",
    "nan",
    '""',
    "[]",
    "{}",
    '["*"]',
    "2027-01-01",
    "2027-01-01T00:00:00Z",
    '"\\u0000"',
    "1e400",
    "0x1F",
    "[[",
    "]]",
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(LINES) - 1), st.sampled_from(["drop", "double", "swap", *PIECES])), max_size=4
    )
)
def test_a_policy_with_other_lines(changes):
    lines = list(LINES)
    for number, change in changes:
        name, _, _ = lines[number].partition("=")
        lines[number] = {"drop": "", "double": f"{lines[number]}\n{lines[number]}", "swap": lines[-number]}.get(
            change, f"{name}= {change}"
        )
    with suppress(PolicyError):
        found = read.parse("\n".join(lines).encode(), "p")
        assert decide(found, facts("ada"))
        assert sentences.demands(found)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(TEXT)), st.integers(0, 40), st.binary(max_size=8))
def test_a_policy_with_other_bytes(start, length, other):
    data = TEXT.encode()
    with suppress(PolicyError):
        read.parse(data[:start] + other + data[start + length :], "p")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    path = tmp_path_factory.mktemp("state") / "state.json"
    of = policy('[revocation]\nrevokers = ["security"]')
    state.record(str(path), of, facts("ada", revocations=(revocation("grace", "other"),)), success=True)
    return path, of, path.read_bytes()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=8))
def test_a_state_with_other_bytes(kept, where, length, other):
    path, of, good = kept
    start = int(where * len(good))
    path.write_bytes(good[:start] + other + good[start + length :])
    with suppress(UndecidedError, UsageError):
        found = state.load(str(path), of)
        path.write_bytes(state.dump(of.id, found))
        assert state.load(str(path), of) == found
