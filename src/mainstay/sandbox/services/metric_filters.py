"""Metric filters of CloudWatch Logs: kept and checked. No metric is collected here, so that none of them counts."""

from __future__ import annotations

import re
from typing import Final

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import Answer, Params, Table, page, refuse_if, with_token
from mainstay.sandbox.state import Record, Transaction

GROUP, FILTER = "logs:group", "logs:metric-filter"
INVALID: Final = "InvalidParameterException"
# CloudWatch Logs API reference and quotas, PutMetricFilter, not re-read.
MOST_A_GROUP: Final = 100
LONGEST_PATTERN: Final = 1024
LONGEST_NAME: Final = 512


def put_metric_filter(tx: Transaction, params: Params) -> Answer:
    """Write a filter of a group, new or in place of the old one."""
    group, name = _group(tx, params["logGroupName"]), params["filterName"]
    metrics = params["metricTransformations"]
    for is_wrong, told in (
        (not re.fullmatch(rf"[^:*]{{1,{LONGEST_NAME}}}", name), f"'{name}' at 'filterName'"),
        (len(params["filterPattern"]) > LONGEST_PATTERN, f"the length of 'filterPattern' ({LONGEST_PATTERN} at most)"),
        (len(metrics) != 1, f"{len(metrics)} at 'metricTransformations' (exactly 1)"),
        (
            any(re.search(r"[:*$]", metric[part]) for metric in metrics for part in ("metricName", "metricNamespace")),
            "the metric's name or namespace, which hold none of : * $",
        ),
    ):
        refuse_if(is_wrong, INVALID, f"1 validation error detected: {told} failed to satisfy constraint")
    key = f"{group['logGroupName']}\n{name}"
    is_new = tx.get(FILTER, key) is None
    count = group["metricFilterCount"] + is_new
    refuse_if(count > MOST_A_GROUP, "LimitExceededException", "Resource limit exceeded.")
    tx.put(GROUP, group["logGroupName"], {**group, "metricFilterCount": count})
    members = ("logGroupName", "filterName", "filterPattern", "metricTransformations")
    created = {"creationTime": int(tx.now.timestamp() * 1000)}
    tx.put(FILTER, key, {**{member: params[member] for member in members}, **created})
    return {}


def describe_metric_filters(tx: Transaction, params: Params) -> Answer:
    """The filters of a group, or of all, by the beginning of a name or by the metric they feed."""
    group = params.get("logGroupName")
    if group is not None:
        _group(tx, group)
    found = [item for item in tx.all(FILTER, prefix="" if group is None else f"{group}\n") if _is_wanted(item, params)]
    shown, token = page(found, params.get("nextToken"), params.get("limit", 50), code=INVALID)
    return with_token({"metricFilters": shown}, token, "nextToken")


def _is_wanted(item: Record, params: Params) -> bool:
    metric = item["metricTransformations"][0]
    return (
        item["filterName"].startswith(params.get("filterNamePrefix", ""))
        and params.get("metricName") in (None, metric["metricName"])
        and params.get("metricNamespace") in (None, metric["metricNamespace"])
    )


def delete_metric_filter(tx: Transaction, params: Params) -> Answer:
    """Remove a filter."""
    group = _group(tx, params["logGroupName"])
    key = f"{group['logGroupName']}\n{params['filterName']}"
    tx.require(FILTER, key, ServiceError("ResourceNotFoundException", "The specified metric filter does not exist."))
    tx.put(GROUP, group["logGroupName"], {**group, "metricFilterCount": group["metricFilterCount"] - 1})
    tx.delete(FILTER, key)
    return {}


def forget_filters(tx: Transaction, group: str) -> None:
    """The filters of a group go with it."""
    for item in tx.all(FILTER, prefix=f"{group}\n"):
        tx.delete(FILTER, f"{group}\n{item['filterName']}")


def _group(tx: Transaction, name: str) -> Record:
    missing = ServiceError("ResourceNotFoundException", "The specified log group does not exist.")
    return tx.require(GROUP, name, missing)


HANDLERS: Final[Table] = {
    "PutMetricFilter": put_metric_filter,
    "DescribeMetricFilters": describe_metric_filters,
    "DeleteMetricFilter": delete_metric_filter,
}
