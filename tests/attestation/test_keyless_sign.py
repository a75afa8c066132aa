"""Signing when a token, a configuration or a service is not what it should be: always one of our errors, no bundle."""

from __future__ import annotations

import gc
import io
import json
import sys
import threading
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

pytest.importorskip("sigstore", reason="the sigstore extra is not installed")

import requests
from keyless_maker import ISSUER, ME, WHO, anchors, forbid_sockets, statement
from stack.server import Stack

from sbom.attestation import bundle as bundles
from sbom.attestation import keyless
from sbom.attestation.interface import SigstoreIdentity
from sbom.errors import SignatureError, UndecidedError, UsageError
from sbom.signing.interface import Outcome

# The client never closes the socket that it waits on for the browser.
leaves_a_socket = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
CI = ("GITHUB_ACTIONS", "BUILDKITE", "GITLAB_CI", "CIRCLECI", "GOOGLE_SERVICE_ACCOUNT_NAME", "SIGSTORE_ID_TOKEN")


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """Be no CI job, and have no home of the client's."""
    for name in CI:
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


def sign(stack: Stack, token: str | None = None) -> bytes:
    return keyless.sign(statement(), token=token or stack.token(WHO, ISSUER), trust_config=stack.trust_config_path)


def test_signing_asks_each_service_once(sigstore_stack):
    sign(sigstore_stack)
    assert sigstore_stack.asked == ["/api/v2/signingCert", "/tsa", "/api/v1/log/entries"]


@pytest.mark.parametrize("token", ["x", "a.b.c", "ä\x00"])
def test_what_is_no_token(sigstore_stack, token):
    with pytest.raises(UsageError, match="no usable identity token"):
        sign(sigstore_stack, token)
    assert sigstore_stack.asked == []


@pytest.mark.parametrize(
    "claims", [{"life": -60}, {"aud": "somebody-else"}, {"nbf": 2**40}, {"sub": None}, {"iat": "x"}]
)
def test_a_token_that_is_not_for_this(sigstore_stack, claims):
    with pytest.raises(UsageError, match="no usable identity token"):
        sign(sigstore_stack, sigstore_stack.token(WHO, **claims))


def test_a_token_that_expires_on_the_way(sigstore_stack, monkeypatch):
    token, answers = sigstore_stack.token(WHO), iter([True, False])
    monkeypatch.setattr("sigstore.oidc.IdentityToken.in_validity_period", lambda _: next(answers))
    with pytest.raises(UsageError, match="has expired"):
        sign(sigstore_stack, token)


def test_a_token_that_fulcio_does_not_know(sigstore_stack):
    token = sigstore_stack.token(WHO)
    sigstore_stack.token_key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(UndecidedError, match="Fulcio issued no certificate") as caught:
        sign(sigstore_stack, token)
    assert token not in str(caught.value)


def test_the_token_of_a_ci_job(sigstore_stack, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "x")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{sigstore_stack.url}/ambient?a=b")
    raw = keyless.sign(statement(), token=None, trust_config=sigstore_stack.trust_config_path)
    trusted = anchors(sigstore_stack, SigstoreIdentity("https://example.com/ci/job", ISSUER))
    assert keyless.evaluate(bundles.read(raw, "x"), trusted, "x").outcome is Outcome.VALID


