"""DB020: a password made by Secrets Manager of characters, or of a length, that RDS does not take."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import replace

from mainstay import facts
from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, leaves, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, GeneratedSecret, Resource, Secret
from mainstay.plan.values import Ref, SecretField

# Those that RDS names in its refusal; an apostrophe, which its model excludes as well, is accepted in practice.
_REFUSED = set('/"@ ')
# Secrets Manager API, GetRandomPassword, 2026-11-20.
_DEFAULT_LENGTH = 32


def _plan(excluded: str | None) -> Plan:
    made = GeneratedSecret(template='{"username": "shop"}', key="password", excluded_characters=excluded)
    db = database(password=SecretField(Ref("Secret"), "password"))
    return plan_of(db, Secret(key="Secret", generate=made))


def _bad() -> Plan:
    """32 characters, of which none is excluded"""
    return _plan(None)


def _good() -> Plan:
    """The three characters excluded that RDS refuses"""
    return _plan('/@"')


@rule(
    id="DB020",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="the generated password may be refused",
    source="botocore RDS model, MasterUserPassword, and Secrets Manager model, GetRandomPassword (2026-11-20)",
    applies_to=(DbInstance,),
    field="generate",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """Left to itself Secrets Manager takes any punctuation, and RDS answers `Only printable ASCII characters besides
    '/', '@', '"', ' ' may be used.` It depends on the draw: the stack comes up in one account and fails in the next.
    """
    engine = scene.engine_of(db)
    for leaf in leaves(db.password) if engine else ():
        secret = scene.region.resolve(leaf.secret, Secret) if isinstance(leaf, SecretField) else None
        made = secret.generate if secret else None
        if engine and secret and isinstance(leaf, SecretField) and made and leaf.field == made.key:
            yield from _length(secret, made, db, engine)
            yield from _characters(secret, made)


def _length(secret: Secret, made: GeneratedSecret, db: DbInstance, engine: str) -> Iterator[Fault]:
    length, limits = _length_of(secret, made), facts.load("limits").data["password"][engine]
    if length is not None and not limits["least"] <= length <= limits["most"]:
        bounds = f"{limits['least']} to {limits['most']}"
        detail = f"{secret.key} makes a password of {length} characters for {db.key}; {engine} takes {bounds}."
        nearest = replace(made, length=min(max(length, limits["least"]), limits["most"]))
        yield Fault(secret, detail, f"set PasswordLength to {bounds}", mend=(replace(secret, generate=nearest),))


def _characters(secret: Secret, made: GeneratedSecret) -> Iterator[Fault]:
    length, alphabet = _length_of(secret, made), _alphabet(secret, made)
    refused = sorted(alphabet & _REFUSED) if alphabet else []
    if not alphabet or not refused or length is None:
        return
    chance = 1 - ((len(alphabet) - len(refused)) / len(alphabet)) ** length
    yield Fault(
        secret,
        f"{secret.key} draws {length} characters from {len(alphabet)}, {len(refused)} of which RDS refuses"
        f" ({' '.join(map(repr, refused))}): about {chance:.0%} of the passwords fail.",
        "exclude them: ExcludeCharacters: '\"@/\\' (and a backslash and an apostrophe, for shells)",
        mend=(replace(secret, generate=replace(made, excluded_characters=_excluding(made))),),
    )


def _excluding(made: GeneratedSecret) -> str:
    """What is excluded already, and what RDS and shells stumble over."""
    return "".join(dict.fromkeys((literal(made.excluded_characters, str) or "") + " \"@/\\'"))


def _length_of(secret: Secret, made: GeneratedSecret) -> int | None:
    if hides(secret, "length"):
        return None
    return _DEFAULT_LENGTH if made.length is None else literal(made.length, int)


def _alphabet(secret: Secret, made: GeneratedSecret) -> set[str] | None:
    """The characters from which it is drawn; None when that cannot be seen."""
    excluded = "" if made.excluded_characters is None else literal(made.excluded_characters, str)
    punctuation = False if made.excludes_punctuation is None else literal(made.excludes_punctuation, bool)
    if excluded is None or punctuation is None or hides(secret, "excludecharacters"):
        return None
    kinds = {
        string.ascii_uppercase: not _is_set(secret, "excludeuppercase"),
        string.ascii_lowercase: not _is_set(secret, "excludelowercase"),
        string.digits: not _is_set(secret, "excludenumbers"),
        string.punctuation: not punctuation,
        " ": _is_set(secret, "includespace"),
    }
    return {each for characters, is_in in kinds.items() if is_in for each in characters} - set(excluded)


def _is_set(resource: Resource, name: str) -> bool:
    """Whether a switch that no field of the plan holds is on."""
    found = [value for path, value in resource.extras.items() if path.split(".")[-1].replace("_", "").lower() == name]
    return any(str(value).lower() == "true" for value in found)
