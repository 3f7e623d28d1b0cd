from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def sns(site: Any) -> Any:
    return site.client("sns")


def test_a_topic_is_the_same_when_created_again(sns: Any, refuses: Any) -> None:
    arn = sns.create_topic(Name="alerts", Attributes={"DisplayName": "a"}, Tags=[{"Key": "k", "Value": "v"}])[
        "TopicArn"
    ]
    assert sns.create_topic(Name="alerts")["TopicArn"] == arn
    with refuses("InvalidParameter", "different attributes"):
        sns.create_topic(Name="alerts", Attributes={"DisplayName": "b"})
    for name in ("with space", "x" * 257, "plain.fifo"):
        with refuses("InvalidParameter", "Topic Name"):
            sns.create_topic(Name=name)
    with refuses("InvalidParameter", "AttributeName"):
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Nonsense", AttributeValue="x")
    with refuses("InvalidParameter", "Policy"):
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue="{")
    assert "__default_statement_ID" in sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "l", "Value": "w"}])
    sns.untag_resource(ResourceArn=arn, TagKeys=["k"])
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "l", "Value": "w"}]


def test_an_address_waits_for_its_confirmation(sns: Any, refuses: Any) -> None:
    arn = sns.create_topic(Name="alerts")["TopicArn"]
    assert sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="a@example.com")["SubscriptionArn"] == (
        "pending confirmation"
    )
    real = sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="a@example.com", ReturnSubscriptionArn=True)
    assert real["SubscriptionArn"].startswith(arn + ":")
    queue = sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint="arn:aws:sqs:eu-central-1:123456789012:q")
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert (attributes["SubscriptionsPending"], attributes["SubscriptionsConfirmed"]) == ("1", "1")
    assert len(sns.list_subscriptions()["Subscriptions"]) == 2
    shown = sns.get_subscription_attributes(SubscriptionArn=real["SubscriptionArn"])["Attributes"]
    assert shown["PendingConfirmation"] == "true"
    for protocol, endpoint in (("email", "nobody"), ("pigeon", "x"), ("sqs", "")):
        with refuses("InvalidParameter"):
            sns.subscribe(TopicArn=arn, Protocol=protocol, Endpoint=endpoint)
    sns.unsubscribe(SubscriptionArn=queue["SubscriptionArn"])
    assert len(sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]) == 1
    sns.delete_topic(TopicArn=arn)
    sns.delete_topic(TopicArn=arn)
    assert sns.list_subscriptions()["Subscriptions"] == []
    assert sns.list_topics()["Topics"] == []
    with pytest.raises(sns.exceptions.NotFoundException):
        sns.get_topic_attributes(TopicArn=arn)


def test_messages_are_recorded_unless_the_key_is_closed(site: Any, sns: Any, refuses: Any) -> None:
    kms = site.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    arn = sns.create_topic(Name="alerts", Attributes={"KmsMasterKeyId": key})["TopicArn"]
    sns.publish(TopicArn=arn, Subject="s", Message="m")
    with site.state.reading("eu-central-1") as tx:
        assert [item["Message"] for item in tx.all("sns:message")] == ["m"]
    with refuses("InvalidParameter", "Empty"):
        sns.publish(TopicArn=arn, Message="")
    kms.disable_key(KeyId=key)
    with refuses("KMSDisabled"):
        sns.publish(TopicArn=arn, Message="m")
    with refuses("KMSNotFound"):
        sns.create_topic(Name="other", Attributes={"KmsMasterKeyId": "nobody"})
