"""Who logs in where, as a secret in RDS's own form says it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mainstay.core.errors import InputRefused

# Members of an RDS secret: Secrets Manager user guide, "JSON structure of AWS Secrets Manager database credential
# secrets" (not re-read). A SecretTargetAttachment writes engine, host, port and dbname into it.
ATTACHED: Final = ("engine", "host")
OWN: Final = ("username", "password")
DEFAULT_PORTS: Final[Mapping[str, int]] = {"postgres": 5432, "mysql": 3306, "mariadb": 3306}

Document = dict[str, Any]  # Any: a secret's JSON holds whatever its owner keeps there


@dataclass(frozen=True, slots=True)
class Login:
    """A user at a database. The password takes no part in `repr`, so that no log or traceback can show it."""

    engine: str
    host: str
    port: int
    username: str
    password: str = field(repr=False)
    database: str = ""

    def __str__(self) -> str:
        return f"{self.username} at {self.host}:{self.port}"


def parse(text: str, secret: str) -> Document:
    """A secret's JSON object. Error: InputRefused that names the secret and never quotes it."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise InputRefused(
            "the secret is not a login",
            detail=f"The value of {secret} is not a JSON object.",
            hint="store username and password as members of a JSON object",
        )
    return document


def login_of(document: Mapping[str, Any], secret: str) -> Login:
    """The login that a secret holds. Error: InputRefused that names what is missing and never quotes what is there."""
    missing = [name for name in (*OWN, *ATTACHED) if not str(document.get(name) or "")]
    if missing:
        attach = "attach the secret to its instance (AWS::SecretsManager::SecretTargetAttachment)"
        raise InputRefused(
            "the secret lacks members",
            detail=f"{secret} has no {', '.join(missing)}.",
            hint=attach if set(missing) & set(ATTACHED) else "store username and password in the secret",
        )
    engine = str(document["engine"])
    if engine not in DEFAULT_PORTS:
        raise InputRefused(
            "unknown engine",
            detail=f"{secret} names the engine '{engine[:40]}'.",
            hint=f"the engines are {', '.join(DEFAULT_PORTS)}",
        )
    return Login(
        engine=engine,
        host=str(document["host"]),
        port=_port(document.get("port"), DEFAULT_PORTS[engine], secret),
        username=str(document["username"]),
        password=str(document["password"]),
        database=str(document.get("dbname") or ""),
    )


def _port(given: object, default: int, secret: str) -> int:
    """The port as a number; CloudFormation writes it as one, people write it as text."""
    if given in (None, ""):
        return default
    text = str(given)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise InputRefused(
            "the secret's port is not a port",
            detail=f"{secret} holds a port that is not a number from 1 to 65535.",
            hint=f"leave it out for {default}",
        )
    return int(text)
