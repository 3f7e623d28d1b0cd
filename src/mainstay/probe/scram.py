"""Password verifiers, so that no password travels to a server in clear, or into its log.

RFC 5802 and RFC 7677 (SCRAM-SHA-256); the stored form is that of pg_authid.rolpassword in PostgreSQL 17.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import stringprep
import unicodedata
from typing import Final

ITERATIONS: Final = 4096  # the server's default, scram_iterations
SALT_BYTES: Final = 16

_PROHIBITED: Final = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def scram_verifier(password: str, salt: bytes | None = None) -> str:
    """What PostgreSQL stores for a password: `SCRAM-SHA-256$4096:<salt>$<stored key>:<server key>`."""
    salt = os.urandom(SALT_BYTES) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", _prepared(password).encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${ITERATIONS}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _prepared(password: str) -> str:
    """SASLprep (RFC 4013); a password that it prohibits is taken as it is, as libpq does."""
    if password.isascii():
        return password
    mapped = "".join(" " if stringprep.in_table_c12(c) else c for c in password if not stringprep.in_table_b1(c))
    prepared = unicodedata.normalize("NFKC", mapped)
    if any(prohibited(c) for c in prepared for prohibited in _PROHIBITED):
        return password
    return prepared
