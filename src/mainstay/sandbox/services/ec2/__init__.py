"""EC2 as far as a database needs it: networks, gateways, groups with their rules, endpoints, and a bastion."""

from __future__ import annotations

from typing import Final

from mainstay.sandbox.services.ec2 import endpoints, flow_logs, gateways, groups, instances, network, routes, tags
from mainstay.sandbox.services.handler import Table

HANDLERS: Final[Table] = {
    **network.HANDLERS,
    **gateways.HANDLERS,
    **routes.HANDLERS,
    **groups.HANDLERS,
    **endpoints.HANDLERS,
    **instances.HANDLERS,
    **flow_logs.HANDLERS,
    **tags.HANDLERS,
}
