"""Metrics: unit and direction."""

from __future__ import annotations

from mainstay import facts


def test_what_runs_out_alarms_low() -> None:
    low = {name for name in facts.metric_names() if (fact := facts.metric(name)) is not None and fact.alarming == "low"}
    assert low == {
        "EBSByteBalance%",
        "EBSIOBalance%",
        "FreeableMemory",
        "FreeStorageSpace",
        "BurstBalance",
        "CPUCreditBalance",
    }


def test_a_metric() -> None:
    storage = facts.metric("FreeStorageSpace")
    assert storage is not None
    assert (storage.unit, storage.statistic, storage.threshold, storage.datapoints) == ("bytes", "Minimum", None, 5)
    lag = facts.metric("ReplicaLag")
    assert lag is not None
    assert (lag.exists_with, lag.threshold, lag.recommended_by) == ("replica", 60, "AWS")
    assert facts.metric("Nope") is None
