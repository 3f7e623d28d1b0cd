"""Which resource of the plan a link leads to, however it is spelled."""

from __future__ import annotations

from mainstay.checks.scene import Scene
from mainstay.plan.resources import Resource
from mainstay.plan.values import Attr, Join, Part, Ref


def key_of(link: object) -> str | None:
    """The key of the resource that a link is, or around whose name alone a text is built."""
    match link:
        case Ref(key) | Attr(key, _) | Part(Attr(key, _), _, _):
            return key
        case Join(parts):
            named = {found for part in parts if (found := key_of(part)) is not None}
            return named.pop() if len(named) == 1 else None
    return None


def linked(link: object, scene: Scene) -> Resource | None:
    """The resource of this region that a link leads to, of whatever kind."""
    return scene.region.find(key_of(link))
