"""Units and schedules that services write in their own ways."""

from __future__ import annotations

import pytest

from mainstay.core.schedules import parse_schedule
from mainstay.core.units import Bytes, Duration
from mainstay.formats import scalars
from mainstay.formats.cloudformation.codecs import dimensions
from mainstay.formats.cloudformation.dialect import CloudFormation
from mainstay.formats.cloudformation.scope import Scope
from mainstay.formats.cloudformation.tables import TABLES
from mainstay.formats.codec import CannotExpress, Reading
from mainstay.formats.scalars import Scalar
from mainstay.plan.resources import BackupVault, Topic
from mainstay.plan.values import Attr, If, Json, Param, Ref, Unknown

DIALECT = CloudFormation(
    Scope(tables={"Vault": TABLES[BackupVault], "Topic": TABLES[Topic], "Thing": None}, parameters={"Word": "String"})
)


@pytest.mark.parametrize(
    ("codec", "value", "written"),
    [
        (scalars.mib, Bytes(256 * 2**20), 256),
        (scalars.hours, Duration(3 * 3600), 3),
        (scalars.hours_text, Duration(3 * 3600), "3h"),
        (scalars.minutes, Duration.minutes(61), 61),
        (scalars.schedule, parse_schedule("cron(0 2 * * ? *)"), "cron(0 2 * * ? *)"),
        (scalars.schedule, parse_schedule("rate(1 day)"), "rate(1 day)"),
        (scalars.hours_text, Param("Word"), {"Ref": "Word"}),
    ],
)
def test_a_value_is_written_and_read_back(codec: Scalar, value: object, written: Json) -> None:
    assert codec.write(value, DIALECT) == written
    assert codec.read(written, Reading(DIALECT)) == value


@pytest.mark.parametrize(
    ("codec", "value", "said"),
    [
        (scalars.mib, Bytes(2**20 + 1), "not a whole number of MiB"),
        (scalars.hours, Duration(3_601), "not a whole number of hours"),
        (scalars.hours_text, Duration(3_599), "not a whole number of hours"),
        (scalars.minutes, Duration(59), "not a whole number of minutes"),
    ],
)
def test_a_part_of_a_unit_is_refused(codec: Scalar, value: object, said: str) -> None:
    with pytest.raises(CannotExpress, match=said):
        codec.write(value, DIALECT)


@pytest.mark.parametrize(
    ("codec", "node", "said"),
    [
        (scalars.hours_text, "3", "not a number of hours such as 3h"),
        (scalars.hours_text, "3m", "not a number of hours such as 3h"),
        (scalars.schedule, "cron(0 2 * * *)", "six fields"),
        (scalars.schedule, 5, "six fields"),
        (scalars.minutes, "soon", "invalid literal"),
    ],
)
def test_what_is_no_value_is_kept_with_the_reason(codec: Scalar, node: Json, said: str) -> None:
    found = codec.read(node, Reading(DIALECT))
    assert isinstance(found, Unknown)
    assert said in found.reason
    assert codec.write(found, DIALECT) == node


def test_a_dimension_is_whatever_a_reference_stands_for() -> None:
    node: Json = [
        {"Name": "BackupVaultName", "Value": {"Ref": "Vault"}},
        {"Name": "Topic", "Value": {"Ref": "Topic"}},
        {"Name": "Opaque", "Value": {"Ref": "Thing"}},
        {"Name": "Arn", "Value": {"Fn::GetAtt": ["Vault", "BackupVaultArn"]}},
        {"Name": "Either", "Value": {"Fn::If": ["C", {"Ref": "Vault"}, "literal"]}},
    ]
    found = dimensions.read(node, Reading(DIALECT))
    assert found == {
        "BackupVaultName": Ref("Vault"),
        "Topic": Ref("Topic"),
        "Opaque": Ref("Thing"),
        "Arn": Attr("Vault", "arn"),
        "Either": If("C", Ref("Vault"), "literal"),
    }
    assert dimensions.write(found, DIALECT) == node
