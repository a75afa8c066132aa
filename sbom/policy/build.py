"""The tables of a policy file, whose form is right → the parts of a policy, and what contradicts in them.

Reads the keys and certificates that the policy names. Collects problems instead of stopping at the first one: whoever
writes a policy wants to see all of them.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sbom.attestation.interface import SigstoreIdentity
from sbom.cyclonedx.spec import HASH_OPTIONS
from sbom.errors import Error, UsageError
from sbom.inventory import selection
from sbom.names import display
from sbom.policy.model import (
    EXPIRY,
    FILES,
    NAMED_RELEASES_ONLY,
    Algorithms,
    Certificate,
    Exemption,
    Files,
    Lineage,
    Predecessor,
    Provenance,
    Revocation,
    Role,
    Signer,
    Threshold,
    Wanted,
)
from sbom.policy.people import Place, by_identity, unfilled
from sbom.policy.signing import is_hmac
from sbom.policy.structure import near

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sbom.signing.keys import PublicKey

_DAY: Final = 24 * 60 * 60
#: What people write who believe that identities are patterns. No branch of git and no e-mail address holds it.
_PATTERN: Final = ("*", "^", "\\")
_END: Final = "$"


class Builder:
    """Builds the parts of one policy.

    :param path: of the policy file; other paths are relative to its directory.
    :param read: reads a file of root certificates (bounded).
    """

    def __init__(self, tree: Mapping[str, Any], path: str, read: Callable[[str], bytes]) -> None:
        self._tree = tree
        self._directory = os.path.dirname(path)
        self._read = read
        self.problems: list[str] = []
        self.paths: list[str] = [path]
        self.signers = tuple(self._signer(name, table) for name, table in tree["signers"].items())
        self.roles = tuple(Role(name, tuple(members)) for name, members in tree["roles"].items())
        self._members = {role.name: role.members for role in self.roles}
        self._check_signers()

    def table(self, name: str) -> Mapping[str, Any]:
        """Return a table of the policy, empty where it has none."""
        table: Mapping[str, Any] = self._tree.get(name, {})
        return table

    def path(self, name: str) -> str:
        """Return a path of the policy's as one that can be opened."""
        return os.path.join(self._directory, name)

    def file(self, name: str) -> str:
        """Return the path of a file that is read for the policy, and remember it."""
        self.paths.append(self.path(name))
        return self.paths[-1]

    def time(self, value: datetime, where: str) -> datetime:
        """Return a time in UTC."""
        try:
            return value.astimezone(UTC)
        except OverflowError:
            self.problems.append(f"{where}: there is no such time in UTC")
            return datetime.max.replace(tzinfo=UTC)

    def roots(self, names: Iterable[str]) -> tuple[tuple[str, bytes], ...]:
        """Read root certificates: ``(SHA-256 hex, DER)`` of each."""
        from hashlib import sha256  # noqa: PLC0415  # only where there are certificates

        from cryptography import x509  # noqa: PLC0415  # heavy
        from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415  # heavy

        found: dict[str, bytes] = {}
        for name in names:
            path = self.file(name)
            try:
                loaded = x509.load_pem_x509_certificates(self._read(path))
            except ValueError:
                self.problems.append(f"{display(path)}: is not a PEM file with certificates")
                continue
            except UsageError as error:
                self.problems.append(f"{display(path)}: {error.message}")
                continue
            for certificate in loaded:
                der = certificate.public_bytes(Encoding.DER)
                found[sha256(der).hexdigest()] = der
        return tuple(found.items())

    def thresholds(self, table: str) -> tuple[Threshold, ...]:
        """Read who is needed, and make sure that they can be there."""
        found = []
        for role, needed in self.table(table).get("require", {}).items():
            members = self._members.get(role)
            if members is None:
                hint = near(role, list(self._members))
                self.problems.append(f"{table}.require.{role}: there is no such role; {hint}")
                continue
            if needed > len(members):
                self.problems.append(f"{table}.require.{role}: {needed} are needed, and {len(members)} have the role")
            found.append(Threshold(role, needed))
        return tuple(found)

    def check_separate(self, thresholds: Sequence[Threshold]) -> None:
        """Make sure that everybody who is needed can be somebody else."""
        places = [Place(one.role, one.needed, frozenset(self._members[one.role])) for one in thresholds]
        single = [place for place in places if place.needed <= len(place.persons)]
        for place in unfilled(single):
            self.problems.append(
                f"nobody is left for {place.title} when each person counts for one role only:"
                " name more signers, or set separate-duties = false"
            )

    def algorithms(self) -> Algorithms:
        """Read which signature algorithms count."""
        from sbom.signing.algorithms import ALGORITHMS  # noqa: PLC0415  # heavy

        # The last part of those whose name is a URI of ours is how people call them.
        known = {name.rpartition(":")[2].upper() if ":" in name else name: name for name in ALGORITHMS}
        table = self.table("algorithms")
        listed: dict[str, tuple[str, ...]] = {}
        for key in ("allowed", "required"):
            names = table.get(key, ())
            for name in names:
                if is_hmac(name):
                    self.problems.append(
                        f"algorithms: {display(name, 60)} is an HMAC, which can be forged by everybody who can verify"
                        " it; it is never accepted"
                    )
                elif name not in known and name not in ALGORITHMS:
                    hint = near(name, list(known))
                    self.problems.append(f"algorithms: there is no signature algorithm {display(name, 60)}; {hint}")
            listed[key] = tuple(known.get(name, name) for name in names)
        allowed = listed["allowed"] if "allowed" in table else None
        for name in listed["required"]:
            if allowed is not None and name not in allowed:
                self.problems.append(f"algorithms: {display(name, 60)} is required, and not allowed")
        return Algorithms(allowed, listed["required"])

    def files(self) -> Files:
        """Read what files must be like."""
        table = self.table("files")
        extras = table.get("extras")
        self._globs(extras or (), "files.extras")
        known = tuple(HASH_OPTIONS.values())
        self._names(table.get("hashes", ()), known, "files.hashes", "digest")
        return Files(
            None if extras is None else tuple(extras),
            tuple(table.get("hashes", ())),
            table.get("max-files"),
            table.get("max-file-size"),
            table.get("max-total-size"),
            table.get("complete", False),
        )

    def provenance(self) -> Provenance:
        """Read what has to be known."""
        table = self.table("provenance")
        if not table:
            return Provenance()
        from sbom.profiles import ids  # noqa: PLC0415  # only where provenance is asked for
        from sbom.profiles.facts import DERIVED  # noqa: PLC0415
        from sbom.provenance import FIELD_BY_ID  # noqa: PLC0415

        self._names(table.get("required", ()), (*FIELD_BY_ID, *DERIVED), "provenance.required", "field or fact")
        self._names(table.get("profiles", ()), ids(), "provenance.profiles", "profile")
        return Provenance(tuple(table.get("required", ())), tuple(table.get("profiles", ())))

    def lineage(self) -> Lineage:
        """Read what has to be known of steps."""
        table = self.table("lineage")
        rules = table.get("signers", {})
        for step, roles in rules.items():
            self._names(roles, tuple(self._members), f"lineage.signers.{display(step, 80)}", "role")
        return Lineage(table.get("level"), tuple((step, tuple(roles)) for step, roles in rules.items()))

    def dataset(self) -> Wanted:
        """Read which dataset it has to be."""
        table = self.table("dataset")
        return Wanted(*(tuple(table.get(name, ())) for name in ("names", "versions", "roots")))

    def predecessor(self) -> Predecessor:
        """Read what must have come before."""
        table = self.table("predecessor")
        descends = tuple(table.get("descends-from", ()))
        return Predecessor(table.get("required", False), descends, table.get("never-older", False))

    def revocation(self) -> Revocation:
        """Read who may revoke."""
        table = self.table("revocation")
        revokers = tuple(table.get("revokers", ()))
        signers = tuple(table.get("list-signers", revokers))
        for key, roles in (("revokers", revokers), ("list-signers", signers)):
            self._names(roles, tuple(self._members), f"revocation.{key}", "role")
        days = table.get("list-max-age-days")
        return Revocation(revokers, signers, None if days is None else days * _DAY)

    def exceptions(self) -> tuple[Exemption, ...]:
        """Read what is let pass."""
        return tuple(self._exception(number, table) for number, table in enumerate(self._tree.get("exceptions", ())))

    def _exception(self, number: int, table: Mapping[str, Any]) -> Exemption:
        where = f"exceptions[{number + 1}]"
        rule = table["rule"]
        lists = {name: tuple(table.get(name, ())) for name in ("versions", "roots", "files", "names")}
        if rule in NAMED_RELEASES_ONLY and not (lists["versions"] or lists["roots"]):
            self.problems.append(f"{where}: an exception from {rule} has to name versions or roots")
        if lists["files"] and rule != FILES:
            self.problems.append(f"{where}: files are for exceptions from {FILES} only")
        if lists["names"] and rule == FILES:
            self.problems.append(f"{where}: an exception from {FILES} takes files, not names")
        self._globs(lists["files"], f"{where}.files")
        return Exemption(rule, table["reason"], self.time(table["expires"], f"{where}.expires"), **lists)

    def expires(self) -> datetime:
        """Read until when the policy is good."""
        return self.time(self._tree["expires"], EXPIRY)

    def _signer(self, signer_id: str, table: Mapping[str, Any]) -> Signer:
        keys: list[PublicKey] = []
        for name in table.get("keys", ()):
            key = self._key(name)
            if key is not None:
                keys.append(key)
        certificates = tuple(
            Certificate(self.roots(one["roots"]), self._exact(signer_id, one["identity"]))
            for one in table.get("certificates", ())
        )
        sigstore = tuple(
            SigstoreIdentity(self._exact(signer_id, one["identity"]), self._exact(signer_id, one["issuer"]))
            for one in table.get("sigstore", ())
        )
        fingerprints = dict.fromkeys((*(key.spki_sha256 for key in keys), *table.get("fingerprints", ())))
        if not table.keys() - {"name"}:
            self.problems.append(
                f"signers.{signer_id} has no credential: give keys, fingerprints, certificates or sigstore"
            )
        name = table.get("name", signer_id)
        return Signer(signer_id, name, tuple(fingerprints), tuple(keys), certificates, sigstore)

    def _key(self, name: str) -> PublicKey | None:
        from sbom.signing.keys import load_public  # noqa: PLC0415  # heavy

        try:
            return load_public(self.file(name))
        except Error as error:
            self.problems.append(f"{display(self.path(name))}: {error.message}")
            return None

    def _exact(self, signer_id: str, text: str) -> str:
        if any(sign in text for sign in _PATTERN) or text.endswith(_END):
            self.problems.append(
                f"signers.{signer_id}: {display(text, 200)} looks like a pattern, and identities are compared exactly:"
                " write it in full"
            )
        return text

    def _check_signers(self) -> None:
        owners = by_identity(self.signers)
        for signer in self.signers:
            for identity in signer.identities():
                if owners[identity] != signer.id:
                    both = f"{signer.id} and {owners[identity]}"
                    self.problems.append(
                        f"signers: {both} have the same {identity.kind} {display(identity.value, 80)}: one credential"
                        " belongs to one signer"
                    )
        known = tuple(signer.id for signer in self.signers)
        for role in self.roles:
            self._names(role.members, known, f"roles.{role.name}", "signer")

    def _names(self, names: Iterable[str], known: Sequence[str], where: str, what: str) -> None:
        for name in names:
            if name not in known:
                self.problems.append(f"{where}: there is no {what} {display(name, 80)}; {near(name, known)}")

    def _globs(self, patterns: Iterable[str], where: str) -> None:
        try:
            selection.check(patterns)
        except UsageError as error:
            self.problems.append(f"{where}: {error.message}")
