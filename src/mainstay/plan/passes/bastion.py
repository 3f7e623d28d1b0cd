"""A host for people: no inbound port, no key pair, no public address; Session Manager is the only way in."""

from __future__ import annotations

import dataclasses
from typing import Final

from mainstay import facts
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.logical import BASTION, BASTION_GROUP, BASTION_IMAGE
from mainstay.plan.passes.places import private_subnets
from mainstay.plan.passes.roles import managed, trust
from mainstay.plan.plan import Parameter
from mainstay.plan.resources import BlockDevice, Instance, InstanceProfile, MetadataOptions, Role
from mainstay.plan.values import Param, Ref
from mainstay.spec import Spec
from mainstay.spec.access import Bastion

_ROLE: Final = "BastionRole"
_PROFILE: Final = "BastionProfile"
# Amazon Linux 2023 names its packages by major; an older client serves a newer server for all that people do here.
_INSTALL: Final = {
    "postgres": """#!/bin/bash
set -u
dnf install -y postgresql{major} || dnf install -y postgresql16 || dnf install -y postgresql15
""",
    # There is no client of MySQL among its packages; MariaDB's speaks to both servers.
    "mysql": """#!/bin/bash
set -u
dnf install -y mariadb105
""",
    "mariadb": """#!/bin/bash
set -u
dnf install -y mariadb105
""",
}


def build_bastion(spec: Spec, draft: Draft) -> Draft:
    """The draft with the bastion, its role, and the parameter for its image."""
    bastion = spec.access.bastion
    if bastion is None:
        return draft
    origin = spec.origin_of("access.bastion")
    role = Role(
        key=_ROLE,
        description="The bastion's agent of Session Manager",
        trust=trust("ec2.amazonaws.com"),
        managed_policies=(managed("AmazonSSMManagedInstanceCore"),),
        tags=tags(spec),
        origin=origin,
    )
    profile = InstanceProfile(key=_PROFILE, roles=(Ref(_ROLE),), origin=origin)
    drafted = draft.adding(role, profile, _instance(spec, draft, bastion))
    return dataclasses.replace(drafted, parameters=(*draft.parameters, _image(bastion)))


def _image(bastion: Bastion) -> Parameter:
    return Parameter(
        name=BASTION_IMAGE,
        # A pinned id, never "the latest": a new image replaces the host (AWS::EC2::Instance, ImageId, 2026-11-20).
        type="AWS::EC2::Image::Id",
        default=bastion.image,
        description=f"Amazon Linux 2023 image for the bastion, of the architecture of {bastion.instance_type}",
    )


def _instance(spec: Spec, draft: Draft, bastion: Bastion) -> Instance:
    return Instance(
        key=BASTION,
        image=Param(BASTION_IMAGE),
        instance_type=bastion.instance_type,
        subnet=private_subnets(spec)[0],
        security_groups=(Ref(BASTION_GROUP),),
        profile=Ref(_PROFILE),
        metadata=MetadataOptions(tokens="required", endpoint="enabled", hop_limit=1),
        block_devices=(
            BlockDevice(
                device="/dev/xvda",
                size=bastion.volume,
                volume_type="gp3",
                is_encrypted=True,
                deletes_on_termination=True,
            ),
        ),
        is_ebs_optimized=True,
        user_data=_INSTALL[spec.database.engine].format(major=facts.major_of(spec.database.engine, draft.version)),
        tags=tags(spec, "bastion"),
        origin=spec.origin_of("access.bastion"),
    )
