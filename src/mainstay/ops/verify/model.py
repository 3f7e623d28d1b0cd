"""What a verification is made of: named checks, each with an outcome in a sentence, and a verdict over all."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from mainstay.core.clock import Clock
from mainstay.core.errors import AnswerIsNo, EnvironmentLacking, Inconclusive, MainstayError, TargetRefused
from mainstay.core.progress import Progress
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.aws.secrets import Login
from mainstay.ops.aws.stack_states import StackResource, StackState
from mainstay.ops.login import Address, reaches
from mainstay.ops.routes import Routes
from mainstay.ops.site import Site
from mainstay.plan.intent import Intent
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import DbInstance, Secret, SecretAttachment
from mainstay.plan.values import Ref, SecretField


class Mark(enum.StrEnum):
    """How a check came out. `warning` needs somebody, but nothing is wrong; `not observed` says nothing."""

    PASS = "pass"  # noqa: S105 - a word, not a password
    WARNING = "warning"
    FAIL = "fail"
    NOT_OBSERVED = "not observed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A check's answer: what was seen in a sentence, and the next step unless it passed."""

    mark: Mark
    sentence: str
    hint: str = ""


def passed(sentence: str) -> Outcome:
    """It is as planned."""
    return Outcome(Mark.PASS, sentence)


def warned(sentence: str, hint: str) -> Outcome:
    """It works, and somebody has something to do."""
    return Outcome(Mark.WARNING, sentence, hint)


def failed(sentence: str, hint: str) -> Outcome:
    """It is not as planned."""
    return Outcome(Mark.FAIL, sentence, hint)


def unobserved(sentence: str, hint: str = "") -> Outcome:
    """It could not be looked at from here."""
    return Outcome(Mark.NOT_OBSERVED, sentence, hint)


def judged(faults: Iterable[str], fine: str, hint: str) -> Outcome:
    """Failed with all faults, or passed when there are none."""
    sentences = list(faults)
    return failed(" ".join(sentences), hint) if sentences else passed(fine)


