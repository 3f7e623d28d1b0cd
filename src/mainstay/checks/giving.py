"""Leave that is given: a policy with one more statement, for the mends of rules that miss one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mainstay.checks.scene import Scene
from mainstay.plan.policies import Condition, InlinePolicy, Policy, Principal, Statement
from mainstay.plan.resources import Function, FunctionPermission, Key, Resource, Role, Topic, TopicPolicy
from mainstay.plan.values import ACCOUNT, PARTITION, Attr, Join, Ref, Value, join

_OF_OWNER = (
    "sns:GetTopicAttributes",
    "sns:SetTopicAttributes",
    "sns:AddPermission",
    "sns:RemovePermission",
    "sns:DeleteTopic",
    "sns:Subscribe",
    "sns:ListSubscriptionsByTopic",
    "sns:Publish",
)
_POLICIES = ":iam::aws:policy/"


def trusting(role: Role, service: str) -> Role:
    """The role, which the service may assume as well."""
    return replace(role, trust=_more(role.trust, _saying(_services((service,)), ("sts:AssumeRole",), ())))


def with_policy(role: Role, name: str, *, instead_of: str = "") -> Role:
    """The role with a managed policy of AWS (`service-role/…`), in the place of one of another name."""
    kept = tuple(one for one in role.managed_policies if not instead_of or not _names(one, instead_of))
    return replace(role, managed_policies=(*kept, join("arn:", PARTITION, _POLICIES, name)))


def usable(key: Key, services: str | Sequence[str], actions: Sequence[str]) -> Key:
    """The key, with which these services may do this as well."""
    named = (services,) if isinstance(services, str) else tuple(services)
    return replace(key, policy=_more(key.policy, _saying(_services(named), actions, ("*",))))


def usable_by_role(key: Key, role: str, actions: Sequence[str]) -> Key:
    """The key, with which the role of that key in the plan may do this as well."""
    principal = Principal("AWS", Attr(role, "arn"))
    return replace(key, policy=_more(key.policy, _saying((principal,), actions, ("*",))))


def allowed(role: Role, name: str, actions: Sequence[str], resource: Value[str]) -> Role:
    """The role with one more policy of its own, under that name, by which it may do this to one thing."""
    policy = Policy((_saying((), actions, (resource,)),))
    return replace(role, policies=(*role.policies, InlinePolicy(name, policy)))


def administered(key: Key) -> Key:
    """The key, of which the account's own policies decide."""
    root = Principal("AWS", join("arn:", PARTITION, ":iam::", ACCOUNT, ":root"))
    return replace(key, policy=_more(key.policy, _saying((root,), ("kms:*",), ("*",))))


def admitting(topic: Topic, service: str, scene: Scene) -> tuple[Resource, ...]:
    """The topic's policy, by which the service may publish as well; a first one keeps what the default one gave."""
    statement = _saying(_services((service,)), ("sns:Publish",), (Attr(topic.key, "arn"),))
    for one in scene.region.of(TopicPolicy):
        if any(scene.region.resolve(link, Topic) is topic for link in one.topics):
            return (replace(one, policy=_more(one.policy, statement)),)
    key = f"{topic.key}Policy"
    if scene.region.find(key) is not None:
        return ()
    return (TopicPolicy(key=key, topics=(Ref(topic.key),), policy=Policy((_by_default(topic), statement))),)


def _by_default(topic: Topic) -> Statement:
    """What SNS lets whoever acts for a topic's owner do (SNS Developer Guide, sns-access-policy-use-cases and the
    policy that CreateTopic sets, 2026-11-21); a policy of one's own takes the place of that.
    """
    owner = Condition("StringEquals", "AWS:SourceOwner", (ACCOUNT,))
    return replace(_saying((Principal("AWS", "*"),), _OF_OWNER, (Attr(topic.key, "arn"),)), conditions=(owner,))


def callable_by(function: Function, service: str, caller: str, arn: Attr | None) -> FunctionPermission:
    """A permission for a service to call a function, for the caller of that key; `arn` is whom it acts for."""
    return FunctionPermission(
        key=f"{caller}May{function.key}",
        function=Ref(function.key),
        principal=service,
        action="lambda:InvokeFunction",
        source_arn=arn,
    )


def _services(names: Sequence[str]) -> tuple[Principal, ...]:
    return tuple(Principal("Service", one) for one in names)


def _saying(who: tuple[Principal, ...], actions: Sequence[str], resources: tuple[Value[str], ...]) -> Statement:
    return Statement(principals=who, actions=tuple(actions), resources=resources)


def _more(policy: Policy, statement: Statement) -> Policy:
    return replace(policy, statements=(*policy.statements, statement))


def _names(link: object, name: str) -> bool:
    last = link.parts[-1] if isinstance(link, Join) else link
    return isinstance(last, str) and last.endswith(name)
