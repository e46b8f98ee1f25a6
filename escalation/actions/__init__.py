"""Every rule about cases: opening and evidence, the ladder of calls, the work until the end."""
