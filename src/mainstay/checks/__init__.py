"""Rules over plans: one file a rule, one folder a family, one engine that runs them."""

from mainstay.checks.engine import examine, examined, run
from mainstay.checks.registry import FAMILIES, all_rules
from mainstay.checks.rule import Fault, Rule, rule
from mainstay.checks.scene import Scene

__all__ = ["FAMILIES", "Fault", "Rule", "Scene", "all_rules", "examine", "examined", "rule", "run"]
