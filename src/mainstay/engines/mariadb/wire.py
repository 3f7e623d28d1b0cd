"""As much of the MySQL protocol as it takes to tell a client why it is not let in.

The server speaks first: an error in place of its greeting is what a client gets for a host that is not allowed, or
when there are too many connections ("ERR_Packet", MariaDB Knowledge Base, read 2026-11-21).
"""

from __future__ import annotations

import struct
from typing import Final

from mainstay.engines.refusal import Refusal

NOT_ADMITTED: Final = 1130  # ER_HOST_NOT_PRIVILEGED
NO_SERVER: Final = 1040  # ER_CON_COUNT_ERROR: the one that clients take for a passing state
ERROR: Final = 0xFF
MAX_TEXT_BYTES: Final = 511  # MYSQL_ERRMSG_SIZE less one


class MariadbWire:
    """Answers to a client that has no server behind its connection."""

    speaks_first: Final = True

    def refusal(self, received: bytes, reason: str, *, is_temporary: bool, can_encrypt: bool) -> Refusal:
        """The error, at once: nothing that the client could send would be needed for it."""
        code = NO_SERVER if is_temporary else NOT_ADMITTED
        return Refusal(error_packet(reason, code), len(received), is_last=True)


def error_packet(message: str, code: int) -> bytes:
    """The first packet of a connection, an error. Without the SQL state, which only follows a greeting."""
    body = struct.pack("<BH", ERROR, code) + message.encode()[:MAX_TEXT_BYTES]
    return struct.pack("<I", len(body))[:3] + b"\0" + body


MARIADB_WIRE: Final = MariadbWire()
