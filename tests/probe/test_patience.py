"""A server that does not answer is not waited for without an end."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pymysql
import pytest

from mainstay.core.errors import MainstayError
from mainstay.engines.postgres.cluster import Cluster
from mainstay.probe.dialect import MYSQL
from mainstay.probe.patience import cut_off
from mainstay.probe.postgres import libpq
from mainstay.probe.postgres.session import PostgresConnection, reading
from mainstay.probe.session import tells_damage


def test_what_takes_longer_is_cut_off_and_what_does_not_is_left_alone() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with cut_off(ours.fileno(), 30):
            theirs.sendall(b"in time")
            assert ours.recv(7) == b"in time"
        with cut_off(ours.fileno(), 0.05):
            assert ours.recv(1) == b""


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.fixture
def patient(server: Cluster) -> Iterator[PostgresConnection]:
    with psycopg.connect(
        host=server.host,
        port=server.port,
        user="rdsadmin",
        passfile=str(server.password_file),
        dbname="source",
        sslmode="disable",
        autocommit=True,
        cursor_factory=libpq.PatientCursor,
    ) as connection:
        yield connection


def test_a_process_that_is_stopped_ends_the_reading(
    patient: PostgresConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libpq, "GRACE_S", 0.2)
    with reading(patient, timeout_s=5) as cursor:
        assert cursor.execute("SELECT 1").fetchone() == (1,)
    start = time.monotonic()
    with (
        stopped(patient.info.backend_pid),
        pytest.raises(psycopg.OperationalError),
        reading(patient, timeout_s=0.2) as cursor,
    ):
        cursor.execute("SELECT 1")
    assert patient.closed
    assert time.monotonic() - start < 60


def test_a_server_that_never_greets_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        start = time.monotonic()
        with pytest.raises(pymysql.err.MySQLError):
            MYSQL.connect(
                host="127.0.0.1",
                port=listening.getsockname()[1],
                user="app",
                password="",
                database=None,
                ca_bundle=None,
                timeout_s=1,
            )
        assert time.monotonic() - start < 60


@pytest.mark.parametrize(
    ("error", "tells"),
    [
        (psycopg.errors.DataCorrupted("x"), True),
        (psycopg.errors.IndexCorrupted("x"), True),
        (psycopg.errors.QueryCanceled("x"), False),
        (psycopg.OperationalError("x"), False),
        (pymysql.err.InternalError(1712, "x"), True),
        (pymysql.err.OperationalError(2013, "x"), False),
        (pymysql.err.OperationalError(), False),
        (MainstayError("x"), False),
    ],
)
def test_only_damage_is_called_damage(error: Exception, tells: bool) -> None:
    assert tells_damage(error) is tells
