"""S3's object lock: until when a version may not be deleted, by whom, and who may change that.

Errors and rules: S3 User Guide, object-lock and object-lock-managing; S3 API Reference, PutObjectRetention,
PutObjectLockConfiguration (checked 2026-11-21).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from mainstay.core.clock import parse_time, render_time
from mainstay.sandbox.services.handler import Params, refuse_if
from mainstay.sandbox.state import Record, Transaction

MODES: Final = ("GOVERNANCE", "COMPLIANCE")
_DENIED: Final = "Access Denied because object protected by object lock."
_MALFORMED: Final = "The XML you provided was not well-formed or did not validate against our published schema"


def retention_of_new(tx: Transaction, bucket: Record, params: Params) -> Record | None:
    """How a version that is put now is locked: as asked, or as the bucket says; None when it is not."""
    mode, until = params.get("ObjectLockMode"), params.get("ObjectLockRetainUntilDate")
    default = (bucket["settings"].get("object_lock") or {}).get("Rule", {}).get("DefaultRetention")
    if mode is None and until is None:
        if default is None:
            return None
        length = timedelta(days=default["Days"] if "Days" in default else 365 * default["Years"])
        return {"Mode": default["Mode"], "RetainUntilDate": render_time(tx.now + length)}
    refuse_unlockable(bucket)
    return checked(tx, {"Mode": mode, "RetainUntilDate": until})


def refuse_unlockable(bucket: Record) -> None:
    """InvalidRequest for a bucket that was made without object lock."""
    has_lock = "object_lock" in bucket["settings"]
    refuse_if(not has_lock, "InvalidRequest", "Bucket is missing Object Lock Configuration")


def checked(tx: Transaction, retention: Any) -> Record:  # Any: as boto3 takes it
    """A retention that S3 takes: both members, and a moment to come."""
    mode, until = retention.get("Mode"), retention.get("RetainUntilDate")
    refuse_if(mode not in MODES or until is None, "MalformedXML", _MALFORMED)
    moment: datetime = parse_time(until) if isinstance(until, str) else until
    refuse_if(moment <= tx.now, "InvalidArgument", "The retain until date must be in the future!")
    return {"Mode": mode, "RetainUntilDate": render_time(moment)}


def refuse_locked(tx: Transaction, facts: Record | None, params: Params) -> None:
    """AccessDenied for a version whose time has not come; in governance mode who asks for it may pass."""
    if facts is None or not is_locked(tx, facts):
        return
    passes = facts["lock"]["Mode"] == "GOVERNANCE" and params.get("BypassGovernanceRetention", False)
    refuse_if(not passes, "AccessDenied", _DENIED, 403)


def is_locked(tx: Transaction, facts: Record) -> bool:
    """Whether a version is locked now."""
    lock = facts.get("lock")
    return lock is not None and parse_time(lock["RetainUntilDate"]) > tx.now


def refuse_weaker(tx: Transaction, facts: Record, new: Record, params: Params) -> None:
    """AccessDenied for a lock that would end sooner, or be of the weaker mode."""
    if not is_locked(tx, facts):
        return
    old = facts["lock"]
    is_sooner = new["RetainUntilDate"] < old["RetainUntilDate"]
    is_weaker = (old["Mode"], new["Mode"]) == ("COMPLIANCE", "GOVERNANCE")
    if is_sooner or is_weaker:
        refuse_locked(tx, facts, params)


def check_configuration(configuration: Any) -> Record:  # Any: as boto3 takes it
    """A bucket's lock configuration that S3 takes: one of days and years, and a mode."""
    refuse_if(configuration.get("ObjectLockEnabled") != "Enabled", "MalformedXML", _MALFORMED)
    rule = configuration.get("Rule", {}).get("DefaultRetention")
    if rule is not None:
        lengths = [rule[name] for name in ("Days", "Years") if name in rule]
        refuse_if(rule.get("Mode") not in MODES or len(lengths) != 1, "MalformedXML", _MALFORMED)
        refuse_if(lengths[0] < 1, "InvalidArgument", "Default retention period must be a positive integer value.")
    return dict(configuration)
