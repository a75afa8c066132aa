"""A policy to start from, for ``data-sbom policy init``. It is valid once its keys are there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

_GOOD_FOR: Final = timedelta(days=365)


def render(policy_id: str, now: datetime, key: str) -> str:
    """Return a commented policy.

    :param policy_id: a name of lower-case words.
    :param now: aware, UTC; the policy is good for a year from then.
    :param key: path of the releaser's public key, relative to the policy file.
    """
    expires = (now + _GOOD_FOR).strftime("%Y-%m-%dT00:00:00Z")
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    return _TEXT.replace("@ID@", policy_id).replace("@EXPIRES@", expires).replace("@KEY@", quoted)


_TEXT: Final = """# A trust policy of data-sbom: what must hold before this data is used.
# data-sbom policy check FILE    whether it can be used, and what it demands
# data-sbom verify BOM DATA --policy FILE
# Keep it where whoever can change the data cannot change it. Paths are relative to this file.

id = "@ID@"
version = 1                       # count it up with every change
name = "@ID@"
expires = @EXPIRES@    # from then on it accepts nothing: look at it again before
# state = "@ID@.state.json"       # remembers what was accepted and revoked
# separate-duties = true          # nobody counts for two roles

# ---- who is who: persons and workflows, each with any number of credentials ----

[signers.releaser]
name = "Whoever releases the data"
keys = ["@KEY@"]
# fingerprints = ["…"]            # SHA-256 of a key that is given with --public-key

# [signers.ada]
# name = "Ada Lovelace"
# [[signers.ada.certificates]]
# roots = ["corporate-root.pem"]
# identity = "ada@example.org"    # exactly as in the certificate

# [signers.workflow]
# [[signers.workflow.sigstore]]
# identity = "https://github.com/example/data/.github/workflows/release.yml@refs/heads/main"
# issuer = "https://token.actions.githubusercontent.com"

[roles]
releaser = ["releaser"]
# security = ["ada"]

# ---- who must have signed, and approved ----

[release]
require = { releaser = 1 }
# timestamp = true                # only signatures with an attested time count

# [approvals]
# require = { security = 1 }

# [algorithms]
# allowed = ["Ed25519", "ES256"]

# ---- what the release must be like ----

# [dataset]
# names = ["@ID@"]
# versions = ["1.0.0"]

# [files]
# extras = []                     # no file that is not listed, whatever --allow-extra says
# hashes = ["SHA-256"]
# max-total-size = 10_000_000_000 # bytes
# complete = true

# [provenance]
# required = ["license", "source-url"]
# profiles = ["dps"]

# [lineage]
# level = "declared"
# signers = { clean = ["releaser"] }

# ---- what came before, and what was taken back ----

# [predecessor]
# never-older = true              # needs state
# required = true
# descends-from = ["…"]           # SHA-256 of a document that is known to be good

# [revocation]
# revokers = ["security"]
# list-max-age-days = 7

# [[exceptions]]
# rule = "policy.files"
# reason = "the old logs are large, ticket 1234"
# expires = @EXPIRES@
# files = ["logs/**"]
"""
