"""`dataclass` of the standard library, made in a third of the time where it is frozen: see `core.frozen`.

To type checkers it is the standard decorator, and to `fields`, `replace` and `asdict` its classes are as any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from mainstay.core.frozen import dataclass

__all__ = ["dataclass"]
