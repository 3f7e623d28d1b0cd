"""Passwords and accounts in MySQL and MariaDB. An account is a user name and a host pattern."""

from __future__ import annotations

import re
from typing import Final

from mainstay.functions.database import missing_account
from mainstay.functions.mysql.connection import MysqlDatabase

LONGEST_PASSWORD: Final = 41  # of a master user, CreateDBInstance, MasterUserPassword, botocore 1.44, 2026-11-21
LONGEST_NAME: Final = 32  # MySQL 8.4 manual, "Account User Names and Passwords"; RDS allows no longer ones


def set_own_password(database: MysqlDatabase, user: str, password: str) -> None:
    """Give the account that is logged in this password, whatever its host pattern.

    MariaDB wants CREATE USER for ALTER USER even of oneself, and MySQL 8 has no PASSWORD() (both manuals, 2026-11-21).
    """
    del user  # the session says it, with the host pattern that admitted it
    if "MariaDB" in str(database.rows("SELECT VERSION()")[0][0]):
        database.execute(f"SET PASSWORD = PASSWORD({database.literal(password)})")
    else:
        database.execute(f"ALTER USER CURRENT_USER() IDENTIFIED BY {database.literal(password)}")


def set_password(database: MysqlDatabase, user: str, password: str) -> None:
    """Give every account of this user the password. Error: TargetRefused when there is none."""
    for host, _ in _hosts(database, user):
        account = _account(database, user, host)
        database.execute(f"ALTER USER {account} IDENTIFIED BY {database.literal(password)}")


def ensure_user(database: MysqlDatabase, user: str, password: str, home: str) -> None:
    """An account that can log in to its home database with this password; a user that is there stays as it is.

    Without any privilege there it could not even choose it. The one it is given is the one that everybody has in
    PostgreSQL: temporary tables.
    """
    if database.rows("SELECT 1 FROM mysql.user WHERE User = %s", (user,)):
        return
    account = _account(database, user, "%")
    database.execute(f"CREATE USER {account} IDENTIFIED BY {database.literal(password)}")
    if home:
        # In a grant, _ and % stand for any character, unless they are escaped (MySQL 8.4 manual, "GRANT Statement").
        escaped = re.sub(r"([_%])", r"\\\1", home).replace("`", "``")
        database.execute(f"GRANT CREATE TEMPORARY TABLES ON `{escaped}`.* TO {account}")


def ensure_alternate(database: MysqlDatabase, original: str, alternate: str, password: str) -> None:
    """Make `alternate` able to do what `original` can, with this password; again and again to the same end.

    Every host pattern of the original gets its counterpart, with its grants and its demand for TLS. A grant that
    was taken from the original stays with the alternate until somebody takes it there too.
    """
    for host, tls in _hosts(database, original):
        account = _account(database, alternate, host)
        database.execute(f"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY {database.literal(password)}{tls}")
        database.execute(f"ALTER USER {account} IDENTIFIED BY {database.literal(password)}{tls}")
        for grant in grants(database, original, host):
            database.execute(_regranted(grant, account))
        _copy_default_roles(database, original, host, account)


def _hosts(database: MysqlDatabase, user: str) -> list[tuple[str, str]]:
    """The host patterns of a user, each with its demand for TLS."""
    accounts = database.rows("SELECT Host, ssl_type FROM mysql.user WHERE User = %s ORDER BY Host", (user,))
    if not accounts:
        raise missing_account(user)
    return [(_text(host), " REQUIRE SSL" if _text(ssl_type) else "") for host, ssl_type in accounts]


def grants(database: MysqlDatabase, user: str, host: str) -> list[str]:
    """What an account may do, as the statements that would grant it."""
    return [str(row[0]) for row in database.rows(f"SHOW GRANTS FOR {_account(database, user, host)}")]


def _regranted(grant: str, account: str) -> str:
    """The same grant to another account.

    What follows the account (a hash in MariaDB, a demand for TLS) belongs to the old one; the options stay.
    """
    kind = next(kind for kind in _RECEIVERS if grant.startswith(kind))
    granted, word, receiver = grant.rpartition(_RECEIVERS[kind])
    options = next((option for option in _OPTIONS if receiver.endswith(option)), "")
    return f"{granted}{word}{account}{options}"


def _copy_default_roles(database: MysqlDatabase, user: str, host: str, account: str) -> None:
    """MySQL keeps default roles in a table (8.4 manual, "SHOW GRANTS": they are not shown); MariaDB shows them."""
    if not database.rows(_HAS_DEFAULT_ROLES)[0][0]:
        return
    query = "SELECT DEFAULT_ROLE_USER, DEFAULT_ROLE_HOST FROM mysql.default_roles WHERE USER = %s AND HOST = %s"
    roles = [_account(database, _text(name), _text(at)) for name, at in database.rows(query, (user, host))]
    if roles:
        database.execute(f"ALTER USER {account} DEFAULT ROLE {', '.join(roles)}")


# What SHOW GRANTS answers with: partial revokes in MySQL, default roles in MariaDB.
_RECEIVERS: Final = {"GRANT ": " TO ", "REVOKE ": " FROM ", "SET DEFAULT ROLE ": " FOR "}
_OPTIONS: Final = (" WITH GRANT OPTION", " WITH ADMIN OPTION")
_HAS_DEFAULT_ROLES: Final = (
    "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'mysql' AND table_name = 'default_roles'"
)


def _account(database: MysqlDatabase, user: str, host: str) -> str:
    return f"{database.literal(user)}@{database.literal(host)}"


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value or "")
