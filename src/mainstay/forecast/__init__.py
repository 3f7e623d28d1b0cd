"""What a plan promises: how much data and time each kind of failure costs in the worst case."""

from mainstay.forecast.judgement import judge
from mainstay.forecast.promise import Failure, Outcome, Promise, promise

__all__ = ["Failure", "Outcome", "Promise", "judge", "promise"]
