"""Where a construct stands: in which region and account, and beside which others in its stack."""

from __future__ import annotations

import re
from typing import Final

import aws_cdk
from constructs import Construct

from mainstay.cdk.design import Design
from mainstay.core.errors import InputRefused

# What CloudFormation takes in a logical id.
_PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}|")
_DESIGNS: Final = "mainstay:designs"


def known(value: str) -> str | None:
    """A region or account that is known before the deployment; None for what is left open."""
    return None if aws_cdk.Token.is_unresolved(value) else value


def refuse_elsewhere(construct: Construct, design: Design) -> None:
    """InputRefused when the stack stands in another region or account than the design; a warning when it is open."""
    stack = aws_cdk.Stack.of(construct)
    wanted, region = design.region.region, known(stack.region)
    if wanted and region and wanted != region:
        raise InputRefused(
            "another region",
            detail=f"{construct.node.path} is designed for {wanted}, and stack {stack.node.path} stands in {region}.",
            hint=f'give the stack env=Environment(region="{wanted}"), or change the region in the spec',
        )
    account, own = design.spec.account, known(stack.account)
    if account and own and account != own:
        raise InputRefused(
            "another account",
            detail=f"{construct.node.path} is meant for account {account}, and stack {stack.node.path} for {own}.",
            hint="correct account in the spec, or the stack's env",
        )
    if wanted and region is None:
        aws_cdk.Annotations.of(construct).add_warning_v2(
            "mainstay:region",
            f"The design is for {wanted}, and the stack leaves its region open: "
            f'give it env=Environment(region="{wanted}")',
        )


def enrol(construct: Construct, identifier: str, prefix: str | None) -> str:
    """What the logical ids of a construct begin with: nothing for the first of a stack, else its path there.

    InputRefused for a second design of one name, for a prefix that another has, and for one that cannot be.
    """
    stack = aws_cdk.Stack.of(construct)
    designs = stack.node.try_find_child(_DESIGNS) or Construct(stack, _DESIGNS)
    if designs.node.try_find_child(f"design {identifier}"):
        raise InputRefused(
            "two databases of one name",
            detail=f"Stack {stack.node.path} already holds {identifier}, and RDS knows one instance of a name.",
            hint="give one of the specs another name or environment",
        )
    chosen = _prefix(designs, construct, stack, prefix)
    if not _PREFIX.fullmatch(chosen):
        raise InputRefused(
            "no prefix for logical ids",
            detail=f"'{chosen}' cannot begin a logical id.",
            hint="use letters and digits, a letter first, 64 at most",
        )
    if designs.node.try_find_child(f"prefix {chosen}"):
        raise InputRefused(
            "two databases with one prefix",
            detail=f"In stack {stack.node.path} the logical ids of another begin with '{chosen}' as well.",
            hint='choose another, such as prefix="Orders"',
        )
    Construct(designs, f"design {identifier}")
    Construct(designs, f"prefix {chosen}")
    return chosen


def _prefix(designs: Construct, construct: Construct, stack: aws_cdk.Stack, wanted: str | None) -> str:
    if wanted is not None:
        return wanted
    if designs.node.try_find_child("prefix ") is None:
        return ""
    return re.sub(r"[^A-Za-z0-9]", "", construct.node.path.removeprefix(stack.node.path))


def region_of(construct: Construct) -> str | None:
    """The region of a construct's stack; None where it is left open."""
    return known(aws_cdk.Stack.of(construct).region)
