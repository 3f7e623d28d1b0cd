"""What a construct was given, as a design: the spec with its settings, and the plan of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from mainstay import spec as specs
from mainstay.api._source import read_spec
from mainstay.cdk.settings import Chosen, refuse_tokens
from mainstay.core.errors import InputRefused
from mainstay.plan import passes
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.spec import Spec
from mainstay.spec.existing_network import ExistingNetwork

SpecSource: TypeAlias = "str | Path | Mapping[str, Any] | Spec"
"""A spec: the path of its file, its settings as a mapping, or as it was loaded."""


@dataclass(frozen=True, slots=True)
class Design:
    """A spec, its plan, and the region of it that a construct stands for."""

    spec: Spec
    plan: Plan
    region: RegionPlan


def read(source: SpecSource, chosen: Chosen, *, construct_id: str, region: str | None = None) -> Spec:
    """The spec with its settings; `region` counts where nothing else says one.

    InputRefused with every fault of the spec and its line, and for settings beside a spec that is loaded already.
    """
    fallbacks = {} if region is None else {"region": region}
    if isinstance(source, Spec):
        _refuse_settings(chosen, construct_id)
        return source.model_copy(update=fallbacks) if source.region is None else source
    if isinstance(source, Mapping):
        file = f"the spec of {construct_id}"
        refuse_tokens(file, str(source))
        return specs.load(
            source,
            file=file,
            environment=chosen.environment,
            overrides=chosen.overrides,
            given=chosen.given,
            fallbacks=fallbacks,
        )
    spec, _ = read_spec(
        Path(source),
        environment=chosen.environment,
        settings=chosen.overrides,
        given=chosen.given,
        fallbacks=fallbacks,
    )
    return spec


def _refuse_settings(chosen: Chosen, construct_id: str) -> None:
    settings = [*(["environment"] if chosen.environment else []), *chosen.overrides]
    if settings:
        raise InputRefused(
            "a loaded spec takes no settings",
            detail=f"{construct_id} was given a Spec, which is complete, and settings for {', '.join(settings)}.",
            hint="give the path of its file, or a mapping; or load it with these settings",
        )


def primary(spec: Spec, existing: ExistingNetwork | None) -> Design:
    """The region of the database itself; in a network that exists, where one was given."""
    _refuse_without_addresses(spec, existing)
    placed = spec.standing_in(existing) if existing else spec
    plan = passes.build(placed)
    return Design(placed, plan, plan.primary)


def recovery(spec: Spec, existing: ExistingNetwork | None) -> Design:
    """The second region. InputRefused when the spec has none."""
    if spec.disaster_recovery is None:
        raise InputRefused(
            "no second region",
            detail=f"The spec of {spec.identifier} has no disaster_recovery.",
            hint="write disaster_recovery: {region: eu-west-1}, or leave the construct out",
        )
    _refuse_without_addresses(spec, existing)
    placed = spec.recovering_in(existing) if existing else spec
    plan = passes.build(placed)
    return Design(placed, plan, plan.regions[1])


def _refuse_without_addresses(spec: Spec, existing: ExistingNetwork | None) -> None:
    """What the spec checks of a network that it names itself."""
    if existing and spec.access.is_by_subnets and not existing.application:
        raise InputRefused(
            "the application's addresses are not known",
            detail=f"{spec.identifier} admits applications by addresses (access.application: "
            f"{spec.access.application}), and the subnets of vpc= do not tell theirs.",
            hint="write access.application: group, or access.cidrs, or give subnets with a written range",
        )
