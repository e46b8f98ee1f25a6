"""Moving in: what another product exports is mapped, shown, and brought in whole or not at all. No writes here."""
