"""The heartbeat against real servers: one marker a beat, alone, bounded by the next, gone when no restore needs it."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import pytest

from mainstay.core.clock import parse_time
from mainstay.core.errors import InputRefused
from mainstay.functions import heartbeat
from mainstay.functions.postgres import canary as postgres_canary
from mainstay.ops.aws.secrets import Login as OpsLogin
from mainstay.ops.login import Address, connect
from mainstay.probe.canary import CANARY_SCHEMA, KEPT_DAYS, MARKERS
from mainstay.probe.dialect import DIALECTS
from mainstay.probe.markers import Marker

LOCKS = {
    "postgres": f"SELECT pg_try_advisory_lock({postgres_canary._LOCK})",
    "mariadb": f"SELECT GET_LOCK('{CANARY_SCHEMA}', 0)",
}
AGE = {
    "postgres": "UPDATE {table} SET written_at = now() - interval '{days} days {more}' WHERE id = {id}",
    "mariadb": "UPDATE {table} SET written_at = UTC_TIMESTAMP() - INTERVAL {days} DAY {more} WHERE id = {id}",
}
MORE = {
    "postgres": {"younger": "-1 minute", "older": "1 minute"},
    "mariadb": {"younger": "+ INTERVAL 1 MINUTE", "older": "- INTERVAL 1 MINUTE"},
}


def markers(server: Any) -> tuple[Marker, ...]:
    """As a drill reads them."""
    login, dialect = OpsLogin(username="master", password=server.login().password), DIALECTS[server.engine]
    address = Address(server.host, server.port)
    with connect(login, address, server.ca_bundle, database="shop", engine=server.engine) as connection:
        return dialect.read_markers(connection)


def test_each_beat_is_a_marker_that_the_next_one_bounds(server: Any) -> None:
    known = {one.id for one in markers(server)}
    told = [heartbeat.beat(server.login()) for _ in range(3)]
    beats = [one for one in markers(server) if one.id not in known]
    assert [one.written_at for one in beats] == [parse_time(str(text)) for text in told]
    assert [one.committed_by for one in beats[:2]] == [one.written_at for one in beats[1:]]


def test_a_beat_beside_another_writes_nothing(server: Any) -> None:
    heartbeat.beat(server.login())
    before = [one.id for one in markers(server)]
    with closing(server.open()) as other, other.cursor() as cursor:
        cursor.execute(LOCKS[server.engine])
        assert cursor.fetchone()[0]
        assert heartbeat.beat(server.login()) is None
    assert [one.id for one in markers(server)] == before
    assert heartbeat.beat(server.login()) is not None


def test_a_beat_goes_once_no_restore_can_reach_it(server: Any) -> None:
    for _ in range(2):
        heartbeat.beat(server.login())
    old, young = (one.id for one in markers(server)[-2:])
    for number, side in ((old, "older"), (young, "younger")):
        more = MORE[server.engine][side]
        server.run(AGE[server.engine].format(table=MARKERS, days=KEPT_DAYS, more=more, id=number))
    heartbeat.beat(server.login())
    left = {one.id for one in markers(server)}
    assert (old in left, young in left) == (False, True)
    server.run(f"DELETE FROM {MARKERS} WHERE id = {young}")


def test_what_a_drill_wrote_is_never_deleted(server: Any) -> None:
    heartbeat.beat(server.login())
    last = markers(server)[-1].id
    server.run(f"UPDATE {MARKERS} SET run = 'a-drill' WHERE id = {last}")
    server.run(AGE[server.engine].format(table=MARKERS, days=KEPT_DAYS * 2, more="", id=last))
    heartbeat.beat(server.login())
    assert last in {one.id for one in markers(server)}
    server.run(f"DELETE FROM {MARKERS} WHERE id = {last}")


def test_the_handler_tells_cloudwatch_of_each_beat(
    server: Any, aws: Any, document: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAINSTAY_SECRET", aws.put(document(server, "master", server.login().password)))
    monkeypatch.setenv("MAINSTAY_DATABASE", "shop")
    monkeypatch.setenv("MAINSTAY_INSTANCE", "shop-db")
    answer = heartbeat.handler({}, None)
    line = json.loads(capsys.readouterr().out)
    assert (line["Heartbeat"], line["DBInstanceIdentifier"]) == (1, "shop-db")
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Mainstay"
    assert markers(server)[-1].written_at == parse_time(str(answer["written_at"]))
    with closing(server.open()) as other, other.cursor() as cursor:
        cursor.execute(LOCKS[server.engine])
        assert heartbeat.handler({}, None) == {"written_at": None}
    assert capsys.readouterr().out == ""


def test_without_a_secret_it_says_which_setting_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAINSTAY_SECRET", raising=False)
    with pytest.raises(InputRefused, match="MAINSTAY_SECRET"):
        heartbeat.handler({}, None)
