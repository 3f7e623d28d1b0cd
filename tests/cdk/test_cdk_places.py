"""Region and account of the stack against those of the design."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.cdk.conftest import SMALL, StackMaker

from mainstay import cdk
from mainstay.core.errors import InputRefused

aws_cdk = pytest.importorskip("aws_cdk")
assertions = pytest.importorskip("aws_cdk.assertions")


def test_another_region_than_the_stack_s_is_refused(new_stack: StackMaker) -> None:
    stack = new_stack(region="eu-west-1")
    with pytest.raises(InputRefused, match=r"Stack/Orders is designed for eu-central-1.*stands in eu-west-1"):
        cdk.Database(stack, "Orders", spec={**SMALL, "region": "eu-central-1"})
    assert cdk.Database(stack, "Right", spec={**SMALL, "region": "eu-west-1"}).identifier


def test_another_account_than_the_stack_s_is_refused(new_stack: StackMaker) -> None:
    stack = new_stack(account="111111111111")
    with pytest.raises(InputRefused, match="account 222222222222, and stack Stack for 111111111111"):
        cdk.Database(stack, "Orders", spec={**SMALL, "account": "222222222222"})
    assert cdk.Database(stack, "Right", spec={**SMALL, "account": "111111111111"}).identifier


def test_a_region_that_only_the_stack_says_is_the_design_s(
    new_stack: StackMaker, synthesised: Callable[[Any], dict[str, Any]]
) -> None:
    stack = new_stack(region="eu-west-1")
    cdk.Database(stack, "Orders", spec=SMALL)
    assert synthesised(stack)["Metadata"]["Mainstay"]["Region"] == "eu-west-1"


@pytest.mark.parametrize("region", ["eu-central-1", None])
def test_a_stack_that_leaves_its_region_open_is_warned_of_a_design_that_does_not(
    new_stack: StackMaker, region: str | None
) -> None:
    stack = new_stack()
    cdk.Database(stack, "Orders", spec={**SMALL, **({"region": region} if region else {})})
    warned = assertions.Annotations.from_stack(stack).find_warning(
        "*", assertions.Match.string_like_regexp("The design is for eu-central-1")
    )
    assert len(warned) == (1 if region else 0)


def test_the_same_id_twice_is_the_cdk_s_own_refusal(new_stack: StackMaker) -> None:
    stack = new_stack()
    cdk.Database(stack, "Orders", spec=SMALL)
    with pytest.raises(RuntimeError, match="already a Construct with name 'Orders'"):
        cdk.Database(stack, "Orders", spec={**SMALL, "name": "other"})


def test_a_token_is_no_setting_and_no_part_of_a_spec(new_stack: StackMaker) -> None:
    stack = new_stack()
    with pytest.raises(InputRefused, match=r"settings, region holds a token of the CDK.*\n.*vpc="):
        cdk.Database(stack, "Setting", spec=SMALL, settings={"region": stack.region})
    with pytest.raises(InputRefused, match="the spec of Part holds a token of the CDK"):
        cdk.Database(stack, "Part", spec={**SMALL, "region": stack.region})
    number = aws_cdk.Token.as_number({"Ref": "Number"})
    with pytest.raises(InputRefused, match=r"settings, database\.port holds a token of the CDK"):
        cdk.Database(stack, "Number", spec=SMALL, settings={"database.port": number})
    several = aws_cdk.Token.as_list({"Ref": "List"})
    with pytest.raises(InputRefused, match=r"settings, access\.cidrs holds a token of the CDK"):
        cdk.Database(stack, "List", spec=SMALL, settings={"access.cidrs": several})
