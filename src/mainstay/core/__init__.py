"""What every room shares: errors and exit codes, findings, units, windows, naming, the clock."""
