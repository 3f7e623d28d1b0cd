"""Strategies for whole plans: every kind, every field, every shape of a value, in the plan's normal form.

They are derived from the annotations of the records, so that a new field is tested without being named here. Each
format says what its own unresolvable values look like; everything else is the same for all formats.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from hypothesis import strategies as st
from tests.measuring import unmeasured

import mainstay.plan.resources as kinds
from mainstay.core.schedules import Schedule, parse_schedule
from mainstay.core.units import Bytes, Duration
from mainstay.core.windows import DailyWindow, WeeklyWindow
from mainstay.plan.intent import DrillIntent, Intent, SqlCheck, Suppression
from mainstay.plan.patterns import EventPattern, Like, Match
from mainstay.plan.plan import Output, Parameter, Plan, RegionPlan
from mainstay.plan.policies import ANYBODY, Condition, InlinePolicy, Policy, Principal, Statement
from mainstay.plan.resources import Fate, Opaque, Resource
from mainstay.plan.values import Attr, If, Import, Join, Param, Part, Pseudo, Ref, SecretField, Unknown, Zone, join

S = st.SearchStrategy[Any]

PARAMETERS = (
    Parameter(name="Word", default="a"),
    Parameter(name="Words", type="CommaDelimitedList", default="a,b", allowed=("a,b", "c")),
    Parameter(name="Secret", is_secret=True, pattern="[a-z]+", description="kept", extras={"MinLength": 8}),
)
CONDITION = "IsLarge"
CAST: tuple[Resource, ...] = (
    kinds.Vpc(key="TheVpc", cidr="10.0.0.0/16"),
    kinds.InternetGateway(key="TheInternetGateway"),
    kinds.Subnet(key="TheSubnet", vpc=Ref("TheVpc"), cidr="10.0.0.0/24"),
    kinds.RouteTable(key="TheRouteTable", vpc=Ref("TheVpc")),
    kinds.ElasticIp(key="TheElasticIp"),
    kinds.NatGateway(key="TheNatGateway", subnet=Ref("TheSubnet")),
    kinds.SecurityGroup(key="TheSecurityGroup", description="d"),
    kinds.Key(key="TheKey", policy=Policy(())),
    kinds.Secret(key="TheSecret"),
    kinds.Role(key="TheRole", trust=Policy(())),
    kinds.InstanceProfile(key="TheInstanceProfile", roles=()),
    kinds.SubnetGroup(key="TheSubnetGroup", description="d", subnets=()),
    kinds.ParameterGroup(key="TheParameterGroup", family="postgres17", description="d"),
    kinds.DbInstance(key="TheDbInstance", instance_class="db.t4g.micro"),
    kinds.Bucket(key="TheBucket"),
    kinds.Topic(key="TheTopic"),
    kinds.OptionGroup(key="TheOptionGroup", engine="mysql", major_version="8.4", description="d"),
    kinds.LogGroup(key="TheLogGroup"),
    kinds.DbProxy(key="TheDbProxy", name="p", engine_family="MYSQL", role=Ref("TheRole"), subnets=()),
    kinds.HostedZone(key="TheHostedZone", name="z.internal"),
    kinds.BackupVault(key="TheBackupVault", name="v"),
    kinds.BackupPlan(key="TheBackupPlan", name="b", rules=()),
    kinds.RestoreTestingPlan(
        key="TheRestoreTestingPlan",
        name="t",
        schedule=parse_schedule("rate(7 days)"),
        algorithm="LATEST_WITHIN_WINDOW",
        vaults=("*",),
        recovery_point_types=("SNAPSHOT",),
    ),
    kinds.Function(key="TheFunction", role=Ref("TheRole")),
    kinds.Alarm(key="TheAlarm", comparison="GreaterThanThreshold"),
    kinds.NestedStack(key="TheNestedStack", template_url="https://b.s3.amazonaws.com/t.json"),
)
"""One of each kind that others point at."""

ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "TheDbInstance": ("id", "arn", "endpoint_address", "endpoint_port", "resource_id"),
    "TheKey": ("id", "arn", "key_id"),
    "TheSecret": ("id", "arn"),
    "TheElasticIp": ("id", "allocation_id", "public_ip"),
    "TheSecurityGroup": ("id", "group_id"),
    "TheBucket": ("id", "arn", "domain_name"),
    "TheTopic": ("id", "arn"),
    "TheRole": ("id", "arn"),
    "TheFunction": ("id", "arn"),
    "TheDbProxy": ("id", "arn", "endpoint_address"),
    "TheBackupVault": ("id", "arn", "name"),
    "TheNestedStack": ("id", "Outputs.VpcId"),
}


class Marker:
    """What an annotation such as `Value[str]` or `Link[Key]` becomes when it is evaluated here."""

    def __init__(self, name: str, inner: Any = None) -> None:
        self.name = name
        self.inner = inner

    def __class_getitem__(cls, inner: Any) -> Marker:
        return cls(cls.__name__, inner)

    def __or__(self, other: Any) -> Marker:
        return Marker("Optional", self)


class Value(Marker):
    """`Value[T]`."""


class Link(Marker):
    """`Link[Kind]`."""


_NAMES: dict[str, Any] = {
    **{name: getattr(kinds, name) for name in kinds.__all__},
    **{"Value": Value, "Link": Link, "Mapping": Mapping, "Literal": Literal, "Policy": Policy},
    **{"InlinePolicy": InlinePolicy, "Bytes": Bytes, "Duration": Duration},
    **{"EventPattern": EventPattern, "Schedule": Schedule},
    **{"DailyWindow": DailyWindow, "WeeklyWindow": WeeklyWindow},
    **{"Tags": Mapping[str, str], "tuple": tuple},
}
_BESIDE = {"key", "address", "origin", "extras", "depends_on", "on_delete", "on_replace"}

texts = st.text(st.sampled_from('abZ09 -_.:/*$!{}é"\\\n'), max_size=12)
names = st.text(st.sampled_from("abcXYZ09-_./"), min_size=1, max_size=8)
literals: Mapping[Any, S] = {
    str: texts,
    bool: st.booleans(),
    int: st.integers(-2, 2**40),
    float: st.floats(-1e15, 1e15),
    Bytes: st.integers(0, 65_536).map(Bytes.gib),
    Duration: st.integers(0, 3_653).map(Duration.days),
    Schedule: st.sampled_from(
        [parse_schedule(text) for text in ("cron(0 5 ? * SUN,3 *)", "cron(0/15 8-10 15W 1 ? *)", "rate(1 day)")]
    ),
    DailyWindow: st.builds(DailyWindow, st.integers(0, 1_439), st.integers(0, 1_439)),
    WeeklyWindow: st.builds(WeeklyWindow, st.integers(0, 10_079), st.integers(0, 10_079)),
}


@dataclass(frozen=True)
class Shapes:
    """Strategies for values, with a format's own unresolvable ones, and without what it has no form for."""

    unknowns: S
    lists_unknown: S
    has_conditions: bool = True
    pseudos: tuple[str, ...] = ("account", "region", "partition", "url_suffix", "stack_id")
    cast: tuple[Resource, ...] = CAST
    known: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: ATTRIBUTES)
    parameters: tuple[Parameter, ...] = PARAMETERS
    extras: S | None = None
    secrets: bool = True
    _plans: dict[type[Resource], S] = field(default_factory=dict)

    def attributes(self) -> S:
        """An attribute of one of the cast."""
        return st.sampled_from([Attr(key, name) for key, names in self.known.items() for name in names])

    def chosen(self, when_true: S, when_false: S) -> list[S]:
        """A condition's choice, where the format has conditions."""
        return [st.builds(If, st.just(CONDITION), when_true, when_false)] if self.has_conditions else []

    def named(self) -> S:
        """Expressions that stand for a short text, attributes aside."""
        return st.one_of(
            st.just(Param("Word")),
            st.sampled_from([Pseudo(name) for name in self.pseudos]),  # type: ignore[arg-type]
            st.builds(Zone, st.integers(0, 5)),
            st.builds(Import, names),
            st.builds(Part, self.attributes(), st.sampled_from([":", "/"]), st.integers(0, 9)),
            *([st.just(SecretField(Ref("TheSecret"), "password"))] if self.secrets else []),
        )

    def pieces(self) -> S:
        """A part of a concatenation."""
        some = st.one_of(texts, self.named(), self.attributes())
        # An unresolvable text would melt into the texts beside it.
        unknowns = self.unknowns.filter(lambda one: not isinstance(one.source, str))
        return st.one_of(some, unknowns, *self.chosen(some, some))

    def joins(self) -> S:
        """Concatenations in their normal form."""
        return (
            st.lists(self.pieces(), min_size=2, max_size=4)
            .map(lambda parts: join(*parts))
            .filter(lambda one: isinstance(one, Join))
        )

    def values(self, literal: S) -> S:
        """A literal, an expression, or a choice between those."""
        plain = st.one_of(literal, literal, self.named(), self.attributes(), self.joins(), self.unknowns)
        return st.one_of(plain, plain, *self.chosen(plain, st.one_of(st.none(), plain)))

    def links(self, kind: type[Resource]) -> S:
        """A reference to the right kind, a literal id, or an expression that is no identity."""
        # What anything may be linked to is what RDS tells events of.
        wanted = (kinds.DbInstance, kinds.ParameterGroup, kinds.SecurityGroup) if kind is Resource else kind
        cast: list[Ref[Resource]] = [Ref(one.key) for one in self.cast if isinstance(one, wanted)]
        plain = st.one_of(
            *([st.sampled_from(cast)] * 2 if cast else []),
            texts,
            self.named(),
            self.unknowns,
            st.just(Attr("TheDbInstance", "endpoint_address")),
        )
        return st.one_of(plain, *self.chosen(plain, st.one_of(st.none(), plain)))

    def lists(self, element: S) -> S:
        """A tuple of values, or the one that stands for the whole list."""
        written = st.lists(element, max_size=3).map(tuple)
        some = st.lists(element, min_size=1, max_size=2).map(tuple)
        whole = st.one_of(st.just(Param("Words")), self.lists_unknown)
        chosen = [one.map(lambda choice: (choice,)) for one in self.chosen(some, st.one_of(st.none(), some))]
        return st.one_of(written, written, whole.map(lambda one: (one,)), *chosen)

    def policies(self) -> S:
        """Policies whose principals stand together by kind, and whose conditions are each tested once."""
        some = st.lists(self.values(texts), min_size=1, max_size=2).map(tuple)
        listed = st.one_of(st.just(()), some)
        who = st.one_of(
            st.just(()),
            st.just((ANYBODY,)),
            st.builds(
                lambda services, accounts: (
                    *(Principal("Service", one) for one in services),
                    *(Principal("AWS", one) for one in accounts),
                ),
                listed,
                some,
            ),
        )
        tests = st.one_of(
            st.just(()),
            st.builds(lambda one, two: (Condition("Bool", "k", one), Condition("Bool", "l", two)), some, some),
        )
        statement = st.builds(
            Statement,
            sid=names | st.just(""),
            effect=st.sampled_from(["Allow", "Deny"]),
            principals=who,
            not_principals=who,
            actions=listed,
            not_actions=listed,
            resources=listed,
            not_resources=listed,
            conditions=tests,
        )
        return st.builds(Policy, st.lists(statement, min_size=1, max_size=2).map(tuple), st.just("2012-10-17"))

    def patterns(self) -> S:
        """Event patterns whose fields stand together by the mapping that they are in, as they are written."""
        # An unresolvable value is no text that a pattern may hold, and a choice between texts is none either.
        plain = st.one_of(texts, self.attributes(), st.just(Param("Word")), st.just(Pseudo("account")))
        likes = st.builds(Like, st.sampled_from(["prefix", "anything-but"]), plain)
        compared = st.lists(st.one_of(plain, likes), min_size=1, max_size=2).map(tuple)
        paths = st.sampled_from(
            [(("source",),), (("source",), ("detail", "state")), (("detail", "a"), ("detail", "b.c"), ("id",))]
        )
        matches = paths.flatmap(lambda some: st.tuples(*(st.builds(Match, st.just(path), compared) for path in some)))
        return st.builds(EventPattern, matches)

    def of(self, annotation: Any, *, is_optional: bool = False) -> S:
        """Whatever an evaluated annotation allows."""
        if isinstance(annotation, Marker):
            if annotation.name == "Optional":
                return st.none() | self.of(annotation.inner)
            return self.links(annotation.inner) if annotation.name == "Link" else self._value(annotation.inner)
        origin, arguments = getattr(annotation, "__origin__", None), list(getattr(annotation, "__args__", []))
        if origin is tuple:
            inner = arguments[0]
            element = self.of(inner)
            return self.lists(element) if isinstance(inner, Marker) else st.lists(element, max_size=2).map(tuple)
        if origin is not None:
            inner = self._value(str) if arguments[1] is str else self.of(arguments[1])
            return st.dictionaries(names, inner.filter(lambda one: one is not None), max_size=3)
        if arguments:  # X | None
            return st.none() | self.of(arguments[0])
        if annotation is Policy:
            return self.policies()
        if annotation is EventPattern:
            return self.patterns()
        return literals[annotation] if annotation in literals else self.record(annotation)

    def _value(self, inner: Any) -> S:
        return self.values(literals.get(inner, st.sampled_from(["Interface", "Gateway"])))

    def record(self, kind: type) -> S:
        """A record with all its fields, each present or at its default."""
        return st.builds(kind, **{spec.name: self.of_field(kind, spec) for spec in _fields(kind)})

    def of_field(self, kind: type, spec: dataclasses.Field[Any]) -> S:
        """A field by its annotation."""
        found = self.of(eval(str(spec.type), dict(_NAMES)))  # the annotation is text of our own source
        if spec.name == "user_data":
            # It is encoded as a whole, so a format has unresolvable values of its own for it.
            return found.filter(lambda one: not isinstance(one, Unknown))
        if spec.default is not dataclasses.MISSING:
            return st.one_of(st.just(spec.default), found)
        return found

    def resource(self, kind: type[Resource]) -> S:
        """One resource of a kind, with what every resource has."""
        return st.builds(
            kind,
            key=st.just("Subject"),
            depends_on=st.lists(st.sampled_from([Ref(one.key) for one in self.cast]), max_size=2).map(tuple),
            on_delete=st.none() | st.sampled_from(Fate),
            on_replace=st.none() | st.sampled_from([Fate.DELETE, Fate.RETAIN, Fate.SNAPSHOT]),
            extras=extras if self.extras is None else self.extras,
            **{spec.name: self.of_field(kind, spec) for spec in _fields(kind)},
        )

    def plan(self, kind: type[Resource]) -> S:
        """A plan of one region with the cast and one resource of a kind among them.

        It is put together once: that takes longer than the drawing of an example.
        """
        if kind not in self._plans:
            self._plans[kind] = unmeasured(self._plan, kind)
        return self._plans[kind]

    def _plan(self, kind: type[Resource]) -> S:
        output = st.builds(
            Output, name=st.just("Answer"), value=self.values(texts), description=texts, export=st.none() | names
        )
        region = st.builds(
            lambda subject, at, **rest: RegionPlan(resources=(*self.cast[:at], subject, *self.cast[at:]), **rest),
            self.resource(kind),
            st.integers(0, len(self.cast)),
            region=st.sampled_from(["", "eu-west-1"]),
            stack=st.sampled_from(["", "shop-dev"]),
            description=texts,
            parameters=st.just(self.parameters),
            outputs=st.lists(output, max_size=1).map(tuple),
            extras=st.just(
                {"Conditions": {CONDITION: {"Fn::Equals": [{"Ref": "Word"}, "b"]}}} if self.has_conditions else {}
            ),
        )
        return st.builds(lambda one, intent: Plan(regions=(one,), intent=intent), region, intents)


