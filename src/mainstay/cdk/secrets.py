"""A secret under a key of the design's, as the CDK knows secrets.

The CDK lets whoever may read such a secret use its key by the key's own policy. That policy is part of the design, and
would name roles of other stacks, which need this one: a circle. The design's keys leave it to IAM, so a reader is
granted the key where he is granted the secret.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import aws_cdk
import jsii
from aws_cdk import aws_iam, aws_secretsmanager
from constructs import Construct


class _Shared:
    """What is the same for every member: the secret that the CDK has imported, and its key."""

    def __init__(self, imported: aws_secretsmanager.ISecret, key_arn: str) -> None:
        self._imported = imported
        self._key_arn = key_arn

    def grant_read(self, grantee: aws_iam.IGrantable, version_stages: Sequence[str] | None = None) -> aws_iam.Grant:
        """Let somebody read the secret, and decrypt it through Secrets Manager."""
        granted = self._imported.grant_read(grantee, version_stages)
        return granted.combine(self._using_key(grantee, ["kms:Decrypt"]))

    def grant_write(self, grantee: aws_iam.IGrantable) -> aws_iam.Grant:
        """Let somebody write the secret, and encrypt it through Secrets Manager."""
        granted = self._imported.grant_write(grantee)
        return granted.combine(self._using_key(grantee, ["kms:Decrypt", "kms:GenerateDataKey"]))

    def _using_key(self, grantee: aws_iam.IGrantable, actions: list[str]) -> aws_iam.Grant:
        # Secrets Manager User Guide, security-encryption, "Permissions for the KMS key" (not re-read).
        service = f"secretsmanager.{self._imported.stack.region}.amazonaws.com"
        return aws_iam.Grant.add_to_principal(
            grantee=grantee,
            actions=actions,
            resource_arns=[self._key_arn],
            conditions={"StringEquals": {"kms:ViaService": service}},
        )


def _handed_on(name: str, member: object) -> Any:  # Any: a property or a method of the interface
    def called(self: _Shared, *args: Any, **named: Any) -> Any:  # Any: whatever the interface takes
        return getattr(self._imported, name)(*args, **named)

    return property(lambda self: getattr(self._imported, name)) if isinstance(member, property) else called


def _interface(protocol: type) -> dict[str, Any]:  # Any: as above
    """Every member of an interface of the CDK, as the version that is installed has it."""
    members = {name: member for base in protocol.__mro__ for name, member in vars(base).items()}
    return {
        name: _handed_on(name, member)
        for name, member in members.items()
        if hasattr(getattr(member, "fget", member), "__jsii_name__") and not hasattr(_Shared, name)
    }


def _members() -> dict[str, Any]:  # Any: as above
    # The CDK calls what stands in the class itself, so what `_Shared` has of its own is named here again.
    own = {"grant_read": _Shared.grant_read, "grant_write": _Shared.grant_write}
    return {**_interface(aws_secretsmanager.ISecret), **own}


_Secret: Callable[[aws_secretsmanager.ISecret, str], aws_secretsmanager.ISecret] = jsii.implements(
    aws_secretsmanager.ISecret
)(type("_Secret", (_Shared,), _members()))


def imported(scope: Construct, construct_id: str, *, arn: str, key_arn: str) -> aws_secretsmanager.ISecret:
    """The secret of this ARN, which is encrypted with this key; both may be tokens."""
    known = aws_secretsmanager.Secret.from_secret_attributes(
        scope,
        construct_id,
        secret_complete_arn=arn,
        encryption_key=aws_cdk.aws_kms.Key.from_key_arn(scope, f"{construct_id}Key", key_arn),
    )
    return _Secret(known, key_arn)
