from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.certificates import Authority, create_authority, issue_server_certificate
from mainstay.engines.identity import Identity


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return create_authority(tmp_path / "ca", name="Test authority")


def test_an_authority_is_made_once(authority: Authority, tmp_path: Path) -> None:
    before = authority.certificate.read_bytes(), authority.key.read_bytes()
    assert create_authority(tmp_path / "ca", name="Another") == authority
    assert (authority.certificate.read_bytes(), authority.key.read_bytes()) == before
    assert authority.key.stat().st_mode & 0o777 == 0o600


def test_a_server_certificate_names_its_addresses_and_is_signed(
    authority: Authority, tmp_path: Path, identity: Identity
) -> None:
    issued = issue_server_certificate(
        authority,
        tmp_path / "server",
        name="x" * 80,
        addresses=["127.70.0.1", "::1"],
        dns_names=["shop.test"],
        identity=identity,
    )
    certificate = x509.load_pem_x509_certificate(issued.certificate.read_bytes())
    signer = x509.load_pem_x509_certificate(authority.certificate.read_bytes())
    certificate.verify_directly_issued_by(signer)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(a) for a in names.get_values_for_type(x509.IPAddress)] == ["127.70.0.1", "::1"]
    assert names.get_values_for_type(x509.DNSName) == ["shop.test"]
    assert issued.key.stat().st_mode & 0o777 == 0o600
    assert issued.key.stat().st_uid == identity.uid
    assert issued.authority.read_bytes() == authority.certificate.read_bytes()


def test_a_certificate_is_renewed_in_place(authority: Authority, tmp_path: Path) -> None:
    first = issue_server_certificate(authority, tmp_path, name="a").key.read_bytes()
    assert issue_server_certificate(authority, tmp_path, name="a").key.read_bytes() != first


def test_an_authority_that_cannot_be_read_is_named(authority: Authority, tmp_path: Path) -> None:
    authority.key.write_text("not a key")
    with pytest.raises(EnvironmentLacking, match=r"ca\.crt"):
        issue_server_certificate(authority, tmp_path, name="a")


def test_an_authority_with_a_key_of_another_kind_is_refused(authority: Authority, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    authority.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(EnvironmentLacking, match="another kind"):
        issue_server_certificate(authority, tmp_path, name="a")
