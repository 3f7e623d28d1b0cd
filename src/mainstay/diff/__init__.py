"""Plan against plan: what changes, what that does to what stands, and what is lost by it.

The one classifier: `mainstay plan --against`, a deployment's review and the sandbox's CloudFormation ask it alike.
"""

from mainstay.diff.comparison import compare, compare_regions
from mainstay.diff.effects import Difference, Effect, FieldChange, RegionDifference, ResourceChange
from mainstay.diff.fates import fate_of
from mainstay.diff.situation import Standing
from mainstay.diff.target import CLOUDFORMATION, TERRAFORM, Target, replaces

__all__ = [
    "CLOUDFORMATION",
    "TERRAFORM",
    "Difference",
    "Effect",
    "FieldChange",
    "RegionDifference",
    "ResourceChange",
    "Standing",
    "Target",
    "compare",
    "compare_regions",
    "fate_of",
    "replaces",
]
