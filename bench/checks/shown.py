"""Our modules as `terraform show -json` would show a plan to create them: literals known, references unknown.

The shapes are those of Terraform's documentation, "JSON Output Format" (checked 2026-11-21). Derived, not taken from
Terraform: what a provider computes or fills in by itself is not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

MAPS: Final = frozenset({"dimensions", "restore_metadata_overrides", "tags", "variables"})
"""Arguments of the provider that are maps; every other mapping in a module is a block, which a plan shows in a list."""
_REFERENCE = re.compile(r"\$\{((?:data\.)?[a-z0-9_]+\.[A-Za-z0-9_-]+(?:\.[a-z0-9_\[\]]+)*)\}")
_WITHOUT_ARN = ("_attachment", "_target")
_META = {"//", "lifecycle", "depends_on", "provider"}


def shown(files: Mapping[str, str], *, region: str = "eu-west-1") -> dict[str, Any]:
    """The plan that creates everything in a module."""
    main = json.loads(files["main.tf.json"])
    documents = main.get("data", {}).get("aws_iam_policy_document", {})
    resources, changes, configured = [], [], []
    for type_name, members in main["resource"].items():
        for name, body in members.items():
            arguments = {key: value for key, value in body.items() if key not in _META}
            values, unknown, expressions = _split(arguments, documents)
            address = f"{type_name}.{name}"
            about = {"address": address, "mode": "managed", "type": type_name, "name": name}
            provider = "registry.terraform.io/hashicorp/aws"
            resources.append({**about, "provider_name": provider, "values": values, "sensitive_values": {}})
            change = {
                "actions": ["create"],
                "before": None,
                "after": values,
                "after_unknown": {**unknown, "id": True, **({} if type_name.endswith(_WITHOUT_ARN) else {"arn": True})},
                "after_sensitive": {"password_wo": True} if "password_wo" in arguments else {},
            }
            changes.append({**about, "provider_name": provider, "change": change})
            configured.append({**about, "expressions": expressions})
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": resources}},
        "resource_changes": changes,
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": region}}}},
            "root_module": {"resources": configured},
        },
    }


def _split(node: Any, documents: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Values, what is unknown of them, and expressions."""
    if isinstance(node, dict):
        parts = {
            # A nested block is shown in a list, although a module may have it without one.
            name: _split([item] if isinstance(item, dict) and name not in MAPS else item, documents)
            for name, item in node.items()
        }
        values = {name: part[0] for name, part in parts.items() if part[1] is not True}
        unknown = {name: part[1] for name, part in parts.items() if part[1]}
        return values, unknown, {name: part[2] for name, part in parts.items()}
    if isinstance(node, list):
        parts_of = [_split(item, documents) for item in node]
        if any(part[1] is True for part in parts_of):
            references = [one for part in parts_of for one in part[2].get("references", [])]
            return None, True, {"references": references}
        return [part[0] for part in parts_of], [part[1] for part in parts_of], [part[2] for part in parts_of]
    if isinstance(node, str) and "${" in node:
        found = _REFERENCE.findall(node)
        return None, True, {"references": [one for path in found for one in (path, path.rpartition(".")[0])]}
    return node, False, {"constant_value": node}
