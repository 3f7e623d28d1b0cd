"""Checks of the names in DNS: each leads to the database or the proxy that the plan says."""

from __future__ import annotations

from mainstay.ops.verify.model import Outcome, Scene, failed, gravest, passed
from mainstay.plan.resources import DbProxy, HostedZone, RecordSet
from mainstay.plan.values import Attr, Ref


def names_lead_to_their_database(scene: Scene) -> Outcome:
    """Every CNAME of the plan gives the endpoint that it is for, as Route 53 has it; no resolver is asked."""
    outcomes = [
        _led(scene, record, value)
        for record in scene.region.of(RecordSet)
        for value in record.values[:1]
        if record.type == "CNAME" and isinstance(value, Attr) and value.name == "endpoint_address"
    ]
    return gravest(outcomes) if outcomes else passed("No name is planned.")


def _led(scene: Scene, record: RecordSet, value: Attr) -> Outcome:
    name, zone = scene.physical(record.key), zone_of(scene, record)
    found = scene.site.doors.names.find(zone, name) if name and zone else None
    if found is None:
        return failed(f"{record.key} does not exist.", "deploy again")
    wanted = _address(scene, value.key)
    if wanted is None:
        return failed(f"{found.name} is for {value.key}, which has no endpoint.", "wait until it is available")
    if found.leads_to != wanted:
        return failed(
            f"{found.name} leads to {found.leads_to}, and {value.key} of this stack is at {wanted}.",
            "after a swap by dns this is as wanted: mainstay generation reconcile; else lead the name back",
        )
    return passed(f"{found.name} leads to {wanted}; clients keep the answer for {found.ttl_s} s.")


def zone_of(scene: Scene, record: RecordSet) -> str | None:
    """The id of the zone that a record stands in: a resource of the stack, or one that existed before."""
    zone = scene.region.resolve(record.zone, HostedZone)
    if zone is not None:
        return scene.physical(zone.key)
    return record.zone if isinstance(record.zone, str) else None


def _address(scene: Scene, key: str) -> str | None:
    target: Ref[DbProxy] = Ref(key)
    if scene.region.resolve(target, DbProxy) is not None:
        name = scene.physical(key)
        proxy = scene.site.doors.proxies.find(name) if name else None
        return proxy.address if proxy else None
    state = scene.state(key)
    return state.address if state else None
