"""News about an Instagram account, as Meta calls it in (object "instagram")."""

from platforms.meta.webhook import account_ids, challenge, event_ids, genuine, verify_token

__all__ = ["account_ids", "challenge", "event_ids", "genuine", "verify_token"]
