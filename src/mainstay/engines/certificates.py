"""A certificate authority of our own, and server certificates for loopback addresses.

RDS serves TLS with certificates of Amazon's regional authorities; the counterpart here lets a client use
`sslmode=verify-full` in the same way, with the authority's file as `sslrootcert`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import Identity

# Clocks of clients may run behind ours.
BACKDATED: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Authority:
    """Files of an authority: its certificate, which clients trust, and its key (0600)."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """Files of a server: certificate, key (0600, the server user's own) and the authority's certificate."""

    certificate: Path
    key: Path
    authority: Path


def create_authority(directory: Path, *, name: str, valid_days: int = 3650) -> Authority:
    """The authority in `directory` (`ca.crt`, `ca.key`); created when it is not there yet."""
    authority = Authority(directory / "ca.crt", directory / "ca.key")
    if authority.certificate.exists() and authority.key.exists():
        return authority
    directory.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        _builder(subject, subject, key.public_key(), key.public_key(), valid_days)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_key(authority.key, key)
    authority.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    return authority


def issue_server_certificate(
    authority: Authority,
    into: Path,
    *,
    name: str,
    addresses: Sequence[str] = (),
    dns_names: Sequence[str] = (),
    identity: Identity | None = None,
    valid_days: int = 825,
) -> ServerCertificate:
    """A certificate for these IP addresses and names: `server.crt`, `server.key`, `ca.crt` in `into`."""
    into.mkdir(parents=True, exist_ok=True)
    issued = ServerCertificate(into / "server.crt", into / "server.key", into / "ca.crt")
    signer, signer_key = _load(authority)
    key = ec.generate_private_key(ec.SECP256R1())
    alternatives = [*(x509.IPAddress(ip_address(a)) for a in addresses), *(x509.DNSName(n) for n in dns_names)]
    certificate = (
        _builder(_name(name), signer.subject, key.public_key(), signer_key.public_key(), valid_days)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(signer_key, hashes.SHA256())
    )
    _write_key(issued.key, key)
    issued.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    issued.authority.write_bytes(authority.certificate.read_bytes())
    if identity is not None:
        for path in (issued.key, issued.certificate, issued.authority):
            identity.own(path)
    return issued


def _load(authority: Authority) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    try:
        certificate = x509.load_pem_x509_certificate(authority.certificate.read_bytes())
        key = load_pem_private_key(authority.key.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise _unusable(authority, str(error)) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise _unusable(authority, "its key is of another kind")
    return certificate, key


def _unusable(authority: Authority, why: str) -> EnvironmentLacking:
    return EnvironmentLacking(
        "certificate authority cannot be used",
        detail=f"{authority.certificate}: {why}.",
        hint="remove ca.crt and ca.key, and a new authority is made; clients must then trust the new file",
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])  # X.520's upper bound for a common name


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
    valid_days: int,
) -> x509.CertificateBuilder:
    """What both kinds have. Both key identifiers, because Python 3.13 demands them by default (RFC 5280)."""
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + timedelta(days=valid_days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
