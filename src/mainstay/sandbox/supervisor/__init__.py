"""The one process of a sandbox that outlives commands: it makes real what the handlers write down.

launch    ensure_running, supervise: one process a sandbox, proven, never two
loop      sees changes of the state, beats, opens lanes
lanes     one thread an instance: operations in order, repairs, failures
board     endpoints and death watches, in the event loop's thread
creating, changing, removing, backups    the steps of the operations
failover  what happens when a server dies
errands   functions called for waiting events and for rotations; schedules, alarms and restore tests that come round
exporting snapshots read table by table into a bucket
proxies   a thread for every proxy: address, pool, logins, and the verdict on what is behind it
"""
