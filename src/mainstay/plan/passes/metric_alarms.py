"""Further alarms, from the table of metrics: each where its metric exists, with a threshold out of what there is.

Which way is trouble, which statistic and how long it has to last stand in the table (facts/data/metrics.json). A metric
that says nothing is no trouble here: those that must speak have their alarm among the usual ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay import facts
from mainstay.core.units import Bytes, Share
from mainstay.plan.passes.alarms import Watch, alarm, most_connections
from mainstay.plan.passes.draft import Draft
from mainstay.plan.passes.engine_limits import insights_of
from mainstay.plan.passes.logical import DATABASE, PROXY, instances
from mainstay.spec import Spec
from mainstay.spec.metrics import Metrics
from mainstay.spec.proxy import Proxy

_COMPARISONS: Final = {"high": "GreaterThanThreshold", "low": "LessThanThreshold"}
_PATH: Final = "alerts.metrics"


def build_metric_alarms(spec: Spec, draft: Draft) -> Draft:
    """The draft with the further alarms, where there are any."""
    metrics = spec.further_alarms
    if metrics is None:
        return draft
    made = [
        alarm(spec, key, identifier, watch)
        for key, identifier in instances(spec).items()
        for watch in _on_instance(spec, draft, metrics, key)
    ]
    proxy = spec.access.proxy
    if proxy:
        made += [alarm(spec, PROXY, f"{spec.identifier}-proxy", one) for one in _on_proxy(spec, draft, metrics, proxy)]
    return draft.adding(*made)


def _watch(name: str, metric: str, threshold: float, what: str, key: str) -> Watch:
    fact = facts.metric(metric)
    return Watch(
        name=name,
        metric=metric,
        comparison=_COMPARISONS[fact.alarming if fact else "high"],
        threshold=float(threshold),
        what=what,
        path=f"{_PATH}.{key}",
        missing="notBreaching",
    )


def _on_instance(spec: Spec, draft: Draft, metrics: Metrics, key: str) -> Iterator[Watch]:
    is_primary = key == DATABASE
    name = spec.database.instance_class
    if not is_primary:
        name = spec.database.replicas.instance_class or name
    memory = draft.memory if is_primary else draft.replica_memory
    yield from _on_class(spec, metrics, name, memory)
    yield from _on_volume(metrics)
    if is_primary:
        yield from _on_logs(spec, metrics)


def _on_class(spec: Spec, metrics: Metrics, name: str, memory: Bytes) -> Iterator[Watch]:
    shape = facts.class_shape(name)
    if metrics.load is not None and shape is not None and insights_of(spec, name):
        what = f"more active sessions than {metrics.load} of {shape[0]} vCPUs"
        yield _watch("load", "DBLoad", float(metrics.load * shape[0]), what, "load")
    if metrics.cpu_credits is not None and name.startswith("db.t"):
        what = f"fewer than {metrics.cpu_credits} CPU credits left"
        yield _watch("cpu-credits", "CPUCreditBalance", metrics.cpu_credits, what, "cpu_credits")
    # A share of a memory that the tables do not know cannot be computed.
    if metrics.swap is not None and (memory or not isinstance(metrics.swap, Share)):
        yield _watch("swap", "SwapUsage", _size(metrics.swap, memory), f"more than {metrics.swap} swapped", "swap")


def _on_volume(metrics: Metrics) -> Iterator[Watch]:
    for kind, metric, latency in (
        ("read", "ReadLatency", metrics.read_latency),
        ("write", "WriteLatency", metrics.write_latency),
    ):
        if latency is not None:
            what = f"nine {kind}s of ten take up to more than {latency} ms"
            yield _watch(f"{kind}-latency", metric, latency / 1000, what, f"{kind}_latency")
    if metrics.disk_queue is not None:
        what = f"more than {metrics.disk_queue} operations wait for the volume"
        yield _watch("disk-queue", "DiskQueueDepth", metrics.disk_queue, what, "disk_queue")
    if metrics.ebs_balance is not None:
        share = float(metrics.ebs_balance * 100)
        what = f"less than {metrics.ebs_balance} left of the volume's bursts"
        yield _watch("ebs-bytes", "EBSByteBalance%", share, f"{what}, in bytes", "ebs_balance")
        yield _watch("ebs-operations", "EBSIOBalance%", share, f"{what}, in operations", "ebs_balance")


def _on_logs(spec: Spec, metrics: Metrics) -> Iterator[Watch]:
    """What fills the volume of a primary, or stops it, by engine."""
    size = spec.storage.size
    if spec.database.engine != "postgres":
        if metrics.binlogs is not None:
            what = f"binary logs take more than {metrics.binlogs}"
            yield _watch("binlogs", "BinLogDiskUsage", _size(metrics.binlogs, size), what, "binlogs")
        return
    if metrics.transaction_ids is not None:
        what = f"more than {metrics.transaction_ids:,} transaction ids used; vacuum before they run out"
        yield _watch("transaction-ids", "MaximumUsedTransactionIDs", metrics.transaction_ids, what, "transaction_ids")
    if metrics.slot_lag is not None:
        what = f"the slowest replication slot keeps more than {metrics.slot_lag}"
        yield _watch("slot-lag", "OldestReplicationSlotLag", _size(metrics.slot_lag, size), what, "slot_lag")
    if metrics.transaction_logs is not None:
        what = f"transaction logs take more than {metrics.transaction_logs}"
        threshold = _size(metrics.transaction_logs, size)
        yield _watch("transaction-logs", "TransactionLogsDiskUsage", threshold, what, "transaction_logs")


def _on_proxy(spec: Spec, draft: Draft, metrics: Metrics, proxy: Proxy) -> Iterator[Watch]:
    if metrics.proxy_borrow_latency is not None:
        what = f"one client of a hundred waits more than {metrics.proxy_borrow_latency} ms for a connection"
        microseconds = metrics.proxy_borrow_latency * 1000
        yield _watch("borrow", "DatabaseConnectionsBorrowLatency", microseconds, what, "proxy_borrow_latency")
    if metrics.proxy_latency is not None:
        what = f"one answer of ten takes more than {metrics.proxy_latency} ms"
        yield _watch("latency", "QueryDatabaseResponseLatency", metrics.proxy_latency * 1000, what, "proxy_latency")
    pool = most_connections(spec, draft, draft.memory) * proxy.max_connections
    if metrics.proxy_clients is not None and pool:
        most = int(metrics.proxy_clients * pool)
        yield _watch("clients", "ClientConnections", most, f"more than {most} clients", "proxy_clients")
    if metrics.proxy_refused is not None:
        what = f"more than {metrics.proxy_refused} logins refused a minute"
        yield _watch("refused", "ClientConnectionsSetupFailedAuth", metrics.proxy_refused, what, "proxy_refused")


def _size(limit: Share | Bytes, whole: Bytes) -> float:
    return float(limit.of(whole) if isinstance(limit, Share) else limit)
