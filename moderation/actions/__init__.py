"""Everything that changes a comment, split by noun."""
