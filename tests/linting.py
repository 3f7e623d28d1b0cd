"""What cfn-lint says of a template, at the least price: it is most of what judging a plan costs.

Its rules are loaded once, no template is judged twice, and coverage is not measured while it runs.
"""

from __future__ import annotations

from functools import cache

from cfnlint.api import lint
from cfnlint.config import ConfigMixIn
from cfnlint.rules import Match, RulesCollection
from cfnlint.runner import Runner
from tests.measuring import unmeasured


@cache
def matches(text: str, region: str) -> tuple[Match, ...]:
    """Everything that cfn-lint has to say of a template that is deployed in this region."""
    return tuple(unmeasured(lint, text, rules=_rules(), regions=[region]))


@cache
def _rules() -> RulesCollection:
    # As cfn-lint itself does for many files: loaded by one runner, and set up anew for each template.
    rules: RulesCollection = unmeasured(Runner, ConfigMixIn(regions=["us-east-1"])).rules
    return rules
