"""Findings in the words of other tools: code scanners (SARIF), test reports (JUnit), GitHub's annotations."""

from mainstay.report.findings.github import github
from mainstay.report.findings.junit import junit
from mainstay.report.findings.place import Suite
from mainstay.report.findings.sarif import About, sarif

__all__ = ["About", "Suite", "github", "junit", "sarif"]
