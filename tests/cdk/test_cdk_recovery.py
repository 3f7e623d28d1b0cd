"""A design of two regions: a construct in a stack of each, keys of the second handed to the first."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cdk.conftest import ROOT, SMALL, StackMaker, normalised

from mainstay import api, cdk
from mainstay.core.errors import InputRefused

aws_cdk = pytest.importorskip("aws_cdk")
aws_ec2 = pytest.importorskip("aws_cdk.aws_ec2")

Synth = Callable[[Any], dict[str, Any]]
SPEC = ROOT / "blueprints" / "mysql-backup-dr.yaml"
FIRST, SECOND = "us-east-1", "us-west-2"
ACCOUNT = "111111111111"


def crossing(app: Any, name: str, region: str) -> Any:
    place = aws_cdk.Environment(account=ACCOUNT, region=region)
    return aws_cdk.Stack(app, name, env=place, cross_region_references=True)


def test_the_second_region_is_what_mainstay_synth_writes(new_stack: StackMaker, synthesised: Synth) -> None:
    stack = new_stack(region=SECOND)
    recovery = cdk.DisasterRecovery(stack, "Recovery", spec=SPEC, environment="prod")
    files = api.synth(SPEC, environment="prod").files
    (text,) = (text for name, text in files.items() if f".{SECOND}." in name)
    assert normalised(synthesised(stack)) == normalised(json.loads(text))
    assert stack.resolve(recovery.key.key_arn) == {"Fn::GetAtt": ["DatabaseKey", "Arn"]}
    assert stack.resolve(recovery.vault.backup_vault_name) == {"Ref": "BackupVault"}
    assert stack.resolve(recovery.vpc.vpc_id) == {"Ref": "Vpc"}


def test_keys_pass_from_the_second_region_to_the_first(synthesised: Synth, ca_bundle: Path) -> None:
    app = aws_cdk.App()
    second, first = crossing(app, "Second", SECOND), crossing(app, "First", FIRST)
    recovery = cdk.DisasterRecovery(second, "Recovery", spec=SPEC, environment="prod")
    cdk.Database(first, "Database", spec=SPEC, environment="prod", recovery=recovery, ca_bundle=ca_bundle)
    template = synthesised(first)
    assert not {name for name in template["Parameters"] if name.startswith("Recovery")}
    database = template["Resources"]["Database"]["Properties"]
    assert "DatabaseKey" in json.dumps(database["AutomaticBackupReplicationKmsKeyId"])
    manifest = json.loads((Path(app.synth().directory) / "manifest.json").read_text(encoding="utf-8"))
    assert "Second" in manifest["artifacts"]["First"]["dependencies"]


def test_without_it_the_parameters_stay(new_stack: StackMaker, synthesised: Synth, ca_bundle: Path) -> None:
    stack = new_stack(region=FIRST)
    cdk.Database(stack, "Database", spec=SPEC, environment="prod", ca_bundle=ca_bundle)
    assert {"RecoveryKeyArn", "RecoveryVaultKeyArn"} <= synthesised(stack)["Parameters"].keys()


def test_the_recovery_of_another_design_is_refused(new_stack: StackMaker) -> None:
    recovery = cdk.DisasterRecovery(new_stack(region=SECOND), "Recovery", spec=SPEC, environment="dev")
    stack = new_stack(region=FIRST, app=aws_cdk.App())
    with pytest.raises(InputRefused, match="second region of accounts-dev, in us-west-2; accounts-prod needs another"):
        cdk.Database(stack, "Database", spec=SPEC, environment="prod", recovery=recovery)


def test_a_design_of_one_region_has_no_second_and_each_stands_in_its_own(new_stack: StackMaker) -> None:
    stack = new_stack(region=FIRST)
    with pytest.raises(InputRefused, match=r"spec of shop-dev has no disaster_recovery"):
        cdk.DisasterRecovery(stack, "None", spec=SMALL)
    with pytest.raises(
        InputRefused, match="Stack/Wrong is designed for us-west-2, and stack Stack stands in us-east-1"
    ):
        cdk.DisasterRecovery(stack, "Wrong", spec=SPEC)


def test_it_stands_in_a_network_that_exists(new_stack: StackMaker, synthesised: Synth) -> None:
    stack = new_stack(region=SECOND)
    vpc = aws_ec2.Vpc(stack, "Net", max_azs=2)
    recovery = cdk.DisasterRecovery(stack, "Recovery", spec=SPEC, vpc=vpc)
    group = synthesised(stack)["Resources"]["DatabaseGroup"]["Properties"]
    assert group["VpcId"] == stack.resolve(vpc.vpc_id)
    assert recovery.vpc is vpc
