"""JUnit's XML, as test reports of build servers take it up: a rule that was asked is a test case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree

from mainstay.core.findings import Finding, Severity
from mainstay.report.findings.place import Suite, place_of, told

# What XML 1.0 cannot hold, not even escaped (W3C, XML 1.0 fifth edition, section 2.2).
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(suites: Sequence[Suite], *, fail_on: Severity = Severity.ERROR) -> str:
    """A finding at least as grave as `fail_on` fails, a suppressed one is skipped, a milder one passes and is told in
    the output of its case; a rule that was asked and found nothing passes.
    """
    root = ElementTree.Element("testsuites")
    root.extend(_suite(suite, fail_on) for suite in suites)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(suite: Suite, fail_on: Severity) -> ElementTree.Element:
    element = ElementTree.Element("testsuite", name=_text(f"mainstay check {suite.source}"))
    for finding in suite.findings:
        _add(element, finding, suite.source, fail_on)
    fired = {finding.id for finding in suite.findings}
    for rule, summary in suite.examined.items():
        if rule not in fired:
            ElementTree.SubElement(element, "testcase", classname=rule, name=_text(f"{rule} {summary}"))
    element.set("tests", str(len(element.findall("testcase"))))
    element.set("failures", str(len(element.findall("testcase/failure"))))
    element.set("errors", "0")
    element.set("skipped", str(len(element.findall("testcase/skipped"))))
    return element


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
