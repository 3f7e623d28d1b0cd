"""Real MariaDB servers for the tests, where this machine has the programs; else the tests say why they do not run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import Identity
from mainstay.engines.mariadb.cluster import Cluster
from mainstay.engines.mariadb.programs import Programs, find_mariadb
from mainstay.engines.ports import reserve_internal

NewServer = Callable[[str], Cluster]


@pytest.fixture(scope="session")
def programs(identity: Identity) -> Programs:
    try:
        return find_mariadb(identity=identity)
    except EnvironmentLacking as error:
        pytest.skip(f"{error.detail} {error.hint}")


def server_in(root: Path, name: str, programs: Programs, identity: Identity) -> Cluster:
    with reserve_internal() as reserved:
        return Cluster(root / name, reserved.host, reserved.port, programs, identity)


@pytest.fixture
def new_server(place: Path, programs: Programs, identity: Identity) -> NewServer:
    """Names a server of this test's own; it is not initialised."""
    return lambda name: server_in(place, name, programs, identity)


@pytest.fixture(scope="module")
def shared_server(shared_place: Path, programs: Programs, identity: Identity) -> NewServer:
    """The same for servers that the tests of one file share."""
    return lambda name: server_in(shared_place, name, programs, identity)
