"""What MySQL has and MariaDB has not, as statements: no MySQL runs here, so its answers are written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mainstay.functions.database import StatementRefused
from mainstay.functions.mysql import accounts, inspection


class Scripted:
    """A connection that answers by the beginning of a statement, and keeps what it was told to change."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.changes: list[str] = []

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[Any]:
        del parameters
        return list(next(rows for start, rows in self.answers.items() if statement.startswith(start)))

    def records(self, statement: str) -> list[dict[str, Any]]:
        answer = self.answers[statement]
        if isinstance(answer, StatementRefused):
            raise answer
        return list(answer)

    def execute(self, statement: str) -> None:
        self.changes.append(statement)

    def literal(self, text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    def close(self) -> None:
        """Nothing is open."""


def test_mysql_changes_its_own_password_by_alter_user() -> None:
    database: Any = Scripted({"SELECT VERSION()": [("8.4.7",)]})
    accounts.set_own_password(database, "app", "it's")
    assert database.changes == ["ALTER USER CURRENT_USER() IDENTIFIED BY 'it''s'"]


def test_grants_revokes_and_default_roles_are_repeated_for_the_second_user() -> None:
    database: Any = Scripted(
        {
            "SELECT Host, ssl_type": [(b"10.%", b"ANY")],
            "SHOW GRANTS": [
                ("GRANT USAGE ON *.* TO `app`@`10.%`",),
                ("GRANT SELECT ON `shop`.* TO `app`@`10.%` WITH GRANT OPTION",),
                ("GRANT `reader`@`%` TO `app`@`10.%` WITH ADMIN OPTION",),
                ("REVOKE SELECT ON `mysql`.* FROM `app`@`10.%`",),
                ("SET DEFAULT ROLE `reader` FOR `app`@`10.%`",),
            ],
            "SELECT COUNT(*) FROM information_schema.tables": [(1,)],
            "SELECT DEFAULT_ROLE_USER": [("reader", "%")],
        }
    )
    accounts.ensure_alternate(database, "app", "app_clone", "secret")
    second = "'app_clone'@'10.%'"
    assert database.changes == [
        f"CREATE USER IF NOT EXISTS {second} IDENTIFIED BY 'secret' REQUIRE SSL",
        f"ALTER USER {second} IDENTIFIED BY 'secret' REQUIRE SSL",
        f"GRANT USAGE ON *.* TO {second}",
        f"GRANT SELECT ON `shop`.* TO {second} WITH GRANT OPTION",
        f"GRANT `reader`@`%` TO {second} WITH ADMIN OPTION",
        f"REVOKE SELECT ON `mysql`.* FROM {second}",
        f"SET DEFAULT ROLE `reader` FOR {second}",
        f"ALTER USER {second} DEFAULT ROLE 'reader'@'%'",
    ]


def test_a_user_without_default_roles_gets_none() -> None:
    database: Any = Scripted(
        {
            "SELECT Host, ssl_type": [("%", "")],
            "SHOW GRANTS": [],
            "SELECT COUNT(*) FROM information_schema.tables": [(1,)],
            "SELECT DEFAULT_ROLE_USER": [],
        }
    )
    accounts.ensure_alternate(database, "app", "app_clone", "secret")
    assert len(database.changes) == 2


CHANNEL = {"Replica_IO_Running": "Yes", "Replica_SQL_Running": "Yes", "Seconds_Behind_Source": 3, "Last_IO_Error": ""}


def inspected(channels: object) -> Any:
    database: Any = Scripted(
        {
            "SELECT DATABASE()": [(None, "8.4.7", "utf8mb4", "utf8mb4_0900_ai_ci")],
            "SELECT table_schema": [],
            "SHOW REPLICA STATUS": channels,
        }
    )
    return inspection.inspect(database).replication


def test_mysql_s_channels_are_read_and_the_worst_one_counts() -> None:
    assert inspected([CHANNEL, {**CHANNEL, "Seconds_Behind_Source": 7}]).lag_s == 7
    stopped = inspected(
        [
            CHANNEL,
            {
                **CHANNEL,
                "Replica_IO_Running": "Connecting",
                "Seconds_Behind_Source": None,
                "Last_IO_Error": "cannot reach the source",
            },
        ]
    )
    assert (stopped.role, stopped.is_running, stopped.lag_s) == ("replica", False, None)
    assert stopped.detail == "the IO thread is Connecting; cannot reach the source"


def test_another_refusal_than_a_missing_privilege_is_passed_on() -> None:
    with pytest.raises(StatementRefused):
        inspected(StatementRefused("the database refused a query", code="1064"))
