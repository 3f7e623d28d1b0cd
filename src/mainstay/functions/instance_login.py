"""The login of the instance that a function was made for, out of the secret that its environment names."""

from __future__ import annotations

from dataclasses import replace

from mainstay.core.errors import InputRefused
from mainstay.functions import settings
from mainstay.functions.login import Login, login_of
from mainstay.functions.secret_versions import read_secret


def instance_login() -> Login:
    """Who logs in where. Error: InputRefused when the secret is empty or lacks members."""
    arn = settings.required(settings.SECRET, "the secret with the login of the database")
    document = read_secret(arn)
    if document is None:
        raise InputRefused(
            "the secret has no value", detail=f"{arn} holds none.", hint="check its name, and that it has a value"
        )
    # A secret that RDS manages holds user and password only (RDS User Guide, rds-secrets-manager, 2026-11-21).
    told = {"engine": settings.ENGINE, "host": settings.HOST, "port": settings.PORT}
    login = login_of({**{name: settings.optional(variable) for name, variable in told.items()}, **document}, arn)
    return replace(login, database=settings.optional(settings.DATABASE, login.database))
