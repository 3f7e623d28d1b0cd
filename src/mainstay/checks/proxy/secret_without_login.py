"""PX008: a proxy's secret without username or password."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.links import linked
from mainstay.checks.proxy.examples import fronted, login, proxy, proxy_role
from mainstay.checks.proxy.targets import behind, logins_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Statement
from mainstay.plan.resources import (
    DbProxy,
    GeneratedSecret,
    Secret,
)
from mainstay.plan.values import (
    Attr,
    Ref,
)

_REQUIRED = {"username", "password"}


def _with_secret(template: str) -> Plan:
    made = GeneratedSecret(template=template, key="password", length=32, excluded_characters="/@\"' ")
    read = Statement(actions=("secretsmanager:GetSecretValue",), resources=(Attr("Login", "arn"),))
    return fronted(
        Proxy=proxy(logins=(login(secret=Ref("Login")),)),
        Login=Secret(key="Login", generate=made),
        ProxyRole=proxy_role(read),
    )


def _bad() -> Plan:
    """A secret without a username"""
    return _with_secret("{}")


def _good() -> Plan:
    """A secret with username and password"""
    return _with_secret('{"username": "shop"}')


@rule(
    id="PX008",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="a secret by which nobody can log in",
    source="RDS User Guide, rds-proxy-secrets-arns; Secrets Manager, reference_secret_json_structure (2026-11-20)",
    applies_to=(DbProxy,),
    bad=_bad,
    good=_good,
    field="logins",
)
def faults(proxy: DbProxy, scene: Scene) -> Iterator[Fault]:
    """A proxy logs in with the members `username` and `password` of the secret's JSON. Under other names, or as a plain
    text, it finds none; everything deploys, and no client gets through.
    """
    for secret in (linked(each.secret, scene) for each in logins_of(proxy)):
        made = literal(secret.generate, GeneratedSecret) if isinstance(secret, Secret) else None
        if secret is None or made is None:
            continue
        lacking = _REQUIRED - _members(made)
        if lacking:
            yield Fault(
                proxy,
                f"{proxy.key} logs in by {secret.key}, which has no {' and no '.join(sorted(lacking))}.",
                """generate it with SecretStringTemplate '{"username": "…"}' and GenerateStringKey password""",
                mend=_completed(proxy, secret, made, scene),
            )


def _completed(proxy: DbProxy, secret: object, made: GeneratedSecret, scene: Scene) -> tuple[Secret, ...]:
    """The secret with the name of the database's master user, where it is the only one and written out."""
    names = {literal(db.username, str) for db in behind(proxy, scene)}
    name = names.pop() if len(names) == 1 else None
    if name is None or not isinstance(secret, Secret) or made.template not in (None, "{}"):
        return ()
    whole = replace(made, template=json.dumps({"username": name}), key="password")
    return (replace(secret, generate=whole),)


def _members(made: GeneratedSecret) -> set[str]:
    """The members of the secret's JSON; all that are required where they cannot be seen."""
    template, key = literal(made.template, str), literal(made.key, str)
    if (made.template is not None and template is None) or (made.key is not None and key is None):
        return set(_REQUIRED)
    try:
        written = json.loads(template or "{}")
    except ValueError:
        return set()
    return {key or "", *(written if isinstance(written, dict) else ())}
