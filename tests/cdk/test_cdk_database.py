"""The construct writes what `mainstay synth` writes, and what stands beside it in a stack is prefixed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.cdk.conftest import ROOT, SMALL, StackMaker, normalised

from mainstay import api, cdk
from mainstay.core.errors import InputRefused
from mainstay.formats import cloudformation

jsii = pytest.importorskip("jsii")
aws_cdk = pytest.importorskip("aws_cdk")

BLUEPRINTS = sorted((ROOT / "blueprints").glob("*.yaml"))
CASES = [(path, environment) for path in BLUEPRINTS for environment in ("dev", "prod")]


@cache
def written(path: Path, environment: str) -> dict[str, dict[str, Any]]:
    """What `mainstay synth` writes, by region."""
    files = api.synth(path, environment=environment).files
    return {name.split(".")[-3]: json.loads(text) for name, text in files.items()}


@pytest.fixture(scope="module")
def synthesised_once(tmp_path_factory: pytest.TempPathFactory, ca_bundle: Path) -> Mapping[str, Any]:
    """Every blueprint in every environment, a stack each, in one app: its directory and templates by stack."""
    app = aws_cdk.App(outdir=str(tmp_path_factory.mktemp("out")))
    for path, environment in CASES:
        region = next(iter(written(path, environment)))
        stack = aws_cdk.Stack(app, f"{path.stem}-{environment}", env=aws_cdk.Environment(region=region))
        cdk.Database(stack, "Database", spec=path, environment=environment, ca_bundle=ca_bundle)
    folder = Path(app.synth().directory)
    names = {f"{path.stem}-{environment}" for path, environment in CASES}
    templates = {name: json.loads((folder / f"{name}.template.json").read_text(encoding="utf-8")) for name in names}
    return {"folder": folder, "templates": templates}


def code_of(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Where each function's code lies."""
    resources = template["Resources"].items()
    return {key: one["Properties"]["Code"] for key, one in resources if one["Type"] == "AWS::Lambda::Function"}


def filled_in(node: Any, values: Mapping[str, Any]) -> Any:
    """A template with values in the place of parameters."""
    if isinstance(node, dict):
        if node.keys() == {"Ref"} and node["Ref"] in values:
            return values[node["Ref"]]
        return {name: filled_in(value, values) for name, value in node.items()}
    return [filled_in(value, values) for value in node] if isinstance(node, list) else node


@pytest.mark.parametrize(("path", "environment"), CASES, ids=lambda one: getattr(one, "stem", one))
def test_the_template_is_that_of_mainstay_synth(
    path: Path, environment: str, synthesised_once: Mapping[str, Any]
) -> None:
    theirs = normalised(synthesised_once["templates"][f"{path.stem}-{environment}"])
    ours = next(iter(written(path, environment).values()))
    values: dict[str, Any] = {}
    for key, place in code_of(theirs).items():
        values |= {"CodeBucket": place["S3Bucket"], f"{key}Code": place["S3Key"]}
    expected = normalised(filled_in(ours, values))
    left = {name: one for name, one in expected.get("Parameters", {}).items() if name not in values}
    expected = {**expected, "Parameters": left} if left else {k: v for k, v in expected.items() if k != "Parameters"}
    assert theirs == expected


def test_functions_are_assets_that_lie_beside_the_template(synthesised_once: Mapping[str, Any]) -> None:
    folder, found = synthesised_once["folder"], 0
    for template in synthesised_once["templates"].values():
        for place in code_of(template).values():
            bucket = place["S3Bucket"]["Fn::Sub"]
            assert bucket.startswith("cdk-hnb659fds-assets-${AWS::AccountId}-")
            assert (folder / f"asset.{place['S3Key']}").read_bytes().startswith(b"PK")
            found += 1
    assert found > 5


def test_what_the_template_says_of_itself_can_be_read_back(synthesised_once: Mapping[str, Any]) -> None:
    template = synthesised_once["templates"]["postgres-ecommerce-prod"]
    plan = cloudformation.read(json.dumps(template), file="template.json")
    assert (plan.intent.name, plan.intent.environment, plan.primary.region) == ("shop", "prod", "eu-central-1")
    assert plan.intent.drill is not None
    assert plan.intent.drill.checks