def test_a_ci_job_without_permission(sigstore_stack, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.delenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", raising=False)
    with pytest.raises(UsageError, match="no usable identity token"):
        keyless.sign(statement(), token=None, trust_config=sigstore_stack.trust_config_path)


@leaves_a_socket
def test_a_login_in_the_browser(sigstore_stack, monkeypatch):
    visits: list[threading.Thread] = []

    def visit(url: str) -> bool:
        visits.append(threading.Thread(target=requests.get, args=(url,), kwargs={"timeout": 30}))
        visits[0].start()
        return True

    monkeypatch.setattr("webbrowser.open", visit)
    raw = keyless.sign(statement(), token=None, trust_config=sigstore_stack.trust_config_path)
    visits[0].join()
    gc.collect()
    trusted = anchors(sigstore_stack, SigstoreIdentity("browser@example.com", ISSUER))
    assert keyless.evaluate(bundles.read(raw, "x"), trusted, "x").outcome is Outcome.VALID


@leaves_a_socket
def test_nobody_to_log_in(sigstore_stack, monkeypatch):
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(UsageError, match="no usable identity token"):
        keyless.sign(statement(), token=None, trust_config=sigstore_stack.trust_config_path)
    gc.collect()


@pytest.mark.parametrize("answer", [(500, b""), (404, b"{}"), (200, b"{}"), (200, b"[]"), (200, b"nonsense")])
def test_an_identity_provider_that_does_not_work(sigstore_stack, answer):
    sigstore_stack.knobs.broken["/oidc/.well-known/openid-configuration"] = answer
    with pytest.raises(UndecidedError, match="identity provider"):
        keyless.sign(statement(), token=None, trust_config=sigstore_stack.trust_config_path)


def test_no_identity_provider_at_all(sigstore_stack):
    config = sigstore_stack.trust_config()
    config["signingConfig"]["oidcUrls"] = []
    with pytest.raises(UsageError, match="nobody can be logged in"):
        keyless.sign(statement(), token=None, trust_config=sigstore_stack.write("c.json", config))


@pytest.mark.parametrize("path", ["/api/v2/signingCert", "/tsa", "/api/v1/log/entries", "/api/v2/log/entries"])
@pytest.mark.parametrize(
    "answer",
    [(500, b""), (400, b'{"code": 1, "message": "\\u001b[31mno"}'), (200, b"{}"), (200, b"[]"), (200, b"[{}]"), (200, b"no"), (200, b'{"a": {}, "b": {}}'),
     (200, b'{"signedCertificateEmbeddedSct": {"chain": {"certificates": ["x", "y"]}}}'), (200, b'{"signedCertificateEmbeddedSct": []}'),
     (200, b'{"u": {"body": "e30=", "logID": "zz"}}'), (200, b"0\x03\x02\x01\x02")],
)  # fmt: skip
def test_a_service_that_answers_nonsense(sigstore_stack, path, answer):
    sigstore_stack.knobs.rekor = 2 if path.startswith("/api/v2/log") else 1
    sigstore_stack.knobs.broken[path] = answer
    with pytest.raises((UndecidedError, SignatureError)) as caught:
        sign(sigstore_stack)
    assert str(caught.value).isprintable()


def test_a_rejected_timestamp(sigstore_stack):
    sigstore_stack.knobs.reject_timestamps = True
    with pytest.raises((UndecidedError, SignatureError)):
        sign(sigstore_stack)


def test_a_timestamp_that_could_not_be_had_is_missed(sigstore_stack):
    """The client would go on with the log's word alone."""
    sigstore_stack.knobs.broken["/tsa"] = (503, b"")
    with pytest.raises(UndecidedError, match="0 of 1 timestamp authorities answered"):
        sign(sigstore_stack)


def test_services_that_are_down(sigstore_stack, tmp_path):
    stack = Stack(tmp_path)
    stack.close()
    with pytest.raises(UndecidedError, match="cannot be reached"):
        sign(stack)


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("scts", 0),
        ("scts", 2),
        ("ct_key", ec.generate_private_key(ec.SECP256R1())),
        ("log_offset", timedelta(hours=1)),
        ("timestamp_offset", timedelta(hours=1)),
        ("certificate_offset", timedelta(hours=1)),
        ("key_usage", ("key_agreement",)),
        ("more_names", ("other@example.com",)),
    ],
)
def test_what_the_services_answer_is_verified(sigstore_stack, knob, value):
    setattr(sigstore_stack.knobs, knob, value)
    with pytest.raises(SignatureError, match="does not verify"):
        sign(sigstore_stack)


def test_a_certificate_that_has_expired_already(sigstore_stack):
    sigstore_stack.knobs.certificate_offset = timedelta(hours=-1)
    with pytest.raises(UndecidedError):
        sign(sigstore_stack)


def test_a_log_with_another_key(sigstore_stack):
    sigstore_stack.rekors[1].signing_key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(SignatureError, match="does not verify"):
        sign(sigstore_stack)


def test_rekor_v2_without_a_timestamp(sigstore_stack):
    sigstore_stack.knobs.rekor, sigstore_stack.knobs.timestamps = 2, False
    with pytest.raises(SignatureError, match="does not verify"):
        sign(sigstore_stack)


def broken_configs(config):
    yield b""
    yield b"[]"
    yield b"\xff"
    yield b'{"mediaType": 1, "mediaType": 2}'
    yield json.dumps(config | {"mediaType": "x"}).encode()
    yield json.dumps(config | {"trustedRoot": {}}).encode()
    yield json.dumps(config | {"signingConfig": config["signingConfig"] | {"mediaType": "x"}}).encode()
    yield json.dumps(config | {"signingConfig": config["signingConfig"] | {"caUrls": []}}).encode()
    yield json.dumps(config | {"signingConfig": config["signingConfig"] | {"rekorTlogUrls": []}}).encode()
    exact = {"selector": "EXACT", "count": 3}
    yield json.dumps(config | {"signingConfig": config["signingConfig"] | {"rekorTlogConfig": exact}}).encode()


def test_configurations_that_cannot_be_used(sigstore_stack, tmp_path):
    path = tmp_path / "config.json"
    for content in broken_configs(sigstore_stack.trust_config()):
        path.write_bytes(content)
        with pytest.raises(UsageError) as caught:
            keyless.sign(statement(), token=sigstore_stack.token(WHO), trust_config=str(path))
        assert caught.value.path == str(path)
    with pytest.raises(UsageError, match="no such file"):
        keyless.sign(statement(), token=sigstore_stack.token(WHO), trust_config=str(tmp_path / "absent"))
    assert sigstore_stack.asked == []


def test_the_public_good_instance_needs_a_network(sigstore_stack, monkeypatch):
    token = sigstore_stack.token(WHO)
    monkeypatch.setattr("sigstore._internal.tuf.DEFAULT_TUF_URL", "http://127.0.0.1:9")
    forbid_sockets(monkeypatch)
    with pytest.raises(UndecidedError, match="public good Sigstore instance"):
        keyless.sign(statement(), token=token, trust_config=None)


def test_a_later_root_of_the_same_instance_still_verifies(sigstore_stack):
    raw = sign(sigstore_stack)
    found = keyless.evaluate(bundles.read(raw, "x"), anchors(sigstore_stack, ME), "x")
    assert found.outcome is Outcome.VALID
