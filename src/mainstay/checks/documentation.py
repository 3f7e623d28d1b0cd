"""`docs/rules.md`, generated from the rules themselves, so that it cannot say anything else than they do."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.elsewhere import FREED, OF_ITSELF, OF_THE_FORECAST
from mainstay.checks.lesson import lesson
from mainstay.checks.registry import FAMILIES
from mainstay.checks.rule import Rule

_HEAD = """\
# Rules

Generated from `mainstay.checks`; do not edit. A finding at `error` fails `mainstay check`. To live with one, suppress
it by id in the spec (`suppress:`) or, for files that have none, in a file of the same words (`mainstay check --suppress
FILE`), with a reason and a date; an expired suppression opens the finding again. A value that only
AWS can resolve fires no rule. Where a hint is shown as a patch, the finding says what to write in the words of its
file, `--json` and SARIF have it for other tools, and `mainstay check --fix` writes it into a spec with a key for it.

| id | severity | harm | what it finds |
|---|---|---|---|
"""
_FREE = """
## What no rule says

These numbers are free, because a design alone does not tell, or because another rule says it already.

| id | about | said by |
|---|---|---|
"""
_ITSELF = """
## About the check itself

| id | severity | what it says |
|---|---|---|
"""
_FORECAST = """
## Objectives against the forecast

| id | severity | what it says |
|---|---|---|
"""


def render() -> str:
    """The whole document, Markdown, ending in a newline."""
    rows = [
        f"| [{rule.id}](#{rule.id.lower()}) | {rule.severity} | {rule.harm} | {rule.summary} |"
        for family in FAMILIES
        for rule in family.rules
    ]
    sections = [line for family in FAMILIES for rule in family.rules for line in _section(rule)]
    return _HEAD + "\n".join(rows) + "\n" + "\n".join(sections) + "\n" + "".join(_tail())


def _tail() -> Iterator[str]:
    yield _FREE
    yield from (f"| {name} | {freed.about} | {freed.said_by} |\n" for name, freed in FREED.items())
    for head, remarks in ((_ITSELF, OF_ITSELF), (_FORECAST, OF_THE_FORECAST)):
        yield head
        yield from (f"| {name} | {remark.severity} | {remark.about} |\n" for name, remark in remarks.items())


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
