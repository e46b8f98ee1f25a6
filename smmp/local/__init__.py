"""Everything on one machine: embedded Postgres and Valkey, and the supervisor behind `make run`.

Nothing here imports Django: it prepares the environment that settings then read.
"""
