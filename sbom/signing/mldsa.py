"""ML-DSA-65 (FIPS 204), where the installed ``cryptography`` knows it: its wheels do from version 48 on.

Elsewhere the types are stand-ins that no key is an instance of, so that nothing else has to ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm

from sbom.errors import UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey
else:
    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey
    except ImportError:

        class MLDSA65PrivateKey:
            """No key is one."""

            @classmethod
            def generate(cls) -> MLDSA65PrivateKey:
                """Say that there are none."""
                raise UnsupportedAlgorithm(HINT)

        class MLDSA65PublicKey:
            """No key is one."""


__all__ = ["ALGORITHM", "HINT", "MLDSA65PrivateKey", "MLDSA65PublicKey", "generate"]

#: Its name in a signature. JSF 0.82 knows no post-quantum algorithm, and wants a URI for each that it does not know
#: (section 6.1.1); this one is ours. Pure ML-DSA with an empty context (FIPS 204 section 5.2).
ALGORITHM: Final = "urn:data-sbom:algorithm:ml-dsa-65"
HINT: Final = "ML-DSA-65 needs cryptography 48 or later"


def generate() -> MLDSA65PrivateKey:
    """Return a new key.

    :raises UsageError: when the installed ``cryptography`` cannot make one.
    """
    try:
        return MLDSA65PrivateKey.generate()
    except UnsupportedAlgorithm as error:
        problem = "this installation cannot make ML-DSA-65 keys"
        raise UsageError(problem, hint=f"{HINT}: pip install --upgrade cryptography") from error