def _fields(kind: type) -> list[dataclasses.Field[Any]]:
    return [spec for spec in dataclasses.fields(kind) if spec.name not in _BESIDE]


json_values: S = st.recursive(
    st.booleans() | st.integers(-9, 9) | names,
    lambda inner: st.lists(inner, min_size=1, max_size=2) | st.dictionaries(names, inner, min_size=1, max_size=2),
    max_leaves=3,
)
extras: S = st.dictionaries(
    st.sampled_from(["ZzOne", "ZzTwo", "@Metadata", "@CreationPolicy"]), json_values, max_size=2
)
opaque: S = st.builds(
    Opaque,
    key=st.just("Subject"),
    type=st.just("AWS::SQS::Queue"),
    properties=st.dictionaries(names, json_values),
)
intents: S = st.builds(
    Intent,
    name=texts,
    environment=names,
    profile=names,
    rpo=st.none() | literals[Duration],
    rto=st.none() | literals[Duration],
    protects_stack=st.booleans(),
    drill=st.builds(
        DrillIntent,
        every=st.none() | literals[Duration],
        checks=st.lists(
            st.builds(
                SqlCheck,
                name=names,
                statement=texts,
                database=st.none() | names,
                expected_rows=st.none() | st.just(3),
                expected_hash=st.none() | texts,
            ),
            max_size=2,
        ).map(tuple),
    ),
    suppressions=st.lists(
        st.builds(Suppression, rule=names, reason=texts, resource=names, until=st.none() | st.just(date(2027, 1, 31))),
        max_size=2,
    ).map(tuple),
)
