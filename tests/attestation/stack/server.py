"""The services over HTTP, their trusted root, and the client's configuration."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from stack.certificates import Fulcio, spki
from stack.logs import ORIGIN, RekorV1, RekorV2, b64
from stack.timestamps import TimestampAuthority

if TYPE_CHECKING:
    from pathlib import Path

TRUSTED_ROOT = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
SIGNING_CONFIG = "application/vnd.dev.sigstore.signingconfig.v0.2+json"
TRUST_CONFIG = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
YEAR = timedelta(days=365)


@dataclass
class Knobs:
    """What the services do; every default is right.

    :param offset: of every service's clock.
    :param certificate_offset: of a certificate's start, from the services' time.
    :param broken: a path of HTTP → status and body that is answered instead.
    """

    rekor: int = 1
    timestamps: bool = True
    offset: timedelta = timedelta()
    certificate_offset: timedelta = timedelta()
    certificate_life: timedelta = timedelta(minutes=10)
    timestamp_offset: timedelta = timedelta()
    log_offset: timedelta = timedelta()
    sct_offset: timedelta = timedelta()
    scts: int = 1
    ct_key: ec.EllipticCurvePrivateKey | None = None
    reject_timestamps: bool = False
    key_usage: tuple[str, ...] = ("digital_signature",)
    extended_usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.CODE_SIGNING
    more_names: tuple[str, ...] = ()
    issuer_v1: str = ""
    issuer_extensions: tuple[str, ...] = ("v1", "v2")
    broken: dict[str, tuple[int, bytes]] = field(default_factory=dict)


class Stack:
    """A Sigstore instance."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.knobs = Knobs()
        self.born = datetime.now(UTC).replace(microsecond=0) - YEAR
        self.fulcio = Fulcio(self.born)
        self.rekors = {1: RekorV1(), 2: RekorV2()}
        self.tsa = TimestampAuthority(self.born, self.born + 5 * YEAR)
        self.token_key = ec.generate_private_key(ec.SECP256R1())
        self.asked: list[str] = []
        stack = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(b"")

            def do_POST(self) -> None:
                self.answer(self.rfile.read(int(self.headers["Content-Length"])))

            def answer(self, body: bytes) -> None:
                path = urlsplit(self.path).path
                stack.asked.append(path)
                if path in stack.knobs.broken:
                    (status, content), headers = stack.knobs.broken[path], {}
                else:
                    status, content, headers = stack.handle(self.path, body, dict(self.headers))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.knobs.offset

    # What a user has in hand.

    def token(self, identity: str, issuer: str = "https://issuer.example", *, life: int = 300, **claims: Any) -> str:
        """Return an identity token that this Fulcio accepts."""
        now = int(datetime.now(UTC).timestamp())
        said = {
            "iss": issuer,
            "sub": identity,
            "aud": "sigstore",
            "iat": now,
            "nbf": now - 5,
            "exp": now + life,
            **claims,
        }
        return jwt.encode(said, self.token_key, algorithm="ES256")

    @property
    def trusted_root_path(self) -> str:
        return self.write("trusted_root.json", self.trusted_root())

    @property
    def trust_config_path(self) -> str:
        return self.write("trust_config.json", self.trust_config())

    def write(self, name: str, tree: object) -> str:
        path = self.home / name
        path.write_text(json.dumps(tree), encoding="utf-8")
        return str(path)

    def trusted_root(self) -> dict[str, Any]:
        valid = {"start": stamp(self.born)}
        return {
            "mediaType": TRUSTED_ROOT,
            "tlogs": [
                {
                    "baseUrl": f"https://{ORIGIN}",  # the name in checkpoints, which other clients compare
                    "hashAlgorithm": "SHA2_256",
                    "publicKey": {"rawBytes": b64(one.public), "keyDetails": one.details, "validFor": dict(valid)},
                    "logId": {"keyId": b64(one.log_id)},
                }
                for one in self.rekors.values()
            ],
            "certificateAuthorities": [authority(self.fulcio.chain, self.url, valid)],
            "ctlogs": [
                {
                    "baseUrl": self.url,
                    "hashAlgorithm": "SHA2_256",
                    "publicKey": {
                        "rawBytes": b64(spki(self.fulcio.log.key.public_key())),
                        "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                        "validFor": dict(valid),
                    },
                    "logId": {"keyId": b64(self.fulcio.log.log_id)},
                }
            ],
            "timestampAuthorities": [authority(self.tsa.chain, f"{self.url}/tsa", valid)],
        }

    def trust_config(self) -> dict[str, Any]:
        def service(url: str, version: int = 1) -> dict[str, Any]:
            return {
                "url": url,
                "majorApiVersion": version,
                "validFor": {"start": stamp(self.born)},
                "operator": "stack",
            }

        signing = {
            "mediaType": SIGNING_CONFIG,
            "caUrls": [service(self.url)],
            "oidcUrls": [service(f"{self.url}/oidc")],
            "rekorTlogUrls": [service(self.url, self.knobs.rekor)],
            "rekorTlogConfig": {"selector": "ANY"},
            "tsaUrls": [service(f"{self.url}/tsa")] if self.knobs.timestamps else [],
            "tsaConfig": {"selector": "ANY"},
        }
        return {"mediaType": TRUST_CONFIG, "trustedRoot": self.trusted_root(), "signingConfig": signing}

    # What the services answer.

    def handle(self, target: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        parts = urlsplit(target)
        if parts.path == "/tsa":
            reply = (
                self.tsa.rejection()
                if self.knobs.reject_timestamps
                else self.tsa.reply(body, self.now + self.knobs.timestamp_offset)
            )
            return 200, reply, {"Content-Type": "application/timestamp-reply"}
        if parts.path == "/oidc/auth":
            query = parse_qs(parts.query)
            back = urlencode({"code": "42", "state": query["state"][0]})
            return 302, b"", {"Location": f"{query['redirect_uri'][0]}?{back}"}
        status, tree = self.answer(parts.path, body, headers)
        return status, json.dumps(tree).encode(), {"Content-Type": "application/json"}

    def answer(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        match path:
            case "/api/v2/signingCert":
                return self.certify(json.loads(body), headers["Authorization"].removeprefix("Bearer "))
            case "/api/v1/log/entries":
                answer = 201, self.rekors[1].submit(json.loads(body), self.now + self.knobs.log_offset)
            case "/api/v2/log/entries":
                answer = 201, self.rekors[2].submit(json.loads(body))
            case "/oidc/.well-known/openid-configuration":
                endpoints = {
                    "authorization_endpoint": f"{self.url}/oidc/auth",
                    "token_endpoint": f"{self.url}/oidc/token",
                }
                answer = 200, endpoints
            case "/oidc/token":
                answer = 200, {"access_token": self.token("browser@example.com")}
            case "/ambient":
                answer = 200, {"value": self.token("https://example.com/ci/job")}
            case _:
                answer = 404, {"code": 404, "message": "no such place"}
        return answer

    def certify(self, request: dict[str, Any], token: str) -> tuple[int, Any]:
        try:
            claims = jwt.decode(token, self.token_key.public_key(), algorithms=["ES256"], audience="sigstore")
        except jwt.InvalidTokenError as error:
            return 400, {"code": 3, "message": f"There was an error processing the identity token: {error}"}
        csr = x509.load_pem_x509_csr(base64.b64decode(request["certificateSigningRequest"]))
        assert csr.is_signature_valid
        start = (self.now + self.knobs.certificate_offset).replace(microsecond=0)
        leaf = self.fulcio.issue(csr.public_key(), claims, start, start + self.knobs.certificate_life, self.knobs)
        chain = [one.public_bytes(serialization.Encoding.PEM).decode() for one in (leaf, *self.fulcio.chain)]
        return 200, {"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}}


def stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def authority(chain: tuple[x509.Certificate, ...], uri: str, valid: dict[str, str]) -> dict[str, Any]:
    certificates = [{"rawBytes": b64(one.public_bytes(serialization.Encoding.DER))} for one in chain]
    return {
        "subject": {"organization": "stack", "commonName": "stack"},
        "uri": uri,
        "certChain": {"certificates": certificates},
        "validFor": dict(valid),
    }
