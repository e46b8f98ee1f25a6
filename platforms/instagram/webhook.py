"""News about an Instagram account, as Meta calls it in (object "instagram")."""

from platforms.meta.webhook import (
    OF_OWN_POSTS,
    account_ids,
    challenge,
    event_ids,
    genuine,
    said,
    verify_token,
)

__all__ = ["OF_OWN_POSTS", "account_ids", "challenge", "event_ids", "genuine", "said", "verify_token"]
