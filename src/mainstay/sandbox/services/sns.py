"""SNS: topics, subscriptions that wait for confirmation, and messages, which are recorded and sent nowhere."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services import keys
from mainstay.sandbox.services.handler import (
    Answer,
    Params,
    Table,
    merged_tags,
    page,
    policy_document,
    refuse_if,
    with_token,
    without_tags,
)
from mainstay.sandbox.state import Record, Transaction

TOPIC, SUBSCRIPTION, MESSAGE = "sns:topic", "sns:subscription", "sns:message"
INVALID: Final = "InvalidParameter"
PAGE: Final = 100
ATTRIBUTES: Final = frozenset(
    [
        "DisplayName",
        "Policy",
        "KmsMasterKeyId",
        "FifoTopic",
        "ContentBasedDeduplication",
        "DeliveryPolicy",
        "TracingConfig",
        "SignatureVersion",
    ]
)
# Protocols, and those whose subscriber has to confirm: SNS API, Subscribe, checked 2026-11-21.
PROTOCOLS: Final = frozenset(
    {"http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"}
)
TO_CONFIRM: Final = frozenset({"http", "https", "email", "email-json"})


def create_topic(tx: Transaction, params: Params) -> Answer:
    """A topic; creating it again with the same attributes gives the same one."""
    name, attributes = params["Name"], dict(params.get("Attributes", {}))
    is_fifo = attributes.get("FifoTopic") == "true"
    pattern = r"[A-Za-z0-9_-]{1,251}\.fifo" if is_fifo else r"[A-Za-z0-9_-]{1,256}"
    refuse_if(not re.fullmatch(pattern, name), INVALID, "Invalid parameter: Topic Name")
    arn = tx.arn("sns", name)
    existing = tx.get(TOPIC, arn)
    if existing:
        differs = any(existing["attributes"].get(key) != value for key, value in attributes.items())
        message = "Invalid parameter: Attributes Reason: Topic already exists with different attributes"
        refuse_if(differs, INVALID, message)
        return {"TopicArn": arn}
    topic = {"arn": arn, "attributes": {"Policy": _default_policy(tx, arn)}, "tags": params.get("Tags", [])}
    for key, value in attributes.items():
        _set_attribute(tx, topic, key, value)
    tx.put(TOPIC, arn, topic)
    return {"TopicArn": arn}


def delete_topic(tx: Transaction, params: Params) -> Answer:
    """Remove a topic with its subscriptions; removing what is not there is no error."""
    arn = params["TopicArn"]
    tx.delete(TOPIC, arn)
    for subscription in _subscriptions(tx, arn):
        tx.delete(SUBSCRIPTION, subscription["_arn"])
    return {}


def get_topic_attributes(tx: Transaction, params: Params) -> Answer:
    """The attributes of a topic, counted subscriptions included."""
    topic = _topic(tx, params["TopicArn"])
    states = [subscription["SubscriptionArn"] for subscription in _subscriptions(tx, topic["arn"])]
    pending = states.count("PendingConfirmation")
    counted = {
        "TopicArn": topic["arn"],
        "Owner": tx.account,
        "SubscriptionsPending": str(pending),
        "SubscriptionsConfirmed": str(len(states) - pending),
        "SubscriptionsDeleted": "0",
    }
    return {"Attributes": {"DisplayName": "", **topic["attributes"], **counted}}


def set_topic_attributes(tx: Transaction, params: Params) -> Answer:
    """Set one attribute; a policy replaces the default one entirely."""
    topic = _topic(tx, params["TopicArn"])
    _set_attribute(tx, topic, params["AttributeName"], params.get("AttributeValue", ""))
    tx.put(TOPIC, topic["arn"], topic)
    return {}


def list_topics(tx: Transaction, params: Params) -> Answer:
    """The topics of the region."""
    found, token = page(tx.all(TOPIC), params.get("NextToken"), PAGE, code=INVALID)
    return with_token({"Topics": [{"TopicArn": topic["arn"]} for topic in found]}, token)


def subscribe(tx: Transaction, params: Params) -> Answer:
    """A subscriber; an address has to be confirmed by its owner, who does not exist in a sandbox."""
    topic = _topic(tx, params["TopicArn"])
    protocol, endpoint = params["Protocol"], params.get("Endpoint", "")
    refuse_if(
        protocol not in PROTOCOLS, INVALID, f"Invalid parameter: Does not support this protocol string: {protocol}"
    )
    refuse_if(
        "email" in protocol and not re.fullmatch(r"[^@\s]+@[^@\s]+", endpoint),
        INVALID,
        "Invalid parameter: Email address",
    )
    refuse_if(not endpoint, INVALID, "Invalid parameter: Endpoint")
    known = next(
        (
            item
            for item in _subscriptions(tx, topic["arn"])
            if (item["Protocol"], item["Endpoint"]) == (protocol, endpoint)
        ),
        None,
    )
    if known is None:
        arn = f"{topic['arn']}:{uuid.uuid4()}"
        known = {
            "SubscriptionArn": "PendingConfirmation" if protocol in TO_CONFIRM else arn,
            "Owner": tx.account,
            "Protocol": protocol,
            "Endpoint": endpoint,
            "TopicArn": topic["arn"],
            "_arn": arn,
        }
        tx.put(SUBSCRIPTION, arn, known)
    is_pending = known["SubscriptionArn"] == "PendingConfirmation" and not params.get("ReturnSubscriptionArn")
    return {"SubscriptionArn": "pending confirmation" if is_pending else known["_arn"]}


def unsubscribe(tx: Transaction, params: Params) -> Answer:
    """Remove a subscriber."""
    arn = params["SubscriptionArn"]
    refuse_if(not arn.startswith("arn:"), INVALID, f"Invalid parameter: SubscriptionArn Reason: {arn} is no ARN")
    tx.delete(SUBSCRIPTION, arn)
    return {}


def get_subscription_attributes(tx: Transaction, params: Params) -> Answer:
    """The attributes of one subscriber."""
    missing = ServiceError("NotFound", "Subscription does not exist", 404)
    found = tx.require(SUBSCRIPTION, params["SubscriptionArn"], missing)
    attributes = {name: found[name] for name in ("Owner", "Protocol", "Endpoint", "TopicArn")}
    is_pending = found["SubscriptionArn"] == "PendingConfirmation"
    own = {"SubscriptionArn": found["_arn"], "PendingConfirmation": str(is_pending).lower()}
    return {"Attributes": {**attributes, **own}}


def list_subscriptions(tx: Transaction, params: Params) -> Answer:
    """The subscribers of every topic of the region."""
    return _listed(tx.all(SUBSCRIPTION), params)


def list_subscriptions_by_topic(tx: Transaction, params: Params) -> Answer:
    """The subscribers of one topic."""
    return _listed(_subscriptions(tx, _topic(tx, params["TopicArn"])["arn"]), params)


def publish(tx: Transaction, params: Params) -> Answer:
    """Record a message; nothing leaves this machine."""
    arn = params.get("TopicArn") or params.get("TargetArn") or ""
    topic = _topic(tx, arn)
    refuse_if(not params["Message"], INVALID, "Invalid parameter: Empty message")
    key = topic["attributes"].get("KmsMasterKeyId")
    if key:
        found = keys.find(tx, key)
        refuse_if(found is None, "KMSNotFound", f"The key {key} does not exist.")
        refuse_if(found and found["KeyState"] != "Enabled", "KMSDisabled", f"The key {key} is not enabled.")
    identifier = str(uuid.uuid4())
    sent = {name: params[name] for name in ("Subject", "Message", "MessageAttributes") if name in params}
    tx.put(MESSAGE, identifier, {"MessageId": identifier, "TopicArn": arn, "at": render_time(tx.now), **sent})
    return {"MessageId": identifier}


def tag_resource(tx: Transaction, params: Params) -> Answer:
    """Set tags of a topic."""
    topic = _topic(tx, params["ResourceArn"], code="ResourceNotFound")
    tx.put(TOPIC, topic["arn"], {**topic, "tags": merged_tags(topic["tags"], params["Tags"])})
    return {}


def untag_resource(tx: Transaction, params: Params) -> Answer:
    """Take tags off a topic."""
    topic = _topic(tx, params["ResourceArn"], code="ResourceNotFound")
    tx.put(TOPIC, topic["arn"], {**topic, "tags": without_tags(topic["tags"], params["TagKeys"])})
    return {}


def list_tags_for_resource(tx: Transaction, params: Params) -> Answer:
    """The tags of a topic."""
    return {"Tags": _topic(tx, params["ResourceArn"], code="ResourceNotFound")["tags"]}


def _topic(tx: Transaction, arn: str, *, code: str = "NotFound") -> Record:
    return tx.require(TOPIC, arn, ServiceError(code, "Topic does not exist", 404))


def _subscriptions(tx: Transaction, topic: str) -> list[Record]:
    return tx.all(SUBSCRIPTION, prefix=f"{topic}:")


def _listed(items: list[Record], params: Params) -> Answer:
    shown, token = page(items, params.get("NextToken"), PAGE, code=INVALID)
    listed = [{name: value for name, value in item.items() if name != "_arn"} for item in shown]
    return with_token({"Subscriptions": listed}, token)


def _set_attribute(tx: Transaction, topic: dict[str, Any], name: str, value: str) -> None:
    refuse_if(name not in ATTRIBUTES, INVALID, f"Invalid parameter: AttributeName Reason: {name}")
    if name == "Policy":
        policy_document(value, code=INVALID, message="Invalid parameter: Policy Error: null")
    if name == "KmsMasterKeyId" and value:
        refuse_if(keys.find(tx, value) is None, "KMSNotFound", f"The key {value} does not exist.")
    topic["attributes"][name] = value


def _default_policy(tx: Transaction, arn: str) -> str:
    """The policy of a new topic: its owner alone. SNS guide, sns-access-policy-use-cases, checked 2026-11-20."""
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes", "SNS:SetTopicAttributes"],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": tx.account}},
    }
    return json.dumps({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})


HANDLERS: Final[Table] = {
    "CreateTopic": create_topic,
    "DeleteTopic": delete_topic,
    "GetTopicAttributes": get_topic_attributes,
    "SetTopicAttributes": set_topic_attributes,
    "ListTopics": list_topics,
    "Subscribe": subscribe,
    "Unsubscribe": unsubscribe,
    "GetSubscriptionAttributes": get_subscription_attributes,
    "ListSubscriptions": list_subscriptions,
    "ListSubscriptionsByTopic": list_subscriptions_by_topic,
    "Publish": publish,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTagsForResource": list_tags_for_resource,
}
