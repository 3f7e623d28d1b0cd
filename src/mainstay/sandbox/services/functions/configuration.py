"""Functions: created, described, changed, listed, tagged, deleted. A new one is active at once."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any, Final

from mainstay.sandbox.services import s3_objects
from mainstay.sandbox.services.functions import code
from mainstay.sandbox.services.functions.checks import check_architectures, check_configuration, network
from mainstay.sandbox.services.functions.permissions import forget_policy
from mainstay.sandbox.services.functions.records import (
    CONFLICT,
    EVENT,
    FUNCTION,
    INVALID,
    LATEST,
    plain_name,
    require_function,
    shown,
)
from mainstay.sandbox.services.handler import Answer, Params, Table, page, refuse_if, with_token
from mainstay.sandbox.state import Record, Transaction

PAGE: Final = 50
# Members that a request gives as the answer shows them.
_AS_GIVEN: Final = ("Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize", "DeadLetterConfig",
                    "Environment", "KMSKeyArn", "TracingConfig", "EphemeralStorage")  # fmt: skip


def create_function(tx: Transaction, params: Params) -> Answer:
    """A new function, with its code."""
    name = plain_name(tx, params["FunctionName"])
    refuse_if(len(name) > 64, INVALID, f"Function name {name} has {len(name)} characters; 64 is the most.")
    refuse_if(tx.get(FUNCTION, name), CONFLICT, f"Function already exist: {name}", 409)
    missing = [member for member in ("Runtime", "Handler") if member not in params]
    refuse_if(missing, INVALID, f"{' and '.join(missing)} must be given for a function whose code is a zip.")
    check_configuration(tx, params, "CreateFunction")
    architectures = list(params.get("Architectures", ["x86_64"]))
    check_architectures(architectures)
    # Defaults: Lambda API, CreateFunction (botocore 1.44.5).
    function: Record = {
        "FunctionName": name,
        "FunctionArn": tx.arn("lambda", f"function:{name}"),
        "Version": LATEST,
        "PackageType": "Zip",
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "TracingConfig": {"Mode": "PassThrough"},
        "EphemeralStorage": {"Size": 512},
        "Architectures": architectures,
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "LoggingConfig": _logging(name, params.get("LoggingConfig", {})),
        **code.store(tx, params["Code"], "CreateFunction"),
        "_tags": dict(params.get("Tags", {})),
        "_concurrency": None,
    }
    _put(tx, _configured(tx, function, params))
    return shown(require_function(tx, name))


def _configured(tx: Transaction, function: Record, params: Params) -> Record:
    given = {member: params[member] for member in _AS_GIVEN if member in params}
    if "VpcConfig" in params:
        given["VpcConfig"] = network(tx, params["VpcConfig"])
    return {**function, **given}


def _logging(name: str, wanted: Any) -> Answer:  # Any: Lambda's shape
    group = wanted.get("LogGroup") or f"/aws/lambda/{name}"
    message = f"1 validation error detected: Value '{group}' at 'loggingConfig.logGroup' failed to satisfy constraint"
    refuse_if(not re.fullmatch(r"[.\-_/#A-Za-z0-9]{1,512}", group), INVALID, message)
    return {"LogFormat": wanted.get("LogFormat", "Text"), "LogGroup": group}


def get_function(tx: Transaction, params: Params) -> Answer:
    """A function's configuration, where its code is, its tags."""
    function = require_function(tx, params["FunctionName"], params.get("Qualifier"))
    place = s3_objects.place(tx.directory, function["_code"])
    answer: Answer = {
        "Configuration": shown(function),
        "Code": {"RepositoryType": "S3", "Location": place.as_uri()},
        "Tags": function["_tags"],
    }
    reserved = function["_concurrency"]
    return answer if reserved is None else {**answer, "Concurrency": {"ReservedConcurrentExecutions": reserved}}


def get_function_configuration(tx: Transaction, params: Params) -> Answer:
    """A function's configuration."""
    return shown(require_function(tx, params["FunctionName"], params.get("Qualifier")))


def list_functions(tx: Transaction, params: Params) -> Answer:
    """The functions of the region."""
    found = [shown(function) for function in tx.all(FUNCTION)]
    shown_ones, token = page(found, params.get("Marker"), params.get("MaxItems", PAGE), code=INVALID)
    return with_token({"Functions": shown_ones}, token, "NextMarker")


