"""Logging in to a database: always over TLS, with its name and its issuer checked."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mainstay.core.errors import EnvironmentLacking, TargetRefused
from mainstay.ops.aws.secrets import Login
from mainstay.probe.dialect import DIALECTS
from mainstay.probe.session import Connection, DriverError, said

# RDS User Guide, UsingWithRDS.SSL, "Download certificate bundles" (not re-read).
RDS_BUNDLE: Final = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def reaches(address: Address, timeout_s: float = 3.0) -> str | None:
    """None when a connection can be opened from here; else why not, in the machine's own words."""
    try:
        with closing(socket.create_connection((address.host, address.port), timeout=timeout_s)):
            return None
    except OSError as error:
        return str(error)


def connect(
    login: Login,
    address: Address,
    ca_bundle: Path | None,
    *,
    database: str | None = None,
    timeout_s: int = 10,
    engine: str = "postgres",
    dialled: Address | None = None,
) -> Connection:
    """A connection over TLS, issuer and name verified, in autocommit mode. `engine` is RDS's name for it.

    With `dialled` it is opened there, as behind a tunnel; the name that is verified stays that of `address`.

    A login that is refused while its secret holds another one by now is tried with that one: a rotation came between.
    `database` None means the login's own, or the engine's home. EnvironmentLacking without certificates to trust;
    TargetRefused when the server does not let us in.
    """
    if ca_bundle is None:
        raise EnvironmentLacking(
            "no certificates to trust",
            detail=f"Without a CA bundle nobody can tell whether {address} is the database.",
            hint=f"download {RDS_BUNDLE} and name it with --ca-bundle",
        )

    def open_as(given: Login) -> Connection:
        return DIALECTS[engine].connect(
            host=address.host,
            port=address.port,
            user=given.username,
            password=given.password,
            database=database or given.dbname,
            ca_bundle=ca_bundle,
            timeout_s=timeout_s,
            dialled=(dialled.host, dialled.port) if dialled else None,
        )

    try:
        return open_as(login)
    except DriverError as error:
        for other in login.ask_others():
            with suppress(*DriverError):
                return open_as(other)
        raise TargetRefused(
            "the database did not let us in",
            detail=f"{login.username} at {address} over TLS: {said(error)}",
            hint="check the login in the secret, the CA bundle, and the security group",
        ) from error


@contextmanager
def connected(
    login: Login,
    address: Address,
    ca_bundle: Path | None,
    *,
    database: str | None = None,
    engine: str = "postgres",
    dialled: Address | None = None,
) -> Iterator[Connection]:
    """A connection for the block, as `connect` makes it; a statement that the server refuses becomes TargetRefused."""
    with closing(connect(login, address, ca_bundle, database=database, engine=engine, dialled=dialled)) as connection:
        try:
            yield connection
        except DriverError as error:
            raise TargetRefused("the database refused a statement", detail=f"{address}: {said(error)}") from error


def plain_refusal(
    login: Login, address: Address, *, timeout_s: int = 10, engine: str = "postgres", dialled: Address | None = None
) -> str | None:
    """Why a connection without TLS is refused, in the server's words; None when it is let in, which is a fault."""
    try:
        DIALECTS[engine].connect(
            host=address.host,
            port=address.port,
            user=login.username,
            password=login.password,
            database=login.dbname,
            ca_bundle=None,
            timeout_s=timeout_s,
            dialled=(dialled.host, dialled.port) if dialled else None,
        ).close()
    except DriverError as error:
        return said(error)
    return None
