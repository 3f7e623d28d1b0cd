"""DB025: each pair of settings, on its boundary."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay import facts
from mainstay.checks.database.memory_out_of_proportion import faults
from mainstay.checks.examples import database, plan_of, settings
from mainstay.core.findings import Finding
from mainstay.core.units import Bytes
from mainstay.plan.resources import Resource
from mainstay.plan.values import Ref

Say = Callable[..., list[Finding]]
PAGES = 2**20  # of 8 KiB, in 8 GiB


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({}, None),
        ({"shared_buffers": "104858"}, None),
        ({"shared_buffers": "104857"}, "under a tenth of 8 GiB"),
        ({"effective_cache_size": str(PAGES)}, None),
        ({"effective_cache_size": str(PAGES + 1)}, "the machine has 8 GiB"),
        ({"effective_cache_size": "262144"}, None),
        ({"effective_cache_size": "262143"}, "below shared_buffers (2 GiB)"),
        ({"shared_buffers": str(PAGES)}, None),  # DB024 speaks of it
        ({"work_mem": "16384"}, None),
        ({"work_mem": "16384", "max_connections": "512"}, None),
        ({"work_mem": "16384", "max_connections": "513"}, "513 × 0.0156 GiB"),
        ({"work_mem": "a lot", "max_connections": "513"}, None),
    ],
)
def test_settings(parameters: dict[str, str], said: str | None, say: Say) -> None:
    plan = plan_of(database(parameter_group=Ref("Settings")), settings(**parameters))
    details = [finding.detail for finding in say(faults, plan)]
    assert len(details) == (said is not None)
    assert all(said in detail for detail in details if said)


@pytest.mark.parametrize(
    "db",
    [
        database(parameter_group=None),
        database(parameter_group=Ref("Settings"), instance_class=None),
        database(parameter_group=Ref("Settings"), engine="mysql", engine_version="8.4.11"),
    ],
)
def test_not_seen(db: Resource, say: Say) -> None:
    assert say(faults, plan_of(db, settings(shared_buffers="16"))) == []


@pytest.mark.parametrize(("pages", "count"), [(2**17, 0), (2**17 - 1, 1)])
def test_a_tenth_to_the_page(pages: int, count: int, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "class_shape", lambda _: (2, Bytes.gib(10)))
    plan = plan_of(database(parameter_group=Ref("Settings")), settings(shared_buffers=str(pages)))
    assert len(say(faults, plan)) == count
