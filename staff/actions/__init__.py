"""Signing in, second factors, and who works here."""
