"""Real servers for the tests: a place that the servers' user can reach, and nothing left in it afterwards."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mainstay.engines.binaries import Binaries, find_postgres
from mainstay.engines.identity import Identity, data_home, engine_identity
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.ports import reserve_internal
from mainstay.engines.postgres.cluster import Cluster
from mainstay.engines.process import terminate

NewCluster = Callable[[str], Cluster]

# Small, and as durable as the default: the tests kill servers.
LEAN = {"shared_buffers": "16MB", "max_connections": "40"}


@pytest.fixture(scope="session")
def identity() -> Identity:
    return engine_identity()


@pytest.fixture(scope="session")
def binaries(identity: Identity) -> Binaries:
    return find_postgres(17, identity=identity)


def vacate(root: Path, identity: Identity) -> None:
    for proof in find_by_directory(root, identity):
        terminate(proof, "immediate")
    shutil.rmtree(root)


MEMORY = Path("/dev/shm")


def new_place(identity: Identity) -> Path:
    """In memory where there is plenty: the tests make and remove some gigabytes of data directories."""
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 4 * 2**30
    return data_home((MEMORY if in_memory else Path("/var/tmp")) / f"mainstay-test-{secrets.token_hex(8)}", identity)


@pytest.fixture
def place(identity: Identity) -> Iterator[Path]:
    """A directory for servers; whatever runs below it at the end is stopped."""
    root = new_place(identity)
    yield root
    vacate(root, identity)


@pytest.fixture(scope="module")
def shared_place(identity: Identity) -> Iterator[Path]:
    """The same for servers that the tests of one file share."""
    root = new_place(identity)
    yield root
    vacate(root, identity)


def cluster_in(root: Path, name: str, binaries: Binaries, identity: Identity) -> Cluster:
    with reserve_internal() as reserved:
        return Cluster(root / name, reserved.host, reserved.port, binaries, identity)


@pytest.fixture
def new_cluster(place: Path, binaries: Binaries, identity: Identity) -> NewCluster:
    """Names a cluster of this test's own; it is not initialised."""
    return lambda name: cluster_in(place, name, binaries, identity)


@pytest.fixture(scope="module")
def shared_cluster(shared_place: Path, binaries: Binaries, identity: Identity) -> NewCluster:
    """The same for clusters that the tests of one file share."""
    return lambda name: cluster_in(shared_place, name, binaries, identity)
