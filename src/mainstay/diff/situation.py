"""What a change meets: both values, both resources, who carries it out, and what stands there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from mainstay import facts
from mainstay.core.records import dataclass
from mainstay.core.units import Bytes
from mainstay.diff.target import CLOUDFORMATION, Target
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import DbInstance, ParameterGroup, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What was seen of a database that stands: storage may have grown, and minors been upgraded, by themselves."""

    storage: Bytes | None = None
    engine_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Two plans of a region that meet: `standing` by the key of the database."""

    target: Target
    before: RegionPlan
    after: RegionPlan
    standing: Mapping[str, Standing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One field that differs between two resources that are the same thing."""

    meeting: Meeting
    field: str
    old: object
    new: object
    before: Resource
    after: Resource

    @property
    def is_cloudformation(self) -> bool:
        """Whether CloudFormation carries it out."""
        return self.meeting.target.name == CLOUDFORMATION

    @property
    def standing(self) -> Standing:
        """What was seen of it; nothing is known where nobody looked."""
        return self.meeting.standing.get(self.before.key, Standing())


def default_of(name: str) -> object:
    """What RDS does where nothing is written."""
    return facts.load("defaults").data[name]


def is_multi_az(situation: Situation) -> bool:
    """Whether a standby is there now."""
    return getattr(situation.before, "is_multi_az", None) is True


def is_applied_at_once(resource: Resource) -> bool:
    """Whether a change waits for no window: CloudFormation's default, and what the provider has to be told."""
    return getattr(resource, "applies_immediately", None) in (None, True)


def users_of(group: ParameterGroup, region: RegionPlan) -> tuple[DbInstance, ...]:
    """The instances that have a parameter group."""
    return tuple(one for one in region.of(DbInstance) if region.resolve(one.parameter_group, ParameterGroup) == group)


def engine_of(resource: Resource, region: RegionPlan) -> str:
    """The engine of an instance or a replica of one; empty when the plan does not tell."""
    if not isinstance(resource, DbInstance):
        return ""
    source = region.resolve(resource.source, DbInstance)
    engine = resource.engine if resource.engine is not None else source.engine if source else None
    return engine if isinstance(engine, str) else ""


def static_parameters(group: ParameterGroup) -> tuple[str, ...]:
    """Its settings that need a reboot, as far as they are known."""
    engine = engine_of_family(group.family)
    return tuple(name for name in group.parameters if _is_static(engine, name))


def engine_of_family(family: object) -> str:
    """`postgres` of `postgres17`; empty when it is none that is known."""
    return next((one for one in facts.ENGINES if isinstance(family, str) and family.startswith(one)), "")


def _is_static(engine: str, name: str) -> bool:
    # What the table lacks may be static: a change is taken for the graver one.
    fact = facts.parameter(engine, name)
    return fact is None or fact.is_static
