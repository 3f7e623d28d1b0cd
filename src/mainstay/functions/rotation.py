"""Rotation of a database password: Secrets Manager's four steps, for one user or two that alternate.

    1  createSecret   a new password, stored as AWSPENDING
    2  setSecret      the database accepts it
    3  testSecret     a login with it works
    4  finishSecret   AWSPENDING becomes AWSCURRENT

Secrets Manager calls the handler once a step and calls it again after a failure, so each step looks at what is
there before it acts. The contract: Secrets Manager user guide, "Lambda rotation functions" (facts F.6).

With one user, logins between steps 2 and 4 use the old password and fail for a moment. With two, the user whose
turn it is not keeps its password for a whole period: nobody is ever locked out, at the price of a superuser secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, Final

from mainstay.core.errors import InputRefused
from mainstay.functions import settings
from mainstay.functions.database import LoginRefused
from mainstay.functions.dialects import DIALECTS, Dialect
from mainstay.functions.login import Document, Login, login_of
from mainstay.functions.secret_versions import CURRENT, PENDING, PREVIOUS, SecretVersions, open_versions, read_secret
from mainstay.functions.trust import tls_context

SINGLE: Final = "single-user"
ALTERNATING: Final = "alternating-users"
STRATEGIES: Final = (SINGLE, ALTERNATING)

# Characters that RDS refuses in a master password, or that break connection strings and shells.
# CreateDBInstance, MasterUserPassword: printable ASCII except / ' " @ and space (botocore 1.44, 2026-11-21).
EXCLUDED: Final = "/@\"'\\ :;`$%&<>#"
LENGTH: Final = 32
SHORTEST: Final = 16

# The second user's name, as in AWS's own rotation functions, so that either kind can take over from the other.
ALTERNATE_SUFFIX: Final = "_clone"
_SUPERUSER_MEMBER: Final = "masterarn"


@dataclass(frozen=True, slots=True)
class Rotation:
    """One rotation: its secret's versions, and how it is done."""

    versions: SecretVersions
    strategy: str

    def login(self, stage: str) -> Login:
        """The login at a stage. Errors: InputRefused when there is none, or when it is none."""
        return login_of(self.versions.required(stage), self.versions.secret)


def handler(event: Mapping[str, Any], context: object) -> None:
    """Lambda's entry: one step of one rotation. Any: the event is JSON of Secrets Manager's making."""
    del context
    step, versions = _opened(event)
    if versions.is_finished:
        _tell(versions, step, "nothing is left to do")
        return
    STEPS[step](Rotation(versions, _strategy(versions)))
    _tell(versions, step, "done")


def _opened(event: Mapping[str, Any]) -> tuple[str, SecretVersions]:
    missing = [name for name in ("SecretId", "ClientRequestToken", "Step") if not isinstance(event.get(name), str)]
    if missing:
        raise InputRefused(
            "not a rotation event",
            detail=f"The event lacks {', '.join(missing)}.",
            hint="only Secrets Manager calls this function, for a secret with a rotation schedule",
        )
    step = event["Step"]
    if step not in STEPS:
        raise InputRefused(
            "unknown rotation step", detail=f"'{step[:40]}' is not a step.", hint=f"the steps are {', '.join(STEPS)}"
        )
    return step, open_versions(event["SecretId"], event["ClientRequestToken"])


def create_secret(rotation: Rotation) -> None:
    """Step 1: a pending value with a new password, unless this rotation has one already."""
    versions = rotation.versions
    if versions.value(PENDING) is not None:
        return
    document = versions.required(CURRENT)
    current = login_of(document, versions.secret)
    password = versions.new_password(*_password_rules(DIALECTS[current.engine]))
    versions.put_pending({**document, "username": _next_user(rotation, current), "password": password})


def set_secret(rotation: Rotation) -> None:
    """Step 2: the database takes the pending password."""
    pending, current = rotation.login(PENDING), rotation.login(CURRENT)
    _refuse_elsewhere(rotation, pending, current)
    if rotation.strategy == ALTERNATING:
        _set_as_superuser(rotation, pending, current)
    elif not _is_accepted(pending):
        _set_as_itself(rotation, pending, current)


def test_secret(rotation: Rotation) -> None:
    """Step 3: a login with the pending password works, over TLS.

    A schedule that does not rotate at once calls this step alone, for a version that never had a value (RotateSecret,
    RotateImmediately, 2026-11-21): then it is the current login that shows whether the function can do its work.
    """
    has_begun = rotation.versions.value(PENDING) is not None
    with closing(_connect(rotation.login(PENDING if has_begun else CURRENT))) as database:
        database.rows("SELECT 1")


def finish_secret(rotation: Rotation) -> None:
    """Step 4: the pending version becomes the current one. A version without a login never does."""
    rotation.login(PENDING)
    rotation.versions.finish()


STEPS: Final[Mapping[str, Callable[[Rotation], None]]] = {
    "createSecret": create_secret,
    "setSecret": set_secret,
    "testSecret": test_secret,
    "finishSecret": finish_secret,
}


