"""SN004: a subscription whose endpoint is nothing that its protocol reaches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import alarm, database, plan_of, told
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Subscription
from mainstay.plan.values import Ref

# How an endpoint has to begin or look, by protocol, with the words for it.
_SHAPES = {
    "email": (r"(?!\w+:)[^@\s]+@[^@\s]+", "an address"),
    "email-json": (r"(?!\w+:)[^@\s]+@[^@\s]+", "an address"),
    "http": (r"http://.+", "an URL that begins with http://"),
    "https": (r"https://.+", "an URL that begins with https://"),
    "sms": (r"\+?[0-9 ().-]{5,20}", "a telephone number"),
    "sqs": (r"arn:[\w-]+:sqs:.+", "the ARN of a queue"),
    "lambda": (r"arn:[\w-]+:lambda:.+", "the ARN of a function"),
    "firehose": (r"arn:[\w-]+:firehose:.+", "the ARN of a delivery stream"),
    "application": (r"arn:[\w-]+:sns:.+", "the ARN of an application's endpoint"),
}


def _second(protocol: str, endpoint: str) -> Plan:
    extra = Subscription(key="Second", topic=Ref("Topic"), protocol=protocol, endpoint=endpoint)
    return plan_of(database(), alarm(), *told(), extra)


def _bad() -> Plan:
    """An URL of https under the protocol http"""
    return _second("http", "https://example.org/alarms")


def _good() -> Plan:
    """An URL of https under the protocol https"""
    return _second("https", "https://example.org/alarms")


@rule(
    id="SN004",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="the endpoint is not of its protocol",
    source="SNS API Reference, Subscribe: Protocol and Endpoint (2026-11-20)",
    applies_to=(Subscription,),
    field="endpoint",
    bad=_bad,
    good=_good,
)
def faults(subscription: Subscription, scene: Scene) -> Iterator[Fault]:
    """SNS refuses the subscription, and the stack rolls back. One by e-mail that is right is told nothing either until
    somebody follows the link in the first message: no template can do that.
    """
    protocol, endpoint = literal(subscription.protocol, str), literal(subscription.endpoint, str)
    if protocol is None:
        return
    if protocol not in _SHAPES:
        said = f"{subscription.key} has the protocol {protocol}, which SNS does not know."
        yield Fault(subscription, said, f"write one of {', '.join(_SHAPES)}", field="protocol")
    elif endpoint is not None and "{{resolve:" not in endpoint and not re.fullmatch(_SHAPES[protocol][0], endpoint):
        # The endpoint itself may be an address of somebody, or a secret in an URL.
        said = f"{subscription.key} has the protocol {protocol}, and its endpoint is not {_SHAPES[protocol][1]}."
        fitting = [name for name, (shape, _) in _SHAPES.items() if re.fullmatch(shape, endpoint) and "json" not in name]
        mend = (replace(subscription, protocol=fitting[0]),) if len(fitting) == 1 else ()
        yield Fault(subscription, said, "write the protocol that the endpoint is of", mend=mend)
