"""Keys, secrets and roles in Terraform."""

from __future__ import annotations

import json
import re
from typing import Final, cast

from mainstay.formats.codec import CannotExpress
from mainstay.formats.lists import link, texts
from mainstay.formats.scalars import Plain, as_text, boolean, days, hours_text, integer, schedule, seconds, text
from mainstay.formats.table import Row, block, blocks
from mainstay.formats.terraform.blocks import Beside, Blocks, Doc, Place, body
from mainstay.formats.terraform.codecs import Alone, BlockEach
from mainstay.formats.terraform.policies import policy
from mainstay.formats.terraform.tables.rows import tags
from mainstay.formats.terraform.words import Fleeting, Template, escaped
from mainstay.plan.policies import InlinePolicy
from mainstay.plan.resources import (
    GeneratedSecret,
    InstanceProfile,
    Key,
    KeyAlias,
    Role,
    RotationSchedule,
    Secret,
    SecretAttachment,
)

_PASSWORD: Final = "aws_secretsmanager_random_password"  # noqa: S105  # the type of a block
_VERSION: Final = "aws_secretsmanager_secret_version"
_ROTATION: Final = "aws_secretsmanager_secret_rotation"
_INSTANCE: Final = re.compile(r"\$\{(aws_db_instance\.[A-Za-z0-9_-]+)\.identifier\}")
_QUOTED: Final = r'("(?:[^"\\]|\\.)*")'
_MERGED: Final = re.compile(
    rf"\$\{{jsonencode\(merge\(jsondecode\({_QUOTED}\), \{{{_QUOTED} = (ephemeral\.[A-Za-z0-9_.-]+)\}}\)\)\}}"
)
_COMPLETED: Final = re.compile(
    rf"\$\{{jsonencode\(merge\(jsondecode\(ephemeral\.{_VERSION}\.([A-Za-z0-9_-]+)\.secret_string\), "
    rf"\{{engine = (aws_db_instance\.[A-Za-z0-9_-]+)\.engine, .*\}}\)\)\}}"
)
_SECRET: Final = re.compile(r"\$\{aws_secretsmanager_secret\.([A-Za-z0-9_-]+)\.id\}")

KEY = Blocks(
    "aws_kms_key",
    Key,
    (
        Row("description", "aws_kms_key.description", text),
        Row("spec", "aws_kms_key.customer_master_key_spec", text),
        Row("usage", "aws_kms_key.key_usage", text),
        Row("is_enabled", "aws_kms_key.is_enabled", boolean),
        Row("rotates", "aws_kms_key.enable_key_rotation", boolean),
        Row("pending_window", "aws_kms_key.deletion_window_in_days", days),
        Row("policy", "aws_kms_key.policy", policy),
        tags("aws_kms_key"),
    ),
)

KEY_ALIAS = Blocks(
    "aws_kms_alias",
    KeyAlias,
    (
        Row("name", "aws_kms_alias.name", text),
        Row("target", "aws_kms_alias.target_key_id", link("key_id", "id", "arn")),
    ),
    ref_is="name",
)


def _generated(doc: Doc, place: Place) -> None:
    """The password is an ephemeral value, written by a write-only argument: neither plan nor state ever holds it."""
    secret = body(doc, "aws_secretsmanager_secret")
    if "generate" not in secret:
        return
    generate = cast("Doc", secret.pop("generate"))
    template, name = generate.pop("template", None), generate.pop("key", None)
    if isinstance(template, Template) or isinstance(name, Template):
        raise CannotExpress("the template of a generated secret has to be written out")
    if (template is None) != (name is None):
        raise CannotExpress("a generated secret has a template and a key in it, or neither")
    password = f"ephemeral.{_PASSWORD}.{place.label}.random_password"
    value = password
    if name is not None:
        merged = f"jsondecode({_quoted(str(template))}), {{{_quoted(str(name))} = {password}}}"
        value = f"jsonencode(merge({merged}))"
    doc[_PASSWORD] = {**generate, **cast("Doc", doc.get(_PASSWORD, {}))}
    doc[_VERSION] = {
        "secret_string_wo": Fleeting(f"${{{value}}}"),
        "secret_string_wo_version": 1,
        **cast("Doc", doc.get(_VERSION, {})),
    }


def _generated_inward(doc: Doc, place: Place) -> None:
    match doc.get(_VERSION), doc.get(_PASSWORD):
        case {"secret_string_wo": str(written), "secret_string_wo_version": 1}, dict(made):
            read = _read_generated(written, place.label)
            if read is not None:
                body(doc, "aws_secretsmanager_secret")["generate"] = {**read, **made}
                del doc[_PASSWORD]
                version = body(doc, _VERSION)
                del version["secret_string_wo"], version["secret_string_wo_version"]
                if not version:
                    del doc[_VERSION]


def _read_generated(node: str, label: str) -> Doc | None:
    """Template and key of what was written; None when it is something else."""
    password = f"ephemeral.{_PASSWORD}.{label}.random_password"
    if node == f"${{{password}}}":
        return {}
    written = _MERGED.fullmatch(node)
    if written is None or written[3] != password:
        return None
    return {"template": json.loads(written[1]), "key": json.loads(written[2])}


def _quoted(value: str) -> str:
    """A text inside an expression."""
    return json.dumps(escaped(value))


