"""Promises of the store, tried hard: kills, many writers, full disks. ``python -m soak``."""
