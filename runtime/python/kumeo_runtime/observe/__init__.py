"""What people see of a process: logs, metrics, health, traces."""
