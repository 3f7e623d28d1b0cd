"""Run by the oracles' own Python: a CDK app that includes each template, and cdk-nag on it.

python nag_app.py FOLDER NAME=TEMPLATE …      writes FOLDER/validation-report.json
"""

from __future__ import annotations

import sys

import aws_cdk
import cdk_nag
from aws_cdk.cloudformation_include import CfnInclude


def main(folder: str, *templates: str) -> None:
    """Synthesise one stack a template; the report has every violation."""
    app = aws_cdk.App(outdir=folder)
    for named in templates:
        name, _, template = named.partition("=")
        # The legacy synthesizer adds no parameter and no rule of the CDK's own.
        stack = aws_cdk.Stack(app, name, synthesizer=aws_cdk.LegacyStackSynthesizer())
        CfnInclude(stack, "Template", template_file=template)
    aws_cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
