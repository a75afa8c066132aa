"""Files that should hold one key in PEM (RFC 7468): bounded reading, saying what else they hold, and writing."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Final

from sbom.errors import KeyFileError, OutputError, UsageError
from sbom.names import display

#: Octets. The longest key that is accepted, RSA of 16384 bits, takes less than 16 KiB.
MAX_SIZE: Final = 64 * 1024
#: Octets of a file of certificates: the roots of all authorities of the web take a quarter of it.
MAX_CERTIFICATES_SIZE: Final = 1024 * 1024

_BLOCK: Final = re.compile(rb"-----BEGIN ([^\r\n]*?)-----")
_PRIVATE: Final = ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY")
_PUBLIC: Final = ("PUBLIC KEY", "RSA PUBLIC KEY")
_OPENSSH: Final = (b"ssh-", b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-")
_SEQUENCE: Final = 0x30  # what every DER key starts with
_CONVERT: Final = "convert it to PEM with openssl pkey, or make a key with data-sbom keygen"


def read_public(path: str) -> bytes:
    """Return the text of a file that holds one public key in PEM.

    :raises KeyFileError: saying what it holds instead, a private key above all.
    """
    pem, label = _read_block(path)
    if label in _PUBLIC:
        return pem
    if label.endswith("PRIVATE KEY"):
        problem = "this is a private key, and a public key is wanted: never hand out a private key"
        raise KeyFileError(problem, path=path, hint="give the .pub file; if this one was passed on, replace the key")
    raise KeyFileError(_not_a_key(label), path=path, hint="a public key starts with -----BEGIN PUBLIC KEY-----")


def read_private(path: str) -> bytes:
    """Return the text of a file that holds one private key in PEM.

    :raises KeyFileError: saying what it holds instead.
    """
    pem, label = _read_block(path)
    if label in _PRIVATE:
        return pem
    if label in _PUBLIC:
        problem = "this is a public key, and a private key is wanted"
        raise KeyFileError(problem, path=path, hint="give the .key file")
    raise KeyFileError(_not_a_key(label), path=path, hint="a private key starts with -----BEGIN PRIVATE KEY-----")


def read_certificates(path: str) -> bytes:
    """Return the text of a file that holds certificates in PEM, one or more.

    :raises KeyFileError: saying what it holds instead, a private key above all.
    """
    data = _read(path, MAX_CERTIFICATES_SIZE)
    labels = {label.decode("ascii", "replace") for label in _BLOCK.findall(data)}
    hint = "a certificate starts with -----BEGIN CERTIFICATE-----"
    if not labels:
        raise KeyFileError(_not_pem(data, "certificate"), path=path, hint=hint)
    for label in sorted(labels - {"CERTIFICATE"}):
        if label.endswith("PRIVATE KEY"):
            problem = "this file holds a private key beside certificates: never hand out a private key"
            raise KeyFileError(problem, path=path, hint="put the certificates alone into a file")
        problem = f"this file holds something else than certificates: {display(label, 40)}"
        raise KeyFileError(problem, path=path, hint=hint)
    return data


def permissions_warning(path: str | os.PathLike[str]) -> str | None:
    """Say that others may read a private key file; ``None`` when only its owner may.

    :raises KeyFileError: when the file's mode cannot be read.
    """
    try:
        mode = stat.S_IMODE(Path(path).stat().st_mode)
    except OSError as error:
        raise _unreadable(str(path), error) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO) == 0:
        return None
    return f"others than its owner have access to this private key (mode {mode:04o}); correct it with chmod 600"


def create_pair(prefix: str, private: bytes, public: bytes) -> tuple[Path, Path]:
    """Create ``PREFIX.key`` and ``PREFIX.pub``; see :func:`sbom.signing.keys.write_pair`."""
    if "\0" in prefix:
        raise UsageError("a file name cannot hold NUL", hint="choose another prefix")
    if os.path.basename(prefix) in {"", ".", ".."}:  # Path drops a trailing slash: it matters here
        problem = "a name for the key files is missing"
        raise UsageError(problem, path=prefix or None, hint="give a prefix: keys/release makes keys/release.key")
    pair = Path(f"{prefix}.key"), Path(f"{prefix}.pub")
    created: list[Path] = []
    try:
        for path, content, mode in zip(pair, (private, public), (0o600, 0o644), strict=True):
            _create(path, content, mode, created)
        _sync_directory(pair[0].parent)
    except FileExistsError as error:
        _remove(created)
        hint = "choose another prefix, or move the old files away: a key is never overwritten"
        raise UsageError("the file exists already", path=str(error.filename), hint=hint) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        _remove(created)
        problem = "the directory of the key files does not exist"
        raise UsageError(problem, path=prefix, hint="create it first, for its owner only (mode 0700)") from error
    except OSError as error:
        _remove(created)
        problem = f"the key files cannot be written: {error.strerror}"
        raise OutputError(problem, path=prefix, hint="nothing was left behind") from error
    except BaseException:
        _remove(created)
        raise
    return pair


def _create(path: Path, content: bytes, mode: int, created: list[Path]) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    created.append(path)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(created: list[Path]) -> None:
    for path in created:
        path.unlink(missing_ok=True)


def _read_block(path: str) -> tuple[bytes, str]:
    """Return the file's text and the label of the only PEM block in it."""
    data = _read(path)
    labels = [label.decode("ascii", "replace") for label in _BLOCK.findall(data)]
    if not labels:
        raise KeyFileError(_not_pem(data), path=path, hint=_CONVERT)
    if len(labels) > 1:
        problem = f"the file holds {len(labels)} PEM blocks, and a key file holds one"
        raise KeyFileError(problem, path=path, hint="put the key alone into a file")
    return data, labels[0]


def _read(path: str, most: int = MAX_SIZE) -> bytes:
    """Return the content of a regular file of at most ``most`` octets, without ever waiting for a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
            data = _read_bounded(descriptor, most) if regular else b""
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not regular:
        raise KeyFileError("this is not a regular file", path=path, hint="give the path of a key file")
    if len(data) > most:
        problem = f"the file has more than {most // 1024} KiB: it is not a key file"
        raise KeyFileError(problem, path=path, hint="give the path of a key file")
    return data


def _read_bounded(descriptor: int, most: int) -> bytes:
    with open(descriptor, "rb", closefd=False) as file:
        return file.read(most + 1)


def _unreadable(path: str, error: OSError | ValueError) -> KeyFileError:
    why = error.strerror if isinstance(error, OSError) and error.strerror else "not a file name"
    return KeyFileError(f"the key file cannot be read: {why}", path=path, hint="check the path and its permissions")


def _not_pem(data: bytes, what: str = "key") -> str:
    start = data.lstrip()
    if not start:
        return "the file is empty"
    if start.startswith(_OPENSSH):
        return "this is a public key in OpenSSH's format, not in PEM"
    if data[0] == _SEQUENCE:
        return f"this looks like a DER file, and a {what} file is PEM"
    if start.startswith(b"{"):
        return f"this is JSON, and a {what} file is PEM"
    return f"the file holds no {what} in PEM"


def _not_a_key(label: str) -> str:
    if "CERTIFICATE" in label:
        return "this is a certificate, and a key is wanted"
    if label.startswith("OPENSSH"):
        return "this is a private key in OpenSSH's format, and PKCS#8 is wanted"
    return f"this is no key of a kind that can be used here: {display(label, 40)}"
