"""A connection to MySQL or MariaDB as the probe has it, opened as a function opens its own."""

from __future__ import annotations

import ssl
from dataclasses import replace

from mainstay.functions.login import Login
from mainstay.functions.mysql.connection import open_raw
from mainstay.probe.mysql.session import HOME, MysqlConnection


def connect(login: Login, context: ssl.SSLContext) -> MysqlConnection:
    """A session of this login for the probe. Errors: Unreachable, LoginRefused."""
    return MysqlConnection(open_raw(replace(login, database=login.database or HOME), context))
