"""MariaDB: servers, replication, archive, backup and restore."""
