from __future__ import annotations

import base64
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from mainstay.core.errors import EnvironmentLacking, InputRefused
from mainstay.ops.evidence.signing import (
    LocalSigner,
    der_of_pem,
    described,
    fingerprint,
    is_signed,
    local_signer,
    message_of,
    pem_of,
)

DIGEST = "sha256:" + "ab" * 32


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "mainstay" / "evidence-key.pem"


def signed(signer: LocalSigner) -> dict[str, Any]:
    signature = base64.b64encode(signer.sign(message_of(DIGEST))).decode()
    return {"digest": DIGEST, "signed_by": signer.describe(), "signature": signature}


def test_a_key_is_made_once_and_is_its_owners_alone(state: Path, tmp_path: Path) -> None:
    first = local_signer(tmp_path, "ada@workbench").describe()
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.parent.stat().st_mode) == 0o700
    assert local_signer(tmp_path / "other", "ada@workbench").describe() == first
    assert [path.name for path in state.parent.iterdir()] == [state.name]


def test_two_who_make_a_key_at_once_get_the_same(state: Path) -> None:
    found: list[str] = []

    def make() -> None:
        found.append(LocalSigner(state, "a").describe()["fingerprint"])

    makers = [threading.Thread(target=make) for _ in range(6)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(found) == 6
    assert len(set(found)) == 1


def test_what_is_signed_is_what_was_signed(tmp_path: Path) -> None:
    document = signed(LocalSigner(tmp_path / "key.pem", "ada"))
    assert is_signed(document)
    assert not is_signed({**document, "digest": "sha256:" + "ac" * 32})
    other = signed(LocalSigner(tmp_path / "other.pem", "eve"))
    assert not is_signed({**document, "signature": other["signature"]})
    assert not is_signed({**document, "signed_by": other["signed_by"]})
    assert not is_signed({**document, "signed_by": {**document["signed_by"], "fingerprint": DIGEST}})
    assert not is_signed({**document, "signed_by": {**document["signed_by"], "algorithm": "ECDSA_SHA_256"}})
    damages: list[dict[str, Any]] = [{"signature": 7}, {"signature": "@"}, {"signed_by": None}, {"signed_by": {}}]
    for damaged in damages:
        assert not is_signed({**document, **damaged})


def test_base64_of_another_form_is_no_signature(tmp_path: Path) -> None:
    document = signed(LocalSigner(tmp_path / "key.pem", "ada"))
    text = document["signature"]
    assert text.endswith("==")
    bits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    neighbour = bits[bits.index(text[-3]) ^ 1]  # a bit that decodes to nothing
    assert base64.b64decode(text[:-3] + neighbour + "==") == base64.b64decode(text)
    assert not is_signed({**document, "signature": text[:-3] + neighbour + "=="})


def test_a_key_on_the_curve_of_kms_signs_too() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signature = base64.b64encode(key.sign(message_of(DIGEST), ec.ECDSA(hashes.SHA256()))).decode()
    document = {"digest": DIGEST, "signed_by": described("kms", "arn", "ECDSA_SHA_256", der), "signature": signature}
    assert is_signed(document)
    assert not is_signed({**document, "signed_by": described("kms", "arn", "Ed25519", der)})


def test_a_workspace_has_a_key_of_its_own_where_the_user_has_no_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    about = local_signer(tmp_path / "work", "ada").describe()
    assert about["instead_of"].startswith("the user's own key: ")
    assert (tmp_path / "work" / "keys" / "evidence-key.pem").exists()


def test_without_the_variable_the_key_is_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert local_signer(tmp_path / "work", "ada").path == tmp_path / ".local/state/mainstay/evidence-key.pem"


def _rsa() -> bytes:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(("held", "why"), [(b"nonsense", "cannot be read"), (_rsa, "no Ed25519 key")])
def test_a_key_that_is_none_is_said_and_another_signs(state: Path, tmp_path: Path, held: Any, why: str) -> None:
    state.parent.mkdir(parents=True)
    state.write_bytes(held() if callable(held) else held)
    with pytest.raises(EnvironmentLacking) as lacking:
        LocalSigner(state, "ada").describe()
    assert why in lacking.value.detail
    assert why in local_signer(tmp_path / "work", "ada").describe()["instead_of"]


def test_a_public_key_is_read_from_its_file(tmp_path: Path) -> None:
    der = LocalSigner(tmp_path / "key.pem", "ada").public_key()
    assert der_of_pem(pem_of(der).encode(), "here") == der
    assert fingerprint(der).startswith("sha256:")
    with pytest.raises(InputRefused, match="not a public key"):
        der_of_pem(b"nonsense", "here")
