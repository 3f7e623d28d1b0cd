"""A MySQL instance lives as the others do, where this machine has MySQL: a pair, a replica, a failover, a restore."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.sandbox_supervisor.test_mariadb import PASSWORD, await_numbers, connect, numbers

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import engine_identity
from mainstay.engines.mysql.programs import find_mysql

if TYPE_CHECKING:
    from tests.sandbox_supervisor.conftest import Box

pytestmark = pytest.mark.xdist_group("sandbox-mysql")
MYSQL: dict[str, Any] = {
    "Engine": "mysql", "EngineVersion": "8.4", "DBInstanceClass": "db.m6g.large", "AllocatedStorage": 100,
    "MasterUsername": "master", "MasterUserPassword": PASSWORD, "DBName": "tap",
}  # fmt: skip


@pytest.fixture(scope="module")
def version() -> str:
    """The version that runs here; without programs these tests say why they do not."""
    try:
        return find_mysql(identity=engine_identity()).version
    except EnvironmentLacking as error:
        pytest.skip(f"{error.detail} {error.hint}")


def test_a_pair_survives_its_primary_and_is_restored_to_a_moment(box: Box, version: str) -> None:
    db = box.create("my", **MYSQL, MultiAZ=True)
    told = box.status("my")
    assert (told.engine, told.note) == (version, f"MySQL {version} runs where {db['EngineVersion']} was asked for")
    with connect(box, db) as cursor:
        cursor.execute("CREATE TABLE numbers (n int PRIMARY KEY)")
        cursor.execute("INSERT INTO numbers VALUES (1)")
    box.rds.create_db_instance_read_replica(DBInstanceIdentifier="my-r1", SourceDBInstanceIdentifier="my")
    box.settle("my-r1")
    box.await_pair("my")
    pid = box.status("my").servers[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    box.await_pair("my")
    assert box.status("my").servers[0].pid != pid
    with connect(box, db) as cursor:
        cursor.execute("INSERT INTO numbers VALUES (2)")
        moment = datetime.now(UTC)
        cursor.execute("INSERT INTO numbers VALUES (3)")
    await_numbers(box, "my-r1", {1, 2, 3})
    box.restorable_after("my", datetime.now(UTC))
    box.rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier="my", TargetDBInstanceIdentifier="my-then", RestoreTime=moment
    )
    box.settle("my-then")
    assert numbers(box, "my-then") == {1, 2}
    for identifier in ("my-then", "my-r1", "my"):
        box.delete(identifier)
