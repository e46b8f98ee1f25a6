"""Everything leaves in open, documented formats: which tables, how they are written, and the proof that they are whole."""
