"""SN004: protocols, and what each reaches."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.alarms.endpoint_of_another_protocol import faults
from mainstay.checks.examples import plan_of
from mainstay.core.findings import Finding
from mainstay.plan.resources import Subscription
from mainstay.plan.values import Attr, Param, Ref

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("protocol", "endpoint", "count"),
    [
        ("email", "oncall@example.org", 0),
        ("email", "oncall", 1),
        ("email", "mailto:oncall@example.org", 1),
        ("email-json", "https://example.org", 1),
        ("https", "https://user:word@example.org/hook", 0),
        ("https", "http://example.org", 1),
        ("http", "http://example.org", 0),
        ("http", "https://example.org", 1),
        ("sms", "+1 555 0100", 0),
        ("sms", "oncall@example.org", 1),
        ("sqs", "arn:aws:sqs:us-east-1:123456789012:alarms", 0),
        ("sqs", "https://sqs.us-east-1.amazonaws.com/123456789012/alarms", 1),
        ("lambda", "arn:aws-cn:lambda:cn-north-1:123456789012:function:page", 0),
        ("lambda", "page", 1),
        ("firehose", "arn:aws:firehose:us-east-1:123456789012:deliverystream/alarms", 0),
        ("application", "arn:aws:sns:us-east-1:123456789012:endpoint/APNS/app/1", 0),
        ("slack", "https://example.org", 1),
        ("slack", None, 1),
        ("https", "{{resolve:secretsmanager:hook:SecretString:url}}", 0),
        ("email", None, 0),
        ("email", Param("Address"), 0),
        ("lambda", Attr("Page", "arn"), 0),
        (Param("Protocol"), "oncall", 0),
    ],
)
def test_endpoints(protocol: str, endpoint: str | None, count: int, say: Say) -> None:
    one = Subscription(key="Mail", topic=Ref("Topic"), protocol=protocol, endpoint=endpoint)
    found = say(faults, plan_of(one))
    assert len(found) == count
    # An URL may hold a password.
    assert all(str(endpoint) not in each.detail for each in found)
