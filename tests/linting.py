"""What cfn-lint says of a template, at the least price: it is most of what judging a plan costs.

Its rules are loaded once, no template is judged twice, coverage is not measured while it runs, and it makes each of its
classes once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from cfnlint.config import ConfigMixIn
from cfnlint.decode import decode_str
from cfnlint.jsonschema import validators
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


def _each_made_once(create: Callable[..., type]) -> Callable[..., type]:
    """For each schema that it comes to cfn-lint makes a class of validators: a thousand for a template, where all but a
    dozen are alike. That is a quarter of its time (1.58, Python 3.11, 2026-11-21).
    """
    made: dict[object, type] = {}

    # Any: cfn-lint publishes no types.
    def created(
        validators: Mapping[str, Any] | None = None,
        function_filter: Any = None,
        fn_resolvers: Mapping[str, Any] | None = None,
    ) -> type:
        given = tuple((validators or {}).items()), repr(function_filter), tuple((fn_resolvers or {}).items())
        if given not in made:
            made[given] = create(validators, function_filter, fn_resolvers)
        return made[given]

    return created


validators.create = _each_made_once(validators.create)
