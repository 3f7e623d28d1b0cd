"""MySQL and MariaDB through PyMySQL: connections, passwords and accounts, and what a database says of itself."""
