"""Flow logs: who connected to whom in the network, in a log group with an end."""

from __future__ import annotations

from typing import Final

from mainstay.core.units import Duration
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.logs import log_group
from mainstay.plan.passes.places import vpc_of
from mainstay.plan.passes.roles import OWN_ACCOUNT, trust
from mainstay.plan.policies import InlinePolicy, Policy, Statement
from mainstay.plan.resources import FlowLog, Role
from mainstay.plan.values import Attr, Ref, arn
from mainstay.spec import Spec

_LOG: Final = "FlowLogGroup"
_ROLE: Final = "FlowLogRole"
_PATH: Final = "network.flow_logs"
_TRAFFIC: Final = {"all": "ALL", "accepted": "ACCEPT", "rejected": "REJECT"}


def build_flow_logs(spec: Spec, draft: Draft) -> Draft:
    """The draft with the flow log, its log group and its role, where the spec asks for them."""
    logs = spec.network.flow_logs
    if logs is None:
        return draft
    origin = spec.origin_of(_PATH)
    group = log_group(spec, _LOG, f"/mainstay/{spec.identifier}/flow-logs", logs.keep, _PATH)
    # What delivery needs (VPC User Guide, flow-logs-iam-role, 2026-11-20), in this log group only: it is made here,
    # so logs:CreateLogGroup is not among it.
    writing = Statement(
        sid="WriteFlowLogs",
        actions=("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
        resources=(Attr(_LOG, "arn"),),
    )
    # Asked of all groups at once, so the ARN of one would deny it (CloudWatch Logs, permissions-reference, 2026-11-21).
    looking = Statement(sid="Look", actions=("logs:DescribeLogGroups",), resources=(arn("logs", "log-group:*"),))
    role = Role(
        key=_ROLE,
        description="Flow logs of the network",
        trust=trust("vpc-flow-logs.amazonaws.com", OWN_ACCOUNT),
        policies=(InlinePolicy("WriteFlowLogs", Policy((writing, looking))),),
        tags=tags(spec),
        origin=origin,
    )
    log = FlowLog(
        key="FlowLog",
        vpc=vpc_of(spec),
        resource_type="VPC",
        traffic=_TRAFFIC[logs.traffic],
        log_group=Ref(_LOG),
        role=Ref(_ROLE),
        destination_type="cloud-watch-logs",
        aggregation=Duration(600),
        tags=tags(spec, "flow-logs"),
        origin=origin,
    )
    return draft.adding(group, role, log)
