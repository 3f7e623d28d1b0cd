"""The demo's application against the sandbox: what is acknowledged is there, and an outage is counted, not hidden."""

from __future__ import annotations

import threading
import time

import pytest
from tests.ops.drill.conftest import Shop

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.ops.workload import Application
from mainstay.probe.session import Connection

pytestmark = pytest.mark.usefixtures("nothing_left", "tables")


@pytest.fixture(scope="module")
def tables(shop: Shop) -> None:
    """The shop's tables, whatever disaster there was before."""
    shop.application.seed(orders=0)


def orders(shop: Shop) -> int:
    with shop.open() as connection:
        row = connection.execute("SELECT count(*) FROM orders").fetchone()
    assert row is not None
    return int(row[0])


def test_every_acknowledged_order_is_there(shop: Shop) -> None:
    before = orders(shop)
    traffic = shop.application.run_for(20, limit=100)
    assert traffic.acknowledged >= 100
    assert traffic.seconds < 15
    assert orders(shop) == before + traffic.acknowledged
    assert traffic.as_json()["errors"] == {}


def test_seeding_again_adds_orders_only(shop: Shop) -> None:
    before = orders(shop)
    assert shop.application.seed(orders=10) == 10
    assert orders(shop) == before + 10


def test_sessions_that_are_killed_are_counted_and_replaced(shop: Shop) -> None:
    before = orders(shop)
    stop = threading.Event()
    killed: list[object] = []

    def kill() -> None:
        with shop.open() as connection:
            while not stop.wait(0.1):
                killed.extend(
                    connection.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE usename = current_user AND pid <> pg_backend_pid()"
                    ).fetchall()
                )

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        traffic = shop.application.run_for(60, keep_going=lambda: len(killed) < 30)
    finally:
        stop.set()
        killer.join()
    assert traffic.failed > 0
    assert traffic.acknowledged > 0
    assert sum(traffic.errors.values()) == traffic.failed + traffic.in_doubt
    assert 0 <= orders(shop) - before - traffic.acknowledged <= traffic.in_doubt


@pytest.mark.parametrize(("level", "outcome"), [("EXCEPTION", "failed"), ("WARNING", "in_doubt")])
def test_what_the_server_says_at_the_commit_decides(shop: Shop, level: str, outcome: str) -> None:
    with shop.open() as connection:
        connection.execute(
            "CREATE FUNCTION object() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE {level} 'canceling wait for synchronous replication'; RETURN NULL; END $$;"
            "CREATE CONSTRAINT TRIGGER objects AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION object()"
        )
    try:
        traffic = Application(shop.open, run_id="objecting", connections=1).run_for(0.3)
    finally:
        with shop.open() as connection:
            connection.execute("DROP FUNCTION object CASCADE")
    assert traffic.acknowledged == 0
    assert getattr(traffic, outcome) > 0
    assert {"failed": traffic.in_doubt, "in_doubt": traffic.failed}[outcome] == 0


def test_a_database_that_is_not_there_is_an_outage_and_ends_in_time() -> None:
    def nobody(name: str) -> Connection:
        raise TargetRefused("the database did not let us in", detail=name)

    start = time.monotonic()
    traffic = Application(nobody, run_id="lonely").run_for(0.3)
    assert time.monotonic() - start < 30
    assert (traffic.acknowledged, traffic.in_doubt, traffic.markers) == (0, 0, [])
    assert traffic.failed > 0
    assert traffic.longest_gap_s >= 0.3


def test_only_a_table_that_is_there_can_be_dropped(shop: Shop) -> None:
    with pytest.raises(InputRefused, match="no such table"):
        shop.application.drop_table('nobody"s')
