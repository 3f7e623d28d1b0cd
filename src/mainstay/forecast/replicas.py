"""Read replicas as a way back: promoted, they lose what had not reached them yet."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.core.units import Duration
from mainstay.facts import outage
from mainstay.forecast.failure import Failure
from mainstay.forecast.reasons import Reason, reasons
from mainstay.forecast.way import Way, lost
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import Alarm, DbInstance
from mainstay.plan.values import Ref

_ABOVE = ("GreaterThanThreshold", "GreaterThanOrEqualToThreshold")
# What a replica repeats or shares, whatever its lag.
_SHARED = {
    Failure.ROW_DELETED: "It repeats the deletion as soon as it receives it.",
    Failure.STACK_DELETED: "It is deleted with the stack.",
    Failure.REGION_LOST: "It stands in the same region.",
    Failure.ACCOUNT_COMPROMISED: "Whoever holds the account can delete it.",
    Failure.KEY_LOST: "It is encrypted with the same key.",
}


def replicas_of(database: DbInstance, failure: Failure, home: RegionPlan) -> Iterator[Way]:
    """One way for each replica of the region."""
    for replica in home.of(DbInstance):
        if replica.source is not None and home.resolve(replica.source, DbInstance) is database:
            yield _promoted(replica, database, failure, home)


def _promoted(replica: DbInstance, database: DbInstance, failure: Failure, home: RegionPlan) -> Way:
    name = f"replica {replica.address or replica.key}"
    if failure in _SHARED:
        return lost(name, _SHARED[failure])
    if failure is Failure.ZONE_LOST and (None in (replica.zone, database.zone) or replica.zone == database.zone):
        return lost(name, "It stands in the same zone, or nothing says in which.")
    lag = _lag_told_of(replica, home)
    if lag is None:
        return lost(name, "How far it trails has no bound, and nobody is told of it; it promises nothing.")
    promotion = outage("promotion")
    return Way(
        name=name,
        survives=True,
        rpo=lag,
        rto_least=promotion.least,
        rto_most=promotion.most,
        reasons=(
            Reason(
                f"What had not reached it is lost: somebody is told when it trails for {lag}.",
                reasons("Replication is asynchronous; a longer lag is one that nobody acted on."),
            ),
            Reason(
                f"A promotion takes {promotion.least} to {promotion.most}, and has to be asked for.",
                reasons("The application has to be pointed at another address."),
                promotion.source,
            ),
        ),
    )


def _lag_told_of(replica: DbInstance, home: RegionPlan) -> Duration | None:
    """How long the lag is at most before an alarm tells somebody: its threshold, and the periods that it waits."""
    bounds = [
        Duration(int(alarm.threshold) + int(alarm.period) * alarm.evaluation_periods)
        for alarm in home.of(Alarm)
        if alarm.metric == "ReplicaLag"
        and alarm.comparison in _ABOVE
        and Ref(replica.key) in alarm.dimensions.values()
        and alarm.alarm_actions
        and alarm.is_enabled is not False
        and isinstance(alarm.threshold, (int, float))
        and isinstance(alarm.period, Duration)
        and isinstance(alarm.evaluation_periods, int)
    ]
    return min(bounds, default=None)
