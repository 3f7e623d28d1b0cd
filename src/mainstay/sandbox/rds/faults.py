"""RDS's refusals by name: the code and the text that clients see.

Codes and HTTP statuses are those of the service's own model (botocore, service `rds`, 2026-11-20); texts follow
what RDS was seen to answer, where that is known.
"""

from __future__ import annotations

from mainstay.sandbox.errors import ServiceError

NOT_FOUND = 404


def invalid_value(message: str) -> ServiceError:
    """A single member has a value that RDS does not take."""
    return ServiceError("InvalidParameterValue", message)


def invalid_combination(message: str) -> ServiceError:
    """Members that are right alone and wrong together."""
    return ServiceError("InvalidParameterCombination", message)


def instance_not_found(identifier: str) -> ServiceError:
    """No instance of this identifier in the region."""
    return ServiceError("DBInstanceNotFound", f"DBInstance {identifier} not found.", NOT_FOUND)


def instance_exists() -> ServiceError:
    """The identifier is taken."""
    return ServiceError("DBInstanceAlreadyExists", "DB instance already exists")


def wrong_state(identifier: str, status: str, wanted: str = "available") -> ServiceError:
    """The instance is in a status in which RDS does not take the request."""
    return ServiceError(
        "InvalidDBInstanceState", f"Instance {identifier} is not in {wanted} state. Its status is {status}."
    )


def snapshot_not_found(identifier: str) -> ServiceError:
    """No snapshot of this identifier in the region."""
    return ServiceError("DBSnapshotNotFound", f"DBSnapshot {identifier} not found.", NOT_FOUND)


def snapshot_exists(identifier: str) -> ServiceError:
    """The snapshot's identifier is taken."""
    return ServiceError(
        "DBSnapshotAlreadyExists",
        f"Cannot create the snapshot because a snapshot with the identifier {identifier} already exists.",
    )


def parameter_group_not_found(name: str) -> ServiceError:
    """No parameter group of this name in the region."""
    return ServiceError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", NOT_FOUND)


def subnet_group_not_found(name: str) -> ServiceError:
    """No subnet group of this name in the region."""
    return ServiceError("DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist.", NOT_FOUND)
