"""What every function of ours has: code that the deployer places, a role of its own, and a log with an end.

The code is a template parameter for each function, and one for the bucket: unchanged code is an unchanged key, so that
a stack sees no change. `handler` says which package it is; `mainstay.functions.packaging` knows the handlers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import field
from typing import Final

from mainstay import facts
from mainstay.core.records import dataclass
from mainstay.core.units import Bytes, Duration
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.groups import connection, group
from mainstay.plan.passes.logical import (
    CODE_BUCKET,
    DATABASE_GROUP,
    ENDPOINT_GROUP,
    FUNCTIONS_GROUP,
    function_code,
)
from mainstay.plan.passes.logs import log_group
from mainstay.plan.passes.places import private_subnets, wanting_functions
from mainstay.plan.passes.roles import trust
from mainstay.plan.plan import Parameter
from mainstay.plan.policies import Condition, InlinePolicy, Policy, Statement
from mainstay.plan.resources import (
    EgressRule,
    EventRule,
    EventTarget,
    Function,
    FunctionPermission,
    IngressRule,
    Resource,
    Role,
    Route,
    VpcEndpoint,
)
from mainstay.plan.values import ACCOUNT, Attr, Param, Ref, Value, arn, join
from mainstay.spec import Spec

_MIB: Final = 2**20
USUAL_MEMORY: Final = Bytes(256 * _MIB)
_INTERFACES: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
)
_LOOKING: Final = ("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One function: `name` follows the identifier in its own name, `module` is the handler's, `path` the setting.

    `is_inside` puts it into the database's network, where it reaches the engine's port and Secrets Manager.
    """

    key: str
    name: str
    module: str
    purpose: str
    path: str
    timeout: Duration
    statements: tuple[Statement, ...]
    environment: Mapping[str, Value[str]] = field(default_factory=dict)
    memory: Bytes = USUAL_MEMORY
    is_inside: bool = True


def build_functions_group(spec: Spec, draft: Draft) -> Draft:
    """The draft with the group that functions wear beside the database, where there are any."""
    path = wanting_functions(spec)
    if path is None:
        return draft
    purpose, port = "Functions: admit nobody, reach the database", spec.database.listens_on
    return draft.adding(
        group(spec, FUNCTIONS_GROUP, "functions", purpose, spec.origin_of(path)),
        *connection(spec, FUNCTIONS_GROUP, DATABASE_GROUP, port=port, what="functions to database", path=path),
    )


def function_name(spec: Spec, name: str) -> str:
    """The function's own name. It is fixed, so that its log and the denial in its role can be told beforehand."""
    return f"{spec.identifier}-{name}"


def with_function(spec: Spec, draft: Draft, work: Work) -> Draft:
    """The draft with a function, its role, its log group and the parameters of its code."""
    origin = spec.origin_of(work.path)
    name = function_name(spec, work.name)
    log, role = f"{work.key}Log", f"{work.key}Role"
    # Lambda's own name for it (Lambda Developer Guide, monitoring-cloudwatchlogs, 2026-11-21).
    group = log_group(spec, log, f"/aws/lambda/{name}", spec.monitoring.logs.keep, work.path)
    function = Function(
        key=work.key,
        name=name,
        description=work.purpose,
        role=Ref(role),
        runtime=facts.load("functions").data["runtime"],
        handler=f"mainstay.functions.{work.module}.handler",
        code_bucket=Param(CODE_BUCKET),
        code_key=Param(function_code(work.key)),
        architectures=(spec.functions.architecture,),
        memory=work.memory,
        timeout=work.timeout,
        environment=work.environment,
        subnets=private_subnets(spec) if work.is_inside else (),
        security_groups=(Ref(FUNCTIONS_GROUP),) if work.is_inside else (),
        log_group=Ref(log),
        log_format="Text",  # Lambda's own choice, which the Terraform provider wants to be said
        tags=tags(spec),
        origin=origin,
    )
    wearing = Role(
        key=role,
        description=work.purpose,
        trust=trust("lambda.amazonaws.com"),
        policies=(InlinePolicy("Work", Policy((*work.statements, *_running(spec, work, log)))),),
        tags=tags(spec),
        origin=origin,
    )
    return _with_code(draft, work).adding(group, wearing, function)


def calling(spec: Spec, rule: EventRule, function: str, path: str) -> tuple[EventRule, FunctionPermission]:
    """A rule, and the permission without which it would call its function in vain, and silently."""
    permission = FunctionPermission(
        key=f"{rule.key}MayCall",
        function=Ref(function),
        action="lambda:InvokeFunction",
        principal="events.amazonaws.com",
        source_arn=Attr(rule.key, "arn"),
        source_account=ACCOUNT,
        origin=spec.origin_of(path),
    )
    return rule, permission


def target(function: str) -> EventTarget:
    """A function of ours as what a rule calls, with the event as it is."""
    return EventTarget(name="function", arn=Attr(function, "arn"))


def ways(draft: Draft) -> tuple[Ref[Resource], ...]:
    """What has to be there before a function in the network can work: rules both ways, and a way to AWS's services."""
    return tuple(Ref(one.key) for one in draft.resources if _is_way(one))


def _is_way(resource: Resource) -> bool:
    match resource:
        case EgressRule():
            return resource.group == Ref(FUNCTIONS_GROUP)
        case IngressRule():
            return resource.source_group == Ref(FUNCTIONS_GROUP)
        case VpcEndpoint():
            return Ref(ENDPOINT_GROUP) in resource.groups
        case Route():
            return resource.nat_gateway is not None
    return False


def _running(spec: Spec, work: Work, log: str) -> tuple[Statement, ...]:
    """Its log; and network interfaces, which Lambda makes in its name and its code may not touch.

    Lambda Developer Guide, configuration-vpc (which resources each action takes, and the denial by
    lambda:SourceFunctionArn), 2026-11-21.
    """
    writing = Statement(sid="Log", actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(Attr(log, "arn"),))
    if not work.is_inside:
        return (writing,)
    own = arn("lambda", f"function:{function_name(spec, work.name)}")
    return (
        writing,
        Statement(sid="Interfaces", actions=_INTERFACES, resources=_around_interfaces(spec)),
        Statement(sid="Looking", actions=_LOOKING, resources=("*",)),
        Statement(
            sid="NotByCode",
            effect="Deny",
            actions=(*_INTERFACES, *_LOOKING),
            resources=("*",),
            conditions=(Condition("ArnEquals", "lambda:SourceFunctionArn", (own,)),),
        ),
    )


def _around_interfaces(spec: Spec) -> tuple[Value[str], ...]:
    """What an interface is made of: itself, whose id nobody knows yet, in these subnets and with this group only."""
    subnets = (Attr(one.key, "id") if isinstance(one, Ref) else one for one in private_subnets(spec))
    return (
        arn("ec2", "network-interface/*"),
        arn("ec2", join("security-group/", Attr(FUNCTIONS_GROUP, "group_id"))),
        *(arn("ec2", join("subnet/", one)) for one in subnets),
    )


def _with_code(draft: Draft, work: Work) -> Draft:
    """The draft with the parameters that say where the code lies."""
    wanted = (
        Parameter(name=CODE_BUCKET, description="Bucket of the functions' code; mainstay deploy fills it in"),
        Parameter(name=function_code(work.key), description=f"Key of the package of {work.key}"),
    )
    known = {parameter.name for parameter in draft.parameters}
    missing = tuple(one for one in wanted if one.name not in known)
    return dataclasses.replace(draft, parameters=(*draft.parameters, *missing))
