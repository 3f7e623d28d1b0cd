"""What a stack remembers of its beginning, although a spec may have forgotten it: the parameters that carry it.

A database that was restored from a snapshot is replaced by an empty one when its template no longer names the snapshot
(CloudFormation, AWS::RDS::DBInstance, DBSnapshotIdentifier, 2026-11-20). So the name travels as a parameter, the stack
keeps its value, and a deployment gives the value back.
"""

from __future__ import annotations

from typing import Final

SNAPSHOT: Final = "DatabaseSnapshot"
"""The parameter that names the snapshot."""
SNAPSHOT_KEY: Final = "DatabaseSnapshotKey"
"""The parameter with the ARN of the key that encrypts it, and the database."""
