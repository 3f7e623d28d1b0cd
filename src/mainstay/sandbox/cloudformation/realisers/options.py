"""Option groups made real through RDS's handlers."""

from __future__ import annotations

from typing import Any, Final

from mainstay.plan.resources import DbOption, OptionGroup, Resource
from mainstay.sandbox.cloudformation.realisers.making import (
    Attributes,
    Made,
    Making,
    Realiser,
    attribute,
    number,
    text,
)
from mainstay.sandbox.cloudformation.resolve import Physical


def _create(making: Making, group: OptionGroup) -> Made:
    name = making.name(group.name, is_lower=True).lower()
    made = making.call(
        "rds",
        "CreateOptionGroup",
        OptionGroupName=name,
        EngineName=str(group.engine),
        MajorEngineVersion=str(group.major_version),
        OptionGroupDescription=str(group.description),
        Tags=making.tags(group.tags),
    )["OptionGroup"]
    if group.options:
        wanted = [_configuration(option) for option in group.options]
        making.call("rds", "ModifyOptionGroup", OptionGroupName=name, OptionsToInclude=wanted, ApplyImmediately=True)
    return Made(name, {"_arn": made["OptionGroupArn"]})


def _configuration(option: DbOption) -> dict[str, Any]:  # Any: RDS's shape
    given = {
        "OptionName": str(option.name),
        "OptionVersion": text(option.version),
        "Port": number(option.port),
        "VpcSecurityGroupMemberships": [str(attribute(each, "group_id")) for each in option.security_groups] or None,
        "OptionSettings": [{"Name": name, "Value": str(value)} for name, value in option.settings.items()],
    }
    return {name: value for name, value in given.items() if value is not None}


def _update(making: Making, group: OptionGroup, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    name = str(physical)
    held = making.call("rds", "DescribeOptionGroups", OptionGroupName=name)["OptionGroupsList"][0]["Options"]
    wanted = {str(option.name): _configuration(option) for option in group.options}
    gone = [option["OptionName"] for option in held if option["OptionName"] not in wanted]
    if "OptionConfigurations" in changed and (gone or wanted):
        making.call("rds", "ModifyOptionGroup", OptionGroupName=name, OptionsToInclude=list(wanted.values()) or None,
                    OptionsToRemove=gone or None, ApplyImmediately=True)  # fmt: skip
    if "Tags" in changed:
        arn = physical.attributes["_arn"]
        old = making.call("rds", "ListTagsForResource", ResourceName=arn)["TagList"]
        making.call("rds", "RemoveTagsFromResource", ResourceName=arn, TagKeys=[tag["Key"] for tag in old])
        making.call("rds", "AddTagsToResource", ResourceName=arn, Tags=making.tags(group.tags))
    return None


def _delete(making: Making, physical: Physical) -> None:
    making.call("rds", "DeleteOptionGroup", OptionGroupName=str(physical))


REALISERS: Final[dict[type[Resource], Realiser[Any]]] = {
    OptionGroup: Realiser(create=_create, update=_update, delete=_delete)
}
