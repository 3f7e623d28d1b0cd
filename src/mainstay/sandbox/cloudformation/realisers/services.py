"""Topics, alarms, log groups, buckets and the bastion made real through their services' handlers."""

from __future__ import annotations

import json
from typing import Any, Final

from mainstay.plan.resources import (
    Alarm,
    Bucket,
    BucketPolicy,
    Instance,
    LifecycleRule,
    LogGroup,
    Resource,
    Subscription,
    Topic,
    TopicPolicy,
)
from mainstay.sandbox.cloudformation.realisers.making import (
    Attributes,
    Made,
    Making,
    Realiser,
    attribute,
    base64_text,
    days,
    document,
    flag,
    gib,
    number,
    seconds,
    text,
)
from mainstay.sandbox.cloudformation.resolve import Physical


def _create_topic(making: Making, topic: Topic) -> Made:
    is_fifo = flag(topic.is_fifo)
    given = {
        "DisplayName": topic.display_name,
        "KmsMasterKeyId": text(topic.key_id),
        "FifoTopic": "true" if is_fifo else None,
    }
    name = making.name(topic.name, most=251) + (".fifo" if is_fifo and topic.name is None else "")
    attributes = {key: str(value) for key, value in given.items() if value is not None}
    arn = making.call("sns", "CreateTopic", Name=name, Attributes=attributes, Tags=making.tags(topic.tags))["TopicArn"]
    return Made(arn, {"arn": arn, "name": name})


