"""Logging in with tokens: whom IAM lets do it, and at which id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aws_cdk
from aws_cdk import aws_iam
from constructs import Construct

from mainstay.core.errors import InputRefused
from mainstay.spec import Spec


def refuse_without_tokens(spec: Spec, user: str | None) -> None:
    """InputRefused where a design takes no tokens, and for a user that its proxy does not log in as."""
    proxy = spec.access.proxy
    if not (proxy.iam_authentication if proxy else spec.credentials.iam_authentication):
        path = "access.proxy.iam_authentication" if proxy else "credentials.iam_authentication"
        raise InputRefused(
            "no login with tokens",
            detail=f"{spec.identifier} takes passwords only: {path} is false.",
            hint=f"write {path}: true, or grant the secret: db.secret.grant_read(grantee)",
        )
    own = spec.credentials.username
    if proxy and user not in (None, own):
        raise InputRefused(
            "a user that the proxy does not know",
            detail=f"The proxy of {spec.identifier} logs in as {own}, and lets nobody in as {user}.",
            hint=f"grant {own}, or db.instance for a login that goes round the proxy",
        )
    if user == "":
        raise InputRefused("no user", detail="The name of the user is empty.", hint="leave it out, or name one")


def proxy_id(scope: Construct, proxy: Any) -> str:  # Any: a CfnDBProxy
    """`prx-…`, which only its ARN tells (RDS User Guide, rds-proxy-iam-setup, 2026-11-20)."""
    parts = aws_cdk.Stack.of(scope).split_arn(proxy.attr_db_proxy_arn, aws_cdk.ArnFormat.COLON_RESOURCE_NAME)
    return str(parts.resource_name)


def connect(scope: Construct, grantee: aws_iam.IGrantable, ids: Sequence[str], user: str) -> aws_iam.Grant:
    """`rds-db:connect` at these ids, as this user and no other (RDS User Guide, UsingWithRDS.IAMDBAuth.IAMPolicy)."""
    stack = aws_cdk.Stack.of(scope)
    return aws_iam.Grant.add_to_principal(
        grantee=grantee,
        actions=["rds-db:connect"],
        resource_arns=[
            stack.format_arn(
                service="rds-db",
                resource="dbuser",
                resource_name=f"{one}/{user}",
                arn_format=aws_cdk.ArnFormat.COLON_RESOURCE_NAME,
            )
            for one in ids
        ],
    )
