"""What somebody changed in a module is kept: in a field where the plan has one, else among the extras."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from mainstay.core.errors import InputRefused
from mainstay.formats.terraform import read, render
from mainstay.plan.patterns import EventPattern, Match
from mainstay.plan.plan import Output, OutputOf, Parameter, Plan, RegionPlan
from mainstay.plan.policies import InlinePolicy, Policy, Principal, Statement
from mainstay.plan.resources import (
    AccessLogging,
    Bucket,
    CompositeAlarm,
    DbInstance,
    DbProxy,
    EventRule,
    EventTarget,
    FlowLog,
    Function,
    GatewayAttachment,
    GeneratedSecret,
    InstanceProfile,
    Key,
    LifecycleRule,
    NestedStack,
    Opaque,
    OptionGroup,
    ParameterGroup,
    Resource,
    Role,
    RulePeer,
    Secret,
    SecretAttachment,
    SecurityGroup,
    Subscription,
    Vpc,
)
from mainstay.plan.resources import (
    DbOption as Option,
)
from mainstay.plan.values import Attr, If, Json, Param, Ref, SecretField, Unknown

POLICY = Policy((Statement(principals=(Principal("Service", "rds.amazonaws.com"),), actions=("a:b",)),))
CLASS = "db.t4g.micro"
GENERATED = GeneratedSecret(template='{"username": "${x}"}', key="password")
PLAN = Plan(
    regions=(
        RegionPlan(
            region="eu-west-1",
            stack="shop-dev",
            resources=(
                Vpc(key="Net", cidr="10.0.0.0/16"),
                SecurityGroup(
                    key="Group", description="d", vpc=Ref("Net"), ingress=(RulePeer(protocol="-1", cidr="10.0.0.0/8"),)
                ),
                FlowLog(key="Log", vpc=Ref("Net"), resource_type="VPC", destination_type="s3", destination="arn:b"),
                Key(key="Key", policy=POLICY),
                Secret(key="Login", generate=GENERATED),
                Secret(key="Word", generate=GeneratedSecret(length=20)),
                SecretAttachment(key="LoginAttachment", secret=Ref("Login"), target=Ref("Db")),
                Role(key="Role", trust=POLICY, policies=(InlinePolicy("One", POLICY),), managed_policies=("arn:p",)),
                ParameterGroup(key="Settings", family="postgres17", description="d", parameters={"work_mem": "1"}),
                OptionGroup(
                    key="Options",
                    engine="mysql",
                    major_version="8.4",
                    description="d",
                    options=(Option(name="A", settings={"x": "1"}),),
                ),
                DbInstance(key="Db", instance_class=CLASS, password=SecretField(Ref("Login"), "password")),
                Bucket(key="Logged", logging=AccessLogging(bucket=Ref("Bucket"))),
                Bucket(key="Bucket", lifecycle=(LifecycleRule(name="r", prefix="p/"), LifecycleRule())),
                EventRule(key="Rule", pattern=EventPattern((Match(("source",), ("aws.rds",)),))),
            ),
            parameters=(Parameter(name="Word", pattern="a+", allowed=("a", "aa")),),
            outputs=(Output(name="Answer", value=Attr("Net", "id"), export="shop-net"),),
        ),
    )
)
Change = Callable[[dict[str, Any]], object]


def changed(change: Change, file: str = "main.tf.json") -> dict[str, str]:
    files = render(PLAN)
    content = json.loads(files[file])
    change(content)
    return {**files, file: json.dumps(content)}


def resource(type_name: str, label: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda main: main["resource"][type_name][label]


def test_the_plan_is_read_back() -> None:
    assert read(render(PLAN)) == PLAN


@pytest.mark.parametrize(
    ("change", "key", "path"),
    [
        (lambda main: resource("aws_vpc", "net")(main).update(ipv6_native=True), "Net", "aws_vpc.ipv6_native"),
        (lambda main: resource("aws_flow_log", "log")(main)["//"].update(owner="me"), "Log", "aws_flow_log.//"),
        (
            lambda main: resource("aws_vpc", "net")(main).update(depends_on=["aws_vpc.other"]),
            "Net",
            "aws_vpc.depends_on",
        ),
        (
            lambda main: resource("aws_s3_bucket_lifecycle_configuration", "bucket")(main).update(expected="1"),
            "Bucket",
            "aws_s3_bucket_lifecycle_configuration.expected",
        ),
        (
            lambda main: resource("aws_s3_bucket_lifecycle_configuration", "bucket")(main).update(rule="${var.word}"),
            "Bucket",
            "aws_s3_bucket_lifecycle_configuration.rule",
        ),
        (
            lambda main: resource("aws_db_parameter_group", "settings")(main)["parameter"][0].update(apply_method="x"),
            "Settings",
            "aws_db_parameter_group.parameter",
        ),
        (
            lambda main: resource("aws_db_parameter_group", "settings")(main).update(parameter="${var.word}"),
            "Settings",
            "aws_db_parameter_group.parameter",
        ),
        (
            lambda main: resource("aws_cloudwatch_event_rule", "rule")(main).update(event_pattern="{}"),
            "Rule",
            "aws_cloudwatch_event_rule.event_pattern",
        ),
        (
            lambda main: resource("aws_secretsmanager_secret_version", "login")(main).update(secret_string_wo="x"),
            "Login",
            "aws_secretsmanager_random_password",
        ),
        (
            lambda main: resource("aws_secretsmanager_secret_version", "login")(main).update(version_stages=["A"]),
            "Login",
            "aws_secretsmanager_secret_version",
        ),
        (
            lambda main: resource("aws_iam_role_policy_attachment", "role")(main).update(more="x"),
            "Role",
            "aws_iam_role_policy_attachment",
        ),
        (
            lambda main: main["data"]["aws_iam_policy_document"]["key"]["statement"][0]["principals"][0].update(a=1),
            "Key",
            "aws_kms_key.policy.statement",
        ),
        (
            lambda main: resource("aws_security_group", "group")(main).update(
                ingress=[{"protocol": "tcp", "cidr_blocks": ["10.0.0.0/8", "11.0.0.0/8"]}]
            ),
            "Group",
            "aws_security_group.ingress",
        ),
        (lambda main: resource("aws_kms_key", "key")(main).update(policy="${var.word}"), "Key", "aws_kms_key.policy"),
        (
            lambda main: resource("aws_security_group", "group")(main).update(egress="${var.word}"),
            "Group",
            "aws_security_group.egress",
        ),
    ],
)
def test_what_the_tables_do_not_know_is_an_extra_and_is_written_again(change: Change, key: str, path: str) -> None:
    files = changed(change)
    again = read(files)
    found = again.primary[key].extras
    assert any(one.startswith(path) for one in found), found
    assert read(render(again)) == again
    assert json.loads(render(again)["main.tf.json"])["resource"] == json.loads(files["main.tf.json"])["resource"]


def test_an_attachment_that_was_changed_is_no_longer_one() -> None:
    files = changed(
        lambda main: resource("aws_secretsmanager_secret_version", "login_attachment")(main).update(
            secret_string_wo_version=2
        )
    )
    with pytest.raises(InputRefused):
        render(read(files))


def test_an_attachment_of_other_fields_is_kept_as_it_is() -> None:
    def change(main: dict[str, Any]) -> None:
        version = resource("aws_secretsmanager_secret_version", "login_attachment")(main)
        version["secret_string_wo"] = version["secret_string_wo"].replace("host =", "hostname =")

    found = read(changed(change)).primary["LoginAttachment"].extras
    assert "aws_secretsmanager_secret_version.secret_string_wo" in found


def test_a_type_without_a_table_is_kept_whole() -> None:
    queue: dict[str, Json] = {"name": "${var.word}-q", "redrive": [{"a": 1}]}
    files = changed(lambda main: main["resource"].update(aws_sqs_queue={"jobs": queue}))
    again = read(files)
    assert again.primary["Jobs"] == Opaque(key="Jobs", type="aws_sqs_queue", properties=queue)
    assert json.loads(render(again)["main.tf.json"])["resource"]["aws_sqs_queue"] == {"jobs": queue}


def test_a_block_may_stand_in_a_list_of_one() -> None:
    def change(main: dict[str, Any]) -> None:
        main["resource"]["aws_vpc"]["net"] = [main["resource"]["aws_vpc"]["net"]]

    assert read(changed(change)) == PLAN


def test_variables_keep_what_people_wrote() -> None:
    def change(variables: dict[str, Any]) -> None:
        word = variables["variable"]["word"]
        word["nullable"] = False
        word["validation"] += [
            {"condition": "${length(var.word) > 1}", "error_message": "x"},
            {"condition": "${contains(local.a, var.word)}", "error_message": "x"},
            {"condition": '${can(regex("b+", var.word))}', "error_message": "x"},
            {"error_message": "x"},
        ]

    (word,) = read(changed(change, "variables.tf.json")).primary.parameters
    assert (word.pattern, word.allowed) == ("a+", ("a", "aa"))
    assert word.extras["nullable"] is False
    assert len(word.extras["validation"]) == 4  # type: ignore[arg-type]


def test_one_check_may_stand_without_a_list() -> None:
    def change(variables: dict[str, Any]) -> None:
        word = variables["variable"]["word"]
        word["validation"] = word["validation"][0]

    (word,) = read(changed(change, "variables.tf.json")).primary.parameters
    assert (word.pattern, word.allowed) == (None, ("a", "aa"))


def test_resources_and_their_fields_stand_where_they_were_written() -> None:
    text = (
        '{\n "resource": {\n  "aws_sns_topic": {"t": {\n   "name": "a",\n   "kms_master_key_id": "k"\n  }},\n'
        '  "aws_other": {"o": {}}\n }\n}\n'
    )
    region = read({"main.tf.json": text}).primary
    topic, other = region["T"].origin, region["O"].origin
    assert topic is not None
    assert other is not None
    assert (topic.file, topic.line, topic.column) == ("main.tf.json", 3, 21)
    parts = ("name", "key_id", "kms_master_key_id", "display_name", "")
    assert [topic.of(part).line for part in parts] == [4, 5, 5, 3, 3]
    assert (other.line, other.of("name").line) == (7, 7)


@pytest.mark.parametrize("fate", [{}, [], 5, "gone"])
def test_a_fate_that_is_none_is_kept_as_it_was_written(fate: Json) -> None:
    text = json.dumps({"resource": {"aws_sns_topic": {"t": {"//": {"on_delete": fate}}}}})
    topic = read({"main.tf.json": text}).primary["T"]
    assert topic.on_delete is None
    assert topic.extras == {"aws_sns_topic.//": {"on_delete": fate}}


@pytest.mark.parametrize("order", [5, [{}, "Word"], [["x"]]])
def test_an_order_that_is_none_is_passed_over(order: Json) -> None:
    text = json.dumps({"//": {"mainstay": {"Parameters": order}}, "variable": {"word": {}}})
    assert [one.name for one in read({"main.tf.json": text}).primary.parameters] == ["Word"]


@pytest.mark.parametrize(("text", "reason"), [("{", "Expecting"), ("[]", "holds no object")])
def test_what_is_no_module_is_refused_with_the_file(text: str, reason: str) -> None:
    with pytest.raises(InputRefused) as caught:
        read({"main.tf.json": text})
    assert caught.value.summary == "no module of Mainstay"
    assert "main.tf.json" in str(caught.value.detail)
    assert reason in str(caught.value.detail)


def test_what_stands_beside_the_sections_is_passed_over() -> None:
    assert read({"main.tf.json": '{"resource": 1, "data": {"aws_x": 2}}', "notes.txt": "x"}).primary.resources == ()


WORD = Parameter(name="A")
LONG = Parameter(name="A", extras={"Hint": 1})
FILLED = Parameter(name="A", source=OutputOf("eu-west-1", "O"))
VARIED = GeneratedSecret(template=Param("A"), key="p")
CONDITIONAL = Output(name="O", value="x", extras={"Condition": "C"})
TARGETS = (EventTarget(name="a", arn="b"), EventTarget(name="c", arn="d", input_paths={"e": "$.f"}))
PROXY = DbProxy(key="P", name="p", engine_family="MYSQL", role="r", subnets=())
TELLING = Output(name="O", value=SecretField(Ref("S"), "a"))


SECRET = Secret(key="S")


def one(*resources: Resource, **region: Any) -> Plan:
    return Plan(regions=(RegionPlan(region="eu-west-1", resources=(Vpc(key="Net", cidr="c"), *resources), **region),))


REFUSED_PLANS = [
    (one(NestedStack(key="Child", template_url="u")), "'Child'", "belong.*|stand-alone form"),
    (one(Function(key="Fn", role="arn:r", code_text="pass")), "'Fn'", "no argument for its code_text"),
    (one(Opaque(key="Q", type="AWS::SQS::Queue")), "'Q'", "a type of another tool"),
    (one(Vpc(key="V", cidr="c", extras={"Ipv6": 1})), "'V'", "a property of another tool"),
    (one(Vpc(key="V", cidr=If("Big", "a", "b"))), "'V'", "the condition 'Big'"),
    (
        one(DbInstance(key="Db", instance_class=CLASS, engine=SecretField(Ref("S"), "a")), SECRET),
        "'Db'",
        "would be stored in the state",
    ),
    (one(Secret(key="S", generate=GeneratedSecret(key="password"))), "'S'", "or neither"),
    (
        one(Secret(key="S", generate=VARIED), parameters=(WORD,)),
        "'S'",
        "written out",
    ),
    (one(SecretAttachment(key="A", secret="arn:s", target="db")), "'A'", "of the plan"),
    (one(InstanceProfile(key="P", roles=("a", "b"))), "'P'", "takes one value"),
    (one(FlowLog(key="L", vpc="v", resource_type="VPC", log_group="g", destination="d")), "'L'", "not to both"),
    (one(FlowLog(key="L", vpc="v", resource_type="VPC", destination="d")), "'L'", "its log group"),
    (one(Vpc(key="V", cidr="c"), extras={"Mappings": {}}), "'the plan'", "Mappings"),
    (
        one(Vpc(key="V", cidr="c"), parameters=(LONG,)),
        "'variables'",
        "Hint",
    ),
    (
        one(Vpc(key="V", cidr="c"), outputs=(CONDITIONAL,)),
        "'outputs'",
        "Condition",
    ),
    (one(Secret(key="S"), outputs=(TELLING,)), "'outputs'", "tell a secret"),
    (one(Vpc(key="V", cidr="c"), parameters=(FILLED,)), "", "waits"),
    (one(DbInstance(key="D")), "'D'", r"cannot do without aws_db_instance\.instance_class"),
    (one(Subscription(key="S", topic="t", protocol="email")), "'S'", r"cannot do without .*\.endpoint"),
    (one(GatewayAttachment(key="G", vpc="v")), "'G'", r"cannot do without .*\.internet_gateway_id"),
    (one(CompositeAlarm(key="C", rule="r", suppressor="a")), "'C'", r"cannot do without .*\.extension_period"),
    (one(EventRule(key="R", targets=TARGETS)), "'R'", r"cannot do without .*\.input_transformer\.input_template"),
    (one(PROXY, outputs=(Output(name="O", value=Attr("P", "vpc_id")),)), "'outputs'", "does not show the vpc_id"),
]


@pytest.mark.parametrize(("plan", "subject", "reason"), REFUSED_PLANS, ids=[reason for _, _, reason in REFUSED_PLANS])
def test_what_terraform_cannot_express_is_refused_by_name(plan: Plan, subject: str, reason: str) -> None:
    with pytest.raises(InputRefused) as caught:
        render(plan)
    assert subject in str(caught.value.detail)
    assert re.search(reason, str(caught.value.detail))


def test_what_a_plan_leaves_to_aws_and_the_provider_wants_is_written_and_read_as_nothing() -> None:
    function = Function(key="Fn", role="arn:r", log_group="g")
    bucket = Bucket(
        key="B", lifecycle=(LifecycleRule(name="r"), LifecycleRule(prefix="p/")), logging=AccessLogging(prefix="l/")
    )
    plan = Plan(regions=(RegionPlan(region="eu-west-1", resources=(bucket, function)),))
    files = render(plan)
    main = json.loads(files["main.tf.json"])["resource"]
    assert main["aws_lambda_function"]["fn"]["logging_config"] == {"log_group": "g", "log_format": "Text"}
    rules = main["aws_s3_bucket_lifecycle_configuration"]["b"]["rule"]
    assert [rule["id"] for rule in rules] == ["r", "mainstay-rule-2"]
    assert main["aws_s3_bucket_logging"]["b"]["target_bucket"] == "${aws_s3_bucket.b.id}"
    assert read(files) == plan
    said = dataclasses.replace(function, log_format="Text")
    whole = Plan(regions=(RegionPlan(region="eu-west-1", resources=(said,)),))
    assert read(render(whole)) == whole


def test_an_output_of_elsewhere_has_to_be_an_attribute() -> None:
    near = RegionPlan(region="a-b-1", parameters=(Parameter(name="K", source=OutputOf("c-d-1", "O")),))
    far = RegionPlan(region="c-d-1", outputs=(Output(name="O", value="text"), Output(name="P", value="x")))
    with pytest.raises(InputRefused) as caught:
        render(Plan(regions=(near, far)))
    assert "no attribute of a block is the output 'O' of c-d-1" in str(caught.value.detail)


def test_two_blocks_never_share_a_name() -> None:
    policies = (InlinePolicy("One", POLICY), InlinePolicy("Two", POLICY))
    crowded = one(Role(key="Role", trust=POLICY, policies=policies))
    region = crowded.primary
    both = (*region.resources, Role(key="Role_1", trust=POLICY, policies=policies[:1]))
    with pytest.raises(InputRefused) as caught:
        render(dataclasses.replace(crowded, regions=(dataclasses.replace(region, resources=both),)))
    assert "two blocks with one name" in caught.value.summary


def test_a_secret_without_a_version_of_ours_is_read_by_its_id() -> None:
    plan = one(Secret(key="S"))
    region = plan.primary
    database = DbInstance(key="Db", instance_class=CLASS, password=SecretField(Ref("S"), "password"))
    both = dataclasses.replace(region, resources=(*region.resources, database))
    files = render(Plan(regions=(both,)))
    assert json.loads(files["main.tf.json"])["ephemeral"]["aws_secretsmanager_secret_version"] == {
        "s": {"secret_id": "${aws_secretsmanager_secret.s.id}"}
    }


def test_a_value_of_elsewhere_that_is_gone_stays_what_was_written() -> None:
    key = Key(key="Far", policy=POLICY)
    far = RegionPlan(region="c-d-1", resources=(key,), outputs=(Output(name="O", value=Attr("Far", "arn")),))
    near = RegionPlan(
        region="a-b-1",
        resources=(Vpc(key="Net", cidr="c", tags={"Key": Param("K")}),),
        parameters=(Parameter(name="K", source=OutputOf("c-d-1", "O")),),
    )
    plan = Plan(regions=(near, far))
    files = render(plan)
    assert read(files) == plan
    other = json.loads(files["c-d-1.tf.json"])
    del other["output"]
    again = read({**files, "c-d-1.tf.json": json.dumps(other)})
    (net,) = again.primary.of(Vpc)
    assert net.tags["Key"] == Unknown("an expression that only Terraform can evaluate", "${aws_kms_key.c_d_1_far.arn}")


def test_what_is_said_stays_said_where_silence_would_mean_the_same() -> None:
    said = DbInstance(key="Db", instance_class=CLASS, applies_immediately=True)
    plan = Plan(regions=(RegionPlan(region="", resources=(said,)),))
    files = render(plan)
    assert read(files) == plan
    main = json.loads(files["main.tf.json"])
    main["resource"]["aws_db_instance"]["db"]["//"]["said"] = []
    (silent,) = read({**files, "main.tf.json": json.dumps(main)}).primary.resources
    assert silent == DbInstance(key="Db", instance_class=CLASS)
    main["resource"]["aws_db_instance"]["db"]["//"]["said"] = 5
    (kept,) = read({**files, "main.tf.json": json.dumps(main)}).primary.resources
    assert kept == dataclasses.replace(silent, extras={"aws_db_instance.//": {"said": 5}})
