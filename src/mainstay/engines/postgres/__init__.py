"""PostgreSQL: clusters, replication, the continuous archive, base backups and restores, with real servers."""
