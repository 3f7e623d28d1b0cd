"""The dialect of PostgreSQL, through psycopg."""
