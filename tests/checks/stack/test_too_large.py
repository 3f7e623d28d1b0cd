"""ST001: what is counted, in templates that were read and in plans that were made."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.examples import database, plan_of
from mainstay.checks.stack.too_large import faults
from mainstay.core.findings import Finding, Severity
from mainstay.core.units import Bytes
from mainstay.formats import cloudformation
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Written
from mainstay.plan.resources import Resource, Topic

Say = Callable[..., list[Finding]]


def template(**sections: object) -> str:
    return json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, **sections})


def numbered(count: int, member: object) -> dict[str, object]:
    return {f"Thing{number}": member for number in range(count)}


TOPIC = {"Type": "AWS::SNS::Topic"}
DYNAMIC = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "{{resolve:ssm:name}}"}}


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"Resources": numbered(500, TOPIC)}, None),
        ({"Resources": numbered(501, TOPIC)}, "stack.json has 501 resources; CloudFormation takes 500"),
        ({"Parameters": numbered(200, {"Type": "String"})}, None),
        ({"Parameters": numbered(201, {"Type": "String"})}, "has 201 parameters; CloudFormation takes 200"),
        ({"Outputs": numbered(201, {"Value": "x"})}, "has 201 outputs"),
        ({"Description": "é" * 512}, None),
        ({"Description": "é" * 512 + "."}, "description has 1,025 bytes; CloudFormation takes 1,024"),
        ({"Resources": numbered(60, DYNAMIC)}, None),
        ({"Resources": numbered(61, DYNAMIC)}, "has 61 dynamic references; CloudFormation takes 60"),
    ],
)
def test_numbers(sections: dict[str, object], said: str | None, say: Say) -> None:
    plan = cloudformation.read(template(**sections), file="stack.json")
    findings = say(faults, plan)
    assert [finding.severity for finding in findings] == ([Severity.ERROR] if said else [])
    for finding in findings:
        assert str(said) in finding.detail
        assert (finding.subject, str(finding.origin)) == ("Template", "stack.json")


@pytest.mark.parametrize(
    ("size", "severity"),
    [(51_200, None), (51_201, Severity.INFO), (1_000_000, Severity.INFO), (1_000_001, Severity.ERROR)],
)
def test_bytes(size: int, severity: Severity | None, say: Say) -> None:
    plan = plan_of(database())
    plan = replace(plan, regions=(replace(plan.primary, written=(Written(file="a.json", size=Bytes(size)),)),))
    findings = say(faults, plan)
    assert [finding.severity for finding in findings] == ([severity] if severity else [])
    assert all(f"has {size:,} bytes" in finding.detail for finding in findings)


def test_our_own_templates_are_put_into_a_bucket(say: Say) -> None:
    plan = plan_of(database(), intent=Intent(name="shop"))
    written = (Written(file="a.json", size=Bytes(60_000)),)
    assert say(faults, replace(plan, regions=(replace(plan.primary, written=written),))) == []


def test_the_bytes_of_a_template_that_was_read() -> None:
    text = template(Description="größer", Metadata={"Note": "x" * 100})
    (written,) = cloudformation.read(text, file="stack.json").primary.written
    assert written == Written(file="stack.json", size=Bytes(len(text.encode())), resources=1)


def test_a_nested_template_has_its_own_bounds(say: Say) -> None:
    def nested(*sizes: int) -> list[Finding]:
        written = tuple(Written(file=f"{size}.json", size=Bytes(size), resources=400) for size in sizes)
        plan = plan_of(database())
        return say(faults, replace(plan, regions=(replace(plan.primary, written=written),)))

    assert nested(100, 60_000) == []
    assert ["60000.json has 60,000" in finding.detail for finding in nested(60_000, 100)] == [True]
    assert ["1000001.json has 1,000,001" in finding.detail for finding in nested(100, 1_000_001)] == [True]


def test_a_plan_that_was_made_is_counted_too(say: Say) -> None:
    topics: list[Resource] = [Topic(key=f"Topic{number}") for number in range(501)]
    (finding,) = say(faults, plan_of(*topics))
    assert "Template has 501 resources" in finding.detail
    assert finding.origin is None
    shown: list[Resource] = [Topic(key=f"Topic{number}", address=f"aws_sns_topic.t[{number}]") for number in range(501)]
    assert say(faults, plan_of(*shown)) == []
    assert say(faults, plan_of(database())) == []
