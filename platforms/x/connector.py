"""X through tweepy, and what tweepy lacks through `platforms.http`. What payloads say is in `mapping`.

Sources beside the calls are X's OpenAPI document 2.167 and docs.x.com (read 2026-11-28). Nothing here has
been tried against X itself: no X can be reached from where this was written, and its API has no test
network. The stand-in of the tests is checked against the OpenAPI document.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core import clock
from platforms.contract import (
    Capability,
    Fault,
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
    Token,
    Usage,
    count,
)
from platforms.x import costs, mapping, media, oauth, text
from platforms.x.faults import Duplicate, Forbidden, NotInContract
from platforms.x.mapping import PRIVATE, Position, Walk
from platforms.x.session import Calls, Client, Ledger

PAGE = 100
OVERLAP = timedelta(minutes=5)
"""A mention can appear a little after others with higher ids. What is older than this is swept for."""
MESSAGES_EVERY_S = 75
"""GET /2/dm_events may be asked 15 times in 15 minutes (docs.x.com "Rate limits"); a fifth is left over."""
MESSAGES_REFUSED_FOR_S = 15 * 60
LONGEST_STORED_TOKEN = 80
"""X's own are shorter than 50 characters; with this a position stays within 300."""
LONGEST_MESSAGE = 10_000
SWEPT_PAGES = 50
SEARCHED_PAGES = 10
SEARCHED_BACK = timedelta(hours=24)
CLOCKS_DIFFER = timedelta(seconds=2)
OWN_POSTS = 50

# Named as tweepy names them; `session.in_present_words` translates.
POST_FIELDS = [
    "attachments",
    "author_id",
    "conversation_id",
    "created_at",
    "display_text_range",
    "edit_history_tweet_ids",
    "entities",
    "in_reply_to_user_id",
    "lang",
    "note_tweet",
    "referenced_tweets",
]
OWN_FIELDS = [
    "attachments",
    "author_id",
    "created_at",
    "display_text_range",
    "edit_history_tweet_ids",
    "entities",
    "note_tweet",
    "referenced_tweets",
]
EXPANSIONS = ["author_id", "attachments.media_keys"]
USER_FIELDS = ["name", "username", "subscription_type"]
MEDIA_FIELDS = ["alt_text", "preview_image_url", "type", "url", "variants"]

REPLY_SETTINGS = {"following": "following", "mentioned": "mentionedUsers"}
"""TweetCreateRequest.reply_settings. Nobody at all may not be said: "mentionedUsers" without a mention is it."""

FOUND_AT_MOST = 10
_NOT_SEARCHED = re.compile(r"[^A-Za-z0-9_' ]")
"""What a search for accounts does not take (OpenAPI 2.167, searchUsers)."""

Answer = dict[str, Any]

_log = logging.getLogger(__name__)
_whose: dict[str, str] = {}
"""Ids of official accounts by the digest of their access token, so that one is asked for once."""


