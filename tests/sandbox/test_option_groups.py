from __future__ import annotations

from typing import Any

import pytest

AUDIT = {"OptionName": "MARIADB_AUDIT_PLUGIN", "OptionSettings": [{"Name": "SERVER_AUDIT_EVENTS", "Value": "CONNECT"}]}


@pytest.fixture
def rds(site: Any) -> Any:
    return site.client("rds")


def create(rds: Any, **more: Any) -> Any:
    given = {"OptionGroupName": "Audit", "EngineName": "mysql", "MajorEngineVersion": "8.4"}
    return rds.create_option_group(**{**given, "OptionGroupDescription": "d", **more})["OptionGroup"]


def test_options_come_and_go(rds: Any, refuses: Any) -> None:
    made = create(rds, Tags=[{"Key": "a", "Value": "b"}])
    assert (made["OptionGroupName"], made["Options"]) == ("audit", [])
    assert rds.list_tags_for_resource(ResourceName=made["OptionGroupArn"])["TagList"] == [{"Key": "a", "Value": "b"}]
    with refuses("OptionGroupAlreadyExistsFault"):
        create(rds)
    rds.modify_option_group(OptionGroupName="audit", OptionsToInclude=[{**AUDIT, "OptionVersion": "1"}])
    found = rds.describe_option_groups(EngineName="mysql", MajorEngineVersion="8.4")["OptionGroupsList"]
    assert [(item["OptionName"], item["OptionSettings"][0]["Value"]) for item in found[0]["Options"]] == [
        ("MARIADB_AUDIT_PLUGIN", "CONNECT")
    ]
    assert rds.describe_option_groups(EngineName="mariadb")["OptionGroupsList"] == []
    rds.modify_option_group(OptionGroupName="audit", OptionsToRemove=["MARIADB_AUDIT_PLUGIN"])
    with refuses("InvalidParameterValue", "not in option group"):
        rds.modify_option_group(OptionGroupName="audit", OptionsToRemove=["MARIADB_AUDIT_PLUGIN"])
    with refuses("InvalidParameterCombination", "At least one"):
        rds.modify_option_group(OptionGroupName="audit")
    rds.delete_option_group(OptionGroupName="audit")
    with refuses("OptionGroupNotFoundFault", status=404):
        rds.describe_option_groups(OptionGroupName="audit")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"OptionGroupName": "1a"}, "InvalidParameterValue"),
        ({"EngineName": "nope"}, "InvalidParameterValue"),
        ({"MajorEngineVersion": "9.9"}, "InvalidParameterCombination"),
        ({"OptionGroupDescription": " "}, "InvalidParameterValue"),
    ],
)
def test_what_cannot_be_a_group_is_refused(rds: Any, refuses: Any, change: dict[str, Any], code: str) -> None:
    with refuses(code):
        create(rds, **change)


@pytest.mark.parametrize(
    ("engine", "option", "told"),
    [
        (("mysql", "8.4"), {"OptionName": "TIMEZONE"}, "Invalid option name"),
        (("postgres", "17"), AUDIT, "Invalid option name"),
        (("mysql", "8.4"), {**AUDIT, "OptionSettings": [{"Name": "X", "Value": "1"}]}, "Invalid option setting: X"),
        (("mysql", "8.4"), {**AUDIT, "Port": 1}, "does not take a port"),
    ],
)
def test_what_the_engine_does_not_have_is_refused(
    rds: Any, refuses: Any, engine: tuple[str, str], option: dict[str, Any], told: str
) -> None:
    create(rds, EngineName=engine[0], MajorEngineVersion=engine[1])
    with refuses("InvalidParameterCombination" if "Port" in option else "InvalidParameterValue", told):
        rds.modify_option_group(OptionGroupName="audit", OptionsToInclude=[option])


def test_a_region_has_twenty(rds: Any, refuses: Any) -> None:
    for number in range(20):
        create(rds, OptionGroupName=f"g{number}")
    with refuses("OptionGroupQuotaExceededFault"):
        create(rds)


def test_a_group_in_use_stays(site: Any, rds: Any, refuses: Any) -> None:
    create(rds)
    with site.state.transaction("eu-central-1") as tx:
        member = {"OptionGroupName": "audit", "Status": "in-sync"}
        tx.put("rds:db", "one", {"DBInstanceIdentifier": "one", "OptionGroupMemberships": [member]})
    with refuses("InvalidOptionGroupStateFault", "in use"):
        rds.delete_option_group(OptionGroupName="audit")
