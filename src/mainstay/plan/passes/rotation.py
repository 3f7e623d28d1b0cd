"""New passwords at regular times: a function that Secrets Manager calls, and whose role reaches these secrets only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from mainstay.core.units import Duration
from mainstay.plan.passes.credentials import EXCLUDED, generated
from mainstay.plan.passes.draft import Draft, kept_on_delete, kept_on_replace, tags
from mainstay.plan.passes.functions import Work, ways, with_function
from mainstay.plan.passes.logical import (
    APPLICATION_SECRET,
    DATABASE,
    DATABASE_KEY,
    DATABASE_SECRET,
    ROTATION_FUNCTION,
)
from mainstay.plan.policies import Condition, Statement
from mainstay.plan.resources import (
    FunctionPermission,
    Resource,
    RotationSchedule,
    Secret,
    SecretAttachment,
)
from mainstay.plan.values import ACCOUNT, REGION, Attr, Ref, Value, join
from mainstay.spec import Spec
from mainstay.spec.credentials import Rotation

_PATH: Final = "credentials.rotation"
# Each step is a call of its own; a login to a database that restarts takes the longest.
_TIMEOUT: Final = Duration(60)
# A value that the template cannot know stands here until the target fills it in.
_SUPERUSER_MARK: Final = "\0"


def build_rotation(spec: Spec, draft: Draft) -> Draft:
    """The draft with the rotation function, and the secret of users that alternate, where the spec asks for them."""
    rotation = spec.credentials.rotation
    if rotation is None:
        return draft
    alternates = rotation.users == "alternating"
    if alternates:
        draft = draft.adding(*_application_secret(spec, rotation))
    work = Work(
        key=ROTATION_FUNCTION,
        name="rotation",
        module="rotation",
        purpose="Rotates the passwords of the database",
        path=_PATH,
        timeout=_TIMEOUT,
        statements=_rotating(_secrets(rotation)),
        environment={
            "MAINSTAY_EXCLUDED_CHARACTERS": EXCLUDED,
            "MAINSTAY_PASSWORD_LENGTH": str(spec.credentials.password_length),
            # The application's user has to be made once; the master user is RDS's own affair.
            **({"MAINSTAY_MAKES_USER": "true"} if alternates else {}),
        },
    )
    return with_function(spec, draft, work)


def build_rotation_schedules(spec: Spec, draft: Draft) -> Draft:
    """The draft with what calls the rotation function: a schedule for each secret, and the permission for it."""
    rotation = spec.credentials.rotation
    if rotation is None:
        return draft
    return draft.adding(*(one for secret in _secrets(rotation) for one in _schedule(spec, draft, rotation, secret)))


def _secrets(rotation: Rotation) -> tuple[str, ...]:
    return (DATABASE_SECRET, APPLICATION_SECRET) if rotation.users == "alternating" else (DATABASE_SECRET,)


def _application_secret(spec: Spec, rotation: Rotation) -> Iterator[Resource]:
    """The secret of the user who alternates; it names the superuser's secret, by which rotation knows what to do.

    Secrets Manager User Guide, reference_secret_json_structure (`masterarn`), 2026-11-21.
    """
    origin = spec.origin_of(_PATH)
    written = json.dumps({"username": rotation.application_user, "masterarn": _SUPERUSER_MARK})
    before, after = written.split(json.dumps(_SUPERUSER_MARK)[1:-1])
    yield Secret(
        key=APPLICATION_SECRET,
        description=f"Application's user of {spec.identifier}",
        key_id=Ref(DATABASE_KEY),
        generate=generated(spec, join(before, Attr(DATABASE_SECRET, "id"), after)),
        on_delete=kept_on_delete(spec),
        on_replace=kept_on_replace(spec),
        tags=tags(spec),
        origin=origin,
    )
    yield SecretAttachment(
        key=f"{APPLICATION_SECRET}Attachment", secret=Ref(APPLICATION_SECRET), target=Ref(DATABASE), origin=origin
    )


def _rotating(secrets: tuple[str, ...]) -> tuple[Statement, ...]:
    """What a rotation function needs, on these secrets only.

    Secrets Manager User Guide, rotating-secrets-required-permissions-function, 2026-11-21. GetRandomPassword knows no
    resources.
    """
    arns: tuple[Value[str], ...] = tuple(Attr(secret, "id") for secret in secrets)
    return (
        Statement(
            sid="Rotate",
            actions=(
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
            ),
            resources=arns,
        ),
        Statement(sid="NewPassword", actions=("secretsmanager:GetRandomPassword",), resources=("*",)),
        Statement(
            sid="SecretKey",
            actions=("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"),
            resources=(Attr(DATABASE_KEY, "arn"),),
            conditions=(
                Condition("StringEquals", "kms:ViaService", (join("secretsmanager.", REGION, ".amazonaws.com"),)),
            ),
        ),
    )


def _schedule(spec: Spec, draft: Draft, rotation: Rotation, secret: str) -> Iterator[Resource]:
    """Who may call the function for a secret, and when that happens.

    The first time is at once: by then the secret has to be attached, or the function would not know the database, and
    the function's ways have to be there.
    """
    origin = spec.origin_of(_PATH)
    permission = FunctionPermission(
        key=f"{ROTATION_FUNCTION}For{secret}",
        function=Ref(ROTATION_FUNCTION),
        action="lambda:InvokeFunction",
        principal="secretsmanager.amazonaws.com",
        source_arn=Attr(secret, "id"),
        source_account=ACCOUNT,
        origin=origin,
    )
    yield permission
    yield RotationSchedule(
        key=f"{secret}Rotation",
        secret=Ref(secret),
        function=Ref(ROTATION_FUNCTION),
        every=Duration(rotation.every),
        depends_on=(Ref(f"{secret}Attachment"), Ref(permission.key), *ways(draft)),
        origin=origin,
    )
