"""Secrets: read where they are used, never shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from mainstay.core.errors import NotFound, TargetRefused
from mainstay.ops.aws.door import Door


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How to log in to a database; the password is not part of its repr. `host` and `port` are None when the
    secret is not attached to an instance.

    `ask_others` gives what else the secret may hold by now: between two steps of a rotation with one user the database
    knows the pending password already, or the old one is the current one no longer.
    """

    username: str
    password: str = field(repr=False)
    host: str | None = None
    port: int | None = None
    dbname: str | None = None
    secret_arn: str = ""
    ask_others: Callable[[], tuple[Login, ...]] = field(default=tuple, repr=False, compare=False)


class SecretsDoor(Door):
    """Questions to Secrets Manager."""

    def read_login(self, secret: str) -> Login:
        """The login that a secret (ARN or name) holds as JSON; TargetRefused when it holds something else."""
        login = _login_in(self._ask("GetSecretValue", SecretId=secret), secret)
        return replace(login, ask_others=partial(self._others, login))

    def _others(self, login: Login) -> tuple[Login, ...]:
        """The current login and the pending one, as far as they have another password than this one."""
        found = []
        for stage in ("AWSCURRENT", "AWSPENDING"):
            try:
                answer = self._ask("GetSecretValue", SecretId=login.secret_arn, VersionStage=stage)
                found.append(_login_in(answer, login.secret_arn))
            except (NotFound, TargetRefused):
                # No rotation is under way, or it has not come to a value yet.
                continue
        return tuple(other for other in found if other.password != login.password)

    def create_login(self, name: str, login: Login, *, description: str, tags: Mapping[str, str]) -> str:
        """Keep a login in a new secret of that name; its ARN."""
        answer = self._ask(
            "CreateSecret",
            Name=name,
            Description=description,
            SecretString=_as_text(login),
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        return str(answer["ARN"])

    def replace_login(self, secret: str, login: Login) -> None:
        """A new version of a secret's login."""
        self._ask("PutSecretValue", SecretId=secret, SecretString=_as_text(login))

    def point_login(self, secret: str, *, host: str, port: int, identifier: str) -> None:
        """A new version of a login for another instance: everything but where it leads to stays. Nothing is written
        where it leads there already; the version before is AWSPREVIOUS.
        """
        answer = self._ask("GetSecretValue", SecretId=secret)
        login = _login_in(answer, secret)
        if (login.host, login.port) == (host, port):
            return
        known = json.loads(answer["SecretString"]) | {"host": host, "port": port}
        # What an attachment writes (CloudFormation Template Reference, AWS::SecretsManager::SecretTargetAttachment,
        # 2026-11-21); who rotates may read it.
        known |= {"dbInstanceIdentifier": identifier} if "dbInstanceIdentifier" in known else {}
        self._ask("PutSecretValue", SecretId=secret, SecretString=json.dumps(known))

    def tagged(self, key: str, value: str) -> tuple[tuple[str, Mapping[str, str]], ...]:
        """The secrets that carry a tag: name and all their tags."""
        # A filter's value is a prefix (Secrets Manager API, Filter, not re-read).
        filters = [{"Key": "tag-key", "Values": [key]}, {"Key": "tag-value", "Values": [value]}]
        rows = self._pages("ListSecrets", "SecretList", Filters=filters)
        found = ((str(row["Name"]), {tag["Key"]: tag["Value"] for tag in row.get("Tags", [])}) for row in rows)
        return tuple((name, tags) for name, tags in found if tags.get(key) == value)

    def tags_of(self, secret: str) -> Mapping[str, str] | None:
        """The tags of a secret; None when there is none of this name, or it is being deleted."""
        try:
            answer = self._ask("DescribeSecret", SecretId=secret)
        except NotFound:
            return None
        if answer.get("DeletedDate"):
            return None
        return {tag["Key"]: tag["Value"] for tag in answer.get("Tags", [])}

    def delete(self, secret: str) -> None:
        """Remove a secret at once, without a recovery window: only for secrets that we made ourselves."""
        self._ask("DeleteSecret", SecretId=secret, ForceDeleteWithoutRecovery=True)


def _login_in(answer: Mapping[str, Any], secret: str) -> Login:  # Any: GetSecretValue's answer
    try:
        known = json.loads(answer["SecretString"])
        return Login(
            username=known["username"],
            password=known["password"],
            host=known.get("host"),
            port=int(known["port"]) if known.get("port") else None,
            dbname=known.get("dbname"),
            secret_arn=answer["ARN"],
        )
    except (KeyError, TypeError, ValueError):
        # `from None`: the cause would carry the text of the secret.
        raise TargetRefused(
            "the secret holds no login",
            detail=f"{secret} is no JSON object with 'username' and 'password'.",
            hint="name the secret that the stack generated; `mainstay status` lists it",
        ) from None


def _as_text(login: Login) -> str:
    known = {
        "username": login.username,
        "password": login.password,
        "host": login.host,
        "port": login.port,
        "dbname": login.dbname,
    }
    return json.dumps({name: value for name, value in known.items() if value is not None})
