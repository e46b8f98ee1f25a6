"""News about a Facebook Page, as Meta calls it in (object "page")."""

from platforms.meta.webhook import account_ids, challenge, event_ids, genuine, verify_token

__all__ = ["account_ids", "challenge", "event_ids", "genuine", "verify_token"]
