"""Mastodon through Mastodon.py: calls. What payloads say is in `mapping`.

Each official account is on a server of its own, whose limits its own description tells (`check`).
Sources: docs.joinmastodon.org (methods notifications and media as stored pages, read 28 November 2026;
statuses, conversations, accounts and instance in excerpts), Mastodon.py, and for the order of conversations
Mastodon's own source. Tried against a stand-in alone: other servers that speak this language may differ.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from core import clock
from platforms.contract import (
    Capability,
    FoundAccount,
    Identity,
    IncomingComment,
    IncomingPost,
    Lacking,
    Limits,
    Login,
    OutcomeUnknown,
    Page,
    PermanentFault,
    PostNumbers,
    PostToSend,
    RawMessage,
    Sent,
    TemporaryFault,
    Usage,
    count,
)
from platforms.http import instant as header_instant
from platforms.mastodon import mapping
from platforms.mastodon.session import NAME, Client

A_PAGE = 40
"""What every version hands out at most; 80 from 4.1 on."""
PAGES_A_POLL = 5
OWN_PAGES = 5
KEY_IS_KEPT = timedelta(minutes=50)
"""Mastodon remembers an Idempotency-Key for an hour. After that the account is read first."""
MEDIA_READY_WITHIN_S = 20.0
MEDIA_ASKED_EVERY_S = 1.0
HEARD = ["mention", "quote"]
"""The notifications that are words to us. Servers before 4.5 know no quotes and leave the word aside."""


class MastodonConnector(Lacking):
    """Speaks for one official account on its Mastodon server."""

    slug = "mastodon"
    name = NAME
    capabilities = frozenset(
        {
            Capability.LISTEN,
            Capability.PUBLISH_TEXT,
            Capability.PUBLISH_IMAGES,
            Capability.PUBLISH_VIDEO,
            Capability.ALT_TEXT,
            Capability.EDIT,
            Capability.REPLY,
            Capability.PRIVATE_MESSAGES,
            Capability.DELETE_OWN,
            Capability.BLOCK,
            Capability.MUTE,
            Capability.SEARCH_ACCOUNTS,
            Capability.METRICS,
            Capability.CHOSEN_KEY,
        }
    )
    # What a server allows that nobody has changed: entities/Instance. Each server's own: `check`.
    limits = Limits(
        post_length=500,
        reply_length=500 - mapping.MENTION_ROOM,
        images=4,
        image_bytes=16 * 1024 * 1024,
        alt_text_length=1500,
        video_bytes=99 * 1024 * 1024,
    )
    threads = True
    why_not = {
        Capability.HIDE: (
            "Mastodon lets nobody hide the replies of others: mute or block the person, or report the reply to the server."
        ),
        Capability.UNHIDE: "Mastodon hides no replies, so there is none to show again.",
        Capability.DELETE_OTHERS: (
            "Mastodon lets an official account delete its own posts alone: report the reply to the server, "
            "whose moderators can remove it."
        ),
        Capability.NATIVE_SCHEDULE: (
            "Posts are held in the outbox here, where they can be stopped until the last second."
        ),
        Capability.WEBHOOKS: "Mastodon calls only the owners of a server: it is asked every few seconds.",
    }
    cautions = {
        Capability.BLOCK: "A person who is blocked on Mastodon can find out: the official account is gone for them.",
        Capability.PRIVATE_MESSAGES: "Private messages on Mastodon can be read by those who run the servers.",
    }
    scopes = {
        Capability.LISTEN: "read:notifications read:statuses",
        Capability.PUBLISH_TEXT: "write:statuses",
        Capability.PUBLISH_IMAGES: "write:media",
        Capability.PUBLISH_VIDEO: "write:media",
        Capability.EDIT: "write:statuses",
        Capability.REPLY: "write:statuses",
        Capability.PRIVATE_MESSAGES: "read:statuses write:statuses",
        Capability.DELETE_OWN: "write:statuses",
        Capability.BLOCK: "read:follows write:blocks",
        Capability.MUTE: "read:follows write:mutes",
        Capability.SEARCH_ACCOUNTS: "read:accounts",
        Capability.METRICS: "read:statuses",
    }

    def __init__(self, login: Login) -> None:
        self._login = login
        self._client = Client(login)
        self._our_id = login.account_id
        self._roots: dict[str, str] = {}

    def length(self, text: str) -> int:
        """Characters as Mastodon counts: any link 23, and a mention without its server."""
        return mapping.length(text)

    def check(self) -> Identity:
        """Prove that the token works and whose it is, and learn what this server allows."""
        me = _object(self._client.ask(lambda m: m.account_verify_credentials()))
        username, external_id = me.get("username"), me.get("id")
        if not isinstance(username, str) or not isinstance(external_id, str):
            raise TemporaryFault(f"{NAME} answered something unexpected.")
        ours = self._login.handle.lstrip("@").partition("@")[0]
        if ours and ours.lower() != username.lower():
            raise PermanentFault(f"The access token belongs to @{username} on this server, not to @{ours}.")
        instance = self._client.find(lambda m: m.instance_v2())
        if instance is None:  # before 4.0
            instance = self._client.find(lambda m: m.instance_v1())
        domain = instance.get("domain") or instance.get("uri") if isinstance(instance, dict) else ""
        policy = self._client.find(lambda m: m.notifications_policy())  # from 4.3
        name = me.get("display_name")
        return Identity(
            external_id=external_id,
            handle=f"{username}@{domain}" if isinstance(domain, str) and domain else username,
            name=name if isinstance(name, str) else "",
            limits=mapping.limits(instance, self.limits),
            settings={
                key.replace("for_", "notifications from "): value
                for key, value in (policy.items() if isinstance(policy, dict) else ())
                if key.startswith("for_") and isinstance(value, str)
            },
        )

    def usage(self) -> Sequence[Usage]:
        """What the server said of the 300 requests in five minutes (the reset is an ISO time)."""
        headers = self._client.headers
        try:
            limit = int(headers["x-ratelimit-limit"])
            remaining = int(headers["x-ratelimit-remaining"])
        except (KeyError, ValueError):
            return ()
        used = min(1.0, max(0.0, 1 - remaining / limit)) if limit > 0 else 1.0
        return [
            Usage(
                endpoint="account",
                share_used=used,
                resets_at=header_instant(headers.get("x-ratelimit-reset", "")),
                limit=limit,
                remaining=remaining,
            )
        ]

    # Figures

    def followers(self) -> int | None:
        """followers_count of our account (entities/Account)."""
        me = _object(self._client.ask(lambda m: m.account_verify_credentials()))
        return count(me.get("followers_count"))

    def numbers(self, external_ids: Sequence[str]) -> Sequence[PostNumbers]:
        """What each status says of itself (entities/Status), one request for each. Mastodon counts no readers."""
        found = []
        for external_id in external_ids:
            status = self._client.find(partial(_status, external_id))
            if isinstance(status, dict):
                found.append(
                    PostNumbers(
                        external_id,
                        likes=count(status.get("favourites_count")),
                        replies=count(status.get("replies_count")),
                        shares=count(status.get("reblogs_count")),
                    )
                )
        return found

    # Reading what the public wrote

    def poll(self, position: str) -> Page:
        """Mentions, replies and quotes by `min_id`, which walks forwards and skips nothing, and private messages.

        `since_id` would answer with the newest page alone. What the account's own notification
        filters set aside is asked for too. Private messages come as mentions as well, except where
        those filters drop them, so that the conversations are read besides. Edits are told to
        nobody who is only mentioned: sweeps see them.
        """
        start = mapping.Position.read(position)
        found: dict[str, RawMessage] = {}
        notification, more = self._notifications(start.notification, found)
        conversation, more_private = self._conversations(start.conversation, found)
        return Page(
            messages=sorted(found.values(), key=_order),
            position=str(mapping.Position(notification, conversation)),
            more=more or more_private,
        )

    def _notifications(self, after: int, found: dict[str, RawMessage]) -> tuple[int, bool]:
        for _ in range(PAGES_A_POLL):
            page = self._mentions(after)
            if not page:
                return after, False
            page.sort(key=lambda one: _number(one, "id"))
            for one in page:
                status = one.get("status") if isinstance(one, dict) else one
                if status is not None:
                    self._keep(status, found)
            newest = _number(page[-1], "id")
            if newest <= after:
                return after, False
            after = newest
        return after, True

    def _mentions(self, after: int) -> list[Any]:
        return _list(
            self._client.ask(
                lambda m: m.notifications(min_id=str(after), limit=A_PAGE, types=list(HEARD)),
                also={"include_filtered": "true"},
            )
        )

    def _conversations(self, after: int, found: dict[str, RawMessage]) -> tuple[int, bool]:
        for _ in range(PAGES_A_POLL):
            page = self._talks(after)
            page = [one.get("last_status") for one in page if isinstance(one, dict)]
            page = sorted((one for one in page if isinstance(one, dict)), key=lambda one: _number(one, "id"))
            for last in page:
                # A conversation names its last message alone: those before it come by its context.
                if last.get("in_reply_to_id"):
                    for status in self._above(str(last.get("id"))):
                        private = isinstance(status, dict) and status.get("visibility") == "direct"
                        if private and _number(status, "id") > after:
                            self._keep(status, found)
                self._keep(last, found)
            newest = max((_number(one, "id") for one in page), default=after)
            if newest <= after:
                return after, False
            after = newest
        return after, True

    def _talks(self, after: int) -> list[Any]:
        return _list(self._client.ask(lambda m: m.conversations(min_id=str(after), limit=A_PAGE)))

    def _keep(self, status: Any, found: dict[str, RawMessage]) -> None:
        message = mapping.raw_message(status, us=self._us(), root=self._root_of(status))
        found.setdefault(message.external_id or f"unreadable {len(found)}", message)

    def _root_of(self, status: Any) -> str:
        """The post at the top of the thread: asked for once for each post that is answered."""
        parent = status.get("in_reply_to_id") if isinstance(status, dict) else None
        if not isinstance(parent, str):
            return ""
        if parent not in self._roots:
            above = self._above(str(status.get("id")))
            top = above[0].get("id") if above and isinstance(above[0], dict) else None
            self._roots[parent] = top if isinstance(top, str) else parent
        own = status.get("id")
        if isinstance(own, str):
            self._roots.setdefault(own, self._roots[parent])
        return self._roots[parent]

    def _above(self, external_id: str) -> list[Any]:
        """What stands above a status in its thread, the top first; nothing where it is gone by now."""
        context = self._client.find(lambda m: m.status_context(_id(external_id)))
        return _list(_object(context).get("ancestors")) if context is not None else []

    def sweep(self, post_external_id: str) -> Sequence[RawMessage]:
        """Every reply that this server knows under our post, oldest first; nothing where the post is gone."""
        context = self._client.find(lambda m: m.status_context(_id(post_external_id)))
        if context is None:
            return ()
        above = _list(_object(context).get("ancestors"))
        top = above[0].get("id") if above and isinstance(above[0], dict) else None
        root = top if isinstance(top, str) else post_external_id
        replies = [
            mapping.raw_message(status, us=self._us(), root=root)
            for status in _list(_object(context).get("descendants"))
        ]
        return sorted(replies, key=_order)

    def read(self, message: RawMessage) -> IncomingComment | None:
        """What a raw message says. Raises ValueError where it is malformed."""
        return mapping.comment(message.payload)

    # Writing

    def send(self, post: PostToSend) -> Sent:
        """Publish under the Idempotency-Key that is the post's own key.

        A reply begins with the person's name: without it Mastodon tells nobody. It is never seen by
        more people than what it answers. A private message is a post that only those named see.
        """
        forgotten = post.not_before is not None and clock.now() - post.not_before > KEY_IS_KEPT
        if forgotten and (standing := self.find_post(post)):
            return standing
        text, visibility = self._composed(post)
        media = [self._upload(one.content, one.content_type, one.alt_text) for one in post.pictures]
        if post.video is not None:
            media.append(self._upload(post.video.content, post.video.content_type, post.video.title))
        answer = self._client.ask(
            lambda m: m.status_post(
                text,
                in_reply_to_id=_id(post.reply_to) if post.reply_to else None,
                media_ids=media or None,
                visibility=visibility,
                idempotency_key=post.key,
            ),
            changing=True,
        )
        return _sent(answer)

    def _composed(self, post: PostToSend) -> tuple[str, str]:
        """The text with the name of whoever is answered, and who may see it."""
        if not post.reply_to and not post.private_to:
            return post.text, "public"
        person, visibility = "", "direct" if post.private_to else "public"
        if post.reply_to:
            parent = self._client.find(lambda m: m.status(_id(post.reply_to)))
            if parent is None:
                raise PermanentFault("The comment that this answers is no longer on Mastodon.")
            account = _object(_object(parent).get("account"))
            # What goes on with a post of our own names nobody.
            person = "" if account.get("id") == self._us() else str(account.get("acct") or "")
            if not post.private_to:
                visibility = str(parent.get("visibility") or "public")
                if visibility == "direct":
                    raise PermanentFault(
                        "The message was written privately, and an answer for everybody would show that. Answer it privately."
                    )
        if post.private_to:
            found = self._client.find(lambda m: m.account(_id(post.private_to)))
            if found is None:
                raise PermanentFault("The person whom this answers is no longer on Mastodon.")
            person = str(_object(found).get("acct") or "")
        named = not person or f"@{person}".lower() in post.text.lower().split()
        return (post.text if named else f"@{person} {post.text}"), visibility

    def _upload(self, content: bytes, content_type: str, description: str) -> str:
        """Upload a file and wait until the server has read it. Until a post names it, it is seen by nobody."""
        answer = _object(
            self._client.ask(
                lambda m: m.media_post(content, mime_type=content_type, description=description or None)
            )
        )
        external_id = answer.get("id")
        if not isinstance(external_id, str):
            raise TemporaryFault(f"{NAME} answered something unexpected.")
        until = time.monotonic() + MEDIA_READY_WITHIN_S
        while not (isinstance(answer, dict) and answer.get("url")):
            # 202 after sending and 206 after asking: still at work (methods/media).
            if time.monotonic() > until:
                raise TemporaryFault(f"{NAME} is still at work on a file of this post.", retry_after_s=60)
            time.sleep(MEDIA_ASKED_EVERY_S)
            answer = self._client.ask(lambda m: m.media(external_id)) or {}
        return external_id

    def find_post(self, post: PostToSend) -> Sent | None:
        """Whether the post stands among our own of that time, with these words, as an answer to the same."""
        for status in self._own_statuses(post):
            answers = status.get("in_reply_to_id") or ""
            private = status.get("visibility") == "direct"
            if str(status.get("id")) in post.not_these:
                continue
            if answers == post.reply_to and private == bool(post.private_to):
                try:
                    if mapping.same_words(post.text, mapping.plain(str(status.get("content") or ""))):
                        return _sent(status)
                except OutcomeUnknown:
                    continue
        return None

    def _own_statuses(self, post: PostToSend) -> Iterator[dict[str, Any]]:
        """Our own posts and answers, newest first, back to when the intent began."""
        before: str | None = None
        for _ in range(OWN_PAGES):
            page = self._own_page(before)
            for status in page:
                try:
                    at = mapping.instant(status.get("created_at"))
                except ValueError:
                    continue
                if post.not_before is not None and at < post.not_before:
                    return
                yield status
            if not page or post.not_before is None:
                return
            before = str(page[-1].get("id"))

    def _own_page(self, before: str | None) -> list[dict[str, Any]]:
        us = self._us()
        page = _list(
            self._client.ask(
                lambda m: m.account_statuses(us, exclude_reblogs=True, limit=A_PAGE, max_id=before)
            )
        )
        return [one for one in page if isinstance(one, dict)]

    def gone(self, comment_external_ids: Sequence[str]) -> Mapping[str, str]:
        """What the server does not find any more (404); it does not say who removed it."""
        return {external_id: "" for external_id in comment_external_ids if not self._stands(external_id)}

    def _stands(self, external_id: str) -> bool:
        return self._client.find(lambda m: m.status(_id(external_id))) is not None

    def search_accounts(self, words: str) -> Sequence[FoundAccount]:
        """Accounts that this server knows of, 40 at most (docs.joinmastodon.org, methods/accounts#search).

        Other servers are not asked to look: what nobody here has ever met is not found.
        """
        page = _list(self._client.ask(lambda m: m.account_search(words[:100], limit=40, resolve=False)))
        server = urlsplit(self._login.base_url).hostname or ""
        return [
            found
            for account in page
            if isinstance(account, dict) and (found := mapping.found_account(account, server)) is not None
        ]

    def own_posts(self) -> Sequence[IncomingPost]:
        """Our newest posts as the server shows them, without answers and without what we passed on."""
        page = _list(
            self._client.ask(
                lambda m: m.account_statuses(
                    self._us(), exclude_reblogs=True, exclude_replies=True, limit=A_PAGE
                )
            )
        )
        found = []
        for status in page:
            try:
                found.append(mapping.own_post(status))
            except ValueError:
                continue  # not as a post is written: nobody reads it as one either
        return sorted(found, key=lambda post: int(post.external_id), reverse=True)

    def read_back(self, external_id: str) -> IncomingPost | None:
        """One of our own posts with the words as they were written; None when it is gone."""
        status = self._own(external_id)
        source = self._client.find(lambda m: m.status_source(external_id)) if status else None
        if status is None or source is None:
            return None
        text = _object(source).get("text")
        try:
            return mapping.own_post(status, text=text if isinstance(text, str) else None)
        except ValueError:
            raise TemporaryFault(f"{NAME} answered with something that cannot be read.") from None

    def edit(self, external_id: str, text: str) -> Sent:
        """Change the words. Pictures and the names that an answer begins with stay.

        Whatever is not said again is taken away (Mastodon's own UpdateStatusService), so that the
        pictures and the warning are sent along.
        """
        status = self._own(external_id)
        if status is None:
            raise PermanentFault("The post is no longer on Mastodon.")
        source = _object(self._client.ask(lambda m: m.status_source(external_id)))
        names = mapping.leading_mentions(str(source.get("text") or ""))
        if names and not mapping.leading_mentions(text):
            text = names + text
        media = [one.get("id") for one in _list(status.get("media_attachments")) if isinstance(one, dict)]
        answer = self._client.ask(
            lambda m: m.status_update(
                external_id,
                text,
                spoiler_text=str(source.get("spoiler_text") or "") or None,
                sensitive=status.get("sensitive") is True,
                media_ids=media or None,
            ),
            changing=True,
        )
        return _sent(answer)

    def delete(self, external_id: str) -> None:
        """Delete one of our own posts or answers. Twice is no fault."""
        if self._own(external_id) is not None:
            self._client.find(lambda m: m.status_delete(external_id), changing=True)

    # People

    def block(self, commenter_external_id: str) -> None:
        """The person no longer sees the official account, nor writes to it. They can find out."""
        self._client.ask(lambda m: m.account_block(_id(commenter_external_id)), changing=True)

    def unblock(self, commenter_external_id: str) -> None:
        self._client.ask(lambda m: m.account_unblock(_id(commenter_external_id)), changing=True)

    def is_blocked(self, commenter_external_id: str) -> bool:
        return self._relation(commenter_external_id, "blocking")

    def mute(self, commenter_external_id: str) -> None:
        """We are shown no more of the person, who is not told."""
        self._client.ask(lambda m: m.account_mute(_id(commenter_external_id)), changing=True)

    def unmute(self, commenter_external_id: str) -> None:
        self._client.ask(lambda m: m.account_unmute(_id(commenter_external_id)), changing=True)

    def is_muted(self, commenter_external_id: str) -> bool:
        return self._relation(commenter_external_id, "muting")

    # Below: one step each

    def _relation(self, commenter_external_id: str, what: str) -> bool:
        found = _list(self._client.ask(lambda m: m.account_relationships(_id(commenter_external_id))))
        value = found[0].get(what) if found and isinstance(found[0], dict) else None
        if not isinstance(value, bool):
            raise TemporaryFault(f"{NAME} did not say how the official account stands to this person.")
        return value

    def _own(self, external_id: str) -> dict[str, Any] | None:
        """One of our own statuses as it stands; None when it is gone. Raises PermanentFault for another's."""
        status = self._client.find(lambda m: m.status(_id(external_id)))
        if status is None:
            return None
        if _object(_object(status).get("account")).get("id") != self._us():
            raise PermanentFault(
                "This was not written by our official account, so Mastodon lets us neither change nor delete it."
            )
        return _object(status)

    def _us(self) -> str:
        if not self._our_id:
            found = _object(self._client.ask(lambda m: m.account_verify_credentials())).get("id")
            if not isinstance(found, str):
                raise TemporaryFault(f"{NAME} answered something unexpected.")
            self._our_id = found
        return self._our_id


def _status(external_id: str, library: Any) -> Any:
    return library.status(external_id)


def _id(external_id: str) -> str:
    """An id that may stand in an address. Raises PermanentFault for anything else."""
    try:
        return str(mapping.number(external_id))
    except ValueError:
        raise PermanentFault("This is not the id of something on Mastodon.") from None


def _number(one: Any, key: str) -> int:
    try:
        return mapping.number(one.get(key) if isinstance(one, dict) else None)
    except ValueError:
        return 0


def _order(message: RawMessage) -> int:
    return int(message.external_id) if message.external_id.isdigit() else 0


def _sent(answer: Any) -> Sent:
    external_id = answer.get("id") if isinstance(answer, dict) else None
    if not isinstance(external_id, str) or not external_id.isdigit():
        raise OutcomeUnknown(f"{NAME} answered something unexpected.")
    url = answer.get("url")
    return Sent(external_id=external_id, url=url if isinstance(url, str) else "")


def _object(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise TemporaryFault(f"{NAME} answered something unexpected.")
    return answer


def _list(answer: Any) -> list[Any]:
    if not isinstance(answer, list):
        raise TemporaryFault(f"{NAME} answered something unexpected.")
    return answer
