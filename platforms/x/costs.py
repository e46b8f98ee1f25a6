"""What X charges for each act, so that a page can show it before anything is sent.

Source: docs.x.com "X API pay-per-usage pricing", with the revision of 20 April 2026 (reading what is one's
own, and answering who wrote to us, cost less); read 2026-11-28. In US dollars before tax. X changes prices
without notice and an enterprise contract has its own: the developer console is what counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from platforms.contract import PostToSend
from platforms.x import text

CURRENCY = "USD"
READ_ON = "2026-11-28"
SOURCE = "https://docs.x.com/x-api/getting-started/pricing"

PRICES: Mapping[str, Decimal] = {
    "post": Decimal("0.015"),
    "post with a link": Decimal("0.200"),
    "private message": Decimal("0.015"),
    "alternative text": Decimal("0.005"),
    "hide or show a reply": Decimal("0.005"),
    "delete": Decimal("0.010"),
    "mute": Decimal("0.015"),
    "unmute": Decimal("0.005"),
    "post read": Decimal("0.005"),
    "own post or mention read": Decimal("0.001"),
    "private message read": Decimal("0.010"),
    "person read": Decimal("0.010"),
}
"""Acts are charged per request, reading per thing read; the same thing twice in a UTC day once as a rule."""


OF_ACTS: Mapping[str, Decimal] = {
    "hide": PRICES["hide or show a reply"],
    "unhide": PRICES["hide or show a reply"],
    "delete": PRICES["delete"],
    "mute": PRICES["mute"],
    "unmute": PRICES["unmute"],
    "comment read": PRICES["own post or mention read"],
    "private message read": PRICES["private message read"],
}
"""The same by the names of platforms.contract.Connector.prices. A reply found by search costs as a post read does."""


def cost_of(post: PostToSend) -> Decimal | None:
    """The price in dollars of sending this, or None where X charges nothing that is known.

    An answer to somebody who wrote to us first may cost less ("summoned reply", $0.010): this is the most.
    """
    if post.private_to:
        return PRICES["private message"]
    price = PRICES["post with a link"] if text.links(post.text) else PRICES["post"]
    described = sum(1 for picture in post.pictures if picture.alt_text)
    return price + described * PRICES["alternative text"]
