"""Signatures: by a key of this operator's own (Ed25519), or by one that never leaves KMS (ECDSA on NIST P-256).

What is signed is `mainstay.evidence` and the document's digest, each ended by a newline: a few bytes, so that KMS takes
them as a message (4,096 bytes at most, KMS API Reference, Sign, 2026-11-21). A document carries the public key that its
signature is checked with; that this is a key to be trusted is told by its fingerprint, from elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from mainstay.core.errors import EnvironmentLacking, InputRefused

ED25519: Final = "Ed25519"
ECDSA: Final = "ECDSA_SHA_256"
KEY_FILE: Final = "evidence-key.pem"


class Signer(Protocol):
    """Whoever signs evidence: what its documents say about the key, and the signature of a message."""

    def describe(self) -> dict[str, str]:
        """The document's `signed_by`: kind, name, algorithm, fingerprint and public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """A signature; MainstayError when there is none to be had."""
        ...


def message_of(digest: str) -> bytes:
    """The bytes that are signed for a document of this digest."""
    return f"mainstay.evidence\n{digest}\n".encode()


def fingerprint(der: bytes) -> str:
    """`sha256:` and the hash of a public key (DER, SubjectPublicKeyInfo)."""
    return "sha256:" + hashlib.sha256(der).hexdigest()


def described(kind: str, name: str, algorithm: str, der: bytes) -> dict[str, str]:
    """The document's `signed_by`, of a public key in DER."""
    public = base64.b64encode(der).decode()
    return {
        "kind": kind,
        "name": name,
        "algorithm": algorithm,
        "fingerprint": fingerprint(der),
        "public_key": public,
    }


def is_signed(document: Mapping[str, Any]) -> bool:
    """Whether a document is signed by the key that stands in it."""
    try:
        about = document["signed_by"]
        der = _decoded(about["public_key"])
        signature = _decoded(document["signature"])
        return about["fingerprint"] == fingerprint(der) and _holds(
            about["algorithm"], der, signature, message_of(document["digest"])
        )
    except (KeyError, TypeError, ValueError, AttributeError, UnsupportedAlgorithm):
        return False


def _decoded(text: str) -> bytes:
    """Base64 in its one canonical form: else bits that decode to nothing could be changed."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise binascii.Error("not canonical")
    return raw


def _holds(algorithm: str, der: bytes, signature: bytes, message: bytes) -> bool:
    key = load_der_public_key(der)
    try:
        if algorithm == ED25519 and isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
            return True
        if algorithm == ECDSA and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
            return True
    except InvalidSignature:
        return False
    return False


def pem_of(der: bytes) -> str:
    """A public key as a PEM file."""
    key = load_der_public_key(der)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def der_of_pem(raw: bytes, where: str) -> bytes:
    """A public key in DER, of one in PEM; InputRefused when it is none."""
    try:
        key = load_pem_public_key(raw)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputRefused(
            "not a public key",
            detail=f"{where} holds no public key in PEM.",
            hint="name the .pem file that lies in the evidence's keys/, from a copy that you trust",
        ) from error
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class LocalSigner:
    """An Ed25519 key in a file that only its owner reads; made when it is first asked for."""

    def __init__(self, path: Path, name: str, *, instead_of: str = "") -> None:
        """`instead_of` is why it signs in the place of another key."""
        self.path = path
        self._name = name
        self._instead_of = instead_of

    def describe(self) -> dict[str, str]:
        """The document's `signed_by`."""
        about = described("local", self._name, ED25519, self.public_key())
        return {**about, "instead_of": self._instead_of} if self._instead_of else about

    def public_key(self) -> bytes:
        """The public key in DER."""
        return self._key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, message: bytes) -> bytes:
        """A signature of 64 bytes."""
        return self._key().sign(message)

    def _key(self) -> ed25519.Ed25519PrivateKey:
        if not self.path.exists():
            _make(self.path)
        try:
            key = load_pem_private_key(self.path.read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as error:
            raise _unusable(self.path, "it cannot be read as a private key") from error
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise _unusable(self.path, "it is no Ed25519 key")
        return key


def local_signer(workspace: Path, name: str) -> LocalSigner:
    """The operator's own key in the user's state directory; one of the workspace's where that one cannot be had.

    Neither lies below `evidence/`, which is handed to others whole. A run's evidence is not lost for want of a key.
    """
    try:
        signer = LocalSigner(_state_directory() / KEY_FILE, name)
        signer.public_key()
    except (OSError, RuntimeError) as error:  # no home, or somebody else's, as in many containers
        return LocalSigner(workspace / "keys" / KEY_FILE, name, instead_of=f"the user's own key: {error}")
    except EnvironmentLacking as error:
        return LocalSigner(workspace / "keys" / KEY_FILE, name, instead_of=f"the user's own key: {error.detail}")
    return signer


def _state_directory() -> Path:
    """Where programs keep what outlives them (XDG Base Directory Specification, XDG_STATE_HOME)."""
    given = Path(os.environ.get("XDG_STATE_HOME", ""))
    return (given if given.is_absolute() else Path.home() / ".local" / "state") / "mainstay"


def _make(path: Path) -> None:
    """A new key, whole or not at all; of two who make one at once, the first wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    building = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(building, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(building, path)
        except FileExistsError:
            return
    finally:
        building.unlink()


def _unusable(path: Path, why: str) -> EnvironmentLacking:
    return EnvironmentLacking(
        "the key that signs evidence cannot be used",
        detail=f"{path}: {why}.",
        hint="put it back from a backup; or move it away, and the next drill makes another one",
    )
