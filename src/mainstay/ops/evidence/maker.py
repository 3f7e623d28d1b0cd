"""Who made a document, with what, and from where."""

from __future__ import annotations

from typing import Any

from mainstay import __version__
from mainstay.core.errors import MainstayError
from mainstay.ops.evidence.document import operator
from mainstay.ops.routes import Routes, observed_from
from mainstay.ops.site import Site


def made_by(site: Site, *routes: Routes | None) -> dict[str, Any]:  # Any: JSON of the published schema
    """The document's `made_by`; `caller` is who AWS says that we are, None where it does not tell."""
    return {
        "mainstay": __version__,
        "operator": operator(),
        "caller": _caller(site),
        "observed_from": observed_from(*routes),
    }


def _caller(site: Site) -> str | None:
    try:
        return site.doors.sts.caller().arn
    except MainstayError:
        return None
