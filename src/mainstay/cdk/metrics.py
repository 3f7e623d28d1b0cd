"""CloudWatch metrics of a database, with the unit that RDS reports in and the statistic that shows trouble."""

from __future__ import annotations

from typing import Any, Final

from aws_cdk import aws_cloudwatch

from mainstay import facts

NAMESPACE: Final = "AWS/RDS"
_UNITS: Final = {
    "percent": aws_cloudwatch.Unit.PERCENT,
    "count": aws_cloudwatch.Unit.COUNT,
    "bytes": aws_cloudwatch.Unit.BYTES,
    "seconds": aws_cloudwatch.Unit.SECONDS,
}


def of_instance(identifier: str, name: str, **options: Any) -> aws_cloudwatch.Metric:  # Any: MetricOptions of the CDK
    """A metric of one instance. `options` (period, statistic, label…) come before what the facts say of it."""
    known = facts.metric(name)
    usual: dict[str, Any] = {}
    if known is not None:
        usual = {"statistic": known.statistic}
        if known.unit in _UNITS:
            usual["unit"] = _UNITS[known.unit]
    return aws_cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"DBInstanceIdentifier": identifier},
        **{**usual, **options},
    )
