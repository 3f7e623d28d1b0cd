"""Flow logs of networks: kept and checked. No packet crosses a network of the sandbox, so that none is written."""

from __future__ import annotations

from typing import Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import not_implemented
from mainstay.sandbox.services.ec2.records import (
    FLOW_LOG,
    SUBNET,
    VPC,
    Kind,
    delete,
    describing,
    new_tags,
    put,
    require,
)
from mainstay.sandbox.services.handler import Answer, Params, Table, refuse_if
from mainstay.sandbox.state import Record, Transaction

# EC2 API reference, CreateFlowLogs, not re-read.
INTERVALS: Final = (60, 600)
FORMAT: Final = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} "
    "${bytes} ${start} ${end} ${action} ${log-status}"
)
_KINDS: Final[dict[str, Kind]] = {"VPC": VPC, "Subnet": SUBNET}


def create_flow_logs(tx: Transaction, params: Params) -> Answer:
    """One flow log for each network or subnet named."""
    kind = _KINDS.get(params["ResourceType"])
    if kind is None:
        raise not_implemented("ec2", "CreateFlowLogs", f"ResourceType {params['ResourceType']}")
    _check(params)
    made = [_create(tx, kind, identifier, params) for identifier in params["ResourceIds"]]
    return {"FlowLogIds": made, "Unsuccessful": []}


def _create(tx: Transaction, kind: Kind, identifier: str, params: Params) -> str:
    require(tx, kind, identifier)
    given = ("TrafficType", "LogGroupName", "DeliverLogsPermissionArn", "LogDestination")
    where = {member: params.get(member) for member in ("LogGroupName", "LogDestination")}
    twin = any(
        log["ResourceId"] == identifier and {member: log.get(member) for member in where} == where
        for log in tx.all(FLOW_LOG.name)
    )
    message = f"Error. There is an existing Flow Log with the same configuration and log destination for {identifier}."
    refuse_if(twin, "FlowLogAlreadyExists", message)
    record: Record = {
        "FlowLogId": tx.random_id(FLOW_LOG.prefix),
        "FlowLogStatus": "ACTIVE",
        "DeliverLogsStatus": "SUCCESS",
        "CreationTime": render_time(tx.now),
        "ResourceId": identifier,
        "LogDestinationType": params.get("LogDestinationType", "cloud-watch-logs"),
        "LogFormat": params.get("LogFormat", FORMAT),
        "MaxAggregationInterval": params.get("MaxAggregationInterval", 600),
        "Tags": new_tags(params, FLOW_LOG),
        **{member: params[member] for member in given if member in params},
    }
    put(tx, FLOW_LOG, record)
    return str(record["FlowLogId"])


def _check(params: Params) -> None:
    interval = params.get("MaxAggregationInterval", 600)
    bad = f"Invalid Max Aggregation Interval {interval}: the valid values are 60 and 600."
    refuse_if(interval not in INTERVALS, "InvalidParameter", bad)
    refuse_if("TrafficType" not in params, "MissingParameter", "The parameter TrafficType is missing.")
    refuse_if(params["TrafficType"] not in ("ALL", "ACCEPT", "REJECT"), "InvalidParameter", "Unknown TrafficType.")
    destination = params.get("LogDestinationType", "cloud-watch-logs")
    refuse_if(destination not in ("cloud-watch-logs", "s3"), "InvalidParameter", f"Unknown destination {destination}.")
    if destination == "s3":
        is_bucket = str(params.get("LogDestination", "")).startswith("arn:aws:s3:::")
        refuse_if(not is_bucket, "InvalidParameter", "LogDestination must be the ARN of a bucket.")
        refuse_if("LogGroupName" in params, "InvalidParameter", "LogGroupName cannot be given for a bucket.")
        return
    refuse_if(
        "DeliverLogsPermissionArn" not in params,
        "InvalidParameter",
        "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
    )
    is_given_once = ("LogGroupName" in params) != ("LogDestination" in params)
    refuse_if(not is_given_once, "InvalidParameter", "Give exactly one of LogGroupName and LogDestination.")


def delete_flow_logs(tx: Transaction, params: Params) -> Answer:
    """Remove flow logs; what they wrote stays."""
    for identifier in params["FlowLogIds"]:
        delete(tx, FLOW_LOG, require(tx, FLOW_LOG, identifier))
    return {"Unsuccessful": []}


HANDLERS: Final[Table] = {
    "CreateFlowLogs": create_flow_logs,
    "DescribeFlowLogs": describing(FLOW_LOG, "FlowLogs", "FlowLogIds"),
    "DeleteFlowLogs": delete_flow_logs,
}
