"""A difference as a person reads it."""

from __future__ import annotations

import dataclasses
import io

from rich.console import Console

from mainstay import diff
from mainstay.api._compare import Compared
from mainstay.cli.views.difference import difference_view
from mainstay.core.units import Bytes, Duration
from mainstay.formats import cloudformation, terraform
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import Alarm, DbInstance, Opaque, Resource, RotationSchedule, Topic
from mainstay.plan.values import Unknown

CLOUDFORMATION = diff.Target(diff.CLOUDFORMATION, cloudformation.TABLES)
TERRAFORM = diff.Target(diff.TERRAFORM, terraform.TABLES)
DATABASE = DbInstance(
    key="Database", identifier="shop", engine="postgres", instance_class="db.m7g.large", storage=Bytes.gib(100)
)


def told(
    before: tuple[Resource, ...],
    after: tuple[Resource, ...],
    *,
    target: diff.Target = CLOUDFORMATION,
    regions: tuple[str, str] = ("eu-west-1", "eu-west-1"),
    is_deployable: bool = True,
) -> str:
    old, new = (
        Plan(regions=(RegionPlan(region=region, stack="shop-dev", resources=resources),))
        for region, resources in zip(regions, (before, after), strict=True)
    )
    out = io.StringIO()
    found = diff.compare(old, new, target)
    difference_view(Console(file=out, width=400), Compared("new.yaml", "old.yaml", found, is_deployable))
    return out.getvalue()


def test_nothing_to_do() -> None:
    text = told((DATABASE,), (DATABASE,))
    assert text.splitlines() == ["new.yaml against old.yaml", "shop-dev in eu-west-1: no change", "nothing to do"]


def test_losses_come_first_and_are_asked_for_by_name() -> None:
    text = told(
        (DATABASE, Topic(key="T", name="a")), (dataclasses.replace(DATABASE, username="x"), Topic(key="T", name="b"))
    )
    assert text.index("Database (db instance shop)") < text.index("T (topic b)")
    assert "  loses the database and its automated backups" in text
    assert "kept: nothing" in text
    assert "Shop already exists" not in text
    assert text.splitlines()[-1].endswith("mainstay deploy goes on only with --confirm-loss Database")
    assert "interrupts no connections" not in text


def test_terraform_asks_for_nothing_by_name() -> None:
    text = told((DATABASE,), (dataclasses.replace(DATABASE, username="x"),), target=TERRAFORM, is_deployable=False)
    assert text.splitlines()[-1] == "1 change loses data: take it back, or save the data first"


def test_a_refusal_has_to_be_corrected() -> None:
    text = told((DATABASE,), (dataclasses.replace(DATABASE, storage=Bytes.gib(50)),))
    assert text.splitlines()[-1] == "1 change would be refused: correct it first"


def test_interruptions_now_and_later_with_their_source() -> None:
    text = told((DATABASE,), (dataclasses.replace(DATABASE, instance_class="db.m7g.xlarge", is_multi_az=True),))
    assert "connections to Database are interrupted for about 5 to 15 min (an estimate: RDS User Guide" in text
    waiting = dataclasses.replace(DATABASE, applies_immediately=False)
    text = told((waiting,), (dataclasses.replace(waiting, instance_class="db.m7g.xlarge"),))
    assert "deferred to the maintenance window, then reboot, 5 to 15 min." in text
    assert "are interrupted later, in its maintenance window or at its next reboot, for about 5 to 15 min" in text
    assert text.splitlines()[-1] == "next: mainstay deploy, which shows it and asks"
    text = told((waiting,), (dataclasses.replace(waiting, instance_class="db.m7g.xlarge"),), target=TERRAFORM)
    assert text.splitlines()[-1] == "next: terraform plan, and terraform apply"


def test_what_is_harmless_takes_one_line_and_what_is_weaker_does_not() -> None:
    alarm = Alarm(key="Cpu", comparison="x")
    new = dataclasses.replace(alarm, threshold=2.0)
    text = told(
        (alarm, DATABASE), (new, dataclasses.replace(DATABASE, backup_retention=Duration.days(0)), Topic(key="T"))
    )
    assert "  ~ Cpu: Threshold in place" in text
    assert "  +   1  topic" in text
    assert "loses every automated backup" in text
    text = told((DATABASE,), (dataclasses.replace(DATABASE, backup_retention=Duration.days(5)),))
    assert "this change interrupts no connections when it is carried out" in text
    shorter = dataclasses.replace(DATABASE, backup_retention=Duration.days(3))
    text = told((dataclasses.replace(DATABASE, backup_retention=Duration.days(5)),), (shorter,))
    assert "    Points in time that are older can no longer be restored." in text


def test_doubts_are_told_and_harmless_ones_in_brief() -> None:
    unknown = dataclasses.replace(DATABASE, key_id=Unknown("only apply tells"))
    text = told((DATABASE,), (unknown,))
    assert "cannot be compared. Only apply tells; if it differs: replacement." in text
    assert "as far as it can be told, this change interrupts no connections" in text
    text = told((DATABASE,), (dataclasses.replace(DATABASE, is_public=Unknown("only apply tells")),))
    assert "  ? Database: PubliclyAccessible cannot be compared, in place if it differs" in text


def test_another_region_is_no_loss_to_confirm() -> None:
    text = told((DATABASE,), (DATABASE,), regions=("eu-west-1", "eu-west-3"))
    assert "The region changes from eu-west-1 to eu-west-3" in text
    assert "confirm-loss" not in text
    assert text.splitlines()[-1].endswith("restore a snapshot there first, or leave the region as it is")


def test_many_fields_are_cut_and_markup_is_text() -> None:
    old, new = (
        Opaque(key="Q", type="AWS::SNS::Topic", properties={f"P{n}": f"[red]{text}" for n in range(14)})
        for text in ("a", "b")
    )
    text = told((old,), (dataclasses.replace(new, properties={**new.properties, "TopicName": "[bold]"}),))
    assert "and 3 more fields" in text
    assert "P0: [red]a → [red]b" in text


def test_a_template_is_deployed_by_whoever_wrote_it() -> None:
    bigger = dataclasses.replace(DATABASE, storage=Bytes.gib(200))
    assert told((DATABASE,), (bigger,), is_deployable=False).splitlines()[-1] == "next: a change set"
    assert "confirm-loss" not in told((DATABASE,), (), is_deployable=False)


def test_a_rotation_that_begins_at_once_is_not_counted_away() -> None:
    at_once = RotationSchedule(key="Rotation", secret="arn:x", every=Duration.days(30))
    text = told((), (at_once, dataclasses.replace(at_once, key="Later", rotates_at_once=False)))
    assert "The secret is rotated at once: the password changes during the deployment." in text
    assert "  +   1  rotation schedule" in text
