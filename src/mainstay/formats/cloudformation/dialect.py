"""CloudFormation as a dialect: the expressions of one template, with the meaning that its names have there."""

from __future__ import annotations

from collections.abc import Collection

from mainstay.core.records import dataclass
from mainstay.formats.cloudformation import expressions, intrinsics
from mainstay.formats.cloudformation.scope import Scope
from mainstay.formats.codec import CannotExpress
from mainstay.plan.values import If, Json


@dataclass(frozen=True)
class CloudFormation:
    """The dialect of one template (see `formats.codec.Dialect`)."""

    scope: Scope

    def render(self, value: object) -> Json:
        """An expression as an intrinsic function."""
        return expressions.render(value, self.scope)

    def choice(self, value: If, when_true: Json, when_false: Json) -> Json:
        """Fn::If; nothing is AWS::NoValue."""
        return expressions.choice(value.condition, when_true, when_false)

    def parse(self, node: Json) -> object:
        """A literal, a list, a mapping, an expression, or None for AWS::NoValue."""
        return intrinsics.parse(node, self.scope)

    def reference(self, key: str, identity: str) -> Json:
        """Ref where it stands for that identity, otherwise Fn::GetAtt."""
        if key not in self.scope.tables:
            raise CannotExpress(f"it points at '{key}', which is not in this region of the plan")
        table = self.scope.tables[key]
        if table is None or table.ref_is == identity or identity not in table.attributes:
            return {"Ref": key}
        return {"Fn::GetAtt": [key, table.attributes[identity]]}

    def identifies(self, key: str, attribute: str, identities: Collection[str]) -> bool:
        """Whether an attribute is one of the identities by which a resource may be named."""
        return self.scope.identifies(key, attribute, identities)

    def is_list(self, parameter: str) -> bool:
        """Whether a parameter holds several values."""
        return self.scope.is_list(parameter)
