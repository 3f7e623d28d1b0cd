"""CloudFormation: one template a region, JSON out, JSON or YAML in; `read_regions(render(plan))` is the plan again.

Fields, property paths and codecs stand in `tables`; both directions are derived from them.
"""

from mainstay.formats.cloudformation.nesting import render_nested
from mainstay.formats.cloudformation.reader import read, read_regions
from mainstay.formats.cloudformation.renaming import prefixed
from mainstay.formats.cloudformation.tables import REFUSED, TABLES
from mainstay.formats.cloudformation.writer import render, write

__all__ = ["REFUSED", "TABLES", "prefixed", "read", "read_regions", "render", "render_nested", "write"]
