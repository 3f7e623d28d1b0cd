"""Evidence: one JSON document a run, sealed by a digest, signed, and chained to the one before it.

The document's shape is published in docs/evidence.schema.json. The digest is SHA-256 over canonical JSON (keys
sorted, no spaces, UTF-8) of everything but itself and the signature; `previous` holds the digest of the evidence
before it in the same workspace and `number` its place, so that a document that was altered, or taken out of the
middle, is seen. The signature is over the digest. docs/evidence.md tells how to verify it with other tools, and what
cannot be seen.
"""

from mainstay.ops.evidence.asked import queries
from mainstay.ops.evidence.chain import HOME, enter, path_of, store
from mainstay.ops.evidence.document import FORMAT, VERSION, Document, digest, digest_of, load, operator
from mainstay.ops.evidence.kms_signer import AbsentSigner, KmsSigner, signer_of
from mainstay.ops.evidence.maker import made_by
from mainstay.ops.evidence.signing import LocalSigner, Signer
from mainstay.ops.evidence.verification import Problem, Replay, replay, replay_file

__all__ = [
    "FORMAT",
    "HOME",
    "VERSION",
    "AbsentSigner",
    "Document",
    "KmsSigner",
    "LocalSigner",
    "Problem",
    "Replay",
    "Signer",
    "digest",
    "digest_of",
    "enter",
    "load",
    "made_by",
    "operator",
    "path_of",
    "queries",
    "replay",
    "replay_file",
    "signer_of",
    "store",
]
