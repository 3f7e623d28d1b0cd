"""Codecs for shapes that only CloudFormation has: lists of names with values, and encoded user data."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from mainstay.core.records import dataclass
from mainstay.formats.codec import NOT_WRITTEN, Codec, Dialect, Foreign, Reading
from mainstay.formats.lists import LinkTo
from mainstay.formats.scalars import text
from mainstay.plan.values import Attr, If, Json, Ref, Unknown, is_expression


@dataclass(frozen=True)
class NameValues:
    """A mapping that is spelled as a list of pairs, such as tags; sorted where the order says nothing."""

    name: str
    item: Codec
    is_sorted: bool = False
    absent: object = None

    def is_silent(self, value: Mapping[str, object]) -> bool:
        """Whether there is nothing to write."""
        return not value

    def write(self, value: Mapping[str, object], dialect: Dialect) -> Json:
        """The list of pairs."""
        names = sorted(value) if self.is_sorted else list(value)
        return [{self.name: name, "Value": self.item.write(value[name], dialect)} for name in names]

    def read(self, node: Json, reading: Reading) -> Mapping[str, object]:
        """The mapping; Foreign when a pair is conditional, repeated, or holds more than a name and a value."""
        if not isinstance(node, list):
            raise Foreign
        found: dict[str, object] = {}
        for pair in node:
            match pair:
                case {self.name: str(name), "Value": item, **rest} if not rest and name not in found:
                    found[name] = None if item is None else self.item.read(item, reading)
                case _:
                    raise Foreign
            if found[name] is None or text.is_silent(found[name]):
                raise Foreign
        return found


@dataclass(frozen=True)
class UserData:
    """Plain text in the plan, base64 in the template."""

    absent: object = NOT_WRITTEN

    def is_silent(self, value: object) -> bool:
        """Whether the value stands for something that was not written."""
        return text.is_silent(value)

    def write(self, value: object, dialect: Dialect) -> Json:
        """Fn::Base64 over the text; what could not be read is written back as it was."""
        return dialect.render(value) if isinstance(value, Unknown) else {"Fn::Base64": text.write(value, dialect)}

    def read(self, node: Json, reading: Reading) -> object:
        """The text; Unknown when it is encoded where nobody can look into it."""
        if isinstance(node, dict) and node.keys() == {"Fn::Base64"}:
            inner = text.read(node["Fn::Base64"], reading)
            return inner if _is_text(inner) else Unknown("user data that is not a text", node)
        parsed = reading.dialect.parse(node)
        if isinstance(parsed, str):
            try:
                return base64.b64decode(parsed, validate=True).decode()
            except (binascii.Error, ValueError):
                return Unknown("user data that is not base64 text", node)
        return Unknown("user data that is encoded elsewhere", node)


def _is_text(value: object) -> bool:
    return isinstance(value, str | If) or (is_expression(value) and not isinstance(value, Unknown))


@dataclass(frozen=True)
class ByRef(LinkTo):
    """Another resource by whatever a bare reference to it stands for: the name by which a metric knows it."""

    identities: tuple[str, ...] = ("id",)

    def _referred(self, value: object, dialect: Dialect) -> object:
        if isinstance(value, Attr) and value.name == "id":
            return Ref(value.key)
        return super()._referred(value, dialect) if isinstance(value, If) else value


tags = NameValues("Key", text, is_sorted=True)
dimensions = NameValues("Name", ByRef())
option_settings = NameValues("Name", text)
conditions = NameValues("Key", text)
user_data = UserData()
