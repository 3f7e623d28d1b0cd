"""Where in a spec a setting was written: in the environment that is looked at, in the spec itself, or in neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mainstay.api._source import Loaded
from mainstay.core.patches import Change, Operation
from mainstay.plan.passes import settable
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import Resource
from mainstay.spec import Spec
from mainstay.spec.layers import ENVIRONMENTS
from mainstay.spec.yaml_tree import parse

_ARGUMENT = "argument "


def changes_for(loaded: Loaded, region: RegionPlan, mend: tuple[Resource, ...]) -> tuple[Change, ...]:
    """What the spec has to say for a mend; nothing where no key leads there, or an argument says otherwise."""
    found: list[Change] = []
    for after in mend:
        before = region.find(after.key)
        settings = settable.settings_for(before, after) if before and region is loaded.plan.primary else None
        if settings is None or loaded.spec is None:
            return ()
        found += _changes(settings, loaded.spec, parse(loaded.text, loaded.file).value)
    given = any(one.origin and one.origin.file.startswith(_ARGUMENT) for one in found)
    return () if given else tuple(found)


def _changes(settings: tuple[settable.Setting, ...], spec: Spec, root: Any) -> Iterator[Change]:
    for setting in settings:
        above = (ENVIRONMENTS, spec.environment)
        path = (*above, *setting.path) if _stands(root, (*above, *setting.path)) else setting.path
        kept = Operation.REPLACE if _stands(root, path) else Operation.ADD
        dotted = ".".join(setting.path)
        yield Change(
            path=path,
            operation=Operation.REMOVE if setting.value is None else kept,
            value=setting.value,
            subject=dotted,
            origin=spec.origin_of(dotted),
        )


def _find(node: Any, path: tuple[str, ...]) -> Any:  # Any: a tree that nobody has checked yet
    for part in path:
        node = node.get(part) if isinstance(node, dict) else None
    return node


def _stands(root: Any, path: tuple[str, ...]) -> bool:
    """Whether a key is written, be it with nothing behind it."""
    above = _find(root, path[:-1])
    return isinstance(above, dict) and path[-1] in above
