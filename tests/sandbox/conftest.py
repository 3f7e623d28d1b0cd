"""A sandbox session whose every answer is checked against its shape, on a machine without a network."""

from __future__ import annotations

import functools
import importlib.util
import json
import re
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.exceptions
import botocore.session
import pytest

from mainstay.core.clock import SystemClock
from mainstay.sandbox import seam
from mainstay.sandbox.cloudformation.engine import advance, unfinished
from mainstay.sandbox.rds.proxies import forget_proxy
from mainstay.sandbox.services import HANDLERS, OUTSIDE
from mainstay.sandbox.state import State

REGION = "eu-central-1"
ANSWERED = [*HANDLERS, *OUTSIDE]


def _load(name: str) -> Any:
    # Tests are no package, so a neighbour is loaded by its path.
    spec = importlib.util.spec_from_file_location(f"sandbox_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


shapes = _load("shapes")


@dataclass(frozen=True)
class Site:
    """A sandbox under test: clients by service, the state beneath them, and somebody who has the time."""

    directory: Path
    state: State
    session: Any

    def client(self, service: str, region: str = REGION) -> Any:
        return self.session.client(service, region_name=region)

    def run(self, stack: str, *, most: int = 400) -> str:
        """Advance a stack to the end of its operation, with instances that become ready by themselves."""
        for _ in range(most):
            with self.state.reading(REGION) as tx:
                under_way = unfinished(tx)
            if not under_way:
                break
            for each in under_way:
                advance(self.state, each, REGION)
            self.settle_databases()
        else:
            raise AssertionError(f"{stack} is still under way after {most} steps")
        status: str = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        return status

    def deploy(self, stack: str, document: Any, kind: str) -> str:
        """Carry out a change set (`CREATE` or `UPDATE`) of this template to its end; the stack's status."""
        client = self.client("cloudformation")
        name = f"{kind}-{uuid.uuid4()}"
        made = client.create_change_set(
            StackName=stack,
            ChangeSetName=name,
            ChangeSetType=kind,
            TemplateBody=json.dumps(document),
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        client.execute_change_set(StackName=stack, ChangeSetName=name)
        return self.run(made["StackId"])

    def settle_databases(self) -> None:
        """What the supervisor does with real servers: wanted instances and proxies are available, others gone."""
        with self.state.transaction(REGION) as tx:
            for database in tx.all("rds:db"):
                name = database["DBInstanceIdentifier"]
                if database["DBInstanceStatus"] == "deleting":
                    tx.delete("rds:db", name)
                elif database["DBInstanceStatus"] != "available":
                    endpoint = {"Address": "127.0.0.9", "Port": 5432, "HostedZoneId": "Z1"}
                    done = {**database["PendingModifiedValues"], "PendingModifiedValues": {}, "Endpoint": endpoint}
                    tx.put("rds:db", name, {**database, **done, "DBInstanceStatus": "available"})
            for proxy in tx.all("rds:proxy"):
                if proxy["Status"] == "deleting":
                    forget_proxy(tx, proxy)
                    continue
                tx.put("rds:proxy", proxy["DBProxyName"], {**proxy, "Status": "available", "Endpoint": "127.0.0.8"})
                group = tx.get("rds:proxy-group", proxy["DBProxyName"]) or {}
                group["_health"] = {target: {"State": "AVAILABLE"} for target in group["_targets"]}
                tx.put("rds:proxy-group", proxy["DBProxyName"], group)


class Later:
    """A clock that is set forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead

    def monotonic(self) -> float:
        return SystemClock().monotonic()

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"{seconds} s were about to be slept")


@pytest.fixture
def clock() -> Later:
    return Later()


@pytest.fixture
def state(site: Site, clock: Later) -> Iterator[State]:
    """The site's state at another time."""
    made = State(site.directory, clock=clock)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: socket.socket, address: object) -> None:
        raise AssertionError(f"a socket was about to leave for {address}")

    def refuse_name(*args: object, **kwargs: object) -> None:
        raise AssertionError(f"a name was about to be looked up: {args} {kwargs}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse_name)


@pytest.fixture(autouse=True)
def _no_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests advance stacks themselves, step by step; the supervisor has tests of its own."""
    monkeypatch.setattr(seam, "_call_supervisor", lambda directory: None)


@contextmanager
def _refuses(code: str, told: str = "", status: int | None = None) -> Iterator[None]:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        yield
    error = caught.value.response
    assert error["Error"]["Code"] == code
    assert re.search(told, error["Error"]["Message"]), error["Error"]["Message"]
    assert status in (None, error["ResponseMetadata"]["HTTPStatusCode"])


@pytest.fixture
def refuses() -> Callable[..., Any]:
    """The call inside is answered with this error code, with a message that holds this pattern."""
    return _refuses


@functools.cache
def _event_names() -> dict[str, list[str]]:
    """The most specific event of each operation, by service id: more general ones come after botocore's own, some of
    which turn JSON text into mappings.
    """
    models = botocore.session.Session()
    services = {service: models.get_service_model(service).service_id.hyphenize() for service, _ in ANSWERED}
    found: dict[str, list[str]] = {name: [] for name in services.values()}
    for service, operation in ANSWERED:
        found[services[service]].append(f"{services[service]}.{operation}")
    return found


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    directory = tmp_path / "sandbox"
    made = seam.session(directory, REGION)
    state = State(directory)

    def watch(event_name: str, **_: Any) -> None:
        """A client takes the session's handlers over when it is made, so it gets those of its own service only."""
        for name in _event_names().get(event_name.removeprefix("creating-client-class."), ()):
            made.events.register_first(f"after-call.{name}", check_shape, unique_id=f"shape of {name}")

    made.events.register("creating-client-class", watch)
    yield Site(directory, state, made)
    state.close()


def check_shape(http_response: Any, parsed: Any, model: Any, **_: Any) -> None:
    """Fail when a successful answer has not the shape of its operation."""
    if http_response.status_code < 300:
        answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
        found = list(shapes.faults(answer, model.output_shape, f"{model.service_model.service_name}.{model.name}"))
        assert not found, "\n".join(found)


@pytest.fixture
def shape_faults() -> Callable[..., list[str]]:
    return lambda *args: list(shapes.faults(*args))
