"""Topics and their subscribers in CloudFormation."""

from mainstay.formats.cloudformation.codecs import tags
from mainstay.formats.cloudformation.policies import policy
from mainstay.formats.lists import link, links
from mainstay.formats.scalars import boolean, text
from mainstay.formats.table import Row, Table
from mainstay.plan.resources import Subscription, Topic, TopicPolicy

TOPIC = Table(
    "AWS::SNS::Topic",
    Topic,
    (
        Row("name", "TopicName", text),
        Row("display_name", "DisplayName", text),
        Row("key_id", "KmsMasterKeyId", link("id", "arn", "key_id")),
        Row("is_fifo", "FifoTopic", boolean),
        Row("tags", "Tags", tags),
    ),
    attributes={"arn": "TopicArn", "name": "TopicName"},
    ref_is="arn",
)

TOPIC_POLICY = Table(
    "AWS::SNS::TopicPolicy",
    TopicPolicy,
    (Row("topics", "Topics", links("arn")), Row("policy", "PolicyDocument", policy)),
    ref_attributes=("Id",),
)

SUBSCRIPTION = Table(
    "AWS::SNS::Subscription",
    Subscription,
    (
        Row("topic", "TopicArn", link("arn")),
        Row("protocol", "Protocol", text),
        Row("endpoint", "Endpoint", text),
    ),
    attributes={"arn": "Arn"},
    ref_is="arn",
)

TABLES = (TOPIC, TOPIC_POLICY, SUBSCRIPTION)
