"""Nested stacks in CloudFormation."""

from mainstay.formats.cloudformation.codecs import tags
from mainstay.formats.lists import Named, links
from mainstay.formats.scalars import minutes, text
from mainstay.formats.table import Row, Table
from mainstay.plan.resources import NestedStack

# Ref is the stack's ARN; its outputs are attributes `Outputs.<name>` (CloudFormation Template Reference,
# aws-resource-cloudformation-stack, return values, checked 2026-11-21).
NESTED_STACK = Table(
    "AWS::CloudFormation::Stack",
    NestedStack,
    (
        Row("template_url", "TemplateURL", text),
        Row("parameters", "Parameters", Named(text)),
        Row("timeout", "TimeoutInMinutes", minutes),
        Row("topics", "NotificationARNs", links("arn")),
        Row("tags", "Tags", tags),
    ),
)

TABLES = (NESTED_STACK,)
