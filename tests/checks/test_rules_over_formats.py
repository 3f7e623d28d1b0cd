"""A bad example is still one when it was written in a format and read back: rules see what a template says."""

from __future__ import annotations

from datetime import date

import pytest

from mainstay.checks import all_rules, run
from mainstay.checks.rule import Rule
from mainstay.formats import cloudformation, terraform

TODAY = date(2026, 11, 20)
by_id = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
# Rules about what a format has no words for, with the reason.
NOT_IN_CLOUDFORMATION = {"DB041": "there are no blue/green deployments in templates"}
NOT_IN_TERRAFORM = {
    "BK001": "what no reader understood is not written in another tool's words",
    "BK015": "nothing points at a cluster, which no table knows",
    "BK024": "nothing points at an air-gapped vault, which no table knows",
    "SE005": "no module is written that would store a secret in the state",
    "ST004": "no module is written that would put a secret out",
}


@by_id
def test_a_template_keeps_the_fault(rule: Rule) -> None:
    if rule.id in NOT_IN_CLOUDFORMATION:
        pytest.skip(NOT_IN_CLOUDFORMATION[rule.id])
    (text,) = cloudformation.render(rule.bad()).values()
    again = cloudformation.read(text, file="template.yaml")
    assert {finding.id for finding in run(again, today=TODAY)} == {rule.id}


@by_id
def test_a_template_keeps_what_is_sound(rule: Rule) -> None:
    (text,) = cloudformation.render(rule.good()).values()
    assert run(cloudformation.read(text, file="template.yaml"), today=TODAY) == []


@by_id
def test_a_module_keeps_the_fault(rule: Rule) -> None:
    if rule.id in NOT_IN_TERRAFORM:
        pytest.skip(NOT_IN_TERRAFORM[rule.id])
    again = terraform.read(terraform.render(rule.bad()))
    assert {finding.id for finding in run(again, today=TODAY)} == {rule.id}
