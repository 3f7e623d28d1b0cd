"""Dated tables with their sources: versions, classes, parameters, metrics, limits, prices. One loader, `load`."""

from mainstay.facts.classes import (
    class_names,
    class_offered,
    class_shape,
    classes_offered,
    has_performance_insights,
    memory_left,
)
from mainstay.facts.conflicts import Conflict, conflict, conflicts
from mainstay.facts.formulas import evaluate, is_formula
from mainstay.facts.limits import NameLimits, StorageLimits, database_name, identifier, limit, storage, username
from mainstay.facts.loading import Fact, load, names
from mainstay.facts.metrics import MetricFact, metric, metric_names
from mainstay.facts.outages import Outage, outage
from mainstay.facts.parameters import (
    ParameterFact,
    default_max_connections,
    is_of_extension,
    parameter,
    parameter_names,
)
from mainstay.facts.proxies import client_passwords, proxy_family, zones_without_proxies
from mainstay.facts.regions import partition, region_name, regions, replication_targets
from mainstay.facts.replacement import (
    Held,
    ReplacementFact,
    guarded_types,
    has_replacement_facts,
    held,
    replacement,
    replacement_types,
)
from mainstay.facts.versions import (
    ENGINES,
    Lifecycle,
    families,
    family,
    lifecycle,
    major_of,
    majors,
    newest_minor,
    order,
    standard_ends,
    versions,
)

__all__ = [
    "ENGINES",
    "Conflict",
    "Fact",
    "Held",
    "Lifecycle",
    "MetricFact",
    "NameLimits",
    "Outage",
    "ParameterFact",
    "ReplacementFact",
    "StorageLimits",
    "class_names",
    "class_offered",
    "class_shape",
    "classes_offered",
    "client_passwords",
    "conflict",
    "conflicts",
    "database_name",
    "default_max_connections",
    "evaluate",
    "families",
    "family",
    "guarded_types",
    "has_performance_insights",
    "has_replacement_facts",
    "held",
    "identifier",
    "is_formula",
    "is_of_extension",
    "lifecycle",
    "limit",
    "load",
    "major_of",
    "majors",
    "memory_left",
    "metric",
    "metric_names",
    "names",
    "newest_minor",
    "order",
    "outage",
    "parameter",
    "parameter_names",
    "partition",
    "proxy_family",
    "region_name",
    "regions",
    "replacement",
    "replacement_types",
    "replication_targets",
    "standard_ends",
    "storage",
    "username",
    "versions",
    "zones_without_proxies",
]
