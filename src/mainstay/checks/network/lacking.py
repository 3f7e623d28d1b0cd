"""What keeps functions and hosts from the services that they need, a fault for each set of reasons."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.links import key_of
from mainstay.checks.network.services import Need, needs_of
from mainstay.checks.rule import Fault
from mainstay.checks.scene import Scene
from mainstay.core.findings import Severity
from mainstay.plan.reachability import Gap, to_service
from mainstay.plan.resources import NatGateway, Resource
from mainstay.plan.routes import is_private, through


def shut_out(one: Resource, scene: Scene) -> Iterator[Fault]:
    """A fault for each need that is surely not met; services that the same things keep from it are said together."""
    for need in needs_of(one, scene):
        lacking = {name: _gaps(one, name, scene) for name in need.services}
        while cut := [name for name, gaps in lacking.items() if gaps]:
            gaps = lacking[cut[0]]
            same = [name for name in cut if _places(lacking[name]) == _places(gaps)]
            lacking = {name: each for name, each in lacking.items() if name not in same}
            yield _fault(one, need, same, gaps, scene)


def misplaced(nat: NatGateway, scene: Scene) -> Iterator[Fault]:
    """A fault where a NAT gateway leads nowhere that is not to lead into other networks."""
    found = through(scene.region, nat)
    if found.is_open is False and not is_private(nat):
        hint = "put it into a subnet whose route table leads to an internet gateway"
        yield Fault(nat, f"{found.words}, so that nothing gets out by it.", hint, field="subnet")


def _gaps(one: Resource, service: str, scene: Scene) -> tuple[Gap, ...]:
    """What is missing, unless it is a NAT gateway at a wrong place alone, of which is spoken there."""
    gaps = to_service(scene.region, one.key, service).gaps
    natted = [gap for gap in gaps if isinstance(nat := scene.region.find(gap.at), NatGateway) and not is_private(nat)]
    is_said = bool(natted) and all(gap in natted or gap.side == "door" for gap in gaps)
    return () if is_said else gaps


def _places(gaps: tuple[Gap, ...]) -> list[tuple[str, str]]:
    return [(gap.at, gap.side) for gap in gaps]


def _fault(one: Resource, need: Need, services: list[str], gaps: tuple[Gap, ...], scene: Scene) -> Fault:
    every = " and ".join(services)

    def of_all(words: str) -> str:
        return words.replace(f"endpoint for {services[0]}", f"endpoint for {every}")

    is_shared = _is_shared(gaps, scene)
    missing = "; ".join(dict.fromkeys(of_all(gap.words) for gap in gaps))
    unless = ", unless another stack adds what is missing" if is_shared else ""
    doors = [of_all(gap.fix) for gap in gaps if gap.side == "door"]
    others = " and ".join(dict.fromkeys(gap.fix for gap in gaps if gap.side != "door"))
    severity = None if need.is_certain and not is_shared else Severity.WARNING
    detail = f"{one.key} {need.why}; it calls {every}, but {missing}{unless}."
    return Fault(one, detail, "; or ".join(dict.fromkeys([*([others] if others else []), *doors])), severity)


def _is_shared(gaps: tuple[Gap, ...], scene: Scene) -> bool:
    """Whether what lacks something is exported, so that other stacks may add it."""
    exported = {key_of(one.value) for one in scene.region.outputs if one.export is not None}
    return any(gap.at in exported for gap in gaps)
