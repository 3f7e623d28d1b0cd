"""DN001: what a network says of its DNS, and what is mended."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.dns.examples import named, network, zone
from mainstay.checks.dns.zone_unanswered import faults
from mainstay.core.findings import Finding
from mainstay.plan.resources import ZoneNetwork
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("support", "hostnames", "lacking"),
    [
        (True, True, None),
        (None, True, None),
        (None, None, "EnableDnsHostnames"),
        (True, False, "EnableDnsHostnames"),
        (False, True, "EnableDnsSupport"),
        (False, None, "EnableDnsSupport and EnableDnsHostnames"),
        (Param("Support"), Param("Names"), None),
    ],
)
def test_both_settings_are_needed(support: object, hostnames: object, lacking: str | None, say: Say) -> None:
    findings = say(faults, named(Network=network(has_dns_support=support, has_dns_hostnames=hostnames)))
    assert [(one.subject, one.hint) for one in findings] == (
        [("Network", f"set {lacking} of Network to true")] if lacking else []
    )


def test_a_network_outside_of_the_plan_is_not_seen(say: Say) -> None:
    plan = named(
        Zone=zone(networks=(ZoneNetwork(vpc="vpc-1", region="us-east-1"),)), Network=network(has_dns_hostnames=False)
    )
    assert say(faults, plan) == []
    assert say(faults, named(Zone=zone(networks=()))) == []
