"""What does not come back from every format as it was: the only differences that a round trip may have."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from mainstay.core.records import dataclass
from mainstay.formats.differences import alike
from mainstay.plan.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Unequal:
    """One thing that does not come back from both formats as it was.

    `refused` is the pattern of the reason with which `refuser` refuses it, or `alike` makes of a plan what comes back
    from Terraform.
    """

    name: str
    kind: str
    field: str
    cloudformation: str
    terraform: str
    reason: str
    source: str
    refuser: str = ""
    refused: str = ""
    alike: Callable[[Plan], Plan] | None = None

    def permits(self, detail: str) -> bool:
        """Whether a refusal with this detail is this row's."""
        return bool(self.refused) and re.search(self.refused, detail) is not None


_PROVIDER: Final = "documentation of the AWS provider 6"
_TEMPLATE: Final = "CloudFormation User Guide, template anatomy; 2026-11-21"
_MODULE: Final = "Terraform, configuration syntax; 2026-11-21"

UNEQUAL: Final[tuple[Unequal, ...]] = (
    Unequal(
        name="conditions beyond a formula",
        kind="",
        field="conditions, any value",
        cloudformation="a condition over anything, also one that is not defined, which CloudFormation refuses",
        terraform="a local, `count` and `? :`; refused unless it is a formula over parameters and pseudo values",
        reason="A plan file must not tell what a secret parameter is, and the rest only CloudFormation works out.",
        source=_TEMPLATE,
        refuser="Terraform",
        refused=r"the condition '.*': it (is no formula|compares)|on the condition .*, which the region does not have",
    ),
    Unequal(
        name="blocks that hang on a condition",
        kind="",
        field="elements that are blocks",
        cloudformation="`Fn::If` with `AWS::NoValue` in a list",
        terraform="refused where an element is a block",
        reason="An element of a list can be left out of it, a block cannot.",
        source=_MODULE,
        refuser="Terraform",
        refused=r"a block for an element cannot hang on a condition|a block hangs on a condition",
    ),
    Unequal(
        name="sections",
        kind="",
        field="extras of a region",
        cloudformation="`Mappings`, `Rules`, `Transform`, `Metadata` of others",
        terraform="refused",
        reason="They belong to the template and mean nothing outside of it.",
        source=_TEMPLATE,
        refuser="Terraform",
        refused=r"of the template belong to CloudFormation",
    ),
    Unequal(
        name="nested stacks",
        kind="NestedStack",
        field="",
        cloudformation="`AWS::CloudFormation::Stack`",
        terraform="refused",
        reason="Stacks within a stack are CloudFormation's own; the stand-alone form holds the same resources.",
        source=_TEMPLATE,
        refuser="Terraform",
        refused=r"a NestedStack has no form",
    ),
    Unequal(
        name="properties of another tool",
        kind="",
        field="extras of a resource",
        cloudformation="written back as they were read",
        terraform="refused",
        reason="What no table knows has a name and a shape in one format only.",
        source=_MODULE,
        refuser="Terraform",
        refused=r"is a property of another tool",
    ),
    Unequal(
        name="types of another tool",
        kind="Opaque",
        field="",
        cloudformation="written back as they were read",
        terraform="refused, and so is whoever points at one",
        reason="What no table knows has a type in one format only.",
        source=_MODULE,
        refuser="Terraform",
        refused=r"is a type of another tool|is of a type that Terraform's tables do not know",
    ),
    Unequal(
        name="unresolved values",
        kind="",
        field="any value",
        cloudformation="written back as they were read",
        terraform="refused",
        reason="What could not be resolved is kept in the words of the tool that can.",
        source=_MODULE,
        refuser="Terraform",
        refused=r"was written for another tool, and could not be resolved",
    ),
    Unequal(
        name="parameters and outputs with more to say",
        kind="",
        field="extras of parameters and outputs",
        cloudformation="an output's `Condition`, whatever a template may say beyond a parameter's bounds",
        terraform="refused",
        reason="A variable has its default, validations (allowed values, pattern, lengths, bounds) and secrecy.",
        source=_TEMPLATE,
        refuser="Terraform",
        refused=r"^'(variables|outputs)': .* (has .*, which belong to CloudFormation|is .*, which is no number)",
    ),
    Unequal(
        name="the stack's id",
        kind="",
        field="any value",
        cloudformation="`AWS::StackId`",
        terraform="refused",
        reason="There is no stack; a module has a name only, which is `AWS::StackName`.",
        source="CloudFormation User Guide, pseudo parameters; 2026-11-21",
        refuser="Terraform",
        refused=r"Pseudo\(name='stack_id'\) has no form",
    ),
    Unequal(
        name="a secret inside a text",
        kind="",
        field="any value",
        cloudformation="a dynamic reference inside a longer text",
        terraform="refused",
        reason="The text would stand in the state, with the secret in it.",
        source="Terraform 1.11, ephemeral values; 2026-11-21",
        refuser="Terraform",
        refused=r"a secret inside a longer text",
    ),
    Unequal(
        name="a secret that is told",
        kind="",
        field="value of an output",
        cloudformation="a dynamic reference, which CloudFormation does not resolve in outputs",
        terraform="refused",
        reason="An output stands in the state.",
        source="Terraform 1.11, ephemeral values; 2026-11-21",
        refuser="Terraform",
        refused=r"would tell a secret",
    ),
    Unequal(
        name="a dollar before a value",
        kind="",
        field="any text",
        cloudformation="`Fn::Join`",
        terraform="refused",
        reason="`$${` is Terraform's escape, so that a dollar right before `${…}` cannot be written in a template.",
        source="HCL native syntax specification, template expressions; 2026-11-21",
        refuser="Terraform",
        refused=r"a '\$' right before an expression",
    ),
    Unequal(
        name="inline code",
        kind="Function",
        field="code_text",
        cloudformation="`Code.ZipFile`",
        terraform="refused",
        reason="The provider takes a package: a file beside the module, or an object in a bucket.",
        source=f"{_PROVIDER}, aws_lambda_function; 2026-11-21",
        refuser="Terraform",
        refused=r"the provider has no argument for its code_text",
    ),
    Unequal(
        name="one where there may be several",
        kind="InstanceProfile, MetricFilter, TopicPolicy",
        field="roles, metrics, topics",
        cloudformation="a list",
        terraform="refused unless there is exactly one",
        reason="The provider's argument takes one. IAM and CloudWatch Logs take no more either.",
        source=f"{_PROVIDER}, the pages of these resources; 2026-11-21",
        refuser="Terraform",
        refused=r"the provider takes one value, and this is a list of them",
    ),
    Unequal(
        name="blocks of unknown number",
        kind="Role, DbProxyTargetGroup",
        field="managed_policies, instances",
        cloudformation="a parameter that is a list",
        terraform="refused",
        reason="Each element is a block, and how many blocks there are has to be known when the module is written.",
        source=_MODULE,
        refuser="Terraform",
        refused=r"a list that is known only to Terraform cannot be a block for each element",
    ),
    Unequal(
        name="a secret made in part",
        kind="Secret",
        field="generate.template, generate.key",
        cloudformation="any template, also one with expressions in it, or one without a key",
        terraform="refused unless there are both, written out, or neither",
        reason="The password is merged into the template, which therefore has to be JSON that is known.",
        source=f"{_PROVIDER}, aws_secretsmanager_random_password (ephemeral); 2026-11-21",
        refuser="Terraform",
        refused=r"the template of a generated secret has to be written out|has a template and a key in it, or neither",
    ),
    Unequal(
        name="an attachment to something outside",
        kind="SecretAttachment",
        field="secret, target",
        cloudformation="any secret's ARN, any database",
        terraform="refused unless both are resources of the plan",
        reason="Host and port come from the instance's block, and the values so far from the secret's.",
        source=f"{_PROVIDER}, aws_secretsmanager_secret_version; 2026-11-21",
        refuser="Terraform",
        refused=r"only a secret of the plan can be completed",
    ),
    Unequal(
        name="two destinations of a flow log",
        kind="FlowLog",
        field="destination",
        cloudformation="written as it is, and refused by EC2",
        terraform="refused",
        reason="One argument holds the destination, whatever its kind.",
        source=f"{_PROVIDER}, aws_flow_log; 2026-11-21",
        refuser="Terraform",
        refused=r"a flow log goes into a log group or|a flow log's destination in CloudWatch is its log group",
    ),
    Unequal(
        name="a secret that would be stored",
        kind="",
        field="any value but a password",
        cloudformation="a dynamic reference or a `NoEcho` parameter in any property",
        terraform="refused outside of write-only arguments; a login's name may come from a sensitive variable",
        reason="Every other argument stands in the state.",
        source="Terraform 1.11, write-only arguments; 2026-11-21",
        refuser="Terraform",
        refused=r"a secret in '.*' would be stored in the state",
    ),
    Unequal(
        name="a pattern of Java's",
        kind="",
        field="pattern of a parameter",
        cloudformation="look-around, possessive quantifiers, back references",
        terraform="refused",
        reason="Terraform's expressions are RE2's, which has none of these, and would refuse every value.",
        source="RE2, syntax; 2026-11-21",
        refuser="Terraform",
        refused=r"is one that only Java's expressions know",
    ),
    Unequal(
        name="what the provider cannot do without",
        kind="DbInstance, Subscription, GatewayAttachment, CompositeAlarm, EventRule, RecordSet",
        field="instance_class, endpoint, internet_gateway, suppressor_wait, input_template, zone",
        cloudformation="optional properties, some of which the service asks for as well",
        terraform="refused without them",
        reason="The provider's schema requires them, and only the service could say what they would be.",
        source="schema of the AWS provider 6.69; 2026-11-21",
        refuser="Terraform",
        refused=r"the provider cannot do without ",
    ),
    Unequal(
        name="what the provider does not show",
        kind="DbProxy, RestoreTestingSelection",
        field="attribute vpc_id, attribute id",
        cloudformation="`Fn::GetAtt` and `Ref`",
        terraform="refused",
        reason="The provider's blocks have no such attribute.",
        source="schema of the AWS provider 6.69; 2026-11-21",
        refuser="Terraform",
        refused=r"the provider does not show the ",
    ),
    Unequal(
        name="an output that is no attribute",
        kind="",
        field="source of a parameter",
        cloudformation="a parameter that takes any output of the other region",
        terraform="refused unless the output is an attribute of a resource",
        reason="Inside one module the attribute itself is written, and nothing is handed over.",
        source=_MODULE,
        refuser="Terraform",
        refused=r"no attribute of a block is the output",
    ),
    Unequal(
        name="anybody and somebody",
        kind="",
        field="principals of a statement",
        cloudformation="refused",
        terraform="a block of principals for each kind",
        reason='`"Principal": "*"` stands alone in IAM\'s JSON.',
        source="IAM User Guide, reference_policies_elements_principal; 2026-11-21",
        refuser="CloudFormation",
        refused=r"a statement names anybody and somebody",
    ),
    Unequal(
        name="a key tested twice",
        kind="",
        field="conditions of a statement",
        cloudformation="refused",
        terraform="two blocks",
        reason="IAM's JSON is a mapping of keys, each of which stands there once.",
        source="IAM User Guide, reference_policies_elements_condition; 2026-11-21",
        refuser="CloudFormation",
        refused=r"a statement tests .* twice with",
    ),
    Unequal(
        name="kept except when it is made",
        kind="",
        field="on_replace",
        cloudformation="refused",
        terraform="kept in the comment",
        reason="`UpdateReplacePolicy` knows no `RetainExceptOnCreate`.",
        source="CloudFormation Template Reference, aws-attribute-updatereplacepolicy; 2026-11-20",
        refuser="CloudFormation",
        refused=r"on_replace cannot be",
    ),
    Unequal(
        name="order",
        kind="",
        field="resources of a region",
        cloudformation="the plan's order",
        terraform="the order of the kinds, in which every plan is built",
        reason="Terraform's JSON groups blocks by type, and their order means nothing.",
        source="Terraform, JSON configuration syntax; 2026-11-21",
        alike=alike.in_kinds_order,
    ),
    Unequal(
        name="order of devices",
        kind="Instance",
        field="block_devices",
        cloudformation="the plan's order",
        terraform="the root device first",
        reason="It stands in a block of its own. The order means nothing to EC2, which goes by names.",
        source=f"{_PROVIDER}, aws_instance; 2026-11-21",
        alike=alike.root_first,
    ),
    Unequal(
        name="a security group's id",
        kind="SecurityGroup",
        field="attribute id",
        cloudformation="`Ref` and `GroupId` are two names, of which a plan keeps the one that was written",
        terraform="`id`, which is read as `group_id`",
        reason="Terraform has one name for it.",
        source=f"{_PROVIDER}, aws_security_group; 2026-11-21",
        alike=alike.one_name_of_groups,
    ),
    Unequal(
        name="an address's id",
        kind="ElasticIp",
        field="attribute id",
        cloudformation="`Ref` and `PublicIp` are two names, of which a plan keeps the one that was written",
        terraform="`public_ip`, because the block's `id` is the allocation",
        reason="Terraform has one name for it.",
        source=f"{_PROVIDER}, aws_eip; 2026-11-21",
        alike=alike.one_name_of_addresses,
    ),
)
"""What a plan does not get back from both formats as it was."""


def as_terraform_returns(plan: Plan) -> Plan:
    """The plan as Terraform's module gives it back: every change that a row permits, made."""
    for row in UNEQUAL:
        plan = row.alike(plan) if row.alike else plan
    return plan


def permitted(refuser: str, detail: str) -> list[Unequal]:
    """The rows that permit a format's refusal with this detail."""
    return [row for row in UNEQUAL if row.refuser == refuser and row.permits(detail)]
