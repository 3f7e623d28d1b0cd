"""JUnit's XML, as test reports of build servers take it up: a rule that was asked is a test case."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree import ElementTree

from mainstay.core.findings import Finding, Severity
from mainstay.report.findings.place import place_of, told

# What XML 1.0 cannot hold, not even escaped (W3C, XML 1.0 fifth edition, section 2.2).
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(
    findings: Sequence[Finding],
    *,
    source: str,
    examined: Mapping[str, str],
    fail_on: Severity = Severity.ERROR,
) -> str:
    """One suite. A finding at least as grave as `fail_on` fails, a suppressed one is skipped, a milder one passes and
    is told in the output of its case. `examined` are the rules that were asked, by id, with their summaries.
    """
    suite = ElementTree.Element("testsuite", name=_text(f"mainstay check {source}"))
    for finding in findings:
        _add(suite, finding, source, fail_on)
    fired = {finding.id for finding in findings}
    for rule, summary in examined.items():
        if rule not in fired:
            ElementTree.SubElement(suite, "testcase", classname=rule, name=_text(f"{rule} {summary}"))
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _add(suite: ElementTree.Element, finding: Finding, source: str, fail_on: Severity) -> None:
    place = place_of(finding, source)
    named = f"{finding.id} {finding.summary}" + (f": {finding.subject}" if finding.subject else "")
    case = ElementTree.SubElement(suite, "testcase", classname=finding.id, name=_text(named), file=_text(place.file))
    if place.line:
        case.set("line", str(place.line))
    if finding.suppressed is not None:
        ElementTree.SubElement(case, "skipped", message=_text(finding.suppressed))
    elif finding.severity.rank <= fail_on.rank:
        said = ElementTree.SubElement(case, "failure", type=finding.harm.value, message=_text(finding.summary))
        said.text = _text(f"{place}: {told(finding)}")
    else:
        ElementTree.SubElement(case, "system-out").text = _text(f"{finding.severity}: {place}: {told(finding)}")


def _text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
