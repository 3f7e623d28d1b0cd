"""CloudWatch's dashboards: a name and the JSON of a page, which is checked as PutDashboard checks it."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import Answer, Params, Table, page, public, refuse_if, with_token
from mainstay.sandbox.state import Record, Transaction

DASHBOARD: Final = "cloudwatch:dashboard"
INVALID: Final = "InvalidParameterInput"
# CloudWatch API reference, "Dashboard body structure and syntax", not re-read.
COLUMNS: Final = 24
MOST_WIDGETS: Final = 500
_TYPES: Final = ("metric", "text", "log", "alarm", "explorer", "custom")


def put_dashboard(tx: Transaction, params: Params) -> Answer:
    """Write a page, new or in place of the old one; a body with faults is refused whole."""
    name, body = params["DashboardName"], params["DashboardBody"]
    is_named = re.fullmatch(r"[A-Za-z0-9_-]{1,255}", name)
    refuse_if(not is_named, INVALID, f"The value {name} for field DashboardName contains invalid characters.")
    faults = _faults(body)
    told = json.dumps([{"dataPath": path, "message": text} for path, text in faults])
    refuse_if(faults, INVALID, f"The dashboard body is invalid, there are {len(faults)} validation errors: {told}")
    old = tx.get(DASHBOARD, name)
    record = {
        "DashboardName": name,
        "DashboardArn": tx.arn("cloudwatch", f"dashboard/{name}", region=False),
        "DashboardBody": body,
        "LastModified": render_time(tx.now),
        "Size": len(body.encode()),
        "_tags": old["_tags"] if old else params.get("Tags", []),
    }
    tx.put(DASHBOARD, name, record)
    return {"DashboardValidationMessages": []}


def get_dashboard(tx: Transaction, params: Params) -> Answer:
    """A page with its body."""
    found = _require(tx, params["DashboardName"])
    return {member: found[member] for member in ("DashboardArn", "DashboardBody", "DashboardName")}


def list_dashboards(tx: Transaction, params: Params) -> Answer:
    """The pages whose names begin so, without bodies."""
    found = tx.all(DASHBOARD, prefix=params.get("DashboardNamePrefix", ""))
    shown, token = page(found, params.get("NextToken"), 1000, code="InvalidParameterValue")
    entries = [{member: value for member, value in public(item).items() if member != "DashboardBody"} for item in shown]
    return with_token({"DashboardEntries": entries}, token)


def delete_dashboards(tx: Transaction, params: Params) -> Answer:
    """Remove pages; a name that does not exist fails the whole call."""
    for name in params["DashboardNames"]:
        _require(tx, name)
    for name in params["DashboardNames"]:
        tx.delete(DASHBOARD, name)
    return {}


def _require(tx: Transaction, name: str) -> Record:
    return tx.require(DASHBOARD, name, ServiceError("ResourceNotFound", f"Dashboard {name} does not exist", 404))


def _faults(body: str) -> list[tuple[str, str]]:
    """What is wrong with a body: the place in it, and a sentence."""
    try:
        document = json.loads(body)
    except ValueError:
        return [("/", "The field DashboardBody must be a valid JSON object")]
    widgets = document.get("widgets") if isinstance(document, dict) else None
    if not isinstance(widgets, list):
        return [("/widgets", "Should have an array of widgets")]
    if len(widgets) > MOST_WIDGETS:
        return [("/widgets", f"Should have at most {MOST_WIDGETS} items")]
    return [(f"/widgets/{number}", text) for number, widget in enumerate(widgets) for text in _widget(widget)]


def _widget(widget: Any) -> list[str]:  # Any: JSON of the caller's
    if not isinstance(widget, dict):
        return ["Should be an object"]
    found = []
    if widget.get("type") not in _TYPES:
        found.append(f"The type should be one of {', '.join(_TYPES)}")
    if not isinstance(widget.get("properties"), dict):
        found.append("Should have required property 'properties'")
    x, width = widget.get("x", 0), widget.get("width", 6)
    if not isinstance(x, int) or not isinstance(width, int) or not 0 <= x < x + width <= COLUMNS:
        found.append(f"A widget has to lie within the {COLUMNS} columns, from x to x + width")
    return found


HANDLERS: Final[Table] = {
    "PutDashboard": put_dashboard,
    "GetDashboard": get_dashboard,
    "ListDashboards": list_dashboards,
    "DeleteDashboards": delete_dashboards,
}
