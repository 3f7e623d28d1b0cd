"""BK039: an alarm that takes the silence of AWS Backup the wrong way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.backup.examples import (
    backed_up,
)
from mainstay.checks.examples import alarm
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    Alarm,
)

_WRONG = ("Failed", "Aborted", "Expired")


def _bad() -> Plan:
    """No completed job is no data, and nothing is made of it"""
    watch = alarm(
        namespace="AWS/Backup", metric="NumberOfBackupJobsCompleted", statistic="Sum", threshold=1.0, dimensions={}
    )
    return backed_up(StorageAlarm=replace(watch, missing_data="notBreaching"))


def _good() -> Plan:
    """No completed job is no data, which is a breach"""
    watch = alarm(
        namespace="AWS/Backup", metric="NumberOfBackupJobsCompleted", statistic="Sum", threshold=1.0, dimensions={}
    )
    return backed_up(StorageAlarm=replace(watch, missing_data="breaching"))


@rule(
    id="BK039",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="an alarm on jobs that misreads their absence",
    source="AWS Backup Developer Guide, cloudwatch; CloudWatch User Guide, alarms-and-missing-data (2026-11-20)",
    applies_to=(Alarm,),
    bad=_bad,
    good=_good,
    field="missing_data",
)
def faults(alarm: Alarm, scene: Scene) -> Iterator[Fault]:
    """AWS Backup reports a number only when it is not zero. An alarm on too few completed jobs sees no data on the
    night it is made for, so it has to take missing data for a breach. An alarm on failed jobs sees no data every
    good night: taken for a breach it always rings, and ignored it rings once and never ends.
    """
    metric, comparison = literal(alarm.metric, str) or "", literal(alarm.comparison, str) or ""
    missing = "missing" if alarm.missing_data is None else literal(alarm.missing_data, str)
    if alarm.namespace != "AWS/Backup" or not metric.startswith("NumberOf") or missing is None:
        return
    if metric.endswith("Completed") and comparison.startswith("LessThan") and missing != "breaching":
        yield Fault(
            alarm,
            f"{alarm.key} waits for {metric} below {alarm.threshold}, and takes missing data as {missing}: no job is no"
            f" data, so it never rings.",
            "set TreatMissingData to breaching",
            mend=(replace(alarm, missing_data="breaching"),),
        )
    if metric.endswith(_WRONG) and comparison.startswith("GreaterThan") and missing in ("breaching", "ignore"):
        then = "it rings whenever all is well" if missing == "breaching" else "it never ends once it rang"
        yield Fault(
            alarm,
            f"{alarm.key} waits for {metric}, and takes missing data as {missing}: {then}.",
            "set TreatMissingData to notBreaching",
            mend=(replace(alarm, missing_data="notBreaching"),),
        )
