"""As much of PostgreSQL's protocol as it takes to tell a client why it is not let in.

Protocol 3.0, "Message Formats", PostgreSQL 17 documentation (read 2026-11-20).
"""

from __future__ import annotations

import struct
from typing import Final

from mainstay.engines.refusal import Refusal

SSL_REQUEST: Final = 80877103
GSS_REQUEST: Final = 80877104
MAX_STARTUP_BYTES: Final = 10_000  # the server's own bound, MAX_STARTUP_PACKET_LENGTH

NOT_ADMITTED: Final = "28000"  # invalid_authorization_specification, as the server says for a host without an entry
NO_SERVER: Final = "57P03"  # cannot_connect_now


class PostgresWire:
    """Answers to a client that has no server behind its connection."""

    speaks_first: Final = False

    def refusal(self, received: bytes, reason: str, *, is_temporary: bool, can_encrypt: bool) -> Refusal:
        """What to answer to the bytes received so far.

        A request for TLS is granted if we can, else declined with `N` (go on in plain text); the start-up message
        gets the error. A client that insists on TLS and does not get it leaves without having read the reason.
        """
        if len(received) < 8:
            return Refusal(b"", 0)
        length, code = struct.unpack_from("!ii", received)
        if code == SSL_REQUEST and can_encrypt:
            return Refusal(b"S", 8, starts_tls=True)
        if code in (SSL_REQUEST, GSS_REQUEST):
            return Refusal(b"N", 8)
        if not 8 <= length <= MAX_STARTUP_BYTES:
            return Refusal(b"", len(received), is_last=True)
        if len(received) < length:
            return Refusal(b"", 0)
        return Refusal(error_response(reason, NO_SERVER if is_temporary else NOT_ADMITTED), length, is_last=True)


def error_response(message: str, code: str) -> bytes:
    """An ErrorResponse of severity FATAL with this SQLSTATE."""
    fields = {"S": "FATAL", "V": "FATAL", "C": code, "M": message}
    body = b"".join(kind.encode() + text.encode() + b"\0" for kind, text in fields.items()) + b"\0"
    return b"E" + struct.pack("!i", len(body) + 4) + body


POSTGRES_WIRE: Final = PostgresWire()
