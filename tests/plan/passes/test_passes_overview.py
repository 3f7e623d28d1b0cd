"""The alarm over all alarms, and the page of graphs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from mainstay import facts
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Alarm, CompositeAlarm, Dashboard
from mainstay.plan.values import REGION, Join, Ref

Built = Callable[..., Plan]
BOTH = {"alerts__composite": "true", "monitoring__dashboard": "true"}


@pytest.mark.parametrize("replicas", ["0", "2"])
def test_an_overview_lands(complaints: Callable[..., list[str]], replicas: str) -> None:
    plan = "{daily: {keep: 9d}}"
    assert complaints(**BOTH, database__replicas__count=replicas, protection__backup_plan=plan) == []


def test_the_composite_alarm_names_every_alarm_and_waits_for_them(built: Built) -> None:
    plan = built(**BOTH, database__replicas="{count: 1}", protection__backup_plan="{daily: {keep: 9d}}")
    (composite,) = plan.of(CompositeAlarm)
    alarms = list(plan.of(Alarm))
    assert re.findall(r'ALARM\("([^"]+)"\)', str(composite.rule)) == [one.name for one in alarms]
    assert composite.depends_on == tuple(Ref(one.key) for one in alarms)
    assert composite.alarm_actions == composite.ok_actions == (Ref("AlertsTopic"),)
    assert composite.name == "shop-dev-any"


def widgets(plan: Plan) -> dict[str, dict[str, object]]:
    (dashboard,) = plan.of(Dashboard)
    assert isinstance(dashboard.body, Join)
    text = "".join("eu-central-1" if part == REGION else str(part) for part in dashboard.body.parts)
    return {one["properties"]["title"]: one for one in json.loads(text)["widgets"]}


def test_a_graph_has_a_line_for_each_instance_that_has_the_metric(built: Built) -> None:
    graphs = widgets(built(**BOTH, database__replicas="{count: 1}"))
    assert len(graphs) == 7
    assert graphs["CPUUtilization"]["properties"] == {
        "title": "CPUUtilization",
        "region": "eu-central-1",
        "stat": "Average",
        "period": 60,
        "metrics": [
            ["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", "shop-dev"],
            ["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", "shop-dev-replica-1"],
        ],
    }
    lag = graphs["ReplicaLag"]["properties"]
    assert isinstance(lag, dict)
    assert lag["metrics"] == [["AWS/RDS", "ReplicaLag", "DBInstanceIdentifier", "shop-dev-replica-1"]]
    places = {(one["x"], one["y"]) for one in graphs.values()}
    assert len(places) == 7
    assert "ReplicaLag" not in widgets(built(**BOTH))


def test_there_is_a_graph_for_each_metric_with_an_alarm(built: Built) -> None:
    graphs = widgets(
        built(**BOTH, alerts__metrics="{}", access__proxy="{}", database__replicas="{count: 1, class: db.t4g.large}")
    )
    credits_ = graphs["CPUCreditBalance"]["properties"]
    assert isinstance(credits_, dict)
    assert credits_["metrics"] == [["AWS/RDS", "CPUCreditBalance", "DBInstanceIdentifier", "shop-dev-replica-1"]]
    clients = graphs["ClientConnections"]["properties"]
    assert isinstance(clients, dict)
    assert clients["metrics"] == [["AWS/RDS", "ClientConnections", "ProxyName", "shop-dev"]]
    assert len({(one["x"], one["y"]) for one in graphs.values()}) == len(graphs)


def test_nobody_gets_an_overview_unasked(built: Built) -> None:
    plan = built()
    assert (list(plan.of(CompositeAlarm)), list(plan.of(Dashboard))) == ([], [])


def test_a_graph_without_facts_is_a_bug_that_says_so(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    known = facts.metric
    monkeypatch.setattr(facts, "metric", lambda name: None if name == "ReadLatency" else known(name))
    with pytest.raises(KeyError, match="no facts about the metric ReadLatency"):
        built(monitoring__dashboard="true")
