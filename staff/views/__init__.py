"""Signing in, proving a factor again, and the pages about oneself."""
