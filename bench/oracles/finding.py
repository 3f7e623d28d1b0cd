"""What a tool says about a resource of a template, read from the report that it writes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

# Plugins of a CDK validation report, and the names that answers know them by.
_PLUGINS: Final = {"AwsSolutions": "cdk-nag", "CloudFormation Validate": "cdk"}


NESTED: Final = "-nested"


class ReportNotUnderstood(Exception):
    """A report that does not show that the tool has looked at every template."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One complaint. `where` is `<blueprint>/<environment>/<logical id>`."""

    tool: str
    id: str
    where: str
    says: str

    def __str__(self) -> str:
        return f"{self.tool} {self.id} at {self.where}: {self.says}"


def place(template: Path) -> str:
    """`<blueprint>/<environment>` of a golden template, whichever form it has."""
    return f"{template.parent.parent.name}/{template.parent.name.removesuffix(NESTED)}"


def of_checkov(text: str, templates: Sequence[Path]) -> set[Finding]:
    """The failed checks of `checkov --output json`, which names files relative to where it was run."""
    report: Any = json.loads(text)  # Any: another tool's report
    if report["summary"]["parsing_errors"] or report["summary"]["passed"] < len(templates):
        raise ReportNotUnderstood(f"checkov has not read every template: {report['summary']}")
    return {
        Finding(
            "checkov",
            failed["check_id"],
            f"{place(Path(failed['file_path']))}/{failed['resource'].rpartition('.')[2]}",
            failed["check_name"],
        )
        for failed in report["results"]["failed_checks"]
    }


def of_cdk(text: str, stacks: Mapping[str, Path]) -> set[Finding]:
    """The violations of a CDK validation report; `stacks` says which template each stack was made of."""
    plugins: Any = json.loads(text)["pluginReports"]  # Any: another tool's report
    if {plugin["pluginName"] for plugin in plugins} != set(_PLUGINS):
        raise ReportNotUnderstood(f"other plugins than {', '.join(_PLUGINS)} have looked at the templates")
    return {finding for plugin in plugins for finding in _violations(plugin, stacks)}


def _violations(plugin: Any, stacks: Mapping[str, Path]) -> Iterator[Finding]:  # Any: as above
    for violation in plugin["violations"]:
        for construct in violation["violatingConstructs"]:
            stack, _, path = construct["constructPath"].partition("/")
            where = f"{place(stacks[stack])}/{path.rpartition('/')[2]}"
            yield Finding(_PLUGINS[plugin["pluginName"]], violation["ruleName"], where, violation["description"])
