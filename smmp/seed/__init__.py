"""The demonstration force and the reference data that every installation starts from."""
