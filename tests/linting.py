"""What cfn-lint says of a template, at the least price: it is most of what judging a plan costs.

Its rules are loaded once, no template is judged twice, and coverage is not measured while it runs.
"""

from __future__ import annotations

from functools import cache

from cfnlint.config import ConfigMixIn
from cfnlint.decode import decode_str
from cfnlint.rules import Match, Rules
from cfnlint.runner import Runner, run_template_by_data
from tests.measuring import unmeasured


@cache
def matches(text: str, region: str) -> tuple[Match, ...]:
    """Everything that cfn-lint has to say of a template that is deployed in this region."""
    return tuple(unmeasured(_judged, text, region))


def _judged(text: str, region: str) -> list[Match]:
    # Not `cfnlint.api.lint`: 1.58 leaves the rules that it is given and loads its own.
    template, errors = decode_str(text)
    return errors or list(run_template_by_data(template, ConfigMixIn(regions=[region]), _rules()))


@cache
def _rules() -> Rules:
    # As cfn-lint itself does for many files: loaded by one runner, and set up anew for each template.
    return unmeasured(Runner, ConfigMixIn(regions=["us-east-1"])).rules
