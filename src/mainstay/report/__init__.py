"""Pages for people: one self-contained HTML file each, drawn from evidence alone."""

from mainstay.report.page import drill_page

__all__ = ["drill_page"]
