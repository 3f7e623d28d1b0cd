"""PgBouncer in front of a PostgreSQL: what a proxy's pool is on this machine."""
