"""One target a drill."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mainstay.api._drill_target import DrillTarget, drill_target
from mainstay.core.errors import InputRefused

ARN = "arn:aws:rds:eu-central-1:123456789012:snapshot:awsbackup:job-1"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_each_way_to_say_it() -> None:
    assert drill_target() == drill_target("latest") == DrillTarget()
    assert drill_target("2026-11-20T13:00:00+01:00") == DrillTarget(time=NOON)
    assert drill_target("random") == DrillTarget(is_random=True)
    assert drill_target(snapshot="before-upgrade") == DrillTarget(snapshot="before-upgrade")
    assert drill_target(recovery_point=ARN) == DrillTarget(snapshot=ARN, is_point=True)
    assert drill_target(recovery_point="latest") == DrillTarget(is_point=True)


@pytest.mark.parametrize(
    ("disaster", "second"),
    [
        ("2026-11-20T12:00:00.000001Z", NOON),
        ("2026-11-20T12:00:01Z", NOON),
        ("2026-11-20T12:00:01.000001Z", NOON.replace(second=1)),
    ],
)
def test_just_before_is_the_last_whole_second_before(disaster: str, second: datetime) -> None:
    found = drill_target(before_disaster=disaster)
    assert found.time == second
    assert found.disaster_at is not None
    assert found.disaster_at > second


def test_more_than_one_is_refused_with_their_names() -> None:
    with pytest.raises(InputRefused, match="two targets") as refused:
        drill_target("random", snapshot="x")
    assert "--to and --snapshot" in refused.value.detail
    with pytest.raises(InputRefused, match="two targets"):
        drill_target(snapshot="x", recovery_point="latest")


@pytest.mark.parametrize("option", ["before_disaster", "snapshot", "recovery_point"])
def test_an_empty_value_is_refused(option: str) -> None:
    with pytest.raises(InputRefused, match="no target"):
        drill_target(**{option: ""})


def test_a_time_without_an_offset_is_refused() -> None:
    for given in ({"to": "2026-11-20T12:00:00"}, {"before_disaster": "2026-11-20T12:00:00"}):
        with pytest.raises(InputRefused, match="without an offset"):
            drill_target(**given)
