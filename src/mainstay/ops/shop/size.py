"""How large the shop is."""

from __future__ import annotations

from typing import Final

CUSTOMERS: Final = 200
PRODUCTS: Final = 50
LINES: Final = 3
"""Items of each order that the application places."""