def update_function_code(tx: Transaction, params: Params) -> Answer:
    """Other code; with DryRun it is only checked."""
    function = require_function(tx, params["FunctionName"])
    _check_revision(function, params)
    known = {name: value for name, value in params.items() if name != "FunctionName"}
    changed = {**function, **code.store(tx, known, "UpdateFunctionCode")}
    if "Architectures" in params:
        check_architectures(params["Architectures"])
        changed["Architectures"] = list(params["Architectures"])
    if not params.get("DryRun"):
        _put(tx, changed)
        changed = require_function(tx, function["FunctionName"])
    return shown(changed)


def update_function_configuration(tx: Transaction, params: Params) -> Answer:
    """Another configuration; what is not given stays."""
    function = require_function(tx, params["FunctionName"])
    _check_revision(function, params)
    check_configuration(tx, params, "UpdateFunctionConfiguration")
    if "LoggingConfig" in params:
        function["LoggingConfig"] = _logging(
            function["FunctionName"], {**function["LoggingConfig"], **params["LoggingConfig"]}
        )
    _put(tx, _configured(tx, function, params))
    return shown(require_function(tx, function["FunctionName"]))


def delete_function(tx: Transaction, params: Params) -> Answer:
    """Remove a function, its policy, and the events that wait for it."""
    function = require_function(tx, params["FunctionName"], params.get("Qualifier"))
    name = function["FunctionName"]
    forget_policy(tx, name)
    for event in tx.all(EVENT):
        if event["function"] == name:
            tx.delete(EVENT, event["id"])
    tx.delete(FUNCTION, name)
    return {}


def put_concurrency(tx: Transaction, params: Params) -> Answer:
    """Reserve concurrency. None reserved means no limit here; zero lets nobody call the function."""
    function = require_function(tx, params["FunctionName"])
    wanted = params["ReservedConcurrentExecutions"]
    tx.put(FUNCTION, function["FunctionName"], {**function, "_concurrency": wanted})
    return {"ReservedConcurrentExecutions": wanted}


def get_concurrency(tx: Transaction, params: Params) -> Answer:
    """What is reserved."""
    reserved = require_function(tx, params["FunctionName"])["_concurrency"]
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


def delete_concurrency(tx: Transaction, params: Params) -> Answer:
    """Reserve nothing."""
    function = require_function(tx, params["FunctionName"])
    tx.put(FUNCTION, function["FunctionName"], {**function, "_concurrency": None})
    return {}


def tag_resource(tx: Transaction, params: Params) -> Answer:
    """Set tags of a function."""
    function = require_function(tx, params["Resource"])
    tx.put(FUNCTION, function["FunctionName"], {**function, "_tags": {**function["_tags"], **params["Tags"]}})
    return {}


def untag_resource(tx: Transaction, params: Params) -> Answer:
    """Take tags off a function."""
    function = require_function(tx, params["Resource"])
    kept = {key: value for key, value in function["_tags"].items() if key not in params["TagKeys"]}
    tx.put(FUNCTION, function["FunctionName"], {**function, "_tags": kept})
    return {}


def list_tags(tx: Transaction, params: Params) -> Answer:
    """The tags of a function."""
    return {"Tags": require_function(tx, params["Resource"])["_tags"]}


def _put(tx: Transaction, function: Record) -> None:
    """Keep a function as it is now, under a new revision."""
    # Lambda writes LastModified with milliseconds and a zone without a colon (API, FunctionConfiguration).
    modified = tx.now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
    kept = {**function, "LastModified": modified, "RevisionId": str(uuid.uuid4())}
    tx.put(FUNCTION, function["FunctionName"], json.loads(json.dumps(kept)))


def _check_revision(function: Record, params: Params) -> None:
    wanted = params.get("RevisionId")
    refuse_if(
        wanted is not None and wanted != function["RevisionId"],
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve "
        "the latest Revision Id",
        412,
    )


HANDLERS: Final[Table] = {
    "CreateFunction": create_function,
    "GetFunction": get_function,
    "GetFunctionConfiguration": get_function_configuration,
    "ListFunctions": list_functions,
    "UpdateFunctionCode": update_function_code,
    "UpdateFunctionConfiguration": update_function_configuration,
    "DeleteFunction": delete_function,
    "PutFunctionConcurrency": put_concurrency,
    "GetFunctionConcurrency": get_concurrency,
    "DeleteFunctionConcurrency": delete_concurrency,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTags": list_tags,
}
