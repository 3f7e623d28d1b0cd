"""Who calls."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.ops.aws.door import Door


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The account (12 digits) and the ARN of who calls."""

    account: str
    arn: str

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn`, `aws-us-gov`: the ARN's second part."""
        return self.arn.split(":")[1] if self.arn.count(":") >= 5 else "aws"


class StsDoor(Door):
    """Questions to the Security Token Service."""

    def caller(self) -> Caller:
        """Who we are; EnvironmentLacking when the credentials are not good."""
        answer = self._ask("GetCallerIdentity")
        return Caller(account=answer["Account"], arn=answer["Arn"])
