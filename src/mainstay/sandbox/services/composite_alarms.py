"""CloudWatch's composite alarms: kept beside metric alarms, whose states decide theirs whenever they are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.alarm_rules import LONGEST, RuleFault, alarms_in, holds
from mainstay.sandbox.services.handler import Answer, Params, refuse_if
from mainstay.sandbox.state import Record, Transaction

ALARM: Final = "cloudwatch:alarm"
INVALID: Final = "ValidationError"
RULE: Final = "AlarmRule"


def put_composite_alarm(tx: Transaction, params: Params) -> Answer:
    """Create a composite alarm, or replace the one of this name; every alarm it names has to exist."""
    name, rule = params["AlarmName"], params[RULE]
    old = tx.get(ALARM, name)
    refuse_if(old and RULE not in old, INVALID, f"A metric alarm has the name {name} already.")
    _check_rule(tx, name, rule)
    suppressor = "ActionsSuppressor" in params
    for member in ("ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"):
        refuse_if(
            suppressor != (member in params), INVALID, f"{member} must be given exactly when ActionsSuppressor is."
        )
    if suppressor:
        _require_all(tx, [params["ActionsSuppressor"]])
    now = render_time(tx.now)
    record = {
        "AlarmArn": tx.arn("cloudwatch", f"alarm:{name}"),
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        **{member: value for member, value in params.items() if member != "Tags"},
        "StateValue": "OK",
        "StateReason": "Unchecked: Initial alarm creation",
        "StateUpdatedTimestamp": now,
        "StateTransitionedTimestamp": now,
        "AlarmConfigurationUpdatedTimestamp": now,
        "_tags": old["_tags"] if old else params.get("Tags", []),
    }
    tx.put(ALARM, name, record)
    return {}


def with_state(tx: Transaction, record: Record) -> Record:
    """A composite alarm with the state that its alarms give it now; a metric alarm as it is."""
    if RULE not in record:
        return record
    is_in_alarm = holds(record[RULE], lambda name: _state_of(tx, name))
    return {
        **record,
        "StateValue": "ALARM" if is_in_alarm else "OK",
        "StateReason": f"The rule {record[RULE]} is {'true' if is_in_alarm else 'false'}.",
    }


def _state_of(tx: Transaction, name: str) -> str:
    found = tx.get(ALARM, _plain(name))
    return str(with_state(tx, found)["StateValue"]) if found else "INSUFFICIENT_DATA"


def _plain(name: str) -> str:
    """The name, also of an ARN."""
    return name.rsplit(":alarm:", maxsplit=1)[-1]


def _check_rule(tx: Transaction, name: str, rule: str) -> None:
    refuse_if(len(rule) > LONGEST, INVALID, f"AlarmRule must have at most {LONGEST} characters.")
    try:
        named = alarms_in(rule)
    except RuleFault as fault:
        raise ServiceError(INVALID, f"AlarmRule is not valid: {fault}.") from None
    refuse_if(len(named) > 100, INVALID, f"AlarmRule names {len(named)} alarms; 100 is the most.")
    _require_all(tx, named)
    refuse_if(_reaches(tx, named, name), INVALID, f"AlarmRule of {name} leads back to {name}.")


def _require_all(tx: Transaction, named: list[str]) -> None:
    missing = [tx.arn("cloudwatch", f"alarm:{_plain(each)}") for each in named if tx.get(ALARM, _plain(each)) is None]
    # The text as seen from PutCompositeAlarm (terraform-provider-aws issues), not re-read.
    message = f"Could not save the composite alarm as alarms [{', '.join(missing)}] in the alarm rule do not exist"
    refuse_if(missing, INVALID, message)


def _reaches(tx: Transaction, named: list[str], target: str) -> bool:
    for each in named:
        record: Mapping[str, Any] = tx.get(ALARM, _plain(each)) or {}
        if _plain(each) == target or (RULE in record and _reaches(tx, alarms_in(record[RULE]), target)):
            return True
    return False
