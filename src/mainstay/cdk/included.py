"""One region of a design, included in a stack as the template that `mainstay synth` writes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import aws_cdk
from aws_cdk import aws_ec2, aws_kms, aws_sns
from aws_cdk.cloudformation_include import CfnInclude
from constructs import Construct

from mainstay.cdk import functions, networks, places, settings, vpcs
from mainstay.cdk.design import Design, SpecSource
from mainstay.cdk.networks import Standing
from mainstay.core.errors import InputRefused
from mainstay.core.naming import nearest
from mainstay.formats import cloudformation
from mainstay.formats.layout import laid_out
from mainstay.plan.passes.logical import ALERTS_KEY, ALERTS_TOPIC, APPLICATION_GROUP, DATABASE_GROUP


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The arguments of a construct; `Database` says what each is."""

    spec: SpecSource
    environment: str | None
    settings: Mapping[str, Any] | None  # Any: values of a spec
    parameters: Mapping[str, str] | None
    ca_bundle: str | Path | None
    vpc: aws_ec2.IVpc | None
    database_subnets: Sequence[aws_ec2.ISubnet] | None
    service_subnets: Sequence[aws_ec2.ISubnet] | None
    prefix: str | None

    @property
    def standing(self) -> Standing | None:
        """The network that exists, where one was given."""
        if self.vpc is None:
            return None
        return networks.standing_in(
            self.vpc, database_subnets=self.database_subnets, service_subnets=self.service_subnets
        )


class Included(Construct):  # type: ignore[misc]  # the CDK's classes are Any where it is not installed
    """A region's template in a stack, its resources as the CDK's own, and handles on what both regions have."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._vpc: aws_ec2.IVpc | None = None

    def _chosen(self, wishes: Wishes) -> settings.Chosen:
        context = self.node.get_all_context()
        return settings.choose(self.node.id, context, environment=wishes.environment, settings=wishes.settings)

    def _include(
        self, design: Design, wishes: Wishes, standing: Standing | None, values: Mapping[str, str] | None = None
    ) -> None:
        """Include the design's region; `values` are those of parameters that something else has filled in."""
        places.refuse_elsewhere(self, design)
        self._design, self._vpc = design, wishes.vpc
        self._prefix = places.enrol(self, design.spec.identifier, wishes.prefix)
        template = cloudformation.write(design.region, design.plan.intent)
        given = {**(values or {}), **(wishes.parameters or {})}
        self._refuse_unknown(wishes.parameters or {})
        bundle = Path(wishes.ca_bundle) if wishes.ca_bundle is not None else None
        given = {**functions.code(self, design, ca_bundle=bundle, given=given), **given}
        self._refuse_open(given)
        if standing is not None:
            template, given = standing.placed(template), {**given, **standing.values}
        if self._prefix:
            template = cloudformation.prefixed(template, self._prefix)
        self.template = _included(self, template, {self._prefix + name: value for name, value in given.items()})
        """The include: every resource by its logical id."""

    def _refuse_unknown(self, parameters: Mapping[str, str]) -> None:
        known = [one.name for one in self._design.region.parameters]
        for name in parameters:
            if name not in known:
                guess = nearest(name, known)
                raise InputRefused(
                    "unknown parameter",
                    detail=f"The template of {self.node.path} has no parameter '{name}'.",
                    hint=f"did you mean {guess}?" if guess else f"it has {', '.join(known) or 'none'}",
                )

    def _refuse_open(self, given: Mapping[str, str]) -> None:
        """A nested stack is given its parameters by the stack above it, which knows none of these."""
        stack = aws_cdk.Stack.of(self)
        if stack.nested_stack_parent is None:
            return
        left = [one.name for one in self._design.region.parameters if one.default is None and one.name not in given]
        if left:
            raise InputRefused(
                "a nested stack cannot be asked",
                detail=f"{self.node.path} stands in a nested stack and leaves open: {', '.join(left)}.",
                hint=f'give parameters={{"{left[0]}": …}}, such as a CfnParameter of the stack above it',
            )

    def resource(self, key: str) -> Any:  # Any: a typed L1 of whatever type the resource has
        """The CDK's own resource behind a logical id as `mainstay synth` writes it: `resource("DatabaseCpuAlarm")`.

        InputRefused when the design has none of that name.
        """
        try:
            self._design.region[key]
        except KeyError:
            keys = [one.key for one in self._design.region.resources]
            guess = nearest(key, keys)
            raise InputRefused(
                "no such resource",
                detail=f"{self._design.spec.identifier} has no resource '{key}'.",
                hint=f"did you mean {guess}?" if guess else "`mainstay synth` shows all of them",
            ) from None
        return self.template.get_resource(self._prefix + key)

    def _has(self, key: str) -> bool:
        return any(one.key == key for one in self._design.region.resources)

    def _wanted(self, key: str, what: str, setting: str) -> Any:  # Any: as above
        """The resource behind a handle. InputRefused says by which setting there would be one."""
        if not self._has(key):
            raise InputRefused(
                f"no {what}",
                detail=f"The design of {self.node.path} has none.",
                hint=f"write {setting} in the spec",
            )
        return self.resource(key)

    def output(self, name: str) -> str:
        """The value of an output, such as `ExportBucket`, as a token. InputRefused when the design has none such."""
        known = [one.name for one in self._design.region.outputs]
        if name not in known:
            guess = nearest(name, known)
            raise InputRefused(
                "no such output",
                detail=f"{self._design.spec.identifier} has no output '{name}'.",
                hint=f"did you mean {guess}?" if guess else f"it has {', '.join(known)}",
            )
        return str(aws_cdk.Token.as_string(self.template.get_output(self._prefix + name).value))

    @property
    def identifier(self) -> str:
        """`<name>-<environment>`: what everything of the design is called."""
        return self._design.spec.identifier

    @cached_property
    def vpc(self) -> aws_ec2.IVpc:
        """The network: the one that was given, or the design's own."""
        return self._vpc or vpcs.imported(self, self._design)

    @cached_property
    def security_group(self) -> aws_ec2.ISecurityGroup:
        """The database's own group."""
        return self._group("SecurityGroup", self.resource(DATABASE_GROUP))

    @cached_property
    def application_security_group(self) -> aws_ec2.ISecurityGroup:
        """The group to wear to be admitted; InputRefused where applications are admitted by their addresses."""
        return self._group(
            "ApplicationSecurityGroup",
            self._wanted(APPLICATION_GROUP, "group for applications", "access.application: group"),
        )

    @cached_property
    def topic(self) -> aws_sns.ITopic:
        """Where alarms and events go."""
        key = self.resource(ALERTS_KEY).attr_arn
        return aws_sns.Topic.from_topic_attributes(
            self, "Topic", topic_arn=self.resource(ALERTS_TOPIC).ref, key_arn=key
        )

    def _group(self, construct_id: str, group: Any) -> aws_ec2.ISecurityGroup:  # Any: a CfnSecurityGroup
        # No group of a design lets everything out, so that rules for the way out are written where they are needed.
        return aws_ec2.SecurityGroup.from_security_group_id(
            self, construct_id, group.attr_group_id, allow_all_outbound=False
        )

    def _key(self, construct_id: str, arn: str) -> aws_kms.IKey:
        return aws_kms.Key.from_key_arn(self, construct_id, arn)


def _included(scope: Construct, template: Mapping[str, Any], values: Mapping[str, str]) -> CfnInclude:
    """The include reads a file, at once."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template.json"
        file.write_text(laid_out(dict(template)), encoding="utf-8")
        return CfnInclude(scope, "Template", template_file=str(file), parameters=dict(values))
