"""Templates: what is escaped, what is an expression, and what has no form."""

from __future__ import annotations

import pytest

from mainstay.formats.codec import CannotExpress
from mainstay.formats.terraform.blocks import Blocks
from mainstay.formats.terraform.expressions import export_label, render
from mainstay.formats.terraform.hcl import settled
from mainstay.formats.terraform.names import RESERVED, key_of, label, labels
from mainstay.formats.terraform.scope import Scope
from mainstay.formats.terraform.tables import TABLES
from mainstay.formats.terraform.understanding import Names, json_inside, parse
from mainstay.formats.terraform.words import Template, escaped, literal, pieces
from mainstay.plan.resources import DbInstance, Vpc
from mainstay.plan.values import Attr, If, Import, Join, Param, Part, Pseudo, Ref, SecretField, Unknown, Zone

VPC, DATABASE = TABLES[Vpc], TABLES[DbInstance]
SCOPE = Scope(
    tables={"Net": VPC, "Db": DATABASE, "Alien": None},
    labels={"Net": "net", "Db": "db", "Alien": "alien"},
    parameters={"Word": "word"},
    sources={"Far": "aws_kms_key.far_key.arn"},
)
NAMES = Names(
    resources={("aws_vpc", "net"): ("Net", VPC), ("aws_db_instance", "db"): ("Db", DATABASE)},
    secrets={"login": "Login"},
    parameters={"word": "Word"},
    exports={"export_a": "a"},
    sources={"aws_kms_key.far_key.arn": "Far"},
)
BACK_AND_FORTH = [
    (Attr("Net", "id"), "${aws_vpc.net.id}"),
    (Attr("Db", "id"), "${aws_db_instance.db.identifier}"),
    (Attr("Db", "secret_arn"), "${aws_db_instance.db.master_user_secret[0].secret_arn}"),
    (Param("Word"), "${var.word}"),
    (Param("Far"), "${aws_kms_key.far_key.arn}"),
    (Pseudo("account"), "${data.aws_caller_identity.current.account_id}"),
    (Pseudo("stack_name"), "${local.stack_name}"),
    (Zone(2), "${data.aws_availability_zones.current.names[2]}"),
    (Part(Attr("Db", "arn"), ":", 6), '${split(":", aws_db_instance.db.arn)[6]}'),
    (Import("a"), "${data.aws_cloudformation_export.export_a.value}"),
    (Join(("a-", Param("Word"), "$${")), "a-${var.word}$$${"),
]


@pytest.mark.parametrize(("value", "written"), BACK_AND_FORTH)
def test_an_expression_has_one_form_and_is_understood(value: object, written: str) -> None:
    assert render(value, SCOPE) == written
    assert parse(written, NAMES) == value


def test_a_secret_s_field_is_read_only_while_terraform_runs() -> None:
    scope = Scope(labels={"Login": "login"})
    written = render(SecretField(Ref("Login"), "password"), scope)
    assert written == ('${jsondecode(ephemeral.aws_secretsmanager_secret_version.login.secret_string)["password"]}')
    assert parse(str(written), NAMES) == SecretField(Ref("Login"), "password")
    with pytest.raises(CannotExpress, match="would be stored in the state"):
        render(Join(("x", SecretField(Ref("Login"), "password"))), scope)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (If("IsLarge", "a", "b"), "hangs on the condition 'IsLarge'"),
        (Param("Nobody"), "no parameter 'Nobody'"),
        (Attr("Nobody", "id"), "points at 'Nobody'"),
        (Attr("Alien", "id"), "of a type that Terraform's tables do not know"),
        (SecretField(Ref("Nobody"), "password"), "points at 'Nobody'"),
        (Pseudo("stack_id"), "has no form in Terraform"),
        (Unknown("x", {"Ref": "y"}), "written for another tool"),
        (Join((Unknown("nothing"), "a")), "has no form inside a text"),
        (Join(("a$", Param("Word"))), "a '\\$' right before an expression"),
    ],
)
def test_what_has_no_form_says_why(value: object, reason: str) -> None:
    with pytest.raises(CannotExpress, match=reason):
        render(value, SCOPE)


@pytest.mark.parametrize(
    "written",
    [
        "${max(1, 2)}",
        "%{if true}a%{endif}",
        "${unfinished",
        '${"unfinished}',
        '${"a${"}',
        "${var.nobody}",
        "${aws_vpc.nobody.id}",
        "${data.aws_ami.x.id}",
        "${data.aws_region.current.name[0]}",
        '${split(":", var.word)[1]}',
        '${jsondecode(ephemeral.aws_secretsmanager_secret_version.nobody.secret_string)["a"]}',
    ],
)
def test_what_a_plan_cannot_say_is_kept_as_it_was(written: str) -> None:
    assert parse(written, NAMES) == Unknown("an expression that only Terraform can evaluate", written)
    assert render(parse(written, NAMES), SCOPE) == written if "${" in written else True


def test_text_is_escaped_and_read_back() -> None:
    assert escaped("a${b}%{c}$d") == "a$${b}%%{c}$d"
    assert literal("a$${b}%%{c}") == "a${b}%{c}"
    assert settled({"${a}": ["${b}", Template("${b}"), 1, None]}) == {"$${a}": ["$${b}", "${b}", 1, None]}
    assert parse({"$${a}": "$${b}", 1: 2}, NAMES) == {"${a}": "$${b}", 1: 2}
    assert parse("$${b}", NAMES) == "${b}"
    assert parse(7, NAMES) == 7


def test_expressions_end_where_their_brace_does() -> None:
    assert pieces('a${f("}${g({})}$${", {b = 1})}c') == [
        (False, "a"),
        (True, 'f("}${g({})}$${", {b = 1})'),
        (False, "c"),
    ]
    assert pieces('${"a\\"}"}') == [(True, '"a\\"}"')]


def test_names_are_one_to_one() -> None:
    assert [label(key) for key in ("DatabaseKey", "PublicSubnet1", "ALBLogs", "1st")] == [
        "database_key",
        "public_subnet1",
        "alb_logs",
        "_1st",
    ]
    assert key_of("database_key") == "DatabaseKey"
    assert labels(["dbKey", "DbKey", "db_key"]) == {"DbKey": "db_key", "dbKey": "db_key_x2", "db_key": "db_key_x3"}
    assert labels(["DbKey", "dbKey"]) == {"DbKey": "db_key", "dbKey": "db_key_x2"}
    assert labels(["Version", "Count"], RESERVED) == {"Version": "version_x2", "Count": "count_x2"}
    assert export_label("a-b") == "export_a_2d_b"


def test_json_is_read_when_it_is_written_out() -> None:
    assert json_inside('${jsonencode({"a": 1})}') == {"a": 1}
    assert json_inside('{"a": 1}') == {"a": 1}
    assert json_inside("${jsonencode(local.a)}") is None
    assert json_inside("${var.a}") is None


def test_a_type_without_a_table_is_named_by_its_id() -> None:
    assert Scope(tables={"A": None}).identifies("A", "id", ("arn",))
    assert not SCOPE.identifies("Alien", "arn", ("arn",))
    assert isinstance(VPC, Blocks)
    assert VPC.types == ("aws_vpc",)
