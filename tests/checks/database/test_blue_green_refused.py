"""DB041: how Terraform asks for it, and of what."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.blue_green_refused import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.formats import terraform

Say = Callable[..., list[Finding]]
ASKED = {"aws_db_instance.blue_green_update": [{"enabled": True}]}
ELSEWHERE = "arn:aws:rds:eu-west-1:123456789012:db:shop"


@pytest.mark.parametrize(
    ("extras", "count"),
    [
        (ASKED, 1),
        ({"aws_db_instance.blue_green_update": {"enabled": True}}, 1),
        ({"aws_db_instance.blue_green_update.0.enabled": True}, 1),
        ({"aws_db_instance.blue_green_update": [{"enabled": False}]}, 0),
        ({"aws_db_instance.blue_green_update": []}, 0),
        ({"aws_db_instance.timeouts": {"enabled": True}}, 0),
        ({}, 0),
    ],
)
def test_how_it_is_asked_for(extras: dict[str, object], count: int, say: Say) -> None:
    assert len(say(faults, plan_of(database(manages_password=True, extras=extras)))) == count


@pytest.mark.parametrize(
    ("source", "region", "count"),
    [
        (ELSEWHERE, "us-east-1", 1),
        (ELSEWHERE, "eu-west-1", 0),
        (ELSEWHERE, "", 0),
        ("shop", "us-east-1", 0),
    ],
)
def test_replicas(source: str, region: str, count: int, say: Say) -> None:
    assert len(say(faults, plan_of(replica(source=source, extras=ASKED), region=region))) == count
    assert say(faults, plan_of(database(extras=ASKED))) == []


def test_a_plan_of_terraform(say: Say) -> None:
    values = (
        '{"identifier": "shop", "engine": "postgres", "manage_master_user_password": true,'
        ' "blue_green_update": [{"enabled": true}]}'
    )
    plan = terraform.read_shown(
        '{"format_version": "1.2", "planned_values": {"root_module": {"resources": [{"address": "aws_db_instance.shop",'
        f' "mode": "managed", "type": "aws_db_instance", "name": "shop", "values": {values}}}]}}}}}}',
        file="tfplan.json",
    )
    (finding,) = say(faults, plan)
    assert finding.subject == "aws_db_instance.shop"
