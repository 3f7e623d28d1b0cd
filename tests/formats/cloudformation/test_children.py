"""Nested stacks: what a parent hands on and what a child tells arrives, whatever the spelling; nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mainstay.core.errors import InputRefused
from mainstay.formats.cloudformation import Reading, Source, read_tree
from mainstay.formats.cloudformation.children import MOST_LEVELS, MOST_STACKS
from mainstay.formats.cloudformation.children import MOST_RESOURCES as MOST_IN_A_TREE
from mainstay.plan.resources import DbInstance, NestedStack, SecurityGroup, SubnetGroup
from mainstay.plan.values import Attr, If, Json, Param, Ref, Unknown

NETWORK = """\
Parameters:
  Name: {Type: String}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
  B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: !Sub "${Name} db", VpcId: !Ref Vpc}
Outputs:
  Subnets: {Value: !Join [",", [!Ref A, !Ref B]]}
  Group: {Value: !GetAtt Group.GroupId}
"""
DATABASE = """\
Parameters:
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
  Group: {Type: "AWS::EC2::SecurityGroup::Id"}
  Days: {Type: Number, Default: 7}
  Protected: {Type: String, Default: "no"}
Conditions:
  IsProtected: !Equals [!Ref Protected, "yes"]
Resources:
  Rooms: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: d, SubnetIds: !Ref Subnets}}
  Db:
    Type: AWS::RDS::DBInstance
    Properties:
      DBSubnetGroupName: !Ref Rooms
      VPCSecurityGroups: [!Ref Group]
      BackupRetentionPeriod: !Ref Days
      DeletionProtection: !If [IsProtected, true, false]
Outputs:
  Address: {Value: !GetAtt Db.Endpoint.Address}
"""
PARENT = """\
Resources:
  Net: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: net.yaml, Parameters: {Name: shop}}}
  Data:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: db.yaml
      Parameters: {Subnets: !GetAtt Net.Outputs.Subnets, Group: !GetAtt Net.Outputs.Group, Protected: "yes"}
Outputs:
  Address: {Value: !GetAtt Data.Outputs.Address}
