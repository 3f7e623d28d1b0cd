"""Tunnels and the choice between the ways: a stand-in for the plugin that really forwards, to a server that answers."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.ops.contract import Contract, Refusal

from mainstay.core.errors import EnvironmentLacking, InputRefused, TargetRefused
from mainstay.ops.aws.doors import Doors
from mainstay.ops.login import Address
from mainstay.ops.routes import Routes, observed_from
from mainstay.ops.site import Site
from mainstay.ops.tunnel import PLUGIN, Tunnel

BASTION = "i-0123456789abcdef0"
STAND_IN = Path(__file__).with_name("plugin_stand_in.py")


def install_plugin(directory: Path, monkeypatch: pytest.MonkeyPatch, version: str = "1.2.707.0") -> None:
    program = directory / PLUGIN
    text = STAND_IN.read_text().replace("1.2.707.0", version)
    program.write_text(f"#!{sys.executable}\n{text}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}{os.pathsep}{os.environ['PATH']}")


def granted(members: Mapping[str, Any]) -> Mapping[str, Any]:
    session = f"ada-{members['Parameters']['host'][0]}-{members['Parameters']['portNumber'][0]}"
    return {"SessionId": session, "TokenValue": "token-of-the-session", "StreamUrl": "wss://ssmmessages.example/x"}


def ended(members: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"SessionId": members["SessionId"]}


@pytest.fixture
def contract() -> Contract:
    return Contract({"ssm:StartSession": granted, "ssm:TerminateSession": ended})


@pytest.fixture
def site(contract: Contract) -> Site:
    return Site(doors=Doors(contract.session()), label="aws", region="eu-central-1")


@pytest.fixture
def echo() -> Iterator[Address]:
    """A server that says back what it hears."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            with near:
                near.sendall(near.recv(100))

    threading.Thread(target=serve, daemon=True).start()
    yield Address("127.0.0.1", listener.getsockname()[1])
    listener.close()


def said_back(address: Address) -> bytes:
    with socket.create_connection((address.host, address.port), timeout=20) as connection:
        connection.sendall(b"hello")
        return connection.recv(100)


def plugins() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it may end while it is looked at
            if child.status() != psutil.STATUS_ZOMBIE and "StartSession" in child.cmdline():
                found.append(child)
    return found


def silent(_: Address) -> str:
    return "timed out"