def test_a_design_further_down_the_stack_is_prefixed(
    new_stack: StackMaker, synthesised: Callable[[Any], dict[str, Any]]
) -> None:
    stack = new_stack(region="eu-central-1")
    cdk.Database(stack, "Orders", spec=SMALL)
    second = cdk.Database(stack, "Stock", spec={**SMALL, "name": "stock"})
    part = aws_cdk.aws_iam.Group(stack, "Part")
    cdk.Database(part, "Bills", spec={**SMALL, "name": "bills"})
    cdk.Database(stack, "Named", spec={**SMALL, "name": "named"}, prefix="Own")
    template = synthesised(stack)
    alone = new_stack(region="eu-central-1", app=aws_cdk.App())
    cdk.Database(alone, "Anything", spec={**SMALL, "name": "stock"})
    expected = normalised(cloudformation.prefixed(synthesised(alone), "Stock"))
    resources = normalised(template)["Resources"]
    assert {key: one for key, one in resources.items() if key.startswith("Stock")} == expected["Resources"]
    assert {"Database", "StockDatabase", "PartBillsDatabase", "OwnDatabase"} <= resources.keys()
    assert template["Outputs"]["StockDatabaseEndpoint"]["Export"] == {"Name": "stock-dev-endpoint"}
    assert set(template["Metadata"]) == {"Mainstay", "MainstayStock", "MainstayPartBills", "MainstayOwn"}
    assert second.resource("Database").logical_id
    assert stack.resolve(second.instance.instance_identifier) == {"Ref": "StockDatabase"}


def test_two_designs_cannot_share_a_name_or_a_prefix(new_stack: StackMaker) -> None:
    stack = new_stack()
    cdk.Database(stack, "Orders", spec=SMALL)
    with pytest.raises(InputRefused, match=r"Stack Stack already holds shop-dev"):
        cdk.Database(stack, "Again", spec=SMALL)
    with pytest.raises(InputRefused, match=r"logical ids of another begin with ''"):
        cdk.Database(stack, "Second", spec={**SMALL, "name": "second"}, prefix="")
    for prefix in ("a-b", "1a", "a" * 65):
        with pytest.raises(InputRefused, match=f"'{prefix}' cannot begin a logical id"):
            cdk.Database(stack, f"P{prefix}", spec={**SMALL, "name": "third"}, prefix=prefix)
    assert cdk.Database(stack, "Fourth", spec={**SMALL, "name": "fourth"}, prefix="a" * 64).identifier


def test_it_stands_in_a_nested_stack_whose_parameters_are_given(
    new_stack: StackMaker, synthesised: Callable[[Any], dict[str, Any]], tmp_path: Path, ca_bundle: Path
) -> None:
    stack = new_stack(region="eu-central-1")
    with_bastion = {**SMALL, "access": {"bastion": {}}}
    with pytest.raises(InputRefused, match=r"leaves open: BastionImage"):
        cdk.Database(aws_cdk.NestedStack(stack, "Open"), "Orders", spec=with_bastion)
    nested = aws_cdk.NestedStack(stack, "Data")
    image = aws_cdk.CfnParameter(stack, "Image", type="AWS::EC2::Image::Id")
    rotating = {**with_bastion, "credentials": {"rotation": {"every": "30d"}}}
    given = {"BastionImage": image.value_as_string}
    cdk.Database(nested, "Orders", spec=rotating, parameters=given, ca_bundle=ca_bundle)
    synthesised(stack)
    template = json.loads((tmp_path / "out" / nested.template_file).read_text(encoding="utf-8"))
    (parameter,) = template["Parameters"]
    assert template["Resources"]["Bastion"]["Properties"]["ImageId"] == {"Ref": parameter}
    (place,) = code_of(template).values()
    assert (tmp_path / "out" / f"asset.{place['S3Key']}").is_file()
    assert "Database" in template["Resources"]


