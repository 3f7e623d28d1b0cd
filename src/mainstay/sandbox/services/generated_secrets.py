"""Passwords that nobody chose, and the secrets that CloudFormation makes of them."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from typing import Any, Final

from mainstay.sandbox.services.handler import refuse_if

# The punctuation of generated passwords: API reference, GetRandomPassword, ExcludePunctuation, checked 2026-11-21.
PUNCTUATION: Final = string.punctuation
_INVALID_PARAMETER, _INVALID_REQUEST = "InvalidParameterException", "InvalidRequestException"


def random_password(params: Mapping[str, Any]) -> str:
    """A random string by GetRandomPassword's parameters: 32 characters, one of each kind, unless told otherwise."""
    excluded = set(params.get("ExcludeCharacters") or "")
    kinds = [
        "".join(character for character in kind if character not in excluded)
        for kind, switch in (
            (string.ascii_lowercase, "ExcludeLowercase"),
            (string.ascii_uppercase, "ExcludeUppercase"),
            (string.digits, "ExcludeNumbers"),
            (PUNCTUATION, "ExcludePunctuation"),
        )
        if not params.get(switch)
    ] + ([" "] if params.get("IncludeSpace") else [])
    kinds = [kind for kind in kinds if kind]
    length = params.get("PasswordLength") or 32
    needed = kinds if params.get("RequireEachIncludedType", True) else []
    refuse_if(
        not kinds or not max(1, len(needed)) <= length <= 4096,
        _INVALID_PARAMETER,
        f"A password of {length} characters cannot hold one of each of the {len(needed)} kinds that are included.",
    )
    alphabet = "".join(kinds)
    chosen = [secrets.choice(kind) for kind in needed]
    chosen += [secrets.choice(alphabet) for _ in range(length - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)


def generated_value(template: str | None, key: str | None, params: Mapping[str, Any]) -> str:
    """What CloudFormation's GenerateSecretString makes: the password, or the JSON template with it under `key`."""
    password = random_password(params)
    if template is None and key is None:
        return password
    try:
        document = json.loads(template or "")
    except ValueError:
        document = None
    refuse_if(
        not isinstance(document, dict) or not key,
        _INVALID_REQUEST,
        "SecretStringTemplate must be a JSON object, and it and GenerateStringKey must be given together.",
    )
    return json.dumps({**(document or {}), str(key): password})
