"""ST001: a template with more in it than CloudFormation takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay import facts
from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, is_shown
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Bytes
from mainstay.plan.plan import Output, Plan, Written
from mainstay.plan.resources import KINDS, Resource


def _plan(outputs: int) -> Plan:
    plan = plan_of(database())
    listed = tuple(Output(name=f"Output{number}", value="x") for number in range(outputs))
    return replace(plan, regions=(replace(plan.primary, outputs=listed),))


def _bad() -> Plan:
    """201 outputs"""
    return _plan(201)


def _good() -> Plan:
    """200 outputs"""
    return _plan(200)


@rule(
    id="ST001",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="the template is too large",
    source="CloudFormation User Guide, cloudformation-limits (2026-11-20)",
    applies_to=KINDS,
    bad=_bad,
    good=_good,
)
def faults(resource: Resource, scene: Scene) -> Iterator[Fault]:
    """These quotas cannot be raised. A template of more than 51,200 bytes has to lie in a bucket, where it may have up
    to 1 MB; whatever hands it over as text (`--template-body`) is refused.
    """
    # What Terraform shows is no template.
    if not scene.is_first(resource) or any(map(is_shown, scene.region.resources)):
        return
    yield from _description(scene)
    if scene.region.written:
        for written in scene.region.written:
            yield from _numbers(scene, written)
        yield from _bytes(scene, scene.region.written)
    else:
        lengths = {name: len(getattr(scene.region, name)) for name in ("resources", "parameters", "outputs")}
        yield from _numbers(scene, Written(file=scene.whole.key, size=Bytes(0), **lengths))


def _description(scene: Scene) -> Iterator[Fault]:
    count, most = len(scene.region.description.encode()), facts.limit("cloudformation", "description_bytes")
    if count > most:
        detail = f"The description has {count:,} bytes; CloudFormation takes {most:,}."
        yield Fault(scene.whole, detail, "keep a sentence of it, and the rest in Metadata or in a README")


def _numbers(scene: Scene, written: Written) -> Iterator[Fault]:
    for name in ("resources", "parameters", "outputs", "dynamic_references"):
        count, most = getattr(written, name), facts.limit("cloudformation", name)
        if count > most:
            detail = f"{written.file} has {count} {name.replace('_', ' ')}; CloudFormation takes {most}."
            yield Fault(scene.whole, detail, "split it into nested stacks, or into stacks that import from each other")


def _bytes(scene: Scene, written: tuple[Written, ...]) -> Iterator[Fault]:
    inline, bucket = (facts.limit("cloudformation", f"{place}_bytes") for place in ("inline", "bucket"))
    for each in written:
        if each.size > bucket:
            detail = f"{each.file} has {each.size:,} bytes; CloudFormation takes {bucket:,}."
            yield Fault(scene.whole, detail, "split it into nested stacks")
    # The templates of nested stacks lie in a bucket anyway, and `mainstay deploy` puts its own into one.
    first = written[0]
    if inline < first.size <= bucket and not scene.plan.intent.name:
        detail = f"{first.file} has {first.size:,} bytes, more than the {inline:,} that can be handed over as text."
        yield Fault(scene.whole, detail, "deploy it from a bucket (`--s3-bucket`)", Severity.INFO)
