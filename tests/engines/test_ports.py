from __future__ import annotations

import socket
import sys

import pytest

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines import ports
from mainstay.engines.ports import reserve_address, reserve_internal

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the whole of 127.0.0.0/8")


@on_linux
def test_a_database_keeps_its_address_and_its_planned_port() -> None:
    with reserve_address("shop", 5432) as first:
        pass
    with reserve_address("shop", 5432) as again, reserve_address("other", 5432) as other:
        assert (again.host, again.port) == (first.host, first.port)
        assert first.port == other.port == 5432
        assert other.host != first.host


@on_linux
def test_two_reservations_never_share_an_address() -> None:
    with reserve_address("twice", 5432) as one, reserve_address("twice", 5432) as two:
        assert (one.host, one.port) != (two.host, two.port)


def test_an_address_that_is_promised_to_another_is_passed_over() -> None:
    with reserve_address("promised", 5432) as first:
        promised = (first.host, first.port)
    with reserve_address("promised", 5432, taken={promised}) as second:
        assert (second.host, second.port) != promised


@on_linux
def test_a_server_can_listen_while_its_address_is_reserved() -> None:
    with reserve_internal() as reserved, socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((reserved.host, reserved.port))
        server.listen()
        assert ports._bind(reserved.host, reserved.port) is None


def test_an_address_that_cannot_be_bound_falls_back_to_a_free_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_loopback_host", lambda key: "192.0.2.1")  # documentation: no machine has it
    with reserve_address("shop", 5432) as reserved:
        assert reserved.host == "127.0.0.1"
        assert reserved.port in ports.INTERNAL_PORTS


def test_no_free_port_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with reserve_internal() as reserved:
        monkeypatch.setattr(ports, "INTERNAL_PORTS", range(reserved.port, reserved.port + 1))
        monkeypatch.setattr(ports, "TRIES", 1)
        with pytest.raises(EnvironmentLacking, match=str(reserved.port)):
            reserve_internal()
        with pytest.raises(EnvironmentLacking):
            reserve_internal(taken={("127.0.0.1", reserved.port)})
