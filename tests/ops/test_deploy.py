"""Deployments into the sandbox: small stacks, real CloudFormation semantics, real kills."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from mainstay.core.errors import AnswerIsNo, InputRefused, Interrupted, TargetRefused
from mainstay.diff import Effect
from mainstay.ops.aws.cloudformation import ChangeSetRequest
from mainstay.ops.aws.stack_states import StackState
from mainstay.ops.deploy import STEPS, _way_out, deploy
from mainstay.ops.deployment import Deployed, Review
from mainstay.plan.plan import Plan
from mainstay.sandbox import faults
from mainstay.sandbox.state import State

Fixture = Any  # fixtures of conftest
Small = Callable[..., tuple[Plan, str]]
KEY = {
    "Type": "AWS::KMS::Key",
    "DeletionPolicy": "Delete",
    "UpdateReplacePolicy": "Delete",
    "Properties": {
        "KeyPolicy": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        }
    },
}
# The sandbox has no such class, and neither has RDS.
BROKEN = {
    "Type": "AWS::RDS::DBInstance",
    "DeletionPolicy": "Delete",
    "UpdateReplacePolicy": "Delete",
    "Properties": {
        "Engine": "postgres",
        "DBInstanceClass": "db.nope.large",
        "AllocatedStorage": "20",
        "MasterUsername": "owner",
        "ManageMasterUserPassword": True,
    },
}


def topic(display: str = "one") -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": display}}


def put(place: Fixture, made: tuple[Plan, str], stack: str, **options: Any) -> Deployed:
    plan, text = made
    given = {"approve": lambda _: True, "journal": place.journal, **options}
    return deploy(place.site, plan, text, stack=stack, **given)


def test_a_stack_is_reviewed_created_and_told(place: Fixture, small: Small, heard: Fixture) -> None:
    seen: list[Review] = []

    def approve(review: Review) -> bool:
        seen.append(review)
        return True

    outputs = {"Arn": {"Value": {"Ref": "Topic"}}}
    made = small({"Topic": topic()}, Outputs=outputs)
    result = put(place, made, "told", approve=approve, progress=heard)
    assert [(change.action, change.logical_id) for change in seen[0].changes] == [("Add", "Topic")]
    assert (seen[0].kind, seen[0].account, seen[0].losses) == ("CREATE", "123456789012", ())
    assert result.outputs["Arn"].startswith("arn:aws:sns:eu-central-1:123456789012:")
    assert (result.status, result.has_changed) == ("CREATE_COMPLETE", True)
    assert [step.split(" ", 1)[1] for step in heard.steps] == [step.name for step in STEPS]
    assert any("CREATE_COMPLETE Topic" in note for note in heard.notes)
    assert place.journal.run(result.run_id).is_finished
    assert json.loads(json.dumps(result.as_json()))["outputs"] == result.outputs


def test_the_same_again_changes_nothing_and_asks_nobody(place: Fixture, small: Small, heard: Fixture) -> None:
    made = small({"Topic": topic()})
    put(place, made, "same")
    again = put(place, made, "same", approve=lambda _: pytest.fail("asked"), progress=heard)
    assert (again.has_changed, again.status, again.changes) == (False, "CREATE_COMPLETE", ())
    assert "stack same is as planned already: nothing to do" in heard.notes


def test_an_update_is_a_change_of_that_resource_alone(place: Fixture, small: Small) -> None:
    put(place, small({"Topic": topic(), "Other": topic()}), "updated")
    result = put(place, small({"Topic": topic("two"), "Other": topic()}), "updated")
    assert [(change.action, change.logical_id) for change in result.changes] == [("Modify", "Topic")]
    assert result.status == "UPDATE_COMPLETE"


def test_an_update_is_reviewed_by_what_it_does(place: Fixture, small: Small) -> None:
    put(place, small({"Topic": topic(), "Key": KEY}), "reviewed")
    seen: list[Review] = []

    def approve(review: Review) -> bool:
        seen.append(review)
        return True

    put(place, small({"Topic": topic("two"), "Key": KEY}), "reviewed", approve=approve)
    assert seen[0].difference is not None
    (change,) = seen[0].difference.changes
    assert (change.key, change.effect) == ("Topic", Effect.IN_PLACE)


def test_who_may_not_read_what_stands_is_told_so_and_reviews_what_cloudformation_says(
    place: Fixture, small: Small, heard: Fixture
) -> None:
    put(place, small({"Topic": topic(), "Key": KEY}), "unread")
    with State(place.directory).transaction(place.site.region) as tx:
        faults.order(tx, "cloudformation", "GetTemplate", ["AccessDenied"])
    seen: list[Review] = []

    def approve(review: Review) -> bool:
        seen.append(review)
        return True

    put(place, small({"Topic": topic("two"), "Key": KEY}), "unread", approve=approve, progress=heard)
    assert seen[0].difference is None
    assert [one.logical_id for one in seen[0].changes] == ["Topic"]
    assert any("what stands cannot be compared" in note for note in heard.notes)


def test_what_is_not_approved_leaves_nothing(place: Fixture, small: Small) -> None:
    with pytest.raises(AnswerIsNo, match="not approved"):
        put(place, small({"Topic": topic()}), "declined", approve=lambda _: False)
    assert place.site.doors.cloudformation.find_stack("declined") is None
    assert place.journal.unfinished("deploy", "declined") == []


def test_ctrl_c_at_the_question_leaves_nothing_and_says_how_to_go_on(place: Fixture, small: Small) -> None:
    def interrupt(_: Review) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(Interrupted) as stop:
        put(place, small({"Topic": topic()}), "stopped", approve=interrupt)
    assert "show the changes" in stop.value.detail
    assert "run the same command again" in stop.value.hint
    assert place.site.doors.cloudformation.find_stack("stopped") is None


def test_a_failed_creation_names_its_cause_and_is_removed_by_the_next(
    place: Fixture, small: Small, heard: Fixture
) -> None:
    with pytest.raises(TargetRefused) as stop:
        put(place, small({"Topic": topic(), "Database": BROKEN}), "failed")
    assert stop.value.detail.startswith("Database (AWS::RDS::DBInstance): ")
    assert "db.nope.large" in stop.value.detail
    assert "ROLLBACK_COMPLETE" in stop.value.detail
    result = put(place, small({"Topic": topic()}), "failed", progress=heard)
    assert result.status == "CREATE_COMPLETE"
    assert any("removing what it left" in note for note in heard.notes)


@pytest.mark.parametrize(
    ("label", "status", "step"),
    [
        ("aws", "ROLLBACK_COMPLETE", "a failed creation is removed first"),
        ("aws", "ROLLBACK_FAILED", "mainstay destroy --confirm shop"),
        ("aws", "DELETE_FAILED", "mainstay destroy --confirm shop"),
        ("aws", "UPDATE_ROLLBACK_FAILED", "continue its rollback"),
        ("sandbox", "ROLLBACK_FAILED", "mainstay sandbox down"),
    ],
)
def test_each_failed_state_has_a_way_out(label: str, status: str, step: str) -> None:
    work: Any = SimpleNamespace(site=SimpleNamespace(is_sandbox=label == "sandbox"), stack="shop")
    assert step in _way_out(work, StackState(name="shop", stack_id="", status=status))


def test_a_failed_update_is_taken_back_and_can_be_corrected(place: Fixture, small: Small) -> None:
    put(place, small({"Topic": topic()}), "back")
    with pytest.raises(TargetRefused, match="did not arrive") as stop:
        put(place, small({"Topic": topic("two"), "Database": BROKEN}), "back")
    assert "UPDATE_ROLLBACK_COMPLETE" in stop.value.detail
    assert put(place, small({"Topic": topic("two")}), "back").status == "UPDATE_COMPLETE"


def test_a_key_goes_only_by_its_name_and_protection_follows(place: Fixture, small: Small) -> None:
    plan, text = small({"Topic": topic(), "Key": KEY})
    protected = replace(plan, intent=replace(plan.intent, protects_stack=True))
    put(place, (protected, text), "guarded")
    state = place.site.doors.cloudformation.stack("guarded")
    assert state.has_termination_protection
    without, shorter = small({"Topic": topic()})
    less = (replace(without, intent=protected.intent), shorter)
    with pytest.raises(InputRefused, match="would lose data") as stop:
        put(place, less, "guarded")
    assert "Key (AWS::KMS::Key" in stop.value.detail
    assert stop.value.hint.endswith("--confirm-loss Key")
    assert put(place, less, "guarded", confirmed=["Key"]).status == "UPDATE_COMPLETE"


def test_a_template_that_the_service_refuses_says_why(place: Fixture, small: Small) -> None:
    plan, _ = small({"Topic": topic()})
    with pytest.raises(TargetRefused) as stop:
        put(place, (plan, json.dumps({"Resources": {}})), "refused")
    assert "Resources" in stop.value.detail
    assert place.site.doors.cloudformation.find_stack("refused") is None


def test_another_account_and_another_region_are_refused_before_anything(place: Fixture, small: Small) -> None:
    plan, text = small({"Topic": topic()})
    with pytest.raises(InputRefused, match="wrong account"):
        put(place, (plan, text), "elsewhere", account="999999999999")
    two = Plan(regions=(replace(plan.primary, region="us-east-1"), replace(plan.primary, region="us-west-2")))
    with pytest.raises(InputRefused, match="nothing planned for this region") as stop:
        put(place, (two, text), "elsewhere")
    assert "us-east-1, us-west-2" in stop.value.detail
    here = Plan(regions=(two.primary, replace(plan.primary, region="eu-central-1")))
    assert put(place, (here, text), "second").status == "CREATE_COMPLETE"


def test_parameters_are_given_kept_or_missed(place: Fixture, small: Small) -> None:
    parameters = {"Display": {"Type": "String"}, "Second": {"Type": "String", "Default": "two"}}
    named = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Display"}}}
    made = small({"Topic": named}, Parameters=parameters)
    with pytest.raises(InputRefused, match="parameters without a value") as missing:
        put(place, made, "given")
    assert "Display" in missing.value.detail
    assert "Second" not in missing.value.detail
    with pytest.raises(InputRefused, match="parameter not known"):
        put(place, made, "given", parameters={"Displya": "x"})
    put(place, made, "given", parameters={"Display": "one"})
    assert not put(place, made, "given").has_changed
    assert place.site.doors.cloudformation.stack("given").parameters["Display"] == "one"


def test_a_large_template_goes_through_a_bucket_of_its_own(place: Fixture, small: Small, heard: Fixture) -> None:
    plan, text = small({"Topic": topic()})
    large = json.dumps(json.loads(text) | {"Metadata": {"Filler": "x" * 52_000}})
    assert put(place, (plan, large), "large", progress=heard).status == "CREATE_COMPLETE"
    assert any("placed in mainstay-artifacts-123456789012-eu-central-1" in note for note in heard.notes)
    huge = json.dumps(json.loads(text) | {"Metadata": {"Filler": "x" * 1_048_576}})
    with pytest.raises(InputRefused, match="too large"):
        put(place, (plan, huge), "huge")


def test_a_moving_stack_is_watched_to_its_end_first(place: Fixture, small: Small, heard: Fixture) -> None:
    made = small({f"Topic{number}": topic() for number in range(60)})
    cloudformation = place.site.doors.cloudformation
    tags = {"ManagedBy": "mainstay"}
    request = ChangeSetRequest(stack="moving", name="by-hand", kind="CREATE", body=made[1], tags=tags)
    cloudformation.create_change_set(request)
    while not cloudformation.change_set("moving", "by-hand").is_ready:
        pass
    cloudformation.execute_change_set("moving", "by-hand", "token")
    result = put(place, made, "moving", progress=heard)
    assert (result.status, result.has_changed) == ("CREATE_COMPLETE", False)
    assert any("watching it to its end first" in note for note in heard.notes)


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
def test_killed_at_any_step_it_goes_on(place: Fixture, small: Small, step: int) -> None:
    made = small({"Topic": topic()})
    stack = f"killed-{step}"
    code = (
        "from mainstay.formats import cloudformation\n"
        "from mainstay.ops.deploy import deploy\n"
        f"text = {made[1]!r}\n"
        "plan = cloudformation.read(text, file='x')\n"
        f"deploy(site, plan, text, stack={stack!r}, approve=lambda _: True, journal=journal, progress=Killer())\n"
    )
    assert place.killed_at(step, code) == -9
    run = place.journal.unfinished("deploy", stack)[0]
    result = put(place, made, stack)
    assert result.status == "CREATE_COMPLETE"
    assert result.run_id == run.id
    assert place.journal.unfinished("deploy", stack) == []
