"""CloudFormation: one template a region, JSON out, JSON or YAML in; `read_regions(render(plan))` is the plan again.

Fields, property paths and codecs stand in `tables`; both directions are derived from them.
"""

from mainstay.formats.cloudformation.children import Finder, Source
from mainstay.formats.cloudformation.nesting import render_nested
from mainstay.formats.cloudformation.reader import Reading, read, read_regions, read_tree
from mainstay.formats.cloudformation.renaming import prefixed
from mainstay.formats.cloudformation.tables import REFUSED, TABLES
from mainstay.formats.cloudformation.writer import render, write

__all__ = [
    "REFUSED",
    "TABLES",
    "Finder",
    "Reading",
    "Source",
    "prefixed",
    "read",
    "read_regions",
    "read_tree",
    "render",
    "render_nested",
    "write",
]
