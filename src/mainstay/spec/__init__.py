"""What somebody writes: a database described once, read with every error at once, each with file, line and fix."""

from mainstay.spec.document import Spec
from mainstay.spec.loading import load
from mainstay.spec.schema import json_schema

__all__ = ["Spec", "json_schema", "load"]
