from __future__ import annotations

import struct

import pytest

from mainstay.engines.postgres.wire import GSS_REQUEST, POSTGRES_WIRE, SSL_REQUEST, error_response

STARTUP = struct.pack("!ii", 13, 196608) + b"user\0"


def refusal(received: bytes) -> tuple[bytes, int, bool]:
    return POSTGRES_WIRE.refusal(received, "no", is_temporary=False)


def test_an_incomplete_message_is_waited_for() -> None:
    for end in range(len(STARTUP)):
        assert refusal(STARTUP[:end]) == (b"", 0, False)


@pytest.mark.parametrize("code", [SSL_REQUEST, GSS_REQUEST])
def test_encryption_is_declined_before_the_error(code: int) -> None:
    assert refusal(struct.pack("!ii", 8, code) + STARTUP) == (b"N", 8, False)


def test_the_start_up_message_gets_the_error() -> None:
    assert refusal(STARTUP + b"more") == (error_response("no", "28000"), len(STARTUP), True)
    assert POSTGRES_WIRE.refusal(STARTUP, "no", is_temporary=True)[0] == error_response("no", "57P03")


@pytest.mark.parametrize("length", [-1, 0, 7, 10_001])
def test_what_is_no_start_up_message_ends_the_connection(length: int) -> None:
    assert refusal(struct.pack("!ii", length, 196608)) == (b"", 8, True)


def test_an_error_is_framed_as_the_protocol_says() -> None:
    message = error_response("grund", "28000")
    assert message[:1] == b"E"
    assert struct.unpack("!i", message[1:5])[0] == len(message) - 1
    assert message[5:].split(b"\0") == [b"SFATAL", b"VFATAL", b"C28000", b"Mgrund", b"", b""]
