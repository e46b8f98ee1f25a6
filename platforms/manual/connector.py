"""Platforms that are worked by hand: no API, none that a force is given, or one that gives no comments.

Everything but the last step happens here as for any platform: registered, composed, approved, held back
by a lockdown, audited. Then somebody publishes it on the platform and pastes the link back; what the
public writes there is pasted or imported. Nothing here opens a socket.
"""

from __future__ import annotations

from collections.abc import Sequence

import regex

from platforms.contract import (
    Capability,
    Identity,
    IncomingComment,
    IncomingPost,
    Lacking,
    Limits,
    Login,
    Page,
    PermanentFault,
    PostToSend,
    RawMessage,
    Sent,
)
from platforms.manual import mapping

_GRAPHEME = regex.compile(r"\X")


def why_not_by_hand(name: str) -> dict[Capability, str]:
    """Why each thing cannot be done from here on a platform that is worked by hand, and what to do."""
    return {
        Capability.SEARCH_ACCOUNTS: f"Search on {name} by hand, and note what you find under Impostors.",
        Capability.LISTEN: f"{name} is worked by hand: paste what the public writes there, or import it as CSV.",
        Capability.PUBLISH_VIDEO: f"Upload the video on {name} yourself, with its captions.",
        Capability.NATIVE_SCHEDULE: "The outbox here says when it is due; somebody publishes it then.",
        Capability.EDIT: f"Change it on {name}, and note here what was changed.",
        Capability.PRIVATE_MESSAGES: f"Answer private messages on {name} itself.",
        Capability.DELETE_OTHERS: f"Where {name} lets you delete others’ words, do it there.",
        Capability.BLOCK: f"Where {name} lets you block somebody, do it there.",
        Capability.MUTE: f"Where {name} lets you mute somebody, do it there.",
        Capability.WEBHOOKS: f"{name} tells us nothing by itself.",
        Capability.METRICS: f"{name} tells us no figures: read them there.",
        Capability.CHOSEN_KEY: f"{name} is worked by hand, so whoever publishes it looks first whether it stands there.",
    }


class ManualConnector(Lacking):
    """A platform on which a person does the last step. Subclasses say its name and its limits."""

    slug = "manual"
    name = "Another platform"
    why_not = why_not_by_hand("the platform")
    capabilities = frozenset(
        {
            Capability.PUBLISH_TEXT,
            Capability.PUBLISH_IMAGES,
            Capability.ALT_TEXT,
            Capability.REPLY,
            Capability.HIDE,
            Capability.UNHIDE,
            Capability.DELETE_OWN,
        }
    )
    limits = Limits(
        post_length=5_000, reply_length=2_000, images=10, image_bytes=10_000_000, alt_text_length=1_000
    )

    def __init__(self, login: Login) -> None:
        self._login = login

    def length(self, text: str) -> int:
        """Characters as a reader counts them. What the platform itself counts is not published for all."""
        return len(_GRAPHEME.findall(text))

    def check(self) -> Identity:
        return Identity(external_id=self._login.handle, handle=self._login.handle)

    def poll(self, position: str) -> Page:
        return Page(messages=(), position=position)

    def sweep(self, post_external_id: str) -> Sequence[RawMessage]:
        return ()

    def own_posts(self) -> Sequence[IncomingPost]:
        return ()

    def read(self, message: RawMessage) -> IncomingComment | None:
        return mapping.comment(message.payload)

    def send(self, post: PostToSend) -> Sent:
        raise self._by_hand()

    def find_post(self, post: PostToSend) -> Sent | None:
        raise self._by_hand()

    def read_back(self, external_id: str) -> IncomingPost | None:
        return None

    def hide(self, *, comment_external_id: str, root_external_id: str) -> None:
        raise self._by_hand()

    def unhide(self, *, comment_external_id: str, root_external_id: str) -> None:
        raise self._by_hand()

    def is_hidden(self, *, comment_external_id: str, root_external_id: str) -> bool:
        raise self._by_hand()

    def delete(self, external_id: str) -> None:
        raise self._by_hand()

    def _by_hand(self) -> PermanentFault:
        return PermanentFault(f"{self.name} is worked by hand: do it there, then say so in the outbox.")


class NextdoorConnector(ManualConnector):
    """Nextdoor for public agencies. Its Publish API is given to partners alone (developer.nextdoor.com).

    Source: its documentation gives a body of at most 8,192 characters, 10 attachments, photos of 10 MB.
    """

    slug, name = "nextdoor", "Nextdoor"
    limits = Limits(
        post_length=8_192, reply_length=8_192, images=10, image_bytes=10_000_000, alt_text_length=1_000
    )
    capabilities = ManualConnector.capabilities - {Capability.HIDE, Capability.UNHIDE}

    why_not = {
        **why_not_by_hand("Nextdoor"),
        Capability.HIDE: "On Nextdoor its own moderators hide: report the comment there.",
        Capability.UNHIDE: "On Nextdoor its own moderators hide, and they show again.",
    }


class ThreadsConnector(ManualConnector):
    """Threads. Source for the limit of 500 characters: developers.facebook.com, Threads API, posts."""

    slug, name = "threads", "Threads"
    why_not = why_not_by_hand("Threads")
    limits = Limits(
        post_length=500, reply_length=500, images=20, image_bytes=8_000_000, alt_text_length=1_000
    )


class TikTokConnector(ManualConnector):
    """TikTok. Its Content Posting API wants an audit, its comments a business partner (developers.tiktok.com)."""

    slug, name = "tiktok", "TikTok"
    limits = Limits(
        post_length=2_200, reply_length=150, images=35, image_bytes=20_000_000, must_have_media=True
    )
    capabilities = ManualConnector.capabilities - {Capability.ALT_TEXT}
    why_not = {
        **why_not_by_hand("TikTok"),
        Capability.ALT_TEXT: "TikTok takes no alternative text from us: say in the words what it shows.",
    }


_NOBODY_WRITES = "Followers of a WhatsApp channel cannot write in it, so there is nothing to answer or hide."


class WhatsAppConnector(ManualConnector):
    """A WhatsApp channel. There is no public API for channels, and followers cannot write in them."""

    slug, name = "whatsapp", "WhatsApp channel"
    limits = Limits(post_length=4_096, reply_length=4_096, images=1, image_bytes=16_000_000)
    capabilities = frozenset({Capability.PUBLISH_TEXT, Capability.PUBLISH_IMAGES, Capability.DELETE_OWN})

    why_not = {
        **why_not_by_hand("WhatsApp"),
        **dict.fromkeys(
            (Capability.LISTEN, Capability.REPLY, Capability.HIDE, Capability.UNHIDE), _NOBODY_WRITES
        ),
        Capability.ALT_TEXT: "A WhatsApp channel takes no alternative text: say in the words what the picture shows.",
    }


class LinkedInConnector(ManualConnector):
    """LinkedIn. Its Community Management API wants an approval (learn.microsoft.com). 3,000 characters a post."""

    slug, name = "linkedin", "LinkedIn"
    why_not = why_not_by_hand("LinkedIn")
    limits = Limits(
        post_length=3_000, reply_length=1_250, images=20, image_bytes=5_000_000, alt_text_length=300
    )
