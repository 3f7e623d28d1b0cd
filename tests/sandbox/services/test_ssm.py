from __future__ import annotations

from typing import Any

import pytest

PUBLIC = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


@pytest.fixture
def ssm(site: Any) -> Any:
    return site.client("ssm")


def test_the_public_image_exists(site: Any, ssm: Any) -> None:
    image = ssm.get_parameter(Name=PUBLIC)["Parameter"]["Value"]
    found = site.client("ec2").describe_images(ImageIds=[image])["Images"][0]
    assert (found["ImageId"], found["Architecture"]) == (image, "x86_64")


def test_parameters_have_versions(ssm: Any, refuses: Any) -> None:
    assert ssm.put_parameter(Name="/app/a", Value="1", Type="String")["Version"] == 1
    with refuses("ParameterAlreadyExists"):
        ssm.put_parameter(Name="/app/a", Value="2", Type="String")
    assert ssm.put_parameter(Name="/app/a", Value="2", Overwrite=True)["Version"] == 2
    arn = ssm.get_parameter(Name="/app/a")["Parameter"]["ARN"]
    assert ssm.get_parameter(Name=arn)["Parameter"]["Value"] == "2"
    answer = ssm.get_parameters(Names=["/app/a", "/app/b"])
    assert [item["Value"] for item in answer["Parameters"]] == ["2"]
    assert answer["InvalidParameters"] == ["/app/b"]
    for name in ("/aws/x", "ssm-x"):
        with refuses("ValidationException"):
            ssm.put_parameter(Name=name, Value="1", Type="String")
    with refuses("ValidationException", "type is required"):
        ssm.put_parameter(Name="/app/c", Value="1")
    ssm.delete_parameter(Name="/app/a")
    for call in (ssm.get_parameter, ssm.delete_parameter):
        with refuses("ParameterNotFound"):
            call(Name="/app/a")


def test_sts_names_the_sandbox(site: Any) -> None:
    who = site.client("sts").get_caller_identity()
    assert who["Account"] == "123456789012"
    assert "sandbox" in who["Arn"]
