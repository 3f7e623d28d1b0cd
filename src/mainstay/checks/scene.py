"""What a rule sees besides its resource: the region, the intent, the day, and settings that follow from others.

Questions here answer None when the plan does not tell: an expression that only the target resolves, a value outside
the plan, a fact that the tables lack. A rule stays silent on None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final, TypeVar

from mainstay import facts
from mainstay.core.findings import Origin
from mainstay.core.records import dataclass
from mainstay.core.units import Bytes
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import (
    KINDS,
    DbInstance,
    Opaque,
    ParameterGroup,
    Resource,
    RotationSchedule,
    Secret,
    SecretAttachment,
)
from mainstay.plan.values import Attr, If, Join, Link, Ref, Unknown

if TYPE_CHECKING:
    from mainstay.spec import Spec

T = TypeVar("T")
# `module.db["a"].aws_db_instance.shop`; a resource of the CDK or of a nested stack has a path with slashes.
_OF_TERRAFORM: Final = re.compile(r"(?:^|\.)aws_[a-z0-9_]+\.")


def literal(value: object, kind: type[T]) -> T | None:
    """The value when it is a literal of this kind (True is no number here), else None."""
    if isinstance(value, bool) and kind is not bool:
        return None
    return value if isinstance(value, kind) else None


def amount(value: object) -> float | None:
    """The value when it is a literal number, whole or not, else None."""
    return literal(value, float) if isinstance(value, float) else literal(value, int)


def misread(value: object) -> str | None:
    """What was written where the field's own type has no room for it, as plain text or through a parameter: `9-10` as
    a window. Else None.
    """
    if not isinstance(value, Unknown):
        return None
    source = value.source if value.means is None else value.means
    text = str(source) if isinstance(source, str | int | float) else None
    return None if text is None or "{{resolve:" in text or "${" in text else text


def leaves(value: object) -> Iterator[object]:
    """The literals and expressions of which a value is put together: parts of a text, both sides of a choice."""
    match value:
        case Join(parts):
            yield from parts
        case If(_, when_true, when_false):
            yield from leaves(when_true)
            yield from leaves(when_false)
        case _:
            yield value


def is_certain(value: object) -> bool:
    """Whether something is surely written: a condition may leave it out, and Terraform hides what is secret."""
    return value is not None and not isinstance(value, If | Unknown)


def is_password(field: str) -> bool:
    """Whether a field of a secret is by its name what must not be seen."""
    return any(word in field.lower() for word in ("pass", "pwd", "secret", "token"))


def is_shown(resource: Resource) -> bool:
    """Whether it was read off a plan or state of Terraform, which also shows what AWS filled in by itself."""
    return _OF_TERRAFORM.search(resource.address) is not None


def hides(resource: Resource, word: str) -> bool:
    """Whether a property whose path has this word is kept as it was written, because no field could hold its form."""
    return any(word in path.lower() for path in resource.extras)


@dataclass(frozen=True, slots=True)
class Scene:
    """The region under judgement, in its plan, with the spec where there is one, on a day."""

    plan: Plan
    region: RegionPlan
    today: date
    spec: Spec | None = None

    @property
    def whole(self) -> Opaque:
        """What a finding about the stack as a whole names: the stack, where it is written."""
        first = self.region.resources[0].origin
        return Opaque(
            key=self.region.stack or "Template",
            type="AWS::CloudFormation::Stack",
            origin=Origin(first.file) if first else None,
        )

    def is_first(self, resource: Resource) -> bool:
        """Whether a rule about the stack as a whole may speak, which it does once, at the first known resource."""
        return resource is next((one for one in self.region.resources if isinstance(one, KINDS)), None)

    def target_of(self, schedule: RotationSchedule) -> Secret | None:
        """The secret that a schedule rotates, which it may name by its attachment."""
        attachment = self.region.resolve(schedule.secret, SecretAttachment)
        return self.region.resolve(attachment.secret if attachment else schedule.secret, Secret)

    @property
    def is_production(self) -> bool:
        """Whether the promises are meant for production; a plan that says nothing is taken for it."""
        return self.plan.intent.profile in ("prod", "ransomware")

    @property
    def fears_intruders(self) -> bool:
        """Whether backups have to outlive whoever takes over the region or the account."""
        return self.plan.intent.profile == "ransomware"

    def stands_alone(self, database: DbInstance) -> bool:
        """Whether it is an RDS instance of its own, neither a replica nor a member of a cluster.

        Clusters keep backups, policies and credentials themselves; a replica's data has a home elsewhere.
        """
        engine = literal(database.engine, str) or ""
        return database.source is None and "DBClusterIdentifier" not in database.extras and "aurora" not in engine

    def lineage(self, database: DbInstance) -> Iterator[DbInstance]:
        """The instance, its source, the source's source…, as far as they stand in this region's plan."""
        seen: set[str] = set()
        current: DbInstance | None = database
        while current is not None and current.key not in seen:
            seen.add(current.key)
            yield current
            current = self.region.resolve(current.source, DbInstance)

    def inherited(self, database: DbInstance, field: str, kind: type[T]) -> T | None:
        """A literal field of the instance, or of the one it replicates when it says nothing itself."""
        values = (getattr(each, field) for each in self.lineage(database))
        return literal(next((value for value in values if value is not None), None), kind)

    def engine_of(self, database: DbInstance) -> str | None:
        """`postgres`, `mysql` or `mariadb`; None for another engine or when it cannot be seen."""
        # RDS reads `MySQL` as `mysql`; templates of its first years are written so.
        engine = (self.inherited(database, "engine", str) or "").lower()
        return engine if engine in facts.ENGINES else None

    def version_of(self, database: DbInstance) -> str | None:
        """The engine version as written, a major alone included."""
        return self.inherited(database, "engine_version", str)

    def memory_of(self, database: DbInstance) -> Bytes | None:
        """Nominal memory of the class."""
        shape = facts.class_shape(self.inherited(database, "instance_class", str) or "")
        return shape[1] if shape else None

    def group_of(self, database: DbInstance) -> ParameterGroup | None:
        """The parameter group in this region's plan; a replica uses its source's when it names none."""
        links = (each.parameter_group for each in self.lineage(database))
        return self.region.resolve(next((link for link in links if link is not None), None), ParameterGroup)

    def setting(self, database: DbInstance, name: str) -> str | None:
        """A parameter as written in the group, else as RDS sets it by default; None when it cannot be seen."""
        engine = self.engine_of(database)
        fact = facts.parameter(engine, name) if engine else None
        if fact is None:
            return None
        group = self.group_of(database)
        if group is not None and name in group.parameters:
            return literal(group.parameters[name], str)
        return fact.default(self.version_of(database)) if self._is_default(database, group) else None

    def _is_default(self, database: DbInstance, group: ParameterGroup | None) -> bool:
        """Whether RDS's own default holds for a parameter that no group in this plan sets."""
        if group is not None:
            return not hides(group, "parameters")
        links = [each.parameter_group for each in self.lineage(database) if each.parameter_group is not None]
        return not links or str(links[0]).startswith("default.")

    def number(self, database: DbInstance, name: str) -> int | None:
        """A parameter as a whole number in its own unit, its formula worked out for the instance's class."""
        memory, text = self.memory_of(database), self.setting(database, name)
        if memory is None or text is None:
            return None
        try:
            return facts.evaluate(text, {"DBInstanceClassMemory": memory})
        except ValueError:
            return None  # DB026 says what is wrong with it

    def size(self, database: DbInstance, name: str) -> Bytes | None:
        """A parameter that is a size, in bytes."""
        number, engine = self.number(database, name), self.engine_of(database)
        fact = facts.parameter(engine, name) if engine else None
        return Bytes(number * fact.unit_bytes) if number is not None and fact and fact.unit_bytes else None

    def watched(self, link: Link[Resource] | None) -> DbInstance | None:
        """The instance that a reference, an `id` attribute or a literal identifier names."""
        if isinstance(link, Attr) and link.name == "id":
            link = Ref(link.key)
        found = self.region.resolve(link, DbInstance)
        if found is not None or not isinstance(link, str):
            return found
        return next((each for each in self.region.of(DbInstance) if each.identifier == link), None)
