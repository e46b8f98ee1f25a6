"""Backups of database, files and key ids together, and bringing one back without bringing back what was disposed of."""