def _update_topic(making: Making, topic: Topic, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    for name, value in (("DisplayName", topic.display_name), ("KmsMasterKeyId", text(topic.key_id))):
        if name in changed:
            making.call("sns", "SetTopicAttributes", TopicArn=str(physical), AttributeName=name,
                        AttributeValue=str(value or ""))  # fmt: skip
    if "Tags" in changed:
        old = making.call("sns", "ListTagsForResource", ResourceArn=str(physical))["Tags"]
        making.call("sns", "UntagResource", ResourceArn=str(physical), TagKeys=[tag["Key"] for tag in old])
        making.call("sns", "TagResource", ResourceArn=str(physical), Tags=making.tags(topic.tags))
    return None


def _delete_topic(making: Making, physical: Physical) -> None:
    making.call("sns", "DeleteTopic", TopicArn=str(physical))


def _create_topic_policy(making: Making, item: TopicPolicy) -> Made:
    topics = [str(attribute(topic, "arn")) for topic in item.topics]
    for topic in topics:
        making.call("sns", "SetTopicAttributes", TopicArn=topic, AttributeName="Policy",
                    AttributeValue=json.dumps(document(item.policy)))  # fmt: skip
    return Made(making.name(None), {"_topics": topics})


def _update_topic_policy(
    making: Making, item: TopicPolicy, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    del changed
    return {**physical.attributes, **_create_topic_policy(making, item).attributes}


def _subscribe(making: Making, item: Subscription) -> Made:
    topic = str(attribute(item.topic, "arn"))
    made = making.call("sns", "Subscribe", TopicArn=topic, Protocol=item.protocol, Endpoint=item.endpoint,
                       ReturnSubscriptionArn=True)["SubscriptionArn"]  # fmt: skip
    return Made(made, {"arn": made})


def _unsubscribe(making: Making, physical: Physical) -> None:
    making.call("sns", "Unsubscribe", SubscriptionArn=str(physical))


def _alarm_params(making: Making, alarm: Alarm, name: str) -> dict[str, Any]:  # Any: CloudWatch's parameter shapes
    threshold = None if alarm.threshold is None else float(str(alarm.threshold))
    return {
        "AlarmName": name,
        "AlarmDescription": alarm.description,
        "ActionsEnabled": flag(alarm.is_enabled),
        "OKActions": [str(attribute(item, "arn")) for item in alarm.ok_actions],
        "AlarmActions": [str(attribute(item, "arn")) for item in alarm.alarm_actions],
        "InsufficientDataActions": [str(attribute(item, "arn")) for item in alarm.insufficient_data_actions],
        "MetricName": alarm.metric,
        "Namespace": alarm.namespace,
        "Statistic": alarm.statistic,
        "ExtendedStatistic": alarm.extended_statistic,
        "Dimensions": [{"Name": key, "Value": str(value)} for key, value in alarm.dimensions.items()],
        "Period": seconds(alarm.period),
        "Unit": alarm.unit,
        "EvaluationPeriods": number(alarm.evaluation_periods),
        "DatapointsToAlarm": number(alarm.datapoints),
        "Threshold": threshold,
        "ComparisonOperator": alarm.comparison,
        "TreatMissingData": alarm.missing_data,
        "Tags": making.tags(alarm.tags),
    }


def _create_alarm(making: Making, alarm: Alarm) -> Made:
    name = making.name(alarm.name)
    making.call("cloudwatch", "PutMetricAlarm", **_alarm_params(making, alarm, name))
    return Made(name, {"arn": making.tx.arn("cloudwatch", f"alarm:{name}")})


def _update_alarm(making: Making, alarm: Alarm, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    del changed
    making.call("cloudwatch", "PutMetricAlarm", **_alarm_params(making, alarm, str(physical)))
    return None


def _delete_alarm(making: Making, physical: Physical) -> None:
    making.call("cloudwatch", "DeleteAlarms", AlarmNames=[str(physical)])


def _create_log_group(making: Making, group: LogGroup) -> Made:
    name = making.name(group.name)
    tags = {tag["Key"]: tag["Value"] for tag in making.tags(group.tags)}
    key = attribute(group.key_id, "arn")
    making.call("logs", "CreateLogGroup", logGroupName=name, kmsKeyId=key, tags=tags)
    _set_retention(making, group, name)
    return Made(name, {"arn": making.tx.arn("logs", f"log-group:{name}:*")})


def _set_retention(making: Making, group: LogGroup, name: str) -> None:
    kept = days(group.retention)
    if kept is None:
        making.call("logs", "DeleteRetentionPolicy", logGroupName=name)
    else:
        making.call("logs", "PutRetentionPolicy", logGroupName=name, retentionInDays=kept)


def _update_log_group(
    making: Making, group: LogGroup, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    name = str(physical)
    _set_retention(making, group, name)
    if "KmsKeyId" in changed:
        key = attribute(group.key_id, "arn")
        operation = "AssociateKmsKey" if key else "DisassociateKmsKey"
        making.call("logs", operation, logGroupName=name, kmsKeyId=key)
    if "Tags" in changed:
        arn = physical.attributes["arn"]
        old = making.call("logs", "ListTagsForResource", resourceArn=arn)["tags"]
        making.call("logs", "UntagResource", resourceArn=arn, tagKeys=list(old))
        tags = {tag["Key"]: tag["Value"] for tag in making.tags(group.tags)}
        making.call("logs", "TagResource", resourceArn=arn, tags=tags)
    return None


def _adopt_log_group(making: Making, name: str) -> Attributes | None:
    held = making.call("logs", "DescribeLogGroups", logGroupNamePrefix=name)["logGroups"]
    arn = making.tx.arn("logs", f"log-group:{name}:*")
    return {"arn": arn} if any(each["logGroupName"] == name for each in held) else None


def _delete_log_group(making: Making, physical: Physical) -> None:
    making.call("logs", "DeleteLogGroup", logGroupName=str(physical))


def _create_bucket(making: Making, bucket: Bucket) -> Made:
    name, region = making.name(bucket.name, most=63, is_lower=True), making.tx.region
    place = None if region == "us-east-1" else {"LocationConstraint": region}
    locks = flag(bucket.has_object_lock)
    making.call("s3", "CreateBucket", Bucket=name, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=locks)
    _set_bucket(making, bucket, name)
    domains = {"domain_name": f"{name}.s3.amazonaws.com", "regional_domain_name": f"{name}.s3.{region}.amazonaws.com"}
    return Made(name, {"arn": f"arn:aws:s3:::{name}", **domains})


def _set_bucket(making: Making, bucket: Bucket, name: str) -> None:
    """Every setting as the plan has it; what it does not mention goes back to what a new bucket has."""
    if bucket.encryption:
        default = {"SSEAlgorithm": str(bucket.encryption.algorithm)}
        if bucket.encryption.key_id is not None:
            default["KMSMasterKeyID"] = str(attribute(bucket.encryption.key_id, "arn"))
        has_key = bool(flag(bucket.encryption.has_bucket_key))
        rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": has_key}
        making.call("s3", "PutBucketEncryption", Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    if bucket.versioning is not None:
        status = {"Status": str(bucket.versioning)}
        making.call("s3", "PutBucketVersioning", Bucket=name, VersioningConfiguration=status)
    if bucket.object_lock:
        retention = {"Mode": text(bucket.object_lock.mode), "Days": days(bucket.object_lock.keeps)}
        rule = {"Rule": {"DefaultRetention": retention}} if bucket.object_lock.mode is not None else {}
        lock = {"ObjectLockEnabled": str(bucket.object_lock.status), **rule}
        making.call("s3", "PutObjectLockConfiguration", Bucket=name, ObjectLockConfiguration=lock)
    if bucket.public_access:
        block = {
            "BlockPublicAcls": flag(bucket.public_access.blocks_acls),
            "IgnorePublicAcls": flag(bucket.public_access.ignores_acls),
            "BlockPublicPolicy": flag(bucket.public_access.blocks_policies),
            "RestrictPublicBuckets": flag(bucket.public_access.restricts_buckets),
        }
        making.call("s3", "PutPublicAccessBlock", Bucket=name, PublicAccessBlockConfiguration=block)
    if bucket.ownership is not None:
        rules = {"Rules": [{"ObjectOwnership": str(bucket.ownership)}]}
        making.call("s3", "PutBucketOwnershipControls", Bucket=name, OwnershipControls=rules)
    lifecycle = {"Rules": [_lifecycle(rule) for rule in bucket.lifecycle]}
    operation = "PutBucketLifecycleConfiguration" if bucket.lifecycle else "DeleteBucketLifecycle"
    making.call("s3", operation, Bucket=name, LifecycleConfiguration=lifecycle if bucket.lifecycle else None)
    if bucket.logging:
        target = {"TargetBucket": str(bucket.logging.bucket or name), "TargetPrefix": str(bucket.logging.prefix or "")}
        making.call("s3", "PutBucketLogging", Bucket=name, BucketLoggingStatus={"LoggingEnabled": target})
    making.call("s3", "PutBucketTagging", Bucket=name, Tagging={"TagSet": making.tags(bucket.tags)})


def _lifecycle(rule: LifecycleRule) -> dict[str, Any]:  # Any: S3's shape
    made: dict[str, Any] = {"Status": "Enabled" if rule.is_enabled else "Disabled"}
    made["Filter"] = {"Prefix": str(rule.prefix or "")}
    if rule.name is not None:
        made["ID"] = str(rule.name)
    if rule.transitions:
        steps = [{"Days": days(item.after), "StorageClass": str(item.storage_class)} for item in rule.transitions]
        made["Transitions"] = steps
    for member, name, value in (
        ("Expiration", "Days", rule.expires_after),
        ("NoncurrentVersionExpiration", "NoncurrentDays", rule.noncurrent_expires_after),
        ("AbortIncompleteMultipartUpload", "DaysAfterInitiation", rule.aborts_uploads_after),
    ):
        if value is not None:
            made[member] = {name: days(value)}
    return made


def _update_bucket(making: Making, bucket: Bucket, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    del changed
    _set_bucket(making, bucket, str(physical))
    return None


def _delete_bucket(making: Making, physical: Physical) -> None:
    making.call("s3", "DeleteBucket", Bucket=str(physical))


def _create_bucket_policy(making: Making, item: BucketPolicy) -> Made:
    bucket = str(item.bucket)
    making.call("s3", "PutBucketPolicy", Bucket=bucket, Policy=json.dumps(document(item.policy)))
    return Made(bucket)


def _update_bucket_policy(
    making: Making, item: BucketPolicy, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    del physical, changed
    _create_bucket_policy(making, item)
    return None


def _delete_bucket_policy(making: Making, physical: Physical) -> None:
    making.call("s3", "DeleteBucketPolicy", Bucket=str(physical))


def _run(making: Making, machine: Instance) -> Made:
    metadata = machine.metadata
    options = None
    if metadata:
        given = {
            "HttpTokens": metadata.tokens,
            "HttpEndpoint": metadata.endpoint,
            "HttpPutResponseHopLimit": number(metadata.hop_limit),
        }
        options = {name: value for name, value in given.items() if value is not None}
    tags = making.tags(machine.tags)
    started = making.call(
        "ec2",
        "RunInstances",
        ImageId=machine.image,
        InstanceType=machine.instance_type,
        MinCount=1,
        MaxCount=1,
        SubnetId=text(machine.subnet),
        SecurityGroupIds=[str(attribute(item, "group_id")) for item in machine.security_groups] or None,
        IamInstanceProfile={"Name": str(machine.profile)} if machine.profile is not None else None,
        KeyName=machine.key_name,
        MetadataOptions=options,
        BlockDeviceMappings=_devices(machine) or None,
        Monitoring={"Enabled": bool(flag(machine.has_detailed_monitoring))},
        EbsOptimized=flag(machine.is_ebs_optimized),
        UserData=base64_text(machine.user_data),
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}] if tags else None,
    )["Instances"][0]
    address, region = started["PrivateIpAddress"], making.tx.region
    name = f"ip-{address.replace('.', '-')}.{region}.compute.internal"
    # A machine of the sandbox has no public address: nothing on the internet could reach it.
    return Made(started["InstanceId"], {"private_ip": address, "public_ip": "", "private_dns_name": name})


def _devices(machine: Instance) -> list[dict[str, Any]]:  # Any: EC2's shape
    made = []
    for device in machine.block_devices:
        given = {
            "VolumeSize": gib(device.size),
            "VolumeType": device.volume_type,
            "Encrypted": flag(device.is_encrypted),
            "KmsKeyId": text(device.key_id),
            "DeleteOnTermination": flag(device.deletes_on_termination),
        }
        ebs = {name: value for name, value in given.items() if value is not None}
        made.append({"DeviceName": str(device.device), "Ebs": ebs})
    return made


def _update_machine(
    making: Making, machine: Instance, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    if "SecurityGroupIds" in changed:
        groups = [str(attribute(item, "group_id")) for item in machine.security_groups]
        making.call("ec2", "ModifyInstanceAttribute", InstanceId=str(physical), Groups=groups)
    if "Tags" in changed:
        making.call("ec2", "DeleteTags", Resources=[str(physical)])
        making.call("ec2", "CreateTags", Resources=[str(physical)], Tags=making.tags(machine.tags))
    return None


def _terminate(making: Making, physical: Physical) -> None:
    making.call("ec2", "TerminateInstances", InstanceIds=[str(physical)])


def _keep(making: Making, physical: Physical) -> None:
    """A topic's policy stays as it is: it goes with its topic."""
    del making, physical


REALISERS: Final[dict[type[Resource], Realiser[Any]]] = {
    LogGroup: Realiser(
        create=_create_log_group, update=_update_log_group, delete=_delete_log_group, adopt=_adopt_log_group
    ),
    Bucket: Realiser(create=_create_bucket, update=_update_bucket, delete=_delete_bucket),
    BucketPolicy: Realiser(
        create=_create_bucket_policy,
        update=_update_bucket_policy,
        delete=_delete_bucket_policy,
    ),
    Instance: Realiser(
        create=_run,
        update=_update_machine,
        delete=_terminate,
    ),
    Topic: Realiser(create=_create_topic, update=_update_topic, delete=_delete_topic),
    TopicPolicy: Realiser(create=_create_topic_policy, update=_update_topic_policy, delete=_keep),
    Subscription: Realiser(create=_subscribe, delete=_unsubscribe),
    Alarm: Realiser(create=_create_alarm, update=_update_alarm, delete=_delete_alarm),
}
