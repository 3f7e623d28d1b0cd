"""What policies let somebody do: what is granted, what is denied, and what cannot be read."""

from __future__ import annotations

import pytest

from mainstay.checks.grants import lacking
from mainstay.plan.policies import Policy, Statement
from mainstay.plan.values import Param


@pytest.mark.parametrize(
    ("statements", "missing"),
    [
        ((), ["kms:Decrypt", "kms:Encrypt"]),
        ((Statement(actions=("kms:Decrypt",)),), ["kms:Encrypt"]),
        ((Statement(actions=("kms:*",)),), []),
        ((Statement(actions=("KMS:*crypt",)),), []),
        ((Statement(actions=("kms:*",), effect="Deny"),), ["kms:Decrypt", "kms:Encrypt"]),
        ((Statement(actions=("kms:Decrypt",)), Statement(actions=("kms:Encrypt",))), []),
        ((Statement(actions=(Param("Action"),)),), []),
        ((Statement(not_actions=("kms:Delete*",)),), []),
    ],
)
def test_what_a_role_lacks(statements: tuple[Statement, ...], missing: list[str]) -> None:
    assert lacking([Policy(statements)], ["kms:Decrypt", "kms:Encrypt"]) == missing
    assert lacking([Policy(()), Policy(statements)], ["kms:Decrypt", "kms:Encrypt"]) == missing
