"""Everything that changes a post, the outbox or the lockdown switch: `posts`, `outbox`, `lockdown`."""
