"""What the provider adds to a block when it is shown is no argument of it: the block is read all the same."""

from __future__ import annotations

import json

import pytest
from bench.checks.shown import shown

from mainstay.checks.backup.examples import backed_up
from mainstay.checks.proxy.examples import fronted
from mainstay.formats import terraform
from mainstay.plan.resources import DbProxyTargetGroup, Role
from mainstay.plan.values import Ref

ATTACHED = "aws_iam_role_policy_attachment"
POLICY = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"


def test_a_target_that_is_not_there_yet() -> None:
    plan = terraform.read_shown(json.dumps(shown(terraform.render(fronted()))), file="tfplan.json")
    (pool,) = plan.of(DbProxyTargetGroup)
    assert pool.instances == (Ref("Database"),)


@pytest.mark.parametrize(("extra", "is_read"), [({"id": "backup-2026"}, True), ({"unheard_of": "x"}, False)])
def test_an_attached_policy_of_a_state(extra: dict[str, str], is_read: bool) -> None:
    text = shown(terraform.render(backed_up()))
    for resource in text["planned_values"]["root_module"]["resources"]:
        if resource["type"] == ATTACHED:
            resource["values"] = {"role": "${aws_iam_role.backup_role.name}", "policy_arn": POLICY} | extra
    text["resource_changes"] = [one for one in text["resource_changes"] if one["type"] != ATTACHED]
    (role,) = terraform.read_shown(json.dumps(text), file="tfplan.json").of(Role)
    assert (set(role.managed_policies) == {POLICY}) is is_read
    assert any("policy_attachment" in path for path in role.extras) is not is_read
