"""DB033: a password that is both written and managed by RDS, or a key for a password that RDS does not manage."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import database, key_for, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, is_certain
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance
from mainstay.plan.values import Ref


def _bad() -> Plan:
    """A key for the managed password, and nothing that makes RDS manage it"""
    return plan_of(database(password_key=Ref("Key")), key_for())


def _good() -> Plan:
    """A managed password and a key for it"""
    return plan_of(database(manages_password=True, password_key=Ref("Key")), key_for())


@rule(
    id="DB033",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="the password has two sources, or none",
    conflicts=("managed-password-written",),
    applies_to=(DbInstance,),
    field="manages_password",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """A key is for the managed one only. RDS refuses the rest: `MasterUserPassword and ManageMasterUserPassword are
    mutually exclusive`, and `A ManageMasterUserPassword value is required when MasterUserSecretKmsKeyId is specified.`
    """
    if db.manages_password is True and is_certain(db.password):
        yield Fault(
            db,
            f"{db.key} has a password, and RDS is to manage one.",
            "drop MasterUserPassword, or do without ManageMasterUserPassword",
        )
    if db.manages_password in (None, False) and is_certain(db.password_key):
        yield Fault(
            db,
            f"{db.key} names a key for the password that RDS manages, but RDS manages none.",
            "set ManageMasterUserPassword to true, or drop the key",
            field="password_key",
        )
