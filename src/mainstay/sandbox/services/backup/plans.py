"""Backup plans and their selections: kept and checked. Nothing is begun by their schedules in a sandbox."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.backup.requests import (
    CONTINUOUS_DAYS,
    EXISTS,
    INVALID,
    MISSING,
    REFUSED,
    check_between,
    check_lifecycle,
    check_name,
    check_role,
    check_schedule,
)
from mainstay.sandbox.services.backup.vaults import VAULT
from mainstay.sandbox.services.handler import Answer, Params, Table, page, public, refuse_if, with_token
from mainstay.sandbox.state import Record, Transaction

PLAN, SELECTION = "backup:plan", "backup:selection"
# Quotas of AWS Backup and bounds of BackupRuleInput (botocore 1.44.5), checked 2026-11-20.
MOST_RULES, MOST_COPIES, MOST_SELECTIONS = 10, 5, 100
MOST_ARNS, MOST_WILD_ARNS = 500, 30
LEAST_START_MINUTES: Final = 60
MOST_MINUTES: Final = 52_560_000
RULE_NAME: Final = r"[a-zA-Z0-9\-_.]{1,50}"
VAULT_ARN: Final = r"arn:aws[\w-]*:backup:[\w-]+:\d{12}:backup-vault:[a-zA-Z0-9\-_]{2,50}"


def create_backup_plan(tx: Transaction, params: Params) -> Answer:
    """A plan of rules, whose vaults exist."""
    plan = params["BackupPlan"]
    _check_plan(tx, plan)
    name = plan["BackupPlanName"]
    twin = any(each["_plan"] == plan for each in tx.all(PLAN))
    refuse_if(twin, EXISTS, f"Backup plan with the same plan document already exists: {name}")
    identifier = str(uuid.uuid4())
    record: Record = {
        "BackupPlanId": identifier,
        "BackupPlanArn": tx.arn("backup", f"backup-plan:{identifier}"),
        "CreationDate": render_time(tx.now),
        "VersionId": _version(),
        "BackupPlanName": name,
        "_plan": plan,
        "_tags": dict(params.get("BackupPlanTags", {})),
    }
    tx.put(PLAN, identifier, record)
    return _identity(record)


def update_backup_plan(tx: Transaction, params: Params) -> Answer:
    """Other rules; the plan gets a new version."""
    record, plan = _plan(tx, params["BackupPlanId"]), params["BackupPlan"]
    _check_plan(tx, plan)
    record |= {"_plan": plan, "BackupPlanName": plan["BackupPlanName"], "VersionId": _version()}
    tx.put(PLAN, record["BackupPlanId"], record)
    return _identity(record)


def get_backup_plan(tx: Transaction, params: Params) -> Answer:
    """A plan, its rules with the defaults they have."""
    record = _plan(tx, params["BackupPlanId"])
    rules = [_with_defaults(record, number, rule) for number, rule in enumerate(record["_plan"]["Rules"])]
    return {**_identity(record), "BackupPlan": {**record["_plan"], "Rules": rules}}


def _with_defaults(record: Record, number: int, rule: Mapping[str, Any]) -> Answer:
    # Default schedule and windows: botocore 1.44.5, BackupRuleInput; developer guide, plan options (2026-11-20).
    defaults = {
        "ScheduleExpression": "cron(0 5 ? * * *)",
        "ScheduleExpressionTimezone": "Etc/UTC",
        "StartWindowMinutes": 480,
        "CompletionWindowMinutes": 10_080,
        "EnableContinuousBackup": False,
    }
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, f"{record['BackupPlanArn']}/{number}")
    return {**defaults, **rule, "RuleId": str(identifier)}


def list_backup_plans(tx: Transaction, params: Params) -> Answer:
    """The plans of the region."""
    found = [public(record) for record in tx.all(PLAN)]
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults", 1000), code=INVALID)
    return with_token({"BackupPlansList": shown}, token)


def delete_backup_plan(tx: Transaction, params: Params) -> Answer:
    """Remove a plan without selections; what it made stays."""
    record = _plan(tx, params["BackupPlanId"])
    message = "Related backup plan selections must be deleted prior to backup plan deletion"
    refuse_if(_selections(tx, record["BackupPlanId"]), REFUSED, message)
    tx.delete(PLAN, record["BackupPlanId"])
    members = ("BackupPlanId", "BackupPlanArn", "VersionId")
    return {**{member: record[member] for member in members}, "DeletionDate": render_time(tx.now)}


def create_backup_selection(tx: Transaction, params: Params) -> Answer:
    """What a plan backs up, and as which role."""
    plan, selection = _plan(tx, params["BackupPlanId"]), params["BackupSelection"]
    _check_selection(selection)
    held = _selections(tx, plan["BackupPlanId"])
    refuse_if(
        len(held) >= MOST_SELECTIONS, "LimitExceededException", f"A plan has at most {MOST_SELECTIONS} selections."
    )
    twin = any(each["_selection"]["SelectionName"] == selection["SelectionName"] for each in held)
    refuse_if(twin, EXISTS, f"Backup selection with the same name already exists: {selection['SelectionName']}")
    record = {
        "SelectionId": str(uuid.uuid4()),
        "BackupPlanId": plan["BackupPlanId"],
        "CreationDate": render_time(tx.now),
        "_selection": selection,
    }
    tx.put(SELECTION, f"{plan['BackupPlanId']}\n{record['SelectionId']}", record)
    return public(record)


def get_backup_selection(tx: Transaction, params: Params) -> Answer:
    """One selection."""
    record = _selection(tx, params)
    return {**public(record), "BackupSelection": record["_selection"]}


def list_backup_selections(tx: Transaction, params: Params) -> Answer:
    """The selections of a plan."""
    found = [
        {**public(record), **{member: record["_selection"][member] for member in ("SelectionName", "IamRoleArn")}}
        for record in _selections(tx, _plan(tx, params["BackupPlanId"])["BackupPlanId"])
    ]
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults", 1000), code=INVALID)
    return with_token({"BackupSelectionsList": shown}, token)


def delete_backup_selection(tx: Transaction, params: Params) -> Answer:
    """Take a selection off a plan."""
    record = _selection(tx, params)
    tx.delete(SELECTION, f"{record['BackupPlanId']}\n{record['SelectionId']}")
    return {}


def _plan(tx: Transaction, identifier: str) -> Record:
    return tx.require(PLAN, identifier, ServiceError(MISSING, f"Cannot find Backup plan with ID {identifier}"))


def _selections(tx: Transaction, plan: str) -> list[Record]:
    return tx.all(SELECTION, prefix=f"{plan}\n")


def _selection(tx: Transaction, params: Params) -> Record:
    _plan(tx, params["BackupPlanId"])
    key = f"{params['BackupPlanId']}\n{params['SelectionId']}"
    return tx.require(SELECTION, key, ServiceError(MISSING, f"Cannot find selection with ID {params['SelectionId']}"))


def _identity(record: Record) -> Answer:
    return {member: record[member] for member in ("BackupPlanId", "BackupPlanArn", "CreationDate", "VersionId")}


def _version() -> str:
    return uuid.uuid4().hex


def _check_plan(tx: Transaction, plan: Mapping[str, Any]) -> None:
    name, rules = plan["BackupPlanName"], plan["Rules"]
    check_name(name, "BackupPlanName", RULE_NAME)
    refuse_if(not 1 <= len(rules) <= MOST_RULES, INVALID, f"A plan has 1 to {MOST_RULES} rules, not {len(rules)}.")
    names = [rule["RuleName"] for rule in rules]
    refuse_if(len(set(names)) < len(names), INVALID, "Each rule of a plan must have a name of its own.")
    for rule in rules:
        _check_rule(tx, rule)


def _check_rule(tx: Transaction, rule: Mapping[str, Any]) -> None:
    check_name(rule["RuleName"], "RuleName", RULE_NAME)
    vault = rule["TargetBackupVaultName"]
    refuse_if(tx.get(VAULT, vault) is None, INVALID, f"Backup vault {vault} of rule {rule['RuleName']} does not exist.")
    if "ScheduleExpression" in rule:
        check_schedule(rule["ScheduleExpression"], is_backup=True)
    start, end = rule.get("StartWindowMinutes"), rule.get("CompletionWindowMinutes")
    check_between(start, "StartWindowMinutes", LEAST_START_MINUTES, MOST_MINUTES)
    check_between(end, "CompletionWindowMinutes", LEAST_START_MINUTES, MOST_MINUTES)
    lifecycle = rule.get("Lifecycle", {})
    check_lifecycle(lifecycle)
    if rule.get("EnableContinuousBackup"):
        check_between(lifecycle.get("DeleteAfterDays", 0), "DeleteAfterDays of a continuous backup", 1, CONTINUOUS_DAYS)
        is_cold = "MoveToColdStorageAfterDays" in lifecycle
        refuse_if(is_cold, INVALID, "A continuous backup cannot be moved to cold storage.")
    copies = rule.get("CopyActions", [])
    refuse_if(len(copies) > MOST_COPIES, INVALID, f"A rule has at most {MOST_COPIES} copy actions.")
    for copy in copies:
        check_name(copy["DestinationBackupVaultArn"], "DestinationBackupVaultArn", VAULT_ARN)
        check_lifecycle(copy.get("Lifecycle", {}))


def _check_selection(selection: Mapping[str, Any]) -> None:
    check_name(selection["SelectionName"], "SelectionName", RULE_NAME)
    check_role(selection["IamRoleArn"])
    for member in ("Resources", "NotResources"):
        arns = selection.get(member, [])
        wild = [arn for arn in arns if "*" in arn]
        refuse_if(len(arns) > MOST_ARNS, INVALID, f"{member} has {len(arns)} ARNs; {MOST_ARNS} is the most.")
        refuse_if(
            len(wild) > MOST_WILD_ARNS, INVALID, f"{member} has {len(wild)} wildcards; {MOST_WILD_ARNS} is the most."
        )
        wrong = [arn for arn in arns if not re.fullmatch(r"\*|arn:[^*]+\*?", arn)]
        refuse_if(wrong, INVALID, f"Invalid ARN in {member}: {', '.join(wrong)}")
    kinds = {condition["ConditionType"] for condition in selection.get("ListOfTags", [])}
    refuse_if(kinds - {"STRINGEQUALS"}, INVALID, "ConditionType must be STRINGEQUALS.")
    keys = [each["ConditionKey"] for listed in selection.get("Conditions", {}).values() for each in listed]
    wrong = [key for key in keys if not key.startswith("aws:ResourceTag/")]
    refuse_if(wrong, INVALID, f"ConditionKey must begin with aws:ResourceTag/, not {', '.join(wrong)}.")


HANDLERS: Final[Table] = {
    "CreateBackupPlan": create_backup_plan,
    "UpdateBackupPlan": update_backup_plan,
    "GetBackupPlan": get_backup_plan,
    "ListBackupPlans": list_backup_plans,
    "DeleteBackupPlan": delete_backup_plan,
    "CreateBackupSelection": create_backup_selection,
    "GetBackupSelection": get_backup_selection,
    "ListBackupSelections": list_backup_selections,
    "DeleteBackupSelection": delete_backup_selection,
}
