"""Run by a Python that has the CDK: an app with one stack, synthesised.

python cdk_app.py FOLDER include TEMPLATE       the CDK's own: a template, resource by resource
python cdk_app.py FOLDER construct SPEC         ours: the spec compiled, and included the same way
"""

from __future__ import annotations

import sys


def main(folder: str, how: str, source: str) -> None:
    """Write FOLDER as `cdk synth` would."""
    if how == "construct":
        from mainstay.cdk import Database  # noqa: PLC0415 - the other way must not pay for it
    import aws_cdk  # noqa: PLC0415 - after ours, which names its Node.js

    app = aws_cdk.App(outdir=folder)
    stack = aws_cdk.Stack(app, "Stack")
    if how == "construct":
        given = dict.fromkeys(("CodeBucket", "ExportFunctionCode", "RotationFunctionCode"), "here")
        Database(stack, "Database", spec=source, parameters=given)
    else:
        aws_cdk.cloudformation_include.CfnInclude(stack, "Template", template_file=source)
    app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
