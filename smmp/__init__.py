"""Wiring: settings, addresses, the worker, the scheduler, the local supervisor, seed and benches."""