SECRET = Blocks(
    "aws_secretsmanager_secret",
    Secret,
    (
        Row("name", "aws_secretsmanager_secret.name", text),
        Row("description", "aws_secretsmanager_secret.description", text),
        Row("key_id", "aws_secretsmanager_secret.kms_key_id", link("arn", "id", "key_id")),
        Row(
            "generate",
            "aws_secretsmanager_secret.generate",
            block(
                GeneratedSecret,
                Row("template", "template", text),
                Row("key", "key", text),
                Row("length", "password_length", integer),
                Row("excluded_characters", "exclude_characters", text),
                Row("excludes_punctuation", "exclude_punctuation", boolean),
                Row("requires_each_kind", "require_each_included_type", boolean),
            ),
        ),
        tags("aws_secretsmanager_secret"),
    ),
    ref_is="arn",
    beside=(
        Beside(type_name=_PASSWORD, block="ephemeral"),
        Beside(type_name=_VERSION, joins={"secret_id": "id"}),
    ),
    outward=_generated,
    inward=_generated_inward,
)


def _completed(doc: Doc, place: Place) -> None:
    """What CloudFormation's attachment adds to a secret is a second version here, made once the instance is there."""
    version = body(doc, _VERSION)
    target = _INSTANCE.fullmatch(str(version.pop("target", "")))
    secret = str(version.pop("secret", ""))
    owner = _SECRET.fullmatch(secret)
    if not target or not owner:
        raise CannotExpress("only a secret of the plan can be completed, with an instance of the plan")
    instance = target[1]
    version["secret_id"] = Template(secret)
    version["secret_string_wo"] = Fleeting(
        f"${{jsonencode(merge(jsondecode(ephemeral.{_VERSION}.{owner[1]}.secret_string), "
        f"{{engine = {instance}.engine, host = {instance}.address, port = {instance}.port, "
        f"dbInstanceIdentifier = {instance}.identifier}}))}}"
    )
    version["secret_string_wo_version"] = 1


def _completed_inward(doc: Doc, place: Place) -> None:
    version = body(doc, _VERSION)
    found = _COMPLETED.fullmatch(str(version.get("secret_string_wo")))
    if found is None or version.get("secret_string_wo_version") != 1:
        return
    again: Doc = {_VERSION: {"target": f"${{{found[2]}.identifier}}", "secret": _secret_id(found[1])}}
    _completed(again, place)
    if body(again, _VERSION).items() <= version.items():
        for name in body(again, _VERSION):
            del version[name]
        version["target"], version["secret"] = f"${{{found[2]}.identifier}}", _secret_id(found[1])


def _secret_id(owner: str) -> str:
    return f"${{aws_secretsmanager_secret.{owner}.id}}"


SECRET_ATTACHMENT = Blocks(
    _VERSION,
    SecretAttachment,
    (
        Row("secret", f"{_VERSION}.secret", link("id", "arn")),
        Row("target", f"{_VERSION}.target", link("id")),
        Row("target_type", f"{_VERSION}.//.target_type", Plain(str, as_text, silent="AWS::RDS::DBInstance")),
    ),
    attributes={"id": "arn"},
    ref_is="arn",
    outward=_completed,
    inward=_completed_inward,
)

ROTATION_SCHEDULE = Blocks(
    _ROTATION,
    RotationSchedule,
    (
        Row("secret", f"{_ROTATION}.secret_id", link("id", "arn")),
        Row("function", f"{_ROTATION}.rotation_lambda_arn", link("arn")),
        Row("every", f"{_ROTATION}.rotation_rules.automatically_after_days", days),
        Row("schedule", f"{_ROTATION}.rotation_rules.schedule_expression", schedule),
        Row("window", f"{_ROTATION}.rotation_rules.duration", hours_text),
        Row("rotates_at_once", f"{_ROTATION}.rotate_immediately", boolean),
    ),
    attributes={"arn": "secret_id"},  # as in CloudFormation, it is known by its secret
    ref_is="arn",
)

_POLICY: Final = "aws_iam_role_policy"
_ATTACHED: Final = "aws_iam_role_policy_attachment"

ROLE = Blocks(
    "aws_iam_role",
    Role,
    (
        Row("name", "aws_iam_role.name", text),
        Row("description", "aws_iam_role.description", text),
        Row("trust", "aws_iam_role.assume_role_policy", policy),
        Row("permissions_boundary", "aws_iam_role.permissions_boundary", text),
        Row("max_session", "aws_iam_role.max_session_duration", seconds),
        tags("aws_iam_role"),
        # Of their own, and not as arguments of the role, which the provider has deprecated (its documentation,
        # aws_iam_role, 2026-11-21).
        Row("policies", _POLICY, blocks(InlinePolicy, Row("name", "name", text), Row("document", "policy", policy))),
        Row("managed_policies", _ATTACHED, BlockEach("policy_arn", texts, frozenset({"id"}))),
    ),
    attributes={"resource_id": "unique_id"},
    ref_is="name",
    beside=(
        Beside(type_name=_POLICY, joins={"role": "id"}, is_many=True),
        Beside(type_name=_ATTACHED, joins={"role": "name"}, is_many=True),
    ),
)

INSTANCE_PROFILE = Blocks(
    "aws_iam_instance_profile",
    InstanceProfile,
    (
        Row("name", "aws_iam_instance_profile.name", text),
        Row("roles", "aws_iam_instance_profile.role", Alone(link("name"))),
    ),
    ref_is="name",
)

TABLES: tuple[Blocks, ...] = (KEY, KEY_ALIAS, SECRET, SECRET_ATTACHMENT, ROTATION_SCHEDULE, ROLE, INSTANCE_PROFILE)
