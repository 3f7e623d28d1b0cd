from __future__ import annotations

import struct

import pytest

from mainstay.engines.postgres.wire import GSS_REQUEST, POSTGRES_WIRE, SSL_REQUEST, error_response
from mainstay.engines.refusal import Refusal

STARTUP = struct.pack("!ii", 13, 196608) + b"user\0"


def refusal(received: bytes, *, is_temporary: bool = False, can_encrypt: bool = False) -> Refusal:
    return POSTGRES_WIRE.refusal(received, "no", is_temporary=is_temporary, can_encrypt=can_encrypt)


def test_an_incomplete_message_is_waited_for() -> None:
    for end in range(len(STARTUP)):
        assert refusal(STARTUP[:end]) == Refusal(b"", 0)


@pytest.mark.parametrize("code", [SSL_REQUEST, GSS_REQUEST])
def test_encryption_is_declined_before_the_error(code: int) -> None:
    assert refusal(struct.pack("!ii", 8, code) + STARTUP) == Refusal(b"N", 8)


def test_tls_is_granted_where_we_can_and_kerberos_never() -> None:
    assert refusal(struct.pack("!ii", 8, SSL_REQUEST), can_encrypt=True) == Refusal(b"S", 8, starts_tls=True)
    assert refusal(struct.pack("!ii", 8, GSS_REQUEST), can_encrypt=True) == Refusal(b"N", 8)


def test_the_start_up_message_gets_the_error() -> None:
    assert refusal(STARTUP + b"more") == Refusal(error_response("no", "28000"), len(STARTUP), is_last=True)
    assert refusal(STARTUP, is_temporary=True).answer == error_response("no", "57P03")


@pytest.mark.parametrize("length", [-1, 0, 7, 10_001])
def test_what_is_no_start_up_message_ends_the_connection(length: int) -> None:
    assert refusal(struct.pack("!ii", length, 196608)) == Refusal(b"", 8, is_last=True)


def test_an_error_is_framed_as_the_protocol_says() -> None:
    message = error_response("grund", "28000")
    assert message[:1] == b"E"
    assert struct.unpack("!i", message[1:5])[0] == len(message) - 1
    assert message[5:].split(b"\0") == [b"SFATAL", b"VFATAL", b"C28000", b"Mgrund", b"", b""]
