"""The engines that there are, by RDS's names for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mainstay.engines.engine import Engine
from mainstay.engines.mariadb.engine import MARIADB
from mainstay.engines.mysql.engine import MYSQL
from mainstay.engines.postgres.engine import POSTGRES

ENGINES: Final[Mapping[str, Engine]] = MappingProxyType({each.name: each for each in (POSTGRES, MARIADB, MYSQL)})