def gravest(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome that decides over several."""
    order = (Mark.FAIL, Mark.NOT_OBSERVED, Mark.WARNING, Mark.PASS)
    return min(outcomes, key=lambda outcome: order.index(outcome.mark))


@dataclass(slots=True)
class Scene:
    """What the checks look at. Instances by key of the plan; None where the stack has it and RDS does not.

    `routes` lead to the instances; `elsewhere` are the plan's other regions.
    """

    site: Site
    region: RegionPlan
    intent: Intent
    stack: StackState
    resources: Mapping[str, StackResource]
    progress: Progress
    clock: Clock
    routes: Routes
    elsewhere: tuple[RegionPlan, ...] = ()
    _reach: dict[Address, tuple[str, str] | None] = field(default_factory=dict)
    _states: dict[str, DbState | None] = field(default_factory=dict)

    def physical(self, key: str) -> str | None:
        """The real id of a resource of the plan."""
        known = self.resources.get(key)
        return known.physical_id or None if known else None

    def state(self, key: str) -> DbState | None:
        """The instance of that key, looked up once."""
        if key not in self._states:
            identifier = self.physical(key)
            self._states[key] = self.site.doors.rds.find_instance(identifier) if identifier else None
        return self._states[key]

    @property
    def primaries(self) -> list[DbInstance]:
        """The instances that are no replicas."""
        return [instance for instance in self.region.of(DbInstance) if instance.source is None]

    def replicas_of(self, primary: DbInstance) -> list[DbInstance]:
        """The replicas of one instance."""
        return [replica for replica in self.region.of(DbInstance) if replica.source == Ref(primary.key)]

    def login(self, primary: DbInstance) -> Login | None:
        """The login of an instance, from the stack's secret or from RDS's own; None when there is neither."""
        if primary.manages_password is True:
            state = self.state(primary.key)
            return self.site.doors.secrets.read_login(state.secret_arn) if state and state.secret_arn else None
        secret = self._secret_key(primary)
        arn = self.physical(secret) if secret else None
        return self.site.doors.secrets.read_login(arn) if arn else None

    def _secret_key(self, primary: DbInstance) -> str | None:
        if isinstance(primary.password, SecretField):
            return primary.password.secret.key
        for attachment in self.region.of(SecretAttachment):
            secret = self.region.resolve(attachment.secret, Secret)
            if attachment.target == Ref(primary.key) and secret is not None:
                return secret.key
        return None

    def unreachable(self, state: DbState) -> Outcome | None:
        """None when the instance can be talked to from here; else what that means for a check."""
        if state.address is None or state.port is None:
            return failed(f"{state.identifier} is {state.status} and has no endpoint.", "wait until it is available")
        address = Address(state.address, state.port)
        if address not in self._reach:
            self._reach[address] = self._closed(address)
        closed = self._reach[address]
        if closed is None:
            return None
        reason, hint = closed
        if self.site.is_sandbox or state.is_public:
            return failed(f"{state.identifier} at {address} does not answer: {reason}", "look at its status and log")
        return unobserved(f"{state.identifier} is private. {reason}", hint)

    def _closed(self, address: Address) -> tuple[str, str] | None:
        """Why no way leads to an address, and the next step; None when one does."""
        try:
            self.routes.dial(address)
        except (TargetRefused, EnvironmentLacking) as error:
            return f"{error.summary}: {error.detail}", error.hint
        reason = reaches(address) if self.site.is_sandbox else None
        return None if reason is None else (f"{reason}.", "")


@dataclass(frozen=True, slots=True)
class Check:
    """A named question about what was deployed."""

    name: str
    ask: Callable[[Scene], Outcome]


@dataclass(frozen=True, slots=True)
class Answer:
    """A check's name with its outcome."""

    name: str
    outcome: Outcome

    def as_json(self) -> dict[str, str]:
        """The answer as it stands in a JSON document."""
        return {
            "check": self.name,
            "outcome": self.outcome.mark.value,
            "sentence": self.outcome.sentence,
            "hint": self.outcome.hint,
        }


@dataclass(frozen=True)
class Verification:
    """Every answer, and what they come to: `pass`, `fail`, or `inconclusive` when something was not observed.

    `observed_from` is the machine that asked, and what its connections went through.
    """

    stack: str
    site: str
    region: str
    answers: tuple[Answer, ...]
    observed_from: str = ""

    def of(self, mark: Mark) -> list[Answer]:
        """The answers with that mark."""
        return [answer for answer in self.answers if answer.outcome.mark is mark]

    @cached_property
    def verdict(self) -> str:
        """One failure fails all; what was not observed proves nothing."""
        if self.of(Mark.FAIL):
            return "fail"
        return "inconclusive" if self.of(Mark.NOT_OBSERVED) or not self.answers else "pass"

    def stop(self) -> MainstayError | None:
        """The error that a command ends in; None when everything passed."""
        if self.verdict == "pass":
            return None
        kind, mark = (AnswerIsNo, Mark.FAIL) if self.verdict == "fail" else (Inconclusive, Mark.NOT_OBSERVED)
        open_ones = self.of(mark)
        hints = dict.fromkeys(answer.outcome.hint for answer in open_ones if answer.outcome.hint)
        return kind(
            "not as planned" if self.verdict == "fail" else "not everything could be looked at",
            detail="\n".join(f"{answer.name}: {answer.outcome.sentence}" for answer in open_ones),
            hint="\n".join(hints),
        )

    def as_json(self) -> dict[str, object]:
        """The verification as a JSON document."""
        return {
            "stack": self.stack,
            "site": self.site,
            "region": self.region,
            "verdict": self.verdict,
            "observed_from": self.observed_from,
            "checks": [answer.as_json() for answer in self.answers],
        }
