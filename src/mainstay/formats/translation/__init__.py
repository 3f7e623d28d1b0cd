"""A plan that was read from one format, in another: what both can say is carried, what only one can say is listed."""

from mainstay.formats.translation.carrying import Translation, translate
from mainstay.formats.translation.loss import Loss, report

__all__ = ["Loss", "Translation", "report", "translate"]
