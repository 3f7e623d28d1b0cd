"""Topics and their subscribers in Terraform."""

from __future__ import annotations

from mainstay.formats.lists import link
from mainstay.formats.scalars import boolean, text
from mainstay.formats.table import Row
from mainstay.formats.terraform.blocks import Blocks
from mainstay.formats.terraform.codecs import Alone
from mainstay.formats.terraform.policies import policy
from mainstay.formats.terraform.tables.rows import tags
from mainstay.plan.resources import Subscription, Topic, TopicPolicy

TOPIC = Blocks(
    "aws_sns_topic",
    Topic,
    (
        Row("name", "aws_sns_topic.name", text),
        Row("display_name", "aws_sns_topic.display_name", text),
        Row("key_id", "aws_sns_topic.kms_master_key_id", link("id", "arn", "key_id")),
        Row("is_fifo", "aws_sns_topic.fifo_topic", boolean),
        tags("aws_sns_topic"),
    ),
    ref_is="arn",
)

TOPIC_POLICY = Blocks(
    "aws_sns_topic_policy",
    TopicPolicy,
    (
        Row("topics", "aws_sns_topic_policy.arn", Alone(link("arn"))),
        Row("policy", "aws_sns_topic_policy.policy", policy),
    ),
)

SUBSCRIPTION = Blocks(
    "aws_sns_topic_subscription",
    Subscription,
    (
        Row("topic", "aws_sns_topic_subscription.topic_arn", link("arn")),
        Row("protocol", "aws_sns_topic_subscription.protocol", text),
        Row("endpoint", "aws_sns_topic_subscription.endpoint", text),
    ),
    ref_is="arn",
    needs=("aws_sns_topic_subscription.endpoint",),
)

TABLES: tuple[Blocks, ...] = (TOPIC, TOPIC_POLICY, SUBSCRIPTION)
