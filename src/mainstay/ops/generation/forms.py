"""The four forms that a stack is brought into, so that its database is another instance: see `letting_go`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from mainstay.core.errors import InputRefused
from mainstay.formats.cloudformation import letting_go
from mainstay.formats.cloudformation.letting_go import Literals, Template
from mainstay.ops.aws.cloudformation import Imported
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.inventory import LOGS
from mainstay.plan.values import Json

IDENTIFIER: Final = "DBInstanceIdentifier"
_GROUP: Final = "LogGroupName"
_TARGETS: Final = "AWS::RDS::DBProxyTargetGroup"
# What an import would only believe, and an update makes: the import leaves it out, and the last form has it again.
_MADE_LATER: Final = "AutomatedBackupReplication"
RESOURCE_ID: Final = "DbiResourceId"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """The template at the beginning and what it becomes, in order, and what the third one imports."""

    templates: tuple[Template, ...]
    imports: tuple[Imported, ...]
    leaving: tuple[str, ...]

    def is_at(self, number: int, template: Template) -> bool:
        """Whether a stack's template is this form, from 0, the beginning."""
        return self.templates[number] == template


def log_groups(template: Template, identifier: str) -> dict[str, str]:
    """The log groups that RDS writes an instance's logs to: logical id and the log's name.

    RDS decides their names (RDS User Guide, USER_LogAccess.Procedural.UploadtoCloudWatch, 2026-11-20).
    """
    prefix, found = prefix_of(identifier), {}
    for key, body in letting_go.resources_in(template).items():
        properties = body.get("Properties")
        name = properties.get(_GROUP) if isinstance(properties, Mapping) else None
        if body.get("Type") == LOGS and isinstance(name, str) and name.startswith(prefix):
            found[key] = name.removeprefix(prefix)
    return found


def target_groups(template: Template, key: str) -> tuple[str, ...]:
    """The logical ids of the proxies' target groups that lead to the database."""
    found = letting_go.resources_in(template).items()
    return tuple(name for name, body in found if body.get("Type") == _TARGETS and key in json.dumps(body))


def prefix_of(identifier: str) -> str:
    """Where the log groups of an instance begin."""
    return f"/aws/rds/instance/{identifier}/"


def literals_of(
    template: Template, key: str, held: DbState, resource_id: str, targets: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """What references to the database, its log groups and its proxies' `targets` stand for in the stack as it is.

    `resource_id` is the DbiResourceId that the stack has read; `targets` are target groups' ARNs by logical id.
    """
    known = {
        letting_go.REF: held.identifier,
        "Endpoint.Address": held.address or "",
        "Endpoint.Port": str(held.port or ""),
        RESOURCE_ID: resource_id,
        "DBInstanceArn": held.arn,
    }
    made = {key: known}
    partition, region, account = held.arn.split(":")[1], held.arn.split(":")[3], held.arn.split(":")[4]
    for group, log in log_groups(template, held.identifier).items():
        name = f"{prefix_of(held.identifier)}{log}"
        made[group] = {letting_go.REF: name, "Arn": f"arn:{partition}:logs:{region}:{account}:log-group:{name}:*"}
    return {**made, **{group: {letting_go.REF: arn, "TargetGroupArn": arn} for group, arn in targets.items()}}


def forms_of(
    template: Template,
    key: str,
    literals: Literals,
    to: str,
    groups: Collection[str],
    *,
    leaving: Collection[str] | None = None,
) -> Forms:
    """The forms on the way to the instance `to`; `groups` are the log groups that are there already.

    What is `leaving` the stack follows from the names, unless it was said before.

    Target groups among the literals lead to it already: they come in as they are, too, because an update would take
    the other generation from the proxy, which is not behind it any more. InputRefused where a replica in the stack
    follows the database.
    """
    _refuse_replicas(template, key)
    held = literals[key][letting_go.REF]
    logs = {group: f"{prefix_of(to)}{log}" for group, log in log_groups(template, held).items()}
    names = {key: (IDENTIFIER, to), **{group: (_GROUP, name) for group, name in logs.items()}}
    targets = {one: ("TargetGroupArn", each[letting_go.REF]) for one, each in literals.items() if one not in names}
    if leaving is None:
        leaving = [key, *targets] if held == to else [*names, *targets]
    going = {one: name for one, name in {**names, **targets}.items() if one in leaving}
    loose = letting_go.held_loosely(template, {one: literals[one] for one in going})
    left = letting_go.without(loose, going)
    last = letting_go.renamed(template, {one: name for one, name in names.items() if one in going})
    coming = {one: name for one, name in going.items() if one not in logs or name[1] in groups}
    there = letting_go.resources_in(last)
    blocks = {one: _as_it_is(there[one]) for one in coming}
    return Forms(
        templates=(template, loose, left, letting_go.importing(left, blocks), last),
        imports=tuple(
            Imported(logical_id=one, type=str(there[one]["Type"]), property=name, identifier=value)
            for one, (name, value) in coming.items()
        ),
        leaving=tuple(going),
    )


def _as_it_is(block: Mapping[str, Json]) -> dict[str, Json]:
    """A block without what the thing does not have yet: of a log group that RDS made, all but its name."""
    properties = block.get("Properties")
    held = properties if isinstance(properties, Mapping) else {}
    is_log = block.get("Type") == LOGS
    kept = {name: value for name, value in held.items() if (name == _GROUP if is_log else _is_had(name))}
    return {**block, "Properties": kept}


def _is_had(name: str) -> bool:
    return not name.startswith(_MADE_LATER)


def _refuse_replicas(template: Template, key: str) -> None:
    for name, body in letting_go.resources_in(template).items():
        properties = body.get("Properties")
        source = properties.get("SourceDBInstanceIdentifier") if isinstance(properties, Mapping) else None
        if source is not None and key in json.dumps(source):
            raise InputRefused(
                "a replica follows the old generation",
                detail=f"{name} of the stack follows {key}; it cannot follow another one, and would be replaced.",
                hint="set database.replicas.count to 0, deploy, reconcile, then set the count again and deploy",
            )
