"""PostgreSQL through pg8000: connections, passwords and roles, and what a database says of itself."""
