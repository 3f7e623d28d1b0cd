"""What a plan promises: the data and time that each kind of failure takes at worst; and what a month of it costs.

What would be cheaper is in `forecast.cheaper`, for those who ask: every other check does without loading it.
"""

from mainstay.forecast.cost import Cost, cost
from mainstay.forecast.cost_of_drills import DrillCost
from mainstay.forecast.failure import Failure
from mainstay.forecast.judgement import judge
from mainstay.forecast.prices import CostItem, Quote
from mainstay.forecast.promise import Outcome, Promise, promise
from mainstay.forecast.reasons import Reason
from mainstay.forecast.sections import Section
from mainstay.forecast.support import SupportStep
from mainstay.forecast.way import Reach, Way

__all__ = [
    "Cost",
    "CostItem",
    "DrillCost",
    "Failure",
    "Outcome",
    "Promise",
    "Quote",
    "Reach",
    "Reason",
    "Section",
    "SupportStep",
    "Way",
    "cost",
    "judge",
    "promise",
]
