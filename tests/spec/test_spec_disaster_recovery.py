"""The second region: every setting on both sides of its bounds, and what the message says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.spec import Spec

Loaded = Callable[[Mapping[str, str]], Spec]
Refusals = Callable[..., list[Finding]]

PLAN = "{daily: {keep: 30d}, weekly: {keep: 90d}, monthly: {keep: 365d}}"
WHOLE = {"region": "eu-central-1", "protection.backup_plan": PLAN}
COPY = "{vault: 'arn:aws:backup:us-east-1:123456789012:backup-vault:copies', keep: 9d}"

RIGHT = [
    "{region: eu-west-1}",
    "{region: eu-west-1, keep: 1d}",
    "{region: eu-west-1, keep: 35d}",
    "{region: eu-west-1, keep: null, copies: {daily: 2d}}",
    "{region: eu-west-1, copies: {daily: 2d, weekly: 8d, monthly: 32d}}",
    "{region: eu-west-1, copies: {monthly: 36500d}}",
    "{region: eu-west-1, copies: {daily: 7d}, lock: {least: 7d, most: 7d}}",
    "{region: eu-west-1, copies: {daily: 7d}, lock: {least: 1d, compliance: {after: 3d, confirmed: shop-dev}}}",
    "{region: eu-west-1, copies: {daily: 7d}, admits: ['210987654321']}",
    "{region: eu-west-1, network: {cidr: 10.9.0.0/16, zones: 3, nat: one}}",
    "{region: eu-west-1, network: {existing: {vpc: vpc-0a1b2c3d, isolated: [subnet-0a1b2c3d, subnet-1a1b2c3d],"
    " private: [subnet-2a1b2c3d, subnet-3a1b2c3d]}}}",
]
WRONG = {
    "{}": "disaster_recovery.region: it has to be given.",
    "{region: Ireland}": "disaster_recovery.region: 'Ireland' is not a name here.",
    "{region: eu-central-1}": "disaster_recovery.region: eu-central-1 is the region of the database itself",
    "{region: eu-west-1, keep: 0d}": "disaster_recovery.keep: 0s is outside 1d to 35d.",
    "{region: eu-west-1, keep: 36d}": "disaster_recovery.keep: 36d is outside 1d to 35d.",
    "{region: eu-west-1, keep: 25h}": "disaster_recovery.keep: 1d1h is not a whole number of days.",
    "{region: eu-west-1, keep: null}": "disaster_recovery.keep: Nothing leaves the region.",
    "{region: eu-west-1, copies: {}}": "disaster_recovery.copies: It copies nothing.",
    "{region: eu-west-1, copies: {daily: 1d}}": "disaster_recovery.copies.daily: 1d is outside 2d to",
    "{region: eu-west-1, copies: {weekly: 7d}}": "disaster_recovery.copies.weekly: 7d is outside 8d to",
    "{region: eu-west-1, copies: {monthly: 31d}}": "disaster_recovery.copies.monthly: 31d is outside 32d to",
    "{region: eu-west-1, copies: {monthly: 36501d}}": "disaster_recovery.copies.monthly: 36501d is outside",
    "{region: eu-west-1, copies: {continuous: 7d}}": (
        "disaster_recovery.copies.continuous: There is no continuous backup to copy: protection.backup_plan makes "
        "daily, weekly, monthly."
    ),
    "{region: eu-west-1, copies: {daily: 6d}, lock: {least: 7d}}": "copies.daily 6d is outside the lock",
    "{region: eu-west-1, copies: {daily: 8d}, lock: {least: 1d, most: 7d}}": "copies.daily 8d is outside the lock",
    "{region: eu-west-1, copies: {daily: 8d}, lock: {least: 8d, most: 7d}}": "most 7d is below least 8d",
    "{region: eu-west-1, copies: {daily: 7d}, lock: {least: 1d, compliance: {after: 2d, confirmed: shop-dev}}}": (
        "2d is outside 3d"
    ),
    "{region: eu-west-1, copies: {daily: 7d}, lock: {least: 1d, compliance: {after: 3d, confirmed: 'yes'}}}": (
        "disaster_recovery.lock.compliance.confirmed: A lock in compliance mode can never be lifted, and 'yes'"
    ),
    "{region: eu-west-1, lock: {least: 7d}}": "disaster_recovery.lock: Without copies there is no vault.",
    "{region: eu-west-1, admits: ['210987654321']}": "disaster_recovery.admits: Without copies there is no vault.",
    "{region: eu-west-1, copies: {daily: 7d}, admits: ['12']}": "disaster_recovery.admits.0: '12' is not a name here.",
    "{region: eu-west-1, copies: {daily: 7d}, admits: ['210987654321', '210987654321']}": "stands there twice",
    "{region: eu-west-1, network: {cidr: 10.9.0.0/15}}": "disaster_recovery.network.cidr: '10.9.0.0/15' has bits set",
    "{region: eu-west-1, network: {zones: 1}}": "disaster_recovery.network.zones: 1 is outside 2 to 6.",
    "{region: eu-west-1, network: {nat: 3}}": "disaster_recovery.network.nat: 3 NAT gateways for 2 zones.",
}


@pytest.mark.parametrize("value", RIGHT)
def test_a_second_region_within_bounds_is_taken(loaded: Loaded, value: str) -> None:
    assert loaded({**WHOLE, "disaster_recovery": value}).disaster_recovery is not None


@pytest.mark.parametrize("value", WRONG)
def test_a_second_region_out_of_bounds_says_why_and_what_to_do(refusals: Refusals, value: str) -> None:
    faults = refusals(overrides={**WHOLE, "disaster_recovery": value})
    assert [fault.detail for fault in faults if WRONG[value] in fault.detail] != []
    assert [fault for fault in faults if not fault.hint or not fault.subject or fault.origin is None] == []


def test_a_second_region_needs_a_first_one(loaded: Loaded, refusals: Refusals) -> None:
    (fault,) = refusals(overrides={"disaster_recovery.region": "eu-west-1"})
    assert (fault.subject, fault.hint) == ("region", "write region:, or give --region")
    assert loaded({"disaster_recovery.region": "eu-west-1", "region": "eu-central-1"}).disaster_recovery


def test_copies_need_something_to_copy(loaded: Loaded, refusals: Refusals) -> None:
    wanted = {"region": "eu-central-1", "disaster_recovery": "{region: eu-west-1, copies: {daily: 7d}}"}
    (fault,) = refusals(overrides=wanted)
    assert "There is no daily backup to copy: protection.backup_plan makes none." in fault.detail
    assert fault.hint == "write protection.backup_plan.daily, or leave it out here"
    assert loaded({**wanted, "protection.backup_plan": "{daily: {keep: 9d}}"}).disaster_recovery
    continuous = {**wanted, "protection.backup_plan": "{continuous: true}"}
    assert refusals(overrides=continuous)[0].subject == "disaster_recovery.copies.daily"
    copied = loaded({**continuous, "disaster_recovery": "{region: eu-west-1, copies: {continuous: 9d}}"})
    assert copied.disaster_recovery


def test_a_recovery_point_is_copied_five_times_at_most(loaded: Loaded, refusals: Refusals) -> None:
    def wanted(others: int) -> dict[str, str]:
        copies = ", ".join([COPY] * others)
        return {
            "region": "eu-central-1",
            "protection.backup_plan": f"{{daily: {{keep: 9d}}, copies: [{copies}]}}",
            "disaster_recovery": "{region: eu-west-1, copies: {daily: 9d}}",
        }

    assert loaded(wanted(4)).disaster_recovery
    (fault,) = refusals(overrides=wanted(5))
    assert "With the one into eu-west-1 there would be 6 copies of each recovery point." in fault.detail


@pytest.mark.parametrize(
    ("written", "replicates", "keep"),
    [("", True, None), (", keep: 3d", True, Duration.days(3)), (", keep: null", False, None)],
)
def test_backups_are_replicated_unless_that_is_taken_back(
    loaded: Loaded, written: str, replicates: bool, keep: Duration | None
) -> None:
    spec = loaded({**WHOLE, "disaster_recovery": f"{{region: eu-west-1, copies: {{daily: 9d}}{written}}}"})
    assert spec.disaster_recovery is not None
    assert (spec.disaster_recovery.replicates, spec.disaster_recovery.keep) == (replicates, keep)


def test_seen_from_the_other_region_nothing_runs_yet(loaded: Loaded) -> None:
    spec = loaded(
        {
            "region": "eu-central-1",
            "access": "{security_groups: [sg-0a1b2c3d], cidrs: [10.7.0.0/16], bastion: {}, proxy: {}}",
            "database.replicas": "{count: 2}",
            "disaster_recovery": "{region: eu-west-1, network: {cidr: 10.9.0.0/16}}",
        }
    )
    there = spec.from_the_other_region()
    assert there is not None
    assert (there.region, str(there.network.cidr), there.network.nat) == ("eu-west-1", "10.9.0.0/16", "none")
    assert (there.access.security_groups, there.access.bastion, there.access.proxy) == ((), None, None)
    assert [str(one) for one in there.access.cidrs] == ["10.7.0.0/16"]
    assert there.database.replicas.count == 0
    assert there.path_of("network.cidr") == "disaster_recovery.network.cidr"
    assert there.path_of("networks") == "networks"
    assert there.origin_of("network.cidr") == spec.origin_of("disaster_recovery.network.cidr")
    assert there.origin_of("network.cidr") is not None
    assert loaded({}).from_the_other_region() is None


def test_an_application_known_by_its_addresses_needs_some_over_there(loaded: Loaded, refusals: Refusals) -> None:
    existing = (
        "vpc: vpc-0a1b2c3d, isolated: [subnet-0a1b2c3d, subnet-1a1b2c3d], private: [subnet-2a1b2c3d, subnet-3a1b2c3d]"
    )

    def wanted(more: str) -> dict[str, str]:
        network = f"{{existing: {{{existing}{more}}}}}"
        return {
            "region": "eu-central-1",
            "access.application": "subnets",
            "disaster_recovery": f"{{region: eu-west-1, network: {network}}}",
        }

    (fault,) = refusals(overrides=wanted(""))
    assert (fault.subject, fault.hint) == (
        "access.application",
        "write disaster_recovery.network.existing.application, or application: group",
    )
    assert loaded(wanted(", application: [{id: subnet-4a1b2c3d, cidr: 10.9.0.0/24}]")).disaster_recovery
