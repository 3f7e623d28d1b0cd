"""Real database servers on this machine. Nothing here knows of AWS, plans or the sandbox.

    process      the one door to subprocess: run, spawn_detached, spawn_bound, build_environment
    bound        Bound, attach: both ends of a process that answers requests, and ends with us
    ownership    ProcessProof, is_alive_and_ours, signal, wait_gone, terminate, STOP_MODES, open_pidfd
    orphans      find_by_directory: servers that outlived what started them
    identity     engine_identity, data_home: who runs servers, and where their data can lie
    binaries     find_postgres: explicit setting, system, wheel
    ports        reserve_address, reserve_internal: loopback addresses, reserved by binding
    certificates create_authority, issue_server_certificate
    endpoint     Endpoint: the stable address of a database, holds clients during a switch
    home         write_private, begin_data, refuse_existing: what every server's directory has
    wish         Wish: how a server is asked to run
    copying      copy_tree: copy_file_range in two threads
    postgres/    cluster      Cluster: initialise, configure, start, stop, reload, session
                 replication  base_copy, copy_stopped, standby_settings, require_synchronous, promote, follow
                 archive      start_archiver, heartbeat, pulse, fence, latest_restorable
                 backup       take_backup, verify_backup, Snapshot
                 restore      restore: snapshot + archive -> a running server, or an error that names what is missing
    packages     unpack: what is only packed for Debian, without root
    mariadb/     the same files and names; timeline: which transactions of an archive come before a moment
    pgbouncer/   pooler       Pooler: configure, start, reload, stop

Everything in an engine's folder blocks, with a deadline: call it from threads. The endpoint is asyncio.
"""
