"""A policy file → a policy. TOML, bounded, strict: a key that nobody knows is a rule that nobody keeps."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING, Any, Final

from sbom import tomltext
from sbom.errors import UsageError
from sbom.names import display
from sbom.policy import structure
from sbom.policy.build import Builder
from sbom.policy.errors import PolicyError
from sbom.policy.model import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Bytes of a policy file.
MAX_SIZE: Final = 256 * 1024
#: Bytes of a file with root certificates.
_MAX_ROOTS: Final = 1 << 20
#: Bytes of a Sigstore trusted root.
_MAX_TRUSTED_ROOT: Final = 4 << 20
_HINT: Final = "data-sbom policy check lists all that is wrong with it; docs/policy.md explains every key"


def load(path: str) -> Policy:
    """Read a policy file.

    :raises PolicyError: when it is malformed or contradicts itself.
    :raises UsageError: when it cannot be read.
    """
    return parse(content(path), path)


def parse(data: bytes, path: str) -> Policy:
    """Read a policy from its exact bytes.

    :param path: of the file: keys and other files that it names are relative to its directory.
    :raises PolicyError: when it is malformed or contradicts itself.
    """
    if len(data) > MAX_SIZE:
        raise PolicyError(f"is larger than {MAX_SIZE // 1024} KiB: it is no policy", path=path)
    tree = _toml(data, path)
    problems = structure.problems(tree)
    if problems:
        raise _error(problems, path)
    builder = Builder(tree, path, lambda name: content(name, _MAX_ROOTS))
    policy = _build(builder, tree, hashlib.sha256(data).hexdigest())
    if builder.problems:
        raise _error(builder.problems, path)
    return policy


def content(path: str, limit: int = MAX_SIZE) -> bytes:
    """Return the content of a regular file, without ever waiting for a pipe.

    :param limit: bytes at most.
    :raises UsageError: when it cannot be read, or is larger.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as stream:
            regular = stat.S_ISREG(os.fstat(fd).st_mode)
            data = stream.read(limit + 1) if regular else b""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise UsageError(f"cannot be read: {reason}", path=path, hint="check the path") from error
    if not regular:
        raise UsageError("is not a regular file", path=path, hint="check the path")
    if len(data) > limit:
        raise UsageError(f"is larger than {limit // 1024} KiB", path=path, hint="check the path")
    return data


def _digest(builder: Builder, path: str) -> str | None:
    """Return the SHA-256 (hex) of a trusted root, which Sigstore's part reads when it is needed."""
    try:
        return hashlib.sha256(content(path, _MAX_TRUSTED_ROOT)).hexdigest()
    except UsageError as error:
        builder.problems.append(f"{display(path)}: {error.message}")
        return None


def _toml(data: bytes, path: str) -> Mapping[str, Any]:
    try:
        return tomltext.loads(data.decode())
    except ValueError as error:
        raise PolicyError(f"is not TOML: {error}", path=path, hint="correct it") from error


def _error(problems: list[str], path: str) -> PolicyError:
    more = f" (and {len(problems) - 1:,} more)" if len(problems) > 1 else ""
    return PolicyError(f"{problems[0]}{more}", path=path, hint=_HINT, problems=tuple(problems))


def _build(builder: Builder, tree: Mapping[str, Any], sha256: str) -> Policy:
    release, approvals = builder.thresholds("release"), builder.thresholds("approvals")
    separate = tree.get("separate-duties", True)
    if separate:
        builder.check_separate((*release, *approvals))
    trust = builder.table("trust")
    trusted_root = builder.file(trust["sigstore-root"]) if "sigstore-root" in trust else None
    return Policy(
        id=tree["id"],
        version=tree["version"],
        name=tree["name"],
        expires=builder.expires(),
        sha256=sha256,
        signers=builder.signers,
        roles=builder.roles,
        release=release,
        approvals=approvals,
        state=builder.path(tree["state"]) if "state" in tree else None,
        separate=separate,
        timestamp=builder.table("release").get("timestamp", False),
        timestamp_roots=tuple(der for _, der in builder.roots(trust.get("timestamp-roots", ()))),
        trusted_root=trusted_root,
        trusted_root_sha256=None if trusted_root is None else _digest(builder, trusted_root),
        algorithms=builder.algorithms(),
        files=builder.files(),
        provenance=builder.provenance(),
        lineage=builder.lineage(),
        dataset=builder.dataset(),
        predecessor=builder.predecessor(),
        revocation=builder.revocation(),
        exceptions=builder.exceptions(),
        paths=tuple(dict.fromkeys(builder.paths)),  # last: the other parts add to it
    )
