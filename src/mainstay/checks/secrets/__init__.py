"""Rules about secrets, and about what rotates them."""

from mainstay.checks.rule import Rule
from mainstay.checks.secrets import (
    another_password,
    rotated_under_a_client,
    rotated_without_attachment,
    rotation_function_cannot,
    rotation_refused,
)

RULES: tuple[Rule, ...] = (
    another_password.faults,  # SE001
    rotated_without_attachment.faults,  # SE002
    rotation_function_cannot.faults,  # SE003
    rotation_refused.faults,  # SE004
    rotated_under_a_client.faults,  # SE005
)
