"""Topics, and who has agreed to be told."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.ops.aws.door import Door


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionState:
    """A subscriber of a topic."""

    topic_arn: str
    protocol: str
    endpoint: str
    arn: str

    @property
    def is_confirmed(self) -> bool:
        """Whether it is told anything: an e-mail address is not, until it has confirmed."""
        return self.arn.startswith("arn:")


class SnsDoor(Door):
    """Questions to the Simple Notification Service."""

    def subscriptions(self, topic_arn: str) -> tuple[SubscriptionState, ...]:
        """Everybody who subscribed to a topic."""
        return tuple(
            SubscriptionState(
                topic_arn=topic_arn,
                protocol=known["Protocol"],
                endpoint=known.get("Endpoint", ""),
                arn=known["SubscriptionArn"],
            )
            for known in self._pages("ListSubscriptionsByTopic", "Subscriptions", TopicArn=topic_arn)
        )
