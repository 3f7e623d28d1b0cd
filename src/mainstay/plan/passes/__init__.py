"""From spec to plan: a visible tuple of regions, each an ordered tuple of passes that add what they are named after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mainstay.core.errors import MainstayError
from mainstay.core.records import dataclass
from mainstay.plan.graph import faults, in_dependency_order
from mainstay.plan.passes.alarms import build_alarms
from mainstay.plan.passes.alerts import build_alerts, build_topic
from mainstay.plan.passes.application import build_application
from mainstay.plan.passes.backup import build_backup
from mainstay.plan.passes.backup_alarms import build_backup_alarms
from mainstay.plan.passes.bastion import build_bastion
from mainstay.plan.passes.choices import choose
from mainstay.plan.passes.credentials import build_credentials
from mainstay.plan.passes.dns import build_dns
from mainstay.plan.passes.draft import Draft, Pass
from mainstay.plan.passes.drill_alarm import build_drill_alarm
from mainstay.plan.passes.endpoints import build_endpoints
from mainstay.plan.passes.evidence import build_evidence
from mainstay.plan.passes.export import build_export
from mainstay.plan.passes.export_trigger import build_export_trigger
from mainstay.plan.passes.flow_logs import build_flow_logs
from mainstay.plan.passes.function_alarms import build_function_alarms
from mainstay.plan.passes.functions import build_functions_group
from mainstay.plan.passes.groups import build_groups
from mainstay.plan.passes.heartbeat import build_heartbeat
from mainstay.plan.passes.instances import build_instances
from mainstay.plan.passes.intent import intent_of
from mainstay.plan.passes.keys import build_keys
from mainstay.plan.passes.logs import build_logs
from mainstay.plan.passes.metric_alarms import build_metric_alarms
from mainstay.plan.passes.network import build_network
from mainstay.plan.passes.options import build_options
from mainstay.plan.passes.outputs import build_outputs
from mainstay.plan.passes.overview import build_overview
from mainstay.plan.passes.proxy import build_proxy
from mainstay.plan.passes.recovery import build_recovery, build_recovery_outputs, take_from_recovery
from mainstay.plan.passes.recovery_limits import check_recovery
from mainstay.plan.passes.restore_test import build_restore_test
from mainstay.plan.passes.restore_validation import build_restore_validation
from mainstay.plan.passes.roles import build_roles
from mainstay.plan.passes.rotation import build_rotation, build_rotation_schedules
from mainstay.plan.passes.settings import build_settings
from mainstay.plan.passes.snapshot import build_snapshot
from mainstay.plan.passes.subnet_group import build_subnet_group
from mainstay.plan.passes.validation import build_validation
from mainstay.plan.passes.vault_access import build_vault_access
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import KINDS
from mainstay.spec import Spec

__all__ = ["PASSES", "RECOVERY_PASSES", "SIDES", "Side", "build"]

PASSES: Final[tuple[Pass, ...]] = (
    choose,  # first: version and memory of the class are what settings, bastion and alarms are computed from
    check_recovery,
    take_from_recovery,
    build_network,
    build_flow_logs,
    build_groups,
    build_keys,
    build_credentials,
    build_subnet_group,
    build_settings,  # before the alarms, whose share of the connections counts max_connections
    build_options,
    build_roles,
    build_logs,
    build_snapshot,
    build_instances,
    build_backup,
    build_restore_test,
    build_proxy,
    build_dns,
    build_application,
    build_export,
    build_export_trigger,
    build_evidence,
    build_bastion,
    build_functions_group,
    build_rotation,
    build_validation,
    build_restore_validation,
    build_heartbeat,
    build_endpoints,  # after every host and function: what they call decides which doors there are
    build_rotation_schedules,  # after endpoints: the first rotation is at once, and needs the way to Secrets Manager
    build_alerts,
    build_alarms,  # after settings
    build_metric_alarms,
    build_backup_alarms,
    build_drill_alarm,
    build_vault_access,
    build_function_alarms,  # after all functions
    build_overview,  # after all alarms: it names them
    build_outputs,  # last by habit of the reader: it names what the others have built
)


RECOVERY_PASSES: Final[tuple[Pass, ...]] = (
    choose,  # first, as above: the second region may offer other classes
    build_network,
    build_flow_logs,
    build_groups,
    build_keys,
    build_subnet_group,
    build_settings,
    build_options,
    build_recovery,
    build_endpoints,
    build_topic,
    build_vault_access,
    build_recovery_outputs,
)


@dataclass(frozen=True, slots=True)
class Side:
    """One region of a plan: what is in it, the spec as it is seen from there (None: no such region), what is built."""

    what: str
    seen: Callable[[Spec], Spec | None]
    passes: tuple[Pass, ...]


SIDES: Final[tuple[Side, ...]] = (
    Side("{engine} {version}", lambda spec: spec, PASSES),  # the primary region is a plan's first
    Side("what a restored {engine} {version} stands on", Spec.from_the_other_region, RECOVERY_PASSES),
)


def build(spec: Spec) -> Plan:
    """The plan of a spec; InputRefused names every choice that AWS does not offer.

    Every reference in it resolves, and its resources can be created in some order. They stand in the order of KINDS,
    which is the order of a template.
    """
    seen = [(side, of_side) for side in SIDES if (of_side := side.seen(spec)) is not None]
    return Plan(regions=tuple(_region(side, of_side) for side, of_side in seen), intent=intent_of(spec))


def _region(side: Side, spec: Spec) -> RegionPlan:
    draft = Draft()
    for step in side.passes:
        draft = step(spec, draft)
    kinds = {kind: place for place, kind in enumerate(KINDS)}
    what = side.what.format(engine=spec.database.engine, version=draft.version)
    region = RegionPlan(
        region=spec.region or "",
        stack=spec.identifier,
        description=f"{spec.identifier}: {what}, built by mainstay",
        resources=tuple(sorted(draft.resources, key=lambda resource: kinds[type(resource)])),
        parameters=draft.parameters,
        outputs=draft.outputs,
    )
    broken = faults(region)
    if broken:
        raise MainstayError(
            "a pass built a broken plan",
            detail="\n".join(broken),
            hint="this is a fault of mainstay: please report it with the spec",
        )
    in_dependency_order(region)
    return region