def behind_bastion(site: Site, directory: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The site as if it were in AWS, with a Session Manager that grants every session."""
    install_plugin(directory, monkeypatch)
    ssm = Doors(Contract({"ssm:StartSession": granted, "ssm:TerminateSession": ended}).session()).ssm
    monkeypatch.setitem(vars(site.doors), "ssm", ssm)
    return replace(site, label="aws")


def test_a_tunnel_forwards_hides_its_token_and_ends_with_plugin_and_session(
    site: Site, contract: Contract, echo: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_plugin(tmp_path, monkeypatch)
    tunnel = Tunnel(site.doors.ssm, "eu-central-1", BASTION, echo)
    try:
        assert tunnel.local.host == "127.0.0.1"
        assert tunnel.local != echo
        assert said_back(tunnel.local) == b"hello"
        (process,) = plugins()
        assert "token" not in " ".join(process.cmdline())
        assert contract.of("ssm:StartSession") == [
            {
                "Target": BASTION,
                "DocumentName": "AWS-StartPortForwardingSessionToRemoteHost",
                "Parameters": {"host": ["127.0.0.1"], "portNumber": [str(echo.port)]},
            }
        ]
    finally:
        tunnel.close()
    tunnel.close()
    assert plugins() == []
    assert not tunnel.is_open
    assert contract.of("ssm:TerminateSession")[0] == {"SessionId": f"ada-127.0.0.1-{echo.port}"}
    assert not tunnel._log.exists()


def test_without_a_plugin_that_hides_the_token_nothing_is_begun(
    site: Site, contract: Contract, echo: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.MonkeyPatch.context() as bare:
        bare.setenv("PATH", str(tmp_path))
        with pytest.raises(EnvironmentLacking, match="no session-manager-plugin") as lacking:
            Tunnel(site.doors.ssm, "eu-central-1", BASTION, echo)
    assert "session-manager-working-with-install-plugin" in lacking.value.hint
    for version in ("1.2.497.0", "nonsense"):
        install_plugin(tmp_path, monkeypatch, version)
        with pytest.raises(EnvironmentLacking, match="too old") as old:
            Tunnel(site.doors.ssm, "eu-central-1", BASTION, echo)
        assert version in old.value.detail
    assert contract.asked == []
    install_plugin(tmp_path, monkeypatch, "1.2.497.1")
    Tunnel(site.doors.ssm, "eu-central-1", BASTION, echo).close()


def test_a_bastion_that_does_not_answer_says_so_and_leaves_nothing(
    site: Site, contract: Contract, echo: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_plugin(tmp_path, monkeypatch)
    with pytest.raises(TargetRefused, match="does not open") as stop:
        Tunnel(site.doors.ssm, "eu-central-1", "i-0deaf", echo)
    assert "check SSM Agent logs" in stop.value.detail
    assert contract.operations() == ["ssm:StartSession", "ssm:TerminateSession"]
    assert plugins() == []
    contract.then("ssm:StartSession", [Refusal("TargetNotConnected", f"{BASTION} is not connected.")])
    with pytest.raises(TargetRefused, match="bastion is not connected") as asleep:
        Tunnel(site.doors.ssm, "eu-central-1", BASTION, echo)
    assert "start the instance" in asleep.value.hint
    contract.then("ssm:StartSession", [Refusal("AccessDeniedException", "no")])
    with pytest.raises(TargetRefused, match="not allowed"):
        Tunnel(site.doors.ssm, "eu-central-1", BASTION, echo)


def test_the_direct_way_is_taken_where_it_leads_there(site: Site, contract: Contract, echo: Address) -> None:
    routes = Routes(site, bastion=BASTION)
    assert routes.dial(echo) == echo
    routes.close()
    assert routes.ways == ()
    assert "bastion" not in observed_from(routes, None)
    assert contract.asked == []


def test_the_bastion_is_taken_where_no_direct_way_leads_and_again_after_its_session_ended(
    site: Site, contract: Contract, echo: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_plugin(tmp_path, monkeypatch)
    routes = Routes(site, bastion=BASTION, look=silent)
    try:
        first = routes.dial(echo)
        assert routes.dial(echo) == first
        assert len(contract.of("ssm:StartSession")) == 1
        (process,) = plugins()
        process.terminate()
        process.wait(20)
        assert said_back(routes.dial(echo)) == b"hello"
        assert len(contract.of("ssm:StartSession")) == 2
    finally:
        routes.close()
    assert plugins() == []
    assert observed_from(routes, None).endswith(f", through bastion {BASTION} in eu-central-1")


def test_no_way_is_refused_with_what_to_do(site: Site, echo: Address) -> None:
    with pytest.raises(TargetRefused, match="no way to the database") as stop:
        Routes(site, look=silent).dial(echo)
    assert f"{echo} cannot be reached from here: timed out" in stop.value.detail
    assert "access.bastion" in stop.value.hint
    with pytest.raises(TargetRefused) as asked:
        Routes(site, bastion=BASTION, through="direct", look=silent).dial(echo)
    assert "leave --through out" in asked.value.hint


def test_a_bastion_that_is_asked_for_has_to_be_there(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputRefused, match="no bastion") as stop:
        Routes(site, through="bastion")
    assert "access.bastion" in stop.value.hint
    boxed = Site(doors=site.doors, label="sandbox", region="eu-central-1")
    with pytest.raises(InputRefused, match="no bastion in the sandbox"):
        Routes(boxed, bastion=BASTION, through="bastion")
    assert Routes(boxed, look=silent).dial(Address("127.0.0.1", 1)) == Address("127.0.0.1", 1)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentLacking):
        Routes(site, bastion=BASTION, through="bastion")