def _set_as_itself(rotation: Rotation, pending: Login, current: Login) -> None:
    """The user changes its own password, logged in with the current one, or with the one before when that is out."""
    try:
        database = _connect(current)
    except LoginRefused:
        previous = rotation.versions.value(PREVIOUS) or {}
        if previous.get("username") != current.username or not previous.get("password"):
            raise
        database = _connect(replace(current, password=str(previous["password"])))
    with closing(database):
        DIALECTS[current.engine].set_own_password(database, current.username, pending.password)


def _set_as_superuser(rotation: Rotation, pending: Login, current: Login) -> None:
    """The superuser gives the other user the pending password, and what the original may do."""
    arn = _superuser_secret(rotation.versions.required(CURRENT))
    document = read_secret(arn)
    if document is None:
        raise InputRefused("the superuser secret has no value", detail=f"{arn} holds none.", hint="check its name")
    # RDS's own managed secrets hold a user and a password only: where the database is, our secret says.
    where = {"engine": current.engine, "host": current.host, "port": current.port}
    superuser = login_of({**where, **document, "dbname": current.database}, arn)
    if (superuser.host, superuser.engine) != (current.host, current.engine):
        raise InputRefused(
            "the superuser is another database's",
            detail=f"{arn} is for {superuser.host}, {rotation.versions.secret} is for {current.host}.",
            hint="name the secret of this database's own master user",
        )
    original = pending.username.removesuffix(ALTERNATE_SUFFIX)
    dialect = DIALECTS[pending.engine]
    with closing(_connect(superuser)) as database:
        if pending.username == original:
            dialect.set_password(database, original, pending.password)
        else:
            if settings.optional(settings.MAKES_USER):
                dialect.ensure_user(database, original, current.password, current.database)
            dialect.ensure_alternate(database, original, pending.username, pending.password)


def _refuse_elsewhere(rotation: Rotation, pending: Login, current: Login) -> None:
    """A pending value that was changed by hand must not give another database or another user this password."""
    expected = replace(current, username=_next_user(rotation, current), password=pending.password)
    if pending != expected:
        raise InputRefused(
            "the pending secret is for somebody else",
            detail=f"{rotation.versions.secret}: pending for {pending}, expected for {expected}.",
            hint="remove the AWSPENDING stage and start the rotation again",
        )


def _next_user(rotation: Rotation, current: Login) -> str:
    if rotation.strategy == SINGLE:
        return current.username
    if current.username.endswith(ALTERNATE_SUFFIX):
        return current.username.removesuffix(ALTERNATE_SUFFIX)
    alternate = current.username + ALTERNATE_SUFFIX
    longest = DIALECTS[current.engine].longest_name
    if len(alternate) > longest or not re.fullmatch(r"[\w.$-]+", alternate):
        raise InputRefused(
            "the user cannot alternate",
            detail=f"{current.engine} cannot name its second user {alternate} ({longest} characters at most).",
            hint="take a shorter name of letters, digits, _ . $ and -, or rotate a single user",
        )
    return alternate


def _superuser_secret(document: Document) -> str:
    """The superuser's secret: the one that our secret names, else the one that the function was given."""
    named = str(document.get(_SUPERUSER_MEMBER) or "")
    return named or settings.required(settings.SUPERUSER_SECRET, "alternating users need a superuser's secret")


def _strategy(versions: SecretVersions) -> str:
    """The strategy that the function was given, else the one that the secret asks for by naming a superuser's."""
    strategy = settings.optional(settings.STRATEGY)
    if not strategy:
        return ALTERNATING if versions.required(CURRENT).get(_SUPERUSER_MEMBER) else SINGLE
    if strategy not in STRATEGIES:
        raise InputRefused(
            "unknown rotation strategy",
            detail=f"{settings.STRATEGY} is '{strategy}'.",
            hint=f"the strategies are {', '.join(STRATEGIES)}",
        )
    return strategy


def _password_rules(dialect: Dialect) -> tuple[int, str]:
    """Length and excluded characters of a new password."""
    given = settings.optional(settings.PASSWORD_LENGTH, str(LENGTH))
    if not given.isdecimal() or not SHORTEST <= int(given) <= dialect.longest_password:
        raise InputRefused(
            "the password length is out of bounds",
            detail=f"{settings.PASSWORD_LENGTH} is '{given}'.",
            hint=f"give a number from {SHORTEST} to {dialect.longest_password}, or leave it out for {LENGTH}",
        )
    return int(given), settings.optional(settings.EXCLUDED_CHARACTERS, EXCLUDED)


def _is_accepted(login: Login) -> bool:
    try:
        _connect(login).close()
    except LoginRefused:
        return False
    return True


# Any: the connection of whichever driver the engine has.
def _connect(login: Login) -> Any:
    return DIALECTS[login.engine].connect(login, tls_context())


def _tell(versions: SecretVersions, step: str, outcome: str) -> None:
    print(f"{step} of {versions.secret} for version {versions.token}: {outcome}")  # noqa: T201  Lambda's log is stdout
