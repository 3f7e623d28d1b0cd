"""`docs/rules.md`, generated from the rules themselves, so that it cannot say anything else than they do."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.lesson import lesson
from mainstay.checks.registry import FAMILIES
from mainstay.checks.rule import Rule

_HEAD = """\
# Rules

Generated from `mainstay.checks`; do not edit. A finding at `error` fails `mainstay check`. To live with one, suppress
it by id in the spec, with a reason and a date; an expired suppression opens the finding again. A value that only
AWS can resolve fires no rule. Where a hint is shown as a patch, the finding says what to write in the words of its
file, `--json` and SARIF have it for other tools, and `mainstay check --fix` writes it into a spec with a key for it.

| id | severity | harm | what it finds |
|---|---|---|---|
"""
_TAIL = """
## What no rule says

These numbers are free, because a design alone does not tell, or because another rule says it already.

| id | about | said by |
|---|---|---|
| DB007 | a change that replaces the database | `mainstay plan --against` |
| DB008 | a snapshot that is named no longer, or anew | `mainstay plan --against` |
| DB028 | a static parameter, whose change reboots the database at once | `mainstay plan --against` |
| DB029 | a group of a fixed name whose family or description changes | `mainstay plan --against` |
| DB042 | storage below what autoscaling has made of it | `mainstay plan --against` |
| NW006 | a security group whose description or name changes, which replaces it | `mainstay plan --against` |
| DB039 | a key that is deleted with the stack, and its waiting period | BK032 |
| DB046 | a standby in the place of backups | DB003 |

## About the check itself

| id | severity | what it says |
|---|---|---|
| MS001 | warning | a rule crashed; its question stays open for that resource |
| MS002 | warning | a suppression has expired, and its finding counts again |
| MS003 | info | a suppression matches nothing |
| MS004 | info | a part was not looked at: a transform, a loop, a nested stack whose template is not on this machine |
| MS005 | error | a file cannot be read as a design (in a report for other tools, or beside other files) |
| MS006 | info | what is known of AWS here was last checked more than a year ago |

## Objectives against the forecast

| id | severity | what it says |
|---|---|---|
| FC001 | error | the worst case of a failure within the region loses more data than `rpo` allows |
| FC002 | error or warning | it takes longer than `rto` allows: in every case, or only in the worst |
| FC003 | info | backups leave the region, but what they give there is less than the objectives say |
"""


def render() -> str:
    """The whole document, Markdown, ending in a newline."""
    rows = [
        f"| [{rule.id}](#{rule.id.lower()}) | {rule.severity} | {rule.harm} | {rule.summary} |"
        for family in FAMILIES
        for rule in family.rules
    ]
    sections = [line for family in FAMILIES for rule in family.rules for line in _section(rule)]
    return _HEAD + "\n".join(rows) + "\n" + "\n".join(sections) + "\n" + _TAIL


def _section(rule: Rule) -> Iterator[str]:
    taught = lesson(rule)
    yield f"\n## {rule.id}\n"
    yield f"**{rule.summary}** ({rule.severity}, {rule.harm})\n"
    yield f"{rule.reason}\n"
    yield f"- Fires on: {taught.bad}"
    yield f"  - {taught.detail}"
    yield f"  - hint: {taught.hint}" + (" (shown as a patch)" if taught.has_patch else "")
    yield f"- Does not fire on: {taught.good}"
    yield f"- Source: {rule.source}"