"""


def tree(templates: Mapping[str, str], **options: Any) -> Reading:
    def find(url: object, body: Mapping[str, Json], file: str) -> Source | str:
        return Source(templates[url], url) if isinstance(url, str) and url in templates else "it is elsewhere"

    return read_tree(Source(templates["main.yaml"], "main.yaml"), find=find, **options)


def nested(child: str, parameters: str = "{}", **others: str) -> Reading:
    stack = f"{{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: c, Parameters: {parameters}}}}}"
    main = f"Parameters: {{Word: {{Type: String}}}}\nResources:\n  Topic: {{Type: AWS::SNS::Topic}}\n  Stack: {stack}\n"
    return tree({"main.yaml": main, "c": child, **others})


def topic(name: str, kind: str = "String", more: str = "") -> str:
    return (
        f"Parameters: {{P: {{Type: {kind}{more}}}}}\n"
        f"Resources: {{T: {{Type: AWS::SNS::Topic, Properties: {{TopicName: {name}}}}}}}\n"
    )


def test_stacks_are_read_as_one_plan() -> None:
    reading = tree({"main.yaml": PARENT, "net.yaml": NETWORK, "db.yaml": DATABASE})
    region = reading.plan.primary
    assert reading.remarks == ()
    keys = [one.key for one in region.resources]
    assert keys == ["Net", "Data", "Vpc", "A", "B", "Group", "Rooms", "Db"]
    (group,) = region.of(SubnetGroup)
    (database,) = region.of(DbInstance)
    (firewall,) = region.of(SecurityGroup)
    assert group.subnets == (Ref("A"), Ref("B"))
    assert database.subnet_group == Ref("Rooms")
    assert database.security_groups == (Ref("Group"),)
    assert database.backup_retention == 7 * 86_400
    assert database.has_deletion_protection is True
    assert firewall.description == "shop db"
    assert {one.name: one.value for one in region.outputs} == {
        "Address": Attr("Db", "endpoint_address"),
        "Net.Subnets": region.outputs[1].value,
        "Net.Group": Attr("Group", "group_id"),
        "Data.Address": Attr("Db", "endpoint_address"),
    }


def test_places_are_those_of_the_child() -> None:
    region = tree({"main.yaml": PARENT, "net.yaml": NETWORK, "db.yaml": DATABASE}).plan.primary
    origin = region["Db"].origin
    assert origin is not None
    assert (str(origin), str(origin.of("backup_retention"))) == ("db.yaml:10", "db.yaml:15")
    assert str(region["Net"].origin) == "main.yaml:2"


def test_without_a_finder_nested_stacks_stay_closed() -> None:
    reading = read_tree(Source(PARENT, "main.yaml"))
    assert [type(one) for one in reading.plan.primary.resources] == [NestedStack, NestedStack]
    assert reading.plan.primary.outputs[0].value == Attr("Data", "Outputs.Address")
    assert reading.remarks == ()


def test_a_template_that_is_elsewhere_is_remarked_and_unknown() -> None:
    reading = tree({"main.yaml": PARENT, "db.yaml": DATABASE})
    assert [(one.id, one.subject, str(one.origin)) for one in reading.remarks] == [("MS004", "Net", "main.yaml:2")]
    assert "it is elsewhere" in reading.remarks[0].detail
    (database,) = reading.plan.primary.of(DbInstance)
    assert database.security_groups == (Attr("Net", "Outputs.Group"),)
    (group,) = reading.plan.primary.of(SubnetGroup)
    assert all(isinstance(one, Unknown) for one in group.subnets)


@pytest.mark.parametrize(
    ("child", "parameters", "name"),
    [
        (topic("!Ref P"), "{P: a}", "a"),
        (topic("!Ref P"), "{P: 5}", "5"),
        (topic("!Ref P"), "{P: true}", "true"),
        (topic("!Ref P"), "{P: !Ref Word}", Param("Word")),
        (topic("!Ref P"), "{P: !GetAtt Topic.TopicName}", Attr("Topic", "name")),
        (topic("!Ref P", more=", Default: d"), "{}", "d"),
        (topic("!Ref P", more=", Default: d"), "{P: !Ref AWS::NoValue}", "d"),
        (topic("!Ref P"), "{}", Param("Stack.P")),
        (topic("!Ref P", more=", NoEcho: true, Default: d"), "{}", Param("Stack.P")),
        (topic("!Ref P", more=", NoEcho: true"), "{P: a}", "a"),
        (topic("!Ref P", "AWS::SSM::Parameter::Value<String>"), "{P: /a}", Param("Stack.P")),
        (topic("!Select [1, !Ref P]", "CommaDelimitedList"), '{P: "a, b"}', "b"),
        (topic("!Select [1, !Ref P]", "CommaDelimitedList"), "{P: [a, b]}", "b"),
        (topic("!Select [1, !Ref P]", "CommaDelimitedList"), '{P: !Join [",", [a, !Ref Word]]}', Param("Word")),
        (topic("!Select [0, !Ref P]", "CommaDelimitedList"), '{P: !Sub "x${Word}y,b"}', "x${Word}y"),
        (topic("!If [C, a, b]") + "Conditions: {C: !Equals [!Ref P, x]}\n", "{P: x}", "a"),
        (
            topic("!If [C, a, b]") + "Conditions: {C: !Equals [!Ref P, x]}\n",
            "{P: !Ref Word}",
            If("Stack.C", "a", "b"),
        ),
    ],
)
def test_what_is_handed_on_arrives(child: str, parameters: str, name: object) -> None:
    region = nested(child, parameters).plan.primary
    found: Any = region["T"]
    if name == "x${Word}y":
        assert found.name.parts == ("x", Param("Word"), "y")
    else:
        assert found.name == name
    names = {one.name for one in region.parameters}
    assert all(one.name in names for one in [found.name] if isinstance(one, Param))


def test_a_choice_of_lists_is_handed_on() -> None:
    main = (
        "Parameters: {W: {Type: String}}\nConditions: {C: !Equals [!Ref W, x]}\nResources:\n"
        "  S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: c, Parameters: {P: !If [C, 'a,b', 'c']}}}\n"
        "  N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: c, Parameters:"
        " {P: !If [C, 'a,b', !Ref AWS::NoValue]}}}\n"
    )
    child = (
        "Parameters: {P: {Type: CommaDelimitedList}}\nResources:\n"
        "  G: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: d, SubnetIds: !Ref P}}\n"
    )
    groups = list(tree({"main.yaml": main, "c": child}).plan.primary.of(SubnetGroup))
    assert groups[0].subnets == (If("C", ("a", "b"), ("c",)),)
    assert groups[1].subnets == (If("C", ("a", "b"), None),)
    assert [one.address for one in groups] == ["", "N/G"]


@pytest.mark.parametrize("parameters", ["!Ref Word", "{Fn::Transform: {Name: x}}", "[a]"])
def test_parameters_that_are_no_mapping_are_unknown(parameters: str) -> None:
    found: Any = nested(topic("!Ref P", more=", Default: d"), parameters).plan.primary["T"]
    assert isinstance(found.name, Unknown)


def test_a_list_where_one_value_is_wanted_is_unknown() -> None:
    found: Any = nested(topic("!Ref P"), "{P: [a, b]}").plan.primary["T"]
    assert isinstance(found.name, Unknown)


@pytest.mark.parametrize(("commas", "known"), [(999, True), (1_000, False)])
def test_a_list_that_is_handed_on_is_bounded(commas: int, known: bool) -> None:
    found: Any = nested(topic("!Select [1, !Ref P]", "CommaDelimitedList"), f"{{P: '{'a,' * commas}'}}").plan.primary[
        "T"
    ]
    assert isinstance(found.name, Unknown) is not known


def test_a_name_that_is_taken_carries_the_stacks() -> None:
    child = (
        "Resources:\n  Topic: {Type: AWS::SNS::Topic, DependsOn: Policy}\n"
        "  Policy: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Topic}}\n"
    )
    region = nested(child).plan.primary
    assert [(one.key, one.address) for one in region.resources] == [
        ("Topic", ""), ("Stack", ""), ("StackTopic", "Stack/Topic"), ("Policy", ""),
    ]  # fmt: skip
    assert region["StackTopic"].depends_on == (Ref("Policy"),)
    assert getattr(region["Policy"], "name") == Attr("StackTopic", "id")  # noqa: B009  # a field of its kind


def test_an_output_that_is_not_told_is_not_guessed() -> None:
    main = (
        "Resources:\n  S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: c}}\n"
        "Outputs: {A: {Value: !GetAtt S.Outputs.Missing}, B: {Value: !GetAtt S.Outputs.Off}}\n"
    )
    child = (
        "Conditions: {Never: !Equals [a, b]}\nResources: {T: {Type: AWS::SNS::Topic}}\n"
        "Outputs: {Off: {Condition: Never, Value: x}}\n"
    )
    outputs = tree({"main.yaml": main, "c": child}).plan.primary.outputs
    assert [one.value for one in outputs] == [Attr("S", "Outputs.Missing"), Attr("S", "Outputs.Off")]


def test_stacks_that_wait_for_each_other_come_to_an_end() -> None:
    stack = (
        "  {0}: {{Type: AWS::CloudFormation::Stack, Properties: "
        "{{TemplateURL: {1}, Parameters: {{P: !GetAtt {2}.Outputs.O}}}}}}\n"
    )
    main = f"Resources:\n{stack.format('X', 'c', 'Y')}{stack.format('Y', 'd', 'X')}"
    child = topic("!Ref P") + "Outputs: {O: {Value: !Ref P}}\n"
    region = tree({"main.yaml": main, "c": child, "d": child}).plan.primary
    assert [one.key for one in region.resources] == ["X", "Y", "T", "YT"]


def test_a_stack_within_itself_is_refused() -> None:
    stack = "Resources: {{S: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {}}}}}}}\n"
    with pytest.raises(InputRefused, match="in a circle") as refused:
        tree({"main.yaml": stack.format("c"), "c": stack.format("main.yaml")})
    assert "main.yaml, c, main.yaml" in refused.value.detail


def test_a_condition_ends_what_would_be_a_circle() -> None:
    child = (
        "Conditions: {Never: !Equals [a, b]}\n"
        "Resources: {S: {Condition: Never, Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: c}}}\n"
    )
    assert [one.key for one in nested(child).plan.primary.resources] == ["Topic", "Stack"]


def levels(count: int) -> dict[str, str]:
    stack = "Resources: {{S{0}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: t{0}}}}}}}\n"
    return {
        "main.yaml": stack.format(0),
        **{f"t{number}": stack.format(number + 1) for number in range(count)},
        f"t{count}": "Resources: {}\n",
    }


def test_levels_are_bounded() -> None:
    assert len(tree(levels(MOST_LEVELS - 2)).plan.primary.resources) == MOST_LEVELS - 1
    with pytest.raises(InputRefused, match="too many nested stacks"):
        tree(levels(MOST_LEVELS - 1))


@pytest.mark.parametrize(("extra", "refused"), [(0, False), (1, True)])
def test_the_number_of_stacks_is_bounded(extra: int, refused: bool) -> None:
    stack = "{Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: c}}"
    main = "Resources:\n" + "".join(f"  S{number}: {stack}\n" for number in range(MOST_STACKS + extra))
    templates = {"main.yaml": main, "c": "Resources: {T: {Type: AWS::SNS::Topic}}\n"}
    if not refused:
        assert len(tree(templates).plan.primary.resources) == 2 * MOST_STACKS
        return
    with pytest.raises(InputRefused, match="too many nested stacks"):
        tree(templates)


@pytest.mark.parametrize(("each", "refused"), [(1_665, False), (1_666, True)])
def test_the_resources_of_all_stacks_are_bounded(each: int, refused: bool) -> None:
    stack = "{Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: c}}"
    main = "Resources:\n" + "".join(f"  S{number}: {stack}\n" for number in range(3))
    child = "Resources:\n" + "".join(f"  T{number}: {{Type: AWS::SNS::Topic}}\n" for number in range(each))
    if not refused:
        assert len(tree({"main.yaml": main, "c": child}).plan.primary.resources) <= MOST_IN_A_TREE
        return
    with pytest.raises(InputRefused, match="too many resources"):
        tree({"main.yaml": main, "c": child})


def test_outputs_that_are_told_on_and_on_are_worked_out_once() -> None:
    """Each level tells the one above twice what it was told itself: 2 ** 8 readings, if each were read anew."""
    middle = (
        "Resources: {{S{0}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: t{0}}}}}}}\n"
        "Outputs: {{O: {{Value: !Join ['', [" + ", ".join(["!GetAtt S{0}.Outputs.O"] * 50) + "]]}}}}\n"
    )
    templates = {f"t{number}": middle.format(number + 1) for number in range(7)}
    templates["main.yaml"] = middle.format(0)
    templates["t7"] = "Resources: {T: {Type: AWS::SNS::Topic}}\nOutputs: {O: {Value: !Ref T}}\n"
    value = tree(templates).plan.primary.outputs[0].value
    assert "a text of more than 1,000,000 characters" in repr(value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Transform: AWS::LanguageExtensions\nResources: {}\n", "AWS::LanguageExtensions"),
        ("Transform: [A, {Name: AWS::Include, Parameters: {}}, {}]\nResources: {}\n", "A makes of it, what the"),
        ("Fn::Transform: {Name: AWS::Include}\nResources: {}\n", "what Fn::Transform makes of it"),
        ("Resources: {T: {Type: a, Fn::Transform: {Name: x}}}\n", "what Fn::Transform makes of T"),
        ("Resources: {T: {Type: a, Properties: {Fn::Transform: {Name: x}}}}\n", "what Fn::Transform makes of T"),
        ("Resources: {'Fn::ForEach::Topics': [N, [a], {}]}\n", "the loop Fn::ForEach::Topics in Resources"),
        ("Resources: {" + ", ".join(f"'Fn::ForEach::{n}': []" for n in range(7)) + "}\n", "and 2 more"),
    ],
)
def test_what_cloudformation_expands_is_remarked(text: str, says: str) -> None:
    (remark,) = tree({"main.yaml": text}).remarks
    assert says in remark.detail
    assert remark.hint
    (within,) = nested(text).remarks
    assert within.subject == "Stack"


def test_properties_that_are_an_expression_hide_the_template() -> None:
    main = "Resources: {S: {Type: AWS::CloudFormation::Stack}}\n"
    (remark,) = tree({"main.yaml": main}).remarks
    assert "'S' nests a template that is not here" in remark.detail
