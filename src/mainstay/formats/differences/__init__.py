"""What two formats do not say alike, in one table each: with other words to the same end, and not at all.

`SAID` rows mean the same: whatever the Terraform tables write beside a plan's own fields, and why. `UNEQUAL` rows are
the only differences that `read(terraform(plan)) == read(cloudformation(plan)) == plan` may have. `docs/formats.md` is
generated from both; tests hold each row against the formats, and the formats against the rows.
"""

from mainstay.formats.differences.said import SAID, Said
from mainstay.formats.differences.unequal import UNEQUAL, Unequal, as_terraform_returns, permitted

__all__ = ["SAID", "UNEQUAL", "Said", "Unequal", "as_terraform_returns", "permitted"]
