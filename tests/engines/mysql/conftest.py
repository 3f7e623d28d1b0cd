"""Real MySQL servers for the tests, where this machine has the programs; else the tests say why they do not run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import Identity
from mainstay.engines.mysql.cluster import Cluster
from mainstay.engines.mysql.programs import Programs, find_mysql
from mainstay.engines.ports import reserve_internal

NewServer = Callable[[str], Cluster]


@pytest.fixture(scope="session")
def programs(identity: Identity) -> Programs:
    try:
        return find_mysql(identity=identity)
    except EnvironmentLacking as error:
        pytest.skip(f"{error.detail} {error.hint}")


@pytest.fixture(scope="module")
def shared_server(shared_place: Path, programs: Programs, identity: Identity) -> NewServer:
    """Names a server that the tests of one file share; it is not initialised."""

    def named(name: str) -> Cluster:
        with reserve_internal() as reserved:
            return Cluster(shared_place / name, reserved.host, reserved.port, programs, identity)

    return named
