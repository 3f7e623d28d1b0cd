"""Asymmetric KMS keys that sign: real keys on NIST P-256, whose private half no answer ever holds.

Errors and bounds: KMS API Reference, Sign, Verify, GetPublicKey (botocore 1.44.5, checked 2026-11-21).
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from mainstay.sandbox.errors import not_implemented
from mainstay.sandbox.services import keys
from mainstay.sandbox.services.handler import Answer, Params, Table, refuse_if
from mainstay.sandbox.state import Record, Transaction

SPEC: Final = "ECC_NIST_P256"
USAGE: Final = "SIGN_VERIFY"
ALGORITHM: Final = "ECDSA_SHA_256"
_DIGEST_BYTES: Final = 32


def material(spec: str, usage: str | None) -> Record:
    """What a new key of a spec has beside an ordinary one; empty for a symmetric one that encrypts."""
    if spec == "SYMMETRIC_DEFAULT":
        refuse_if(usage not in (None, "ENCRYPT_DECRYPT"), "ValidationException", f"A symmetric key does not {usage}.")
        return {}
    if spec != SPEC:
        raise not_implemented("kms", "CreateKey", f"KeySpec {spec}: it has symmetric keys and {SPEC}")
    # Without it the usage would be to encrypt, which a key on a curve cannot (KMS API, CreateKey, KeyUsage).
    refuse_if(usage != USAGE, "ValidationException", f"KeyUsage {usage or 'ENCRYPT_DECRYPT'} is not one of {spec}.")
    private = ec.generate_private_key(ec.SECP256R1())
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    about = {"KeySpec": SPEC, "CustomerMasterKeySpec": SPEC, "KeyUsage": USAGE, "SigningAlgorithms": [ALGORITHM]}
    return {**about, "EncryptionAlgorithms": [], "_private": base64.b64encode(der).decode()}


def sign(tx: Transaction, params: Params) -> Answer:
    """A signature of a message of up to 4,096 bytes, or of its SHA-256."""
    key = _usable(tx, params)
    signature = _private(key).sign(_digest(params), ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    return {"KeyId": key["Arn"], "Signature": signature, "SigningAlgorithm": ALGORITHM}


def verify(tx: Transaction, params: Params) -> Answer:
    """Whether a signature is one of this key; KMSInvalidSignatureException when it is not."""
    key = _usable(tx, params)
    try:
        public = _private(key).public_key()
        public.verify(params["Signature"], _digest(params), ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    except InvalidSignature:
        refuse_if(True, "KMSInvalidSignatureException", "")
    return {"KeyId": key["Arn"], "SignatureValid": True, "SigningAlgorithm": ALGORITHM}


def get_public_key(tx: Transaction, params: Params) -> Answer:
    """The public half, in DER."""
    key = _usable(tx, params, asks_algorithm=False)
    about = {name: key[name] for name in ("CustomerMasterKeySpec", "KeySpec", "KeyUsage", "SigningAlgorithms")}
    public = _private(key).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {"KeyId": key["Arn"], "PublicKey": public, **about}


def _usable(tx: Transaction, params: Params, *, asks_algorithm: bool = True) -> Record:
    key = keys.require(tx, params["KeyId"])
    arn, state = key["Arn"], key["KeyState"]
    refuse_if(state == "Disabled", "DisabledException", f"{arn} is disabled.")
    refuse_if(state != "Enabled", "KMSInvalidStateException", f"{arn} is pending deletion.")
    signs = key["KeyUsage"] == USAGE
    if not asks_algorithm:
        refuse_if(not signs, "UnsupportedOperationException", f"{arn} is symmetric.")
        return key
    refuse_if(not signs, "InvalidKeyUsageException", f"{arn} key usage is {key['KeyUsage']}.")
    asked = params["SigningAlgorithm"]
    refuse_if(asked != ALGORITHM, "InvalidKeyUsageException", f"Algorithm {asked} is incompatible with {SPEC}.")
    return key


def _private(key: Record) -> ec.EllipticCurvePrivateKey:
    loaded: Any = load_der_private_key(base64.b64decode(key["_private"]), password=None)  # Any: of our own making
    made: ec.EllipticCurvePrivateKey = loaded
    return made


def _digest(params: Params) -> bytes:
    """The SHA-256 of what is signed."""
    given = params["Message"]
    message = given.encode() if isinstance(given, str) else bytes(given)
    if params.get("MessageType", "RAW") == "RAW":
        refuse_if(len(message) > 4096, "ValidationException", "Member must have length less than or equal to 4096")
        return hashlib.sha256(message).digest()
    is_whole = len(message) == _DIGEST_BYTES
    refuse_if(not is_whole, "ValidationException", f"Digest is invalid length for algorithm {ALGORITHM}.")
    return message


HANDLERS: Final[Table] = {"Sign": sign, "Verify": verify, "GetPublicKey": get_public_key}
