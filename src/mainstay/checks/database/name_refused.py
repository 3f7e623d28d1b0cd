"""DB019: a name, a password or a port that RDS does not take."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay import facts
from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance

# Those that RDS names in its refusal; an apostrophe, which its model excludes as well, is accepted in practice.
REFUSED_IN_PASSWORDS = '/"@ '


def _bad() -> Plan:
    """A database named shop-db"""
    return plan_of(database(database_name="shop-db"))


def _good() -> Plan:
    """A database named shop_db"""
    return plan_of(database(database_name="shop_db"))


@rule(
    id="DB019",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="RDS refuses a name or a port",
    source="botocore RDS model, CreateDBInstance; cdk-preflight rules, reproduced against AWS (2026-11-20)",
    applies_to=(DbInstance,),
    field="database_name",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """Each name has rules of its own, and the stack fails when the instance is made: after the network, the keys and
    the secrets. A hyphen in the database's name is the usual one; `admin` is reserved by PostgreSQL only.
    """
    engine = scene.engine_of(db)
    identifier = literal(db.identifier, str)
    if identifier and not facts.identifier("instance").admits(identifier):
        hint = "begin with a letter, use letters, digits and single hyphens, 63 at most"
        yield Fault(db, f"'{identifier}' cannot be an instance's identifier.", hint, field="identifier")
    port, least, most = literal(db.port, int), facts.limit("port", "least"), facts.limit("port", "most")
    if port is not None and engine and not least <= port <= most:
        yield Fault(db, f"{db.key} is to listen on port {port}.", f"choose a port from {least} to {most}", field="port")
    # A copy and a replica have their names from what they are made of.
    if engine and db.source is None and db.snapshot is None:
        yield from _names(db, engine)
        yield from _password(db, engine)


def _names(db: DbInstance, engine: str) -> Iterator[Fault]:
    name, user = literal(db.database_name, str), literal(db.username, str)
    for what, field, value, limits in (
        ("database", "database_name", name, facts.database_name(engine)),
        ("master user", "username", user, facts.username(engine)),
    ):
        # An empty text is how a template leaves a name out.
        if not value or (limits.admits(value) and not limits.is_reserved(value)):
            continue
        why = f"{engine} reserves it" if limits.is_reserved(value) else f"it has {len(value)} characters"
        yield Fault(
            db,
            f"'{value}' cannot be the name of a {what} of {engine}; {why}.",
            f"begin with a letter, use letters, digits and _, {limits.most} at most, and no reserved word",
            field=field,
        )


def _password(db: DbInstance, engine: str) -> Iterator[Fault]:
    password, limits = literal(db.password, str), facts.load("limits").data["password"][engine]
    if not password:
        return
    # Only its length and the characters that are wrong are shown, never the password.
    wrong = sorted({each for each in password if each in REFUSED_IN_PASSWORDS or not " " <= each <= "~"})
    if wrong or not limits["least"] <= len(password) <= limits["most"]:
        has = f" with {' '.join(map(repr, wrong))}" if wrong else ""
        yield Fault(
            db,
            f"The master password of {db.key} has {len(password)} characters{has}.",
            f'use {limits["least"]} to {limits["most"]} printable characters without / " @ and space',
            field="password",
        )
