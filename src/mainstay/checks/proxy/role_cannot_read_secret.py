"""PX007: a role that does not reach the secret, or its key."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from mainstay.checks.giving import allowed
from mainstay.checks.grants import covers
from mainstay.checks.links import key_of, linked
from mainstay.checks.powers import may
from mainstay.checks.proxy.examples import LOGIN, fronted, proxy_role
from mainstay.checks.proxy.targets import logins_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides
from mainstay.core.findings import Harm, Severity
from mainstay.plan.grants import allowances
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Statement
from mainstay.plan.resources import (
    DbProxy,
    Key,
    Role,
    Secret,
)
from mainstay.plan.values import Attr, Ref

_READ = "secretsmanager:GetSecretValue"
_DECRYPT = "kms:Decrypt"


def _bad() -> Plan:
    """A role that reads another secret"""
    other = Statement(actions=("secretsmanager:GetSecretValue",), resources=(LOGIN.replace("shop", "other"),))
    return fronted(ProxyRole=proxy_role(other))


def _good() -> Plan:
    """A role that reads the proxy's secret"""
    own = Statement(actions=("secretsmanager:GetSecretValue",), resources=(LOGIN,))
    return fronted(ProxyRole=proxy_role(own))


@rule(
    id="PX007",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="the proxy may not read its secret",
    source="RDS User Guide, rds-proxy-secrets-arns (2026-11-20)",
    applies_to=(DbProxy,),
    bad=_bad,
    good=_good,
    field="role",
)
def faults(proxy: DbProxy, scene: Scene) -> Iterator[Fault]:
    """The proxy deploys green and stays AVAILABLE. Each client is turned away with `This RDS proxy has no credentials
    for the role`, and the target's health says AUTH_FAILURE.
    """
    role = linked(proxy.role, scene)
    if not isinstance(role, Role) or may(role, "mainstay:Unseen", scene):
        return
    for each in logins_of(proxy):
        secret = linked(each.secret, scene)
        if (isinstance(each.secret, str) or isinstance(secret, Secret)) and not _reaches(role, _READ, each.secret):
            yield Fault(
                proxy,
                f"{proxy.key} logs in by {secret.key if secret else each.secret} as {role.key}, which may"
                f" not {_READ} it.",
                f"allow {role.key} {_READ} and secretsmanager:DescribeSecret on that secret",
                mend=(
                    allowed(role, "ReadsSecret", (_READ, "secretsmanager:DescribeSecret"), _arn(secret, each.secret)),
                ),
            )
        key = scene.region.resolve(secret.key_id, Key) if isinstance(secret, Secret) else None
        if key is not None and not _reaches(role, _DECRYPT, Ref(key.key)) and not _is_named(key, role):
            yield Fault(
                proxy,
                f"{proxy.key} logs in by {secret.key if secret else ''}, encrypted with {key.key}, which {role.key} may"
                f" not {_DECRYPT} with.",
                f"allow {role.key} {_DECRYPT} on {key.key}, by way of secretsmanager (kms:ViaService)",
                mend=(allowed(role, "DecryptsSecret", (_DECRYPT,), Attr(key.key, "arn")),),
            )


def _arn(secret: object, written: object) -> Attr | str:
    return Attr(secret.key, "arn") if isinstance(secret, Secret) else str(written)


def _reaches(role: Role, action: str, target: object) -> bool:
    """Whether a statement of the role allows an action on something, or on what cannot be seen."""
    return any(
        covers(one, action) and (bool(one.not_resources) or any(_is(resource, target) for resource in one.resources))
        for one in allowances(role)
    )


def _is(resource: object, target: object) -> bool:
    if isinstance(resource, str):
        # A secret of the plan has an ARN that only the target knows; a pattern of one may be its.
        is_known = isinstance(target, str)
        return resource == "*" or (fnmatchcase(str(target), resource) if is_known else "*" in resource)
    return key_of(resource) is None or key_of(resource) == key_of(target)


def _is_named(key: Key, role: Role) -> bool:
    """Whether the key's own policy may let the role decrypt."""
    named = [one for statement in key.policy.statements for one in statement.principals]
    return hides(key, "policy") or any(key_of(one.value) == role.key for one in named)
