"""How long a failover lasts for clients that write all the while, and whether anything they were told of is lost."""