def test_parameters_stay_open_in_a_stack_and_a_wrong_one_is_named(
    new_stack: StackMaker, synthesised: Callable[[Any], dict[str, Any]]
) -> None:
    with_bastion = {**SMALL, "access": {"bastion": {}}}
    stack = new_stack(region="eu-central-1")
    with pytest.raises(InputRefused, match=r"no parameter 'BastionImages'.*\n.*did you mean BastionImage"):
        cdk.Database(stack, "Wrong", spec={**with_bastion, "name": "wrong"}, parameters={"BastionImages": "ami-1"})
    stack = new_stack(region="eu-central-1", app=aws_cdk.App())
    cdk.Database(stack, "Orders", spec=with_bastion)
    assert synthesised(stack)["Parameters"]["BastionImage"]["Type"] == "AWS::EC2::Image::Id"


def test_functions_that_log_in_need_certificates(new_stack: StackMaker, ca_bundle: Path) -> None:
    rotating = {**SMALL, "credentials": {"rotation": {"every": "30d"}}}
    from mainstay.core.errors import EnvironmentLacking  # noqa: PLC0415 - beside its only use

    stack = new_stack(region="eu-central-1")
    with pytest.raises(EnvironmentLacking, match=r'download https://truststore.*ca_bundle="global-bundle.pem"'):
        cdk.Database(stack, "Orders", spec=rotating)
    with pytest.raises(EnvironmentLacking, match=r"nowhere.pem: No such file.*\n.*into the app and give ca_bundle="):
        cdk.Database(stack, "Missing", spec={**rotating, "name": "missing"}, ca_bundle="nowhere.pem")
    stack = new_stack(region="eu-central-1", app=aws_cdk.App())
    given = {"CodeBucket": "code", "RotationFunctionCode": "rotation.zip"}
    own = cdk.Database(stack, "Given", spec=rotating, parameters=given)
    assert stack.resolve(own.resource("RotationFunction").code) == {"s3Bucket": "code", "s3Key": "rotation.zip"}


def test_it_stands_in_a_stage_with_its_functions(tmp_path: Path, ca_bundle: Path) -> None:
    app = aws_cdk.App(outdir=str(tmp_path))
    for name in ("Test", "Live"):  # the same design in each, as a pipeline has it
        stage = aws_cdk.Stage(app, name, env=aws_cdk.Environment(region="eu-central-1"))
        stack = aws_cdk.Stack(stage, "Data")
        rotating = {**SMALL, "credentials": {"rotation": {"every": "30d"}}}
        cdk.Database(stack, "Orders", spec=rotating, ca_bundle=ca_bundle)
    app.synth()
    for name in ("Test", "Live"):
        (written,) = (tmp_path / f"assembly-{name}").glob("*.assets.json")
        files = json.loads(written.read_text(encoding="utf-8"))["files"].values()
        sources = [one["source"]["path"] for one in files if one["source"]["packaging"] == "file"]
        assert all((written.parent / source).is_file() for source in sources)
        assert any(source.endswith(".zip") for source in sources)


def tagged(template: Mapping[str, Any], tag: str) -> Iterator[tuple[str, Any]]:
    for key, one in template["Resources"].items():
        for name, value in one.get("Properties", {}).items():
            if name.endswith("Tags") and tag in json.dumps(value):
                yield key, value


def test_tags_aspects_and_removal_policies_are_the_cdk_s_and_ours(
    new_stack: StackMaker, synthesised: Callable[[Any], dict[str, Any]]
) -> None:
    stack = new_stack(region="eu-central-1")
    kept = {**SMALL, "profile": "prod", "protection": {"backup_plan": {"daily": {"keep": "30d"}}}}
    database = cdk.Database(stack, "Orders", spec=kept)
    aws_cdk.Tags.of(database).add("Team", "data")
    seen: list[str] = []

    @jsii.implements(aws_cdk.IAspect)
    class Look:
        def visit(self, node: Any) -> None:
            if isinstance(node, aws_cdk.aws_rds.CfnDBInstance):
                seen.append(node.db_instance_class)

    aws_cdk.Aspects.of(stack).add(Look())
    template = synthesised(stack)
    tags = dict(tagged(template, "Team"))
    assert {"Key": "Team", "Value": "data"} in tags["Database"]
    assert {"Key": "ManagedBy", "Value": "mainstay"} in tags["Database"]
    assert tags["BackupVault"]["Team"] == "data"  # a mapping there
    assert seen[:1] == ["db.t4g.medium"]
    database_, key = template["Resources"]["Database"], template["Resources"]["DatabaseKey"]
    assert (database_["DeletionPolicy"], database_["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
