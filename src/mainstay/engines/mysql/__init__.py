"""Real MySQL servers: programs, clusters, replication by GTID, archive, CLONE snapshots and restores.

What MySQL has in common with MariaDB (the protocol, option files, a home's files) comes from `engines.mariadb`.
"""
