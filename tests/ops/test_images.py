from __future__ import annotations

from typing import Any

import pytest

from mainstay.core.errors import InputRefused
from mainstay.ops.aws.stack_states import StackState
from mainstay.ops.images import architecture, parameter_values
from mainstay.plan.plan import Parameter, RegionPlan
from mainstay.plan.resources import Instance
from mainstay.plan.values import Param

Fixture = Any  # fixtures of conftest
IMAGE = Parameter(name="Image", type="AWS::EC2::Image::Id")


@pytest.mark.parametrize(
    ("instance_type", "expected"),
    [
        ("t4g.nano", "arm64"),
        ("m7gd.large", "arm64"),
        ("c7gn.large", "arm64"),
        ("a1.medium", "arm64"),
        ("t3.micro", "x86_64"),
        ("g4dn.xlarge", "x86_64"),
        ("m7i.large", "x86_64"),
    ],
)
def test_the_architecture_is_read_off_the_family(instance_type: str, expected: str) -> None:
    assert architecture(instance_type) == expected


def host(key: str, instance_type: str) -> Instance:
    return Instance(key=key, image=Param("Image"), instance_type=instance_type)


def test_a_new_stack_gets_the_newest_image_of_its_architecture(place: Fixture, heard: Fixture) -> None:
    found = {}
    for instance_type in ("t4g.nano", "t3.nano"):
        region = RegionPlan(region="eu-central-1", resources=(host("Bastion", instance_type),), parameters=(IMAGE,))
        found[instance_type] = parameter_values(place.site, region, None, {}, heard)["Image"]
    assert all(str(image).startswith("ami-") for image in found.values())
    assert found["t4g.nano"] != found["t3.nano"]
    assert "arm64" in heard.notes[0]


def test_a_stack_keeps_its_image(place: Fixture, heard: Fixture) -> None:
    region = RegionPlan(region="eu-central-1", resources=(host("Bastion", "t4g.nano"),), parameters=(IMAGE,))
    stack = StackState(name="s", stack_id="s", status="UPDATE_COMPLETE", parameters={"Image": "ami-1"})
    assert parameter_values(place.site, region, stack, {}, heard) == {"Image": None}
    assert parameter_values(place.site, region, stack, {"Image": "ami-2"}, heard) == {"Image": "ami-2"}
    assert heard.notes == []


@pytest.mark.parametrize("types", [(), ("t4g.nano", "t3.nano")])
def test_an_image_without_one_architecture_has_to_be_named(
    place: Fixture, heard: Fixture, types: tuple[str, ...]
) -> None:
    hosts = tuple(host(f"Host{number}", name) for number, name in enumerate(types))
    region = RegionPlan(region="eu-central-1", resources=hosts, parameters=(IMAGE,))
    with pytest.raises(InputRefused, match="image not known") as stop:
        parameter_values(place.site, region, None, {}, heard)
    assert "--parameter Image=" in stop.value.hint
