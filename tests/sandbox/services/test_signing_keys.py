"""KMS keys that sign: what they sign can be verified without KMS, and everything else is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mainstay.core.errors import TargetRefused
from mainstay.ops import evidence
from mainstay.ops.aws.doors import Doors
from mainstay.ops.evidence.kms_signer import KmsSigner
from mainstay.sandbox import session

BY = {"SigningAlgorithm": "ECDSA_SHA_256"}


@pytest.fixture
def kms(site: Any) -> Any:
    return site.client("kms")


@pytest.fixture
def key(kms: Any) -> str:
    return str(kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"])


def test_a_signature_can_be_verified_without_kms(kms: Any, key: str) -> None:
    signed = kms.sign(KeyId=key, Message=b"hello", **BY)
    answer = kms.get_public_key(KeyId=key)
    assert (answer["KeyUsage"], answer["SigningAlgorithms"]) == ("SIGN_VERIFY", ["ECDSA_SHA_256"])
    public = load_der_public_key(answer["PublicKey"])
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(signed["Signature"], b"hello", ec.ECDSA(hashes.SHA256()))
    told = str(kms.describe_key(KeyId=key)) + str(answer) + str(kms.list_keys())
    assert "_private" not in told


def test_a_message_and_its_digest_are_signed_alike(kms: Any, key: str) -> None:
    digest = hashlib.sha256(b"hello").digest()
    by_digest = kms.sign(KeyId=key, Message=digest, MessageType="DIGEST", **BY)["Signature"]
    assert kms.verify(KeyId=key, Message=b"hello", Signature=by_digest, **BY)["SignatureValid"] is True
    by_message = kms.sign(KeyId=key, Message=b"hello", MessageType="RAW", **BY)["Signature"]
    asked = {"KeyId": key, "Message": digest, "MessageType": "DIGEST"}
    assert kms.verify(**asked, Signature=by_message, **BY)["SignatureValid"] is True


def test_another_message_is_not_what_was_signed(kms: Any, key: str, refuses: Any) -> None:
    signature = kms.sign(KeyId=key, Message=b"hello", **BY)["Signature"]
    with refuses("KMSInvalidSignatureException"):
        kms.verify(KeyId=key, Message=b"hullo", Signature=signature, **BY)


def test_the_longest_message(kms: Any, key: str) -> None:
    assert kms.sign(KeyId=key, Message=b"x" * 4096, **BY)["Signature"]
    with pytest.raises((ParamValidationError, kms.exceptions.ClientError)):
        kms.sign(KeyId=key, Message=b"x" * 4097, **BY)


def test_what_cannot_be_signed_is_refused(kms: Any, key: str, refuses: Any) -> None:
    with refuses("ValidationException"):
        kms.sign(KeyId=key, Message=b"short", MessageType="DIGEST", **BY)
    with refuses("InvalidKeyUsageException"):
        kms.sign(KeyId=key, Message=b"hello", SigningAlgorithm="RSASSA_PSS_SHA_256")
    ordinary = kms.create_key()["KeyMetadata"]["KeyId"]
    with refuses("InvalidKeyUsageException"):
        kms.sign(KeyId=ordinary, Message=b"hello", **BY)
    with refuses("UnsupportedOperationException"):
        kms.get_public_key(KeyId=ordinary)
    with refuses("UnsupportedOperationException"):
        kms.enable_key_rotation(KeyId=key)


def test_keys_that_do_not_go_together_with_their_usage(kms: Any, refuses: Any) -> None:
    for given in ({"KeySpec": "ECC_NIST_P256"}, {"KeyUsage": "SIGN_VERIFY"}):
        with refuses("ValidationException"):
            kms.create_key(**given)


def test_a_key_that_cannot_be_used_signs_nothing(kms: Any, key: str, refuses: Any) -> None:
    kms.disable_key(KeyId=key)
    with refuses("DisabledException"):
        kms.sign(KeyId=key, Message=b"hello", **BY)
    kms.schedule_key_deletion(KeyId=key)
    with refuses("KMSInvalidStateException"):
        kms.get_public_key(KeyId=key)


def test_evidence_is_signed_by_it_and_by_the_operator_when_it_cannot(tmp_path: Path) -> None:
    from tests.ops.evidence.conftest import content  # noqa: PLC0415  # only here

    made = session(tmp_path / "sandbox", "eu-central-1")
    kms, doors = made.client("kms"), Doors(made)
    arn = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    signer = KmsSigner(doors.kms, arn)
    stored = evidence.load(evidence.store(tmp_path, content("run-1"), signer=signer))
    about = stored["signed_by"]
    assert (about["kind"], about["name"], about["algorithm"]) == ("kms", arn, "ECDSA_SHA_256")
    assert evidence.replay(tmp_path, trusted=[about["fingerprint"]]).problems == []
    kms.disable_key(KeyId=arn)
    with pytest.raises(TargetRefused):
        signer.sign(b"hello")
    again = evidence.load(evidence.store(tmp_path, content("run-2"), signer=signer))
    assert again["signed_by"]["kind"] == "local"
    assert again["signed_by"]["instead_of"].startswith("the key that was asked for: ")
    assert [problem.kind for problem in evidence.replay(tmp_path, trusted=[about["fingerprint"]]).problems] == [
        "foreign key"
    ]