class XConnector(Lacking):
    """Speaks for one official account on X."""

    slug = "x"
    name = "X"
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
            Capability.HIDE,
            Capability.UNHIDE,
            Capability.DELETE_OWN,
            Capability.MUTE,
            Capability.SEARCH_ACCOUNTS,
            Capability.WEBHOOKS,
            Capability.METRICS,
        }
    )
    numbers_at_once = OWN_POSTS
    prices = costs.OF_ACTS
    reply_controls = frozenset(REPLY_SETTINGS)
    threads = True
    # Of an account without X Premium; what another may write, X says when it is tested (`check`).
    limits = Limits(
        post_length=text.POST_LENGTH,
        reply_length=text.POST_LENGTH,
        images=4,
        image_bytes=media.IMAGE_BYTES,
        alt_text_length=media.ALT_TEXT_LENGTH,
        video_bytes=media.VIDEO_BYTES,
        counted="characters as X counts them (a link 23, an emoji 2)",
    )
    why_not = {
        Capability.DELETE_OTHERS: (
            "X does not let an organisation delete others' replies: hide it, or report it on X."
        ),
        Capability.BLOCK: (
            "X has taken blocking out of its API: block the person on X itself. From here you can mute them."
        ),
        Capability.NATIVE_SCHEDULE: "X takes no scheduled posts from other programs: the outbox here holds them.",
        Capability.CHOSEN_KEY: (
            "X takes no key of ours: after a lost answer the official account is read back before anything "
            "is sent again."
        ),
    }
    cautions = {
        Capability.SEARCH_ACCOUNTS: (
            "X charges a cent for each account that a search shows: it is searched once a week, six times, for ten "
            "accounts each."
        ),
    }
    scopes = {
        Capability.LISTEN: "tweet.read",
        Capability.PUBLISH_TEXT: "tweet.write",
        Capability.PUBLISH_IMAGES: "media.write",
        Capability.PUBLISH_VIDEO: "media.write",
        Capability.ALT_TEXT: "media.write",
        Capability.EDIT: "tweet.write",
        Capability.REPLY: "tweet.write",
        Capability.PRIVATE_MESSAGES: "dm.write",
        Capability.HIDE: "tweet.moderate.write",
        Capability.UNHIDE: "tweet.moderate.write",
        Capability.DELETE_OWN: "tweet.write",
        Capability.MUTE: "mute.write",
        Capability.SEARCH_ACCOUNTS: "users.read",
        Capability.WEBHOOKS: "tweet.read",
        Capability.METRICS: "tweet.read",
    }

    def __init__(self, login: Login) -> None:
        self._login = login
        self.limits = login.limits or type(self).limits
        self._ledger = Ledger()
        self._client = Client(login, self._ledger, self._us)
        self._calls = Calls(login, self._ledger)

    def length(self, words: str) -> int:
        """Weighted, as X counts: a link 23, an emoji 2, most letters of this island 1."""
        return text.length(words)

    def check(self) -> Identity:
        """Prove that the access token works and that it is the official account's own (GET /2/users/me)."""
        try:
            me = _object(self._client.get_me(user_auth=False, user_fields=USER_FIELDS), "data")
        except TemporaryFault as fault:
            if "access token" not in fault.sentence:
                raise
            raise PermanentFault(fault.sentence, raw=fault.raw) from None
        external_id, handle, name = me.get("id"), me.get("username"), me.get("name")
        if not isinstance(external_id, str) or not isinstance(handle, str) or not handle:
            raise TemporaryFault("X did not say whose access token this is.")
        wanted = self._login.handle.lstrip("@")
        if (wanted and handle.lower() != wanted.lower()) or self._login.account_id not in ("", external_id):
            raise PermanentFault(
                f"The access token belongs to @{handle} on X, not to @{wanted}. Sign in to X as @{wanted} and "
                "connect again."
            )
        paid = me.get("subscription_type")
        return Identity(
            external_id=external_id,
            handle=handle,
            name=name[:300] if isinstance(name, str) else "",
            limits=replace(type(self).limits, post_length=text.LONG_LENGTH, reply_length=text.LONG_LENGTH)
            if paid in text.WRITES_LONG
            else None,
            settings={"X Premium": paid if paid in text.WRITES_LONG else "none"} if paid else {},
        )

    def renew(self) -> Token | None:
        """The next access token with its refresh token; None where this one came without (see `oauth`)."""
        return oauth.renew(self._login) if self._login.refresh else None

    def cost(self, post: PostToSend) -> Decimal | None:
        return costs.cost_of(post)

    def usage(self) -> Sequence[Usage]:
        return tuple(self._ledger.known.values())

    # Reading what the public wrote

    def poll(self, position: str) -> Page:
        """A page of mentions (answers to us among them) and of private messages since `position`.

        Both lists come newest first. A walk that has not arrived goes on at its token in the next poll, and
        `known` moves only when every page has been taken in: whoever is killed in between skips nothing.
        Quotes name nobody and come by `sweep`. Private messages that cannot be read hold the mentions up
        no longer than a warning: their walk stands where it was.
        """
        start = Position.read(position)
        now = clock.now()
        messages_due = now.timestamp() >= start.ask_messages_at
        mentions, messages, ask_at = start.mentions, start.messages, start.ask_messages_at
        found: list[RawMessage] = []
        if start.mentions.token or not (start.messages.token and messages_due):
            page, mentions = self._step(start.mentions, self._mentions, now)
            found += page
        if messages_due and (start.messages.token or not start.mentions.token):
            try:
                page, messages = self._step(start.messages, self._messages, now)
            except (TemporaryFault, PermanentFault) as fault:
                _log.warning("private messages on X could not be read: %s", fault.sentence)
                usual = MESSAGES_REFUSED_FOR_S if isinstance(fault, PermanentFault) else MESSAGES_EVERY_S
                ask_at = int(now.timestamp() + max(fault.retry_after_s or 0, usual))
            else:
                found += page
                if not messages.token:
                    ask_at = int(now.timestamp()) + MESSAGES_EVERY_S
        end = Position(mentions, messages, ask_at)
        more = bool(mentions.token or (messages.token and now.timestamp() >= ask_at))
        return Page(messages=found, position=str(end), more=more)

    def _step(
        self, walk: Walk, ask: Callable[[Walk], Answer], now: datetime
    ) -> tuple[list[RawMessage], Walk]:
        """One page further back, oldest first, and how far the walk is then."""
        if not walk.token:
            # Exclusive at X. What came within the overlap is read again, what is older is not.
            since = min(walk.known, mapping.id_at(now - OVERLAP)) if walk.known else 0
            walk = replace(walk, since=since, newest=walk.known)
        found: list[RawMessage] = []
        while True:
            try:
                answer = ask(walk)
            except Forbidden:
                raise
            except PermanentFault:
                if not walk.token:
                    raise
                # A token that X no longer takes: begin the walk again, from the newest.
                walk = replace(walk, token="")
                answer = ask(walk)
            page, oldest, newest = self._page(answer)
            found += page
            token = _next_token(answer)
            walk = replace(walk, newest=max(walk.newest, newest), token=token)
            if not token or (walk.since and oldest and oldest <= walk.since):
                found.reverse()
                return found, Walk(known=max(walk.known, walk.newest))
            if len(token) <= LONGEST_STORED_TOKEN:
                found.reverse()
                return found, walk

    def _page(self, answer: Answer) -> tuple[list[RawMessage], int, int]:
        """The messages of a page in X's order, and the lowest and the highest id on it (0: none)."""
        data, includes, us = _data_list(answer), answer.get("includes"), self._us()
        found, ids = [], []
        for one in data:
            private = isinstance(one, dict) and ("event_type" in one or "dm_conversation_id" in one)
            make = mapping.raw_event if private else mapping.raw_post
            found.append(make(one, includes, us=us))
            try:
                ids.append(mapping.number(one.get("id") if isinstance(one, dict) else None))
            except ValueError:
                continue  # it is kept, and goes to quarantine
        return found, min(ids, default=0), max(ids, default=0)

    def _mentions(self, walk: Walk) -> Answer:
        # GET /2/users/{id}/mentions: newest first, at most 800 back, since_id exclusive.
        return self._client.get_users_mentions(
            self._us(),
            max_results=PAGE,
            since_id=walk.since or None,
            pagination_token=walk.token or None,
            tweet_fields=POST_FIELDS,
            expansions=EXPANSIONS,
            user_fields=USER_FIELDS,
            media_fields=MEDIA_FIELDS,
        )

    def _messages(self, walk: Walk) -> Answer:
        # GET /2/dm_events: newest first, 30 days back, no since_id; encrypted chats are not in it.
        return self._client.get_direct_message_events(
            user_auth=False,
            max_results=PAGE,
            pagination_token=walk.token or None,
            event_types=["MessageCreate"],
            dm_event_fields=[
                "attachments",
                "created_at",
                "dm_conversation_id",
                "entities",
                "event_type",
                "id",
                "text",
            ],
            expansions=["sender_id", "attachments.media_keys"],
            user_fields=USER_FIELDS,
            media_fields=MEDIA_FIELDS,
        )

    def sweep(self, post_external_id: str) -> Sequence[RawMessage]:
        """Every answer that stands in the conversation under our post, and every quote of it, oldest first.

        The search (GET /2/tweets/search/recent, conversation_id) reaches seven days back. Quotes may be asked
        for a quarter as often as answers, and not under every contract: without them the answers stand, and
        the next sweep asks again.
        """
        post = _number(post_external_id)
        common: dict[str, Any] = {
            "max_results": PAGE,
            "tweet_fields": POST_FIELDS,
            "expansions": EXPANSIONS,
            "user_fields": USER_FIELDS,
            "media_fields": MEDIA_FIELDS,
        }
        found = self._all(
            lambda token: self._client.search_recent_tweets(
                f"conversation_id:{post}", next_token=token, **common
            )
        )
        try:
            found += self._all(
                lambda token: self._client.get_quote_tweets(post, pagination_token=token, **common)
            )
        except (Forbidden, TemporaryFault) as fault:
            _log.warning("quotes on X could not be read: %s", fault.sentence)
        unique = {message.external_id or id(message): message for message in found}
        unique.pop(post, None)
        return sorted(unique.values(), key=lambda message: message.external_id.zfill(20))

    def _all(self, ask: Callable[[str | None], Answer]) -> list[RawMessage]:
        found: list[RawMessage] = []
        token = None
        for _ in range(SWEPT_PAGES):
            answer = ask(token)
            found += self._page(answer)[0]
            token = _next_token(answer) or None
            if token is None:
                break
        return found

    def search_accounts(self, words: str) -> Sequence[FoundAccount]:
        """Accounts that X shows for these words, FOUND_AT_MOST of them: each is charged for.

        Source: docs.x.com/x-api/users/search-users. A question holds 50 letters, digits and apostrophes at most.
        """
        asked = " ".join(_NOT_SEARCHED.sub(" ", words).split())[:50].strip()
        if not asked:
            return []
        fields = {"user.fields": "name,username,profile_image_url"}
        answer = self._calls.get("/2/users/search", query=asked, max_results=FOUND_AT_MOST, **fields)
        people = answer.get("data") if isinstance(answer, dict) else None
        return [
            found
            for one in (people if isinstance(people, list) else ())
            if (found := mapping.found_account(one)) is not None
        ]

    def read(self, message: RawMessage) -> IncomingComment | None:
        """What a raw message says. Raises ValueError where it is malformed."""
        return mapping.comment(message.payload)

    def gone(self, comment_external_ids: Sequence[str]) -> Mapping[str, str]:
        """X says that a post is not found (200 with `errors`), not who removed it. One of a suspended or
        protected author is refused in other words, and counts as standing."""
        found = {}
        for external_id in comment_external_ids:
            if external_id.startswith(PRIVATE):
                continue
            try:
                if self._post(external_id, ["created_at"]) is None:
                    found[external_id] = ""
            except PermanentFault:
                continue
        return found

    def own_posts(self) -> Sequence[IncomingPost]:
        """Our newest posts, whoever made them; reposts and answers are left out."""
        answer = self._client.get_users_tweets(
            self._us(),
            max_results=OWN_POSTS,
            exclude=["retweets", "replies"],
            tweet_fields=OWN_FIELDS,
            expansions=["attachments.media_keys"],
        )
        found = []
        for post in _data_list(answer):
            try:
                found.append(mapping.own_post(post))
            except ValueError:
                continue  # not as a post is written: nobody can be shown it
        return sorted(found, key=lambda post: (post.posted_at, int(post.external_id)), reverse=True)

    def followers(self) -> int | None:
        """public_metrics of GET /2/users/me."""
        me = _object(self._client.get_me(user_auth=False, user_fields=["public_metrics"]), "data")
        told = me.get("public_metrics")
        return count(told.get("followers_count")) if isinstance(told, dict) else None

    def numbers(self, external_ids: Sequence[str]) -> Sequence[PostNumbers]:
        """public_metrics of our newest posts, in one owned reading, which X charges a fifth of another's for.

        A post that newer ones have pushed out of that page is left out.
        """
        answer = self._client.get_users_tweets(
            self._us(),
            max_results=OWN_POSTS,
            exclude=["retweets", "replies"],
            tweet_fields=["public_metrics"],
        )
        wanted = set(external_ids)
        return [
            mapping.numbers(post)
            for post in _data_list(answer)
            if isinstance(post, dict) and isinstance(post.get("id"), str) and post["id"] in wanted
        ]

    # Writing

    def send(self, post: PostToSend) -> Sent:
        """Publish a post, an answer or a private message; the files go first, seen by nobody.

        Same words twice: X refuses them. Where ours went out already (`find_post`) that is what is
        answered. An answer that X takes from nobody but people on X itself carries a link to the post.
        """
        self._refuse_unsendable(post)
        media_ids = self._upload(post)
        if post.private_to:
            answer = self._client.create_direct_message(
                participant_id=_number(post.private_to),
                text=post.text or None,
                media_id=media_ids[0] if media_ids else None,
                user_auth=False,
            )
            return Sent(external_id=PRIVATE + _written(answer, "dm_event_id"))
        try:
            answer = self._client.create_tweet(
                text=post.text or None,
                media_ids=media_ids or None,
                in_reply_to_tweet_id=_number(post.reply_to) if post.reply_to else None,
                reply_settings=REPLY_SETTINGS.get(post.replies) if not post.reply_to else None,
                user_auth=False,
            )
        except Duplicate as fault:
            standing = self.find_post(post) if post.not_before is not None else None
            if standing is None:
                raise PermanentFault(fault.sentence, raw=fault.raw) from None
            return standing
        except Forbidden as fault:
            if not post.reply_to or isinstance(fault, NotInContract):
                raise
            raise PermanentFault(
                "X does not take this answer from outside X, because the person has neither mentioned nor "
                f"quoted us, or does not let us answer. Answer on X. ({fault.sentence})",
                link=mapping.web_address(_number(post.reply_to)),
                raw=fault.raw,
            ) from None
        return self._sent(_written(answer, "id"))

    def find_post(self, post: PostToSend) -> Sent | None:
        """Whether the post stands: same words, same place, not from before it was first sent.

        Without `not_before` one day back. Of several that match, the earliest: it is the first that the
        intent can have made.
        """
        since = post.not_before or clock.now() - SEARCHED_BACK
        wanted = text.fingerprint(post.text)
        if post.private_to:
            return self._find_message(post, since)
        found: Sent | None = None
        for answer in self._pages(
            lambda token: self._client.get_users_tweets(
                self._us(),
                max_results=PAGE,
                exclude=["retweets"],
                start_time=since,
                pagination_token=token,
                tweet_fields=OWN_FIELDS,
                expansions=["attachments.media_keys"],
            )
        ):
            for one in _data_list(answer):
                try:
                    kept = mapping.flat(one) if isinstance(one, dict) else {}
                    same = text.fingerprint(mapping.words_of(kept)) == wanted
                    place = mapping.references(kept).get("replied_to", "")
                    early = mapping.instant(kept.get("created_at")) < since - CLOCKS_DIFFER
                    external_id = str(mapping.number(kept.get("id")))
                except ValueError:
                    continue
                if same and not early and place == post.reply_to and external_id not in post.not_these:
                    found = self._sent(external_id)
        return found

    def _find_message(self, post: PostToSend, since: datetime) -> Sent | None:
        found = None
        for answer in self._pages(
            lambda token: self._client.get_direct_message_events(
                participant_id=_number(post.private_to),
                user_auth=False,
                max_results=PAGE,
                pagination_token=token,
                event_types=["MessageCreate"],
                dm_event_fields=["created_at", "dm_conversation_id", "entities", "event_type", "id", "text"],
                expansions=["sender_id"],
            )
        ):
            for one in _data_list(answer):
                event = mapping.raw_event(one, answer.get("includes"), us=self._us())
                try:
                    comment = mapping.comment(event.payload)
                except ValueError:
                    continue
                if comment is None or not comment.by_us or comment.external_id in post.not_these:
                    continue
                if comment.posted_at < since - CLOCKS_DIFFER:
                    return found
                if text.fingerprint(comment.text) == text.fingerprint(post.text):
                    found = Sent(external_id=comment.external_id)
        return found

    def _pages(self, ask: Callable[[str | None], Answer]) -> Iterator[Answer]:
        """Page after page, newest first. Raises TemporaryFault where there are more than can be looked through:
        "not found" would be a guess then."""
        token = None
        for _ in range(SEARCHED_PAGES):
            answer = ask(token)
            yield answer
            token = _next_token(answer) or None
            if token is None:
                return
        raise TemporaryFault("So much was sent on X since then that it cannot be looked through.")

    def read_back(self, external_id: str) -> IncomingPost | None:
        """One of our own posts as it stands now; X answers with its newest version. None when it is gone."""
        post = self._post(external_id, OWN_FIELDS)
        if post is None:
            return None
        if post.get("author_id", self._us()) != self._us():
            raise PermanentFault("This was not written by our official account.")
        try:
            return mapping.own_post(post)
        except ValueError:
            raise TemporaryFault("X answered with something that cannot be read.") from None

    def edit(self, external_id: str, text: str) -> Sent:
        """Change the words of one of our own posts; what stands then has another id.

        Source: docs.x.com "Edit Posts": 30 minutes, five times, no answers to others, X Premium needed.
        A post with pictures or a video is refused here: X says nowhere what becomes of them.
        """
        if self.length(text) > self.limits.post_length:
            raise PermanentFault(self._too_long(text))
        post = self._post(external_id, ["attachments", "created_at", "edit_controls"])
        if post is None:
            raise PermanentFault("The post is not on X any more, so it cannot be changed.")
        if post.get("attachments"):
            raise PermanentFault(
                "X does not say what becomes of pictures or videos when the words change. Delete the post and "
                "post it anew."
            )
        controls = post.get("edit_controls")
        if not isinstance(controls, dict) or controls.get("is_edit_eligible") is not True:
            raise PermanentFault(
                "X lets nobody change this post (answers to others, and accounts without X Premium, are left "
                "out). Delete it and post it anew."
            )
        try:
            over = mapping.instant(controls.get("editable_until")) <= clock.now()
        except ValueError:
            over = False  # X does not say: it decides
        if over or controls.get("edits_remaining") == 0:
            raise PermanentFault(
                "X lets a post be changed for 30 minutes and five times, and that is over. Delete it and post "
                "it anew."
            )
        answer = self._calls.send(
            "POST",
            "/2/tweets",
            json={"text": text, "edit_options": {"previous_post_id": _number(external_id)}},
        )
        return self._sent(_written(answer, "id"))

    def delete(self, external_id: str) -> None:
        """Delete one of our own posts or answers, with every earlier version of it. Gone already is no fault."""
        if external_id.startswith(PRIVATE):
            raise PermanentFault("X lets nobody take a private message back from whoever received it.")
        number = _number(external_id)
        try:
            answer = self._client.delete_tweet(number, user_auth=False)
        except Forbidden:
            # X has answered both 403 and 404 to the deletion of what is not there (any more).
            if self._post(number, ["created_at"]) is None:
                return
            raise
        data = answer.get("data")
        if isinstance(data, dict) and data.get("deleted") is True:
            return
        if self._post(number, ["created_at"]) is not None:
            raise PermanentFault("X did not delete it. Look on X why.", link=mapping.web_address(number))

    def hide(self, *, comment_external_id: str, root_external_id: str) -> None:
        """Hide an answer under our post (PUT /2/tweets/{id}/hidden). X says yes to a second time too."""
        self._set_hidden(comment_external_id, root_external_id, self._client.hide_reply, hidden=True)

    def unhide(self, *, comment_external_id: str, root_external_id: str) -> None:
        """Show a hidden answer again."""
        self._set_hidden(comment_external_id, root_external_id, self._client.unhide_reply, hidden=False)

    def is_hidden(self, *, comment_external_id: str, root_external_id: str) -> bool:
        """Raises PermanentFault: X tells no program what is hidden (no field of OpenAPI 2.167 says it)."""
        raise PermanentFault(
            "X does not say whether an answer is hidden. Look at it on X, or do it again: twice does no harm.",
            link=mapping.web_address(_number(comment_external_id)),
        )

    def mute(self, commenter_external_id: str) -> None:
        """X shows us no more of the person (POST /2/users/{id}/muting), who is not told."""
        answer = self._client.mute(_number(commenter_external_id), user_auth=False)
        if _object(answer, "data", OutcomeUnknown).get("muting") is not True:
            raise OutcomeUnknown("X did not say whether the person is muted now.")

    def unmute(self, commenter_external_id: str) -> None:
        """X shows us the person again."""
        answer = self._client.unmute(_number(commenter_external_id), user_auth=False)
        if _object(answer, "data", OutcomeUnknown).get("muting") is not False:
            raise OutcomeUnknown("X did not say whether the person is muted still.")

    def is_muted(self, commenter_external_id: str) -> bool:
        """Whether the person is muted now: their connection_status, one person read in place of a whole list."""
        answer = self._client.get_user(
            id=_number(commenter_external_id), user_fields=["connection_status"], user_auth=False
        )
        status = _object(answer, "data").get("connection_status")
        if status is None:
            return False
        if not isinstance(status, list):
            raise TemporaryFault("X did not say whether the person is muted.")
        return "muting" in status

    def block_messages(self, commenter_external_id: str) -> None:
        """The person can send us no more private messages (POST /2/users/{id}/dm/block). Not the block of X."""
        self._calls.send("POST", f"/2/users/{_number(commenter_external_id)}/dm/block")

    def unblock_messages(self, commenter_external_id: str) -> None:
        """The person can send us private messages again."""
        self._calls.send("POST", f"/2/users/{_number(commenter_external_id)}/dm/unblock")

    # Below: one step each

    def _us(self) -> str:
        """The id of the official account at X."""
        if self._login.account_id:
            return self._login.account_id
        key = hashlib.sha256(f"{self._login.base_url} {self._login.secret}".encode()).hexdigest()
        if key not in _whose:
            me = _object(self._client.get_me(user_auth=False), "data").get("id")
            try:
                found = str(mapping.number(me))
            except ValueError:
                raise TemporaryFault("X did not say whose access token this is.") from None
            if len(_whose) > 1000:
                _whose.clear()
            _whose[key] = found
        return _whose[key]

    def _refuse_unsendable(self, post: PostToSend) -> None:
        if post.reply_to.startswith(PRIVATE) and not post.private_to:
            raise PermanentFault("This was written to us privately: answer it privately.")
        if post.private_to and len(post.text) > LONGEST_MESSAGE:
            raise PermanentFault("The message is too long for X, which takes 10,000 characters.")
        if not post.private_to and self.length(post.text) > self.limits.post_length:
            raise PermanentFault(self._too_long(post.text))
        if not post.text.strip() and not post.pictures and post.video is None:
            raise PermanentFault("There is nothing to send: write some words.")
        moving = sum(1 for picture in post.pictures if picture.content_type == "image/gif")
        files = len(post.pictures) + (1 if post.video is not None else 0)
        if files > 1 and (post.private_to or post.video is not None or moving):
            what = "one file in a private message" if post.private_to else "a video or moving picture alone"
            raise PermanentFault(f"X takes {what}. Take the others out.")
        if len(post.pictures) > self.limits.images:
            raise PermanentFault(f"X takes at most {self.limits.images} images in one post.")
        for picture in post.pictures:
            gif = picture.content_type == "image/gif"
            if len(picture.content) > (media.GIF_BYTES if gif else media.IMAGE_BYTES):
                raise PermanentFault(f"An image is larger than the {15 if gif else 5} MB that X takes.")
            if len(picture.alt_text) > media.ALT_TEXT_LENGTH:
                raise PermanentFault("An alternative text is longer than the 1,000 characters that X takes.")
        if post.video is not None:
            if post.video.content_type not in media.VIDEO_TYPES:
                raise PermanentFault("X takes videos as MP4, MOV or WebM. Save it anew.")
            if not 0 < len(post.video.content) <= media.VIDEO_BYTES:
                raise PermanentFault("The video is empty or larger than the 512 MB that X takes.")

    def _too_long(self, words: str) -> str:
        return (
            f"The text is too long for X: {self.length(words)} as X counts, and at most "
            f"{self.limits.post_length} are taken."
        )

    def _upload(self, post: PostToSend) -> list[str]:
        private = bool(post.private_to)
        ids = [media.upload_picture(self._calls, picture, private=private) for picture in post.pictures]
        if post.video is not None:
            ids.append(media.upload_video(self._calls, post.video, private=private))
        return ids

    def _post(self, external_id: str, fields: list[str]) -> Answer | None:
        """One post as X answers it; None where X says that it is not there (200 with `errors`, or 404)."""
        number = _number(external_id)
        try:
            answer = self._client.get_tweet(
                number, tweet_fields=fields, expansions=EXPANSIONS, user_auth=False
            )
        except Forbidden as fault:
            if "not on X any more" in fault.sentence:
                return None
            raise
        data = answer.get("data")
        if isinstance(data, dict):
            return data
        errors = answer.get("errors")
        kinds = (
            [str(e.get("type")) for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []
        )
        if kinds and all(kind.endswith("/resource-not-found") for kind in kinds):
            return None
        raise TemporaryFault("X answered with a part only.")

    def _set_hidden(self, comment: str, root: str, change: Callable[..., Answer], *, hidden: bool) -> None:
        if not root or comment.startswith(PRIVATE):
            raise PermanentFault(
                "X lets us hide only answers under our own posts, and this one stands elsewhere. Report it on X."
            )
        number = _number(comment)
        try:
            answer = change(number, user_auth=False)
        except Forbidden as fault:
            raise PermanentFault(
                "X lets us hide only answers under our own posts, and only while they stand. "
                f"Report it on X. ({fault.sentence})",
                link=mapping.web_address(number),
                raw=fault.raw,
            ) from None
        if _object(answer, "data", OutcomeUnknown).get("hidden") is not hidden:
            raise OutcomeUnknown("X did not say whether the answer is hidden now.")

    def _sent(self, external_id: str) -> Sent:
        return Sent(external_id=external_id, url=mapping.web_address(external_id, self._login.handle))


def forget_ids() -> None:
    """Ask X again whose each access token is (tests)."""
    _whose.clear()


def _number(external_id: str) -> str:
    try:
        mapping.number(external_id)
    except ValueError:
        raise PermanentFault("This is not the id of something on X.") from None
    return external_id


def _object(answer: Any, key: str, fault: type[Fault] = TemporaryFault) -> Answer:
    found = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(found, dict):
        raise fault("X answered with something that cannot be read.")
    return found


def _data_list(answer: Any) -> list[Any]:
    """What a page holds. An empty page has no "data"; one with `errors` alone is no page."""
    if not isinstance(answer, dict):
        raise TemporaryFault("X answered with something that cannot be read.")
    data = answer.get("data")
    if data is None and not answer.get("errors") and isinstance(answer.get("meta"), dict):
        return []
    if not isinstance(data, list):
        raise TemporaryFault("X answered with a part only.")
    return data


def _next_token(answer: Answer) -> str:
    meta = answer.get("meta")
    token = meta.get("next_token") if isinstance(meta, dict) else None
    if token is None or token == "":
        return ""
    if not isinstance(token, str) or ";" in token or "|" in token or len(token) > 4000:
        raise TemporaryFault("X did not say from where to read on.")
    return token


def _written(answer: Any, key: str) -> str:
    """The id of what was written. Anything else after a 2xx leaves open whether it stands."""
    external_id = _object(answer, "data", OutcomeUnknown).get(key)
    try:
        return str(mapping.number(external_id))
    except ValueError:
        raise OutcomeUnknown("X did not say what it published.") from None
