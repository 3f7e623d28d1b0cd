"""SE001: a secret with a password that opens nothing, attached to a database that has another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, leaves, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, GeneratedSecret, Secret, SecretAttachment
from mainstay.plan.values import Param, Ref, SecretField

_MADE = GeneratedSecret(template='{"username": "shop"}', key="password", excluded_characters="/@\"'\\")
_ATTACHED = SecretAttachment(key="Attachment", secret=Ref("Secret"), target=Ref("Database"))


def _bad() -> Plan:
    """RDS manages the password of the user for whom a secret was generated"""
    return plan_of(database(username="shop", manages_password=True), Secret(key="Secret", generate=_MADE), _ATTACHED)


def _good() -> Plan:
    """The database has the secret's password"""
    db = database(username="shop", password=SecretField(Ref("Secret"), "password"))
    return plan_of(db, Secret(key="Secret", generate=_MADE), _ATTACHED)


@rule(
    id="SE001",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="the secret holds another password",
    source="CloudFormation Template Reference, AWS::SecretsManager::SecretTargetAttachment (2026-11-20)",
    applies_to=(SecretAttachment,),
    field="generate",
    bad=_bad,
    good=_good,
)
def faults(attachment: SecretAttachment, scene: Scene) -> Iterator[Fault]:
    """Everything deploys: the secret says host, port, user and a password, and every client that believes it is turned
    away. Rotation by the same user cannot mend it, because it has to log in first.
    """
    secret, db = scene.region.resolve(attachment.secret, Secret), scene.region.resolve(attachment.target, DbInstance)
    if secret is None or db is None or secret.generate is None or not _is_of_master(secret, db, scene):
        return
    hint = f"let {db.key} have the password of {secret.key}: {{{{resolve:secretsmanager:…:SecretString:password}}}}"
    if db.manages_password is True:
        yield Fault(secret, f"{secret.key} holds a password for {db.key}, but RDS manages the real one.", hint)
        return
    found = [leaf for leaf in leaves(db.password) if leaf is not None]
    if found and all(_is_another(leaf, secret, scene) for leaf in found):
        field = literal(secret.generate.key, str)
        mend = (replace(db, password=SecretField(Ref(secret.key), field)),) if field else ()
        detail = f"{secret.key} holds a password for {db.key}, which was given another one."
        yield Fault(secret, detail, hint, mend=mend)


def _is_of_master(secret: Secret, db: DbInstance, scene: Scene) -> bool:
    """Whether the secret is certainly meant for the master user, who may have his name from it."""
    template = secret.generate.template if secret.generate else None
    if db.username is None:
        return False
    if isinstance(db.username, SecretField):
        return scene.region.resolve(db.username.secret, Secret) is secret
    if not isinstance(db.username, str):
        return db.username in list(leaves(template))
    try:
        written = json.loads(template) if isinstance(template, str) else None
    except ValueError:
        return False
    return isinstance(written, dict) and written.get("username") == db.username


def _is_another(leaf: object, secret: Secret, scene: Scene) -> bool:
    if isinstance(leaf, SecretField):
        source = scene.region.resolve(leaf.secret, Secret)
        return source is not None and source is not secret
    return isinstance(leaf, str | Param)
