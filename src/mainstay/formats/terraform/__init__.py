"""Terraform: a module in its JSON syntax, with the provider's own resources; `read(render(plan))` is the plan again.

`read_shown` reads what `terraform show -json` says of a plan or a state that somebody else wrote.

Fields, arguments and codecs stand in `tables`; both directions are derived from them.
"""

from mainstay.formats.terraform.foreign import Seen, read_seen, read_shown
from mainstay.formats.terraform.module import render
from mainstay.formats.terraform.reader import read
from mainstay.formats.terraform.sections import Backend
from mainstay.formats.terraform.tables import REFUSED, TABLES

__all__ = ["REFUSED", "TABLES", "Backend", "Seen", "read", "read_seen", "read_shown", "render"]
