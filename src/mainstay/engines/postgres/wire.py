"""As much of PostgreSQL's protocol as it takes to tell a client why it is not let in.

Protocol 3.0, "Message Formats", PostgreSQL 17 documentation (read 2026-11-20).
"""

from __future__ import annotations

import struct
from typing import Final

SSL_REQUEST: Final = 80877103
GSS_REQUEST: Final = 80877104
MAX_STARTUP_BYTES: Final = 10_000  # the server's own bound, MAX_STARTUP_PACKET_LENGTH

NOT_ADMITTED: Final = "28000"  # invalid_authorization_specification, as the server says for a host without an entry
NO_SERVER: Final = "57P03"  # cannot_connect_now


class PostgresWire:
    """Answers to a client that has no server behind its connection."""

    def refusal(self, received: bytes, reason: str, *, is_temporary: bool) -> tuple[bytes, int, bool]:
        """What to answer to the bytes received so far: the answer, how many bytes it used up, whether it was the last.

        A request for encryption is answered with `N` (go on in plain text); the start-up message itself gets the
        error. A client that insists on TLS leaves after the `N`.
        """
        if len(received) < 8:
            return b"", 0, False
        length, code = struct.unpack_from("!ii", received)
        if code in (SSL_REQUEST, GSS_REQUEST):
            return b"N", 8, False
        if not 8 <= length <= MAX_STARTUP_BYTES:
            return b"", len(received), True
        if len(received) < length:
            return b"", 0, False
        return error_response(reason, NO_SERVER if is_temporary else NOT_ADMITTED), length, True


def error_response(message: str, code: str) -> bytes:
    """An ErrorResponse of severity FATAL with this SQLSTATE."""
    fields = {"S": "FATAL", "V": "FATAL", "C": code, "M": message}
    body = b"".join(kind.encode() + text.encode() + b"\0" for kind, text in fields.items()) + b"\0"
    return b"E" + struct.pack("!i", len(body) + 4) + body


POSTGRES_WIRE: Final = PostgresWire()
