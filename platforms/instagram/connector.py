"""An Instagram professional account through `facebook-business`: calls. What payloads say is in `mapping`.

It hangs on a Facebook Page, whose access token speaks for it (Instagram API with Facebook Login).
Publishing is in two steps: a container, for which Instagram fetches the file from an address of ours,
and its publication. No live account can be reached from where this was built. Calls, parameters and
fields rest on the tables of facebook-business 26.0.3 (Graph API v26.0), against which the tests check
every one of them; what the tables do not say is marked with its source beside the call.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import clock
from platforms.contract import (
    Capability,
    Identity,
    IncomingComment,
    IncomingPost,
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
    count,
)
from platforms.instagram import mapping
from platforms.meta.account import FIRST_BACK, MetaConnector, in_order, time_of
from platforms.meta.faults import Gone, NotAllowed, UnknownField
from platforms.meta.graph import A_PAGE
from platforms.meta.position import ROUND_BACK, Position, back

COMMENT_FIELDS = "id,text,username,from,timestamp,hidden,parent_id"
WITH_REPLIES = f"{COMMENT_FIELDS},replies.limit(50){{{COMMENT_FIELDS}}}"
WITH_COMMENTS = f"id,timestamp,comments.limit(50){{{WITH_REPLIES}}}"
OWN_FIELDS = "id,caption,timestamp,permalink"
NUMBER_FIELDS = "id,like_count,comments_count"
MENTION_FIELDS = "id,caption,username,owner,timestamp,permalink,media_type,media_url"
A_MEDIA_PAGE = 10
STATUS_TRIES = 8
STATUS_EVERY_S = 2.0
NOT_READY_AGAIN_S = 30.0
CONTAINER_LASTS_S = 23 * 60 * 60.0
"""Instagram throws a container away after 24 hours (reference "IG Container")."""
HASHTAGS_AT_MOST = 30
MOST_REMEMBERED = 500


@dataclass
class _Made:
    """A container made for an intent, and when, in seconds of the monotonic clock."""

    container_id: str
    made_at: float


_made: OrderedDict[tuple[int, str, str, str], _Made] = OrderedDict()
_made_lock = threading.Lock()


class InstagramConnector(MetaConnector):
    """Speaks for one professional account, with the access token of its Page."""

    slug = "instagram"
    name = "Instagram"
    private_platform = "instagram"
    private_length = 1000
    """Instagram Messaging "Send API": text up to 1,000 bytes."""
    capabilities = frozenset(
        {
            Capability.LISTEN,
            Capability.PUBLISH_TEXT,
            Capability.PUBLISH_IMAGES,
            Capability.PUBLISH_VIDEO,
            Capability.ALT_TEXT,
            Capability.REPLY,
            Capability.PRIVATE_MESSAGES,
            Capability.HIDE,
            Capability.UNHIDE,
            Capability.DELETE_OWN,
            Capability.DELETE_OTHERS,
            Capability.WEBHOOKS,
            Capability.METRICS,
        }
    )
    numbers_at_once = 50
    # Reference "IG User / Media": captions of 2,200 characters and 30 hashtags, JPEG up to 8 MB, 10 in a
    # carousel, reels up to 300 MB, alternative text up to 1,000. A comment's length is documented nowhere.
    limits = Limits(
        post_length=2_200,
        reply_length=2_200,
        images=10,
        image_bytes=8 * 1024**2,
        alt_text_length=1_000,
        video_bytes=300 * 1024**2,
        must_have_media=True,
    )
    why_not = {
        Capability.SEARCH_ACCOUNTS: (
            "Instagram offers programs no search for accounts: search there by hand and note what you find under Impostors."
        ),
        Capability.NATIVE_SCHEDULE: "Instagram holds no posts back for programs: the outbox here does.",
        Capability.EDIT: (
            "Instagram lets no program change a post: change the caption in the Instagram app, or delete it and "
            "post it anew."
        ),
        Capability.BLOCK: (
            "Instagram lets no program block who comments. Hide or delete the comment here, and restrict or block "
            "the person in the Instagram app."
        ),
        Capability.MUTE: "Instagram lets no program restrict or mute a person. Do it in the Instagram app.",
        Capability.CHOSEN_KEY: (
            "Instagram takes no key of ours: after a lost answer the account is read back before anything is "
            "sent again."
        ),
    }
    scopes = {
        Capability.LISTEN: "instagram_manage_comments",
        Capability.PUBLISH_TEXT: "instagram_content_publish",
        Capability.PUBLISH_IMAGES: "instagram_content_publish",
        Capability.PUBLISH_VIDEO: "instagram_content_publish",
        Capability.ALT_TEXT: "instagram_content_publish",
        Capability.REPLY: "instagram_manage_comments",
        Capability.HIDE: "instagram_manage_comments",
        Capability.UNHIDE: "instagram_manage_comments",
        Capability.DELETE_OWN: "instagram_manage_comments",
        Capability.DELETE_OTHERS: "instagram_manage_comments",
        Capability.PRIVATE_MESSAGES: "instagram_manage_messages",
        Capability.WEBHOOKS: "pages_manage_metadata",
        Capability.METRICS: "instagram_basic",
    }

    def __init__(self, login: Login) -> None:
        super().__init__(login)
        self._account_id = login.account_id

    def check(self) -> Identity:
        """Whose credential it is and what it was granted."""
        account_id = self._linked()
        if self._login.account_id and account_id != self._login.account_id:
            raise PermanentFault(
                "The credential belongs to another account on Instagram. Connect the official account again."
            )
        about = self._graph.get(account_id, fields="id,username,name")
        username, name = about.get("username"), about.get("name")
        return Identity(
            external_id=account_id,
            handle=username if isinstance(username, str) and username else account_id,
            name=name if isinstance(name, str) else "",
            scopes=self._granted(),
        )

    # Reading what the public wrote

    def poll(self, position: str) -> Page:
        """What was written to the account since `position`: comments and answers to them, posts that tag
        it, private messages. Further, one page of the round through older posts.

        Comments come newest first and their answers hang below: an answer to an old comment is found
        by the round and the sweep. That somebody names the account in a comment elsewhere, Instagram
        tells a webhook alone and lets nobody list.
        """
        start = Position.read(position)
        since = back(start.known)
        first, first_next = self._media_page("")
        found = self._comments(first, since, to_the_end=False)
        round_next: str | None = None
        if start.cursor:
            entries, round_next = self._round_page(start)
            found += self._comments(entries, back(start.since), to_the_end=True)
        found += self._where_allowed(lambda: self._tags(since))
        found += self._where_allowed(lambda: self._private_messages(start.known, self._message))
        messages = in_order(found, "timestamp", "created_time")
        times = [
            at for m in messages for key in ("timestamp", "created_time") if (at := time_of(m.payload, key))
        ]
        end = start.after(newest=max(times, default=None), first_next=first_next, round_next=round_next)
        return Page(messages=messages, position=str(end), more=end.first_round)

    def sweep(self, post_external_id: str) -> Sequence[RawMessage]:
        """Every comment and answer that stands under our post, hidden ones too, oldest first."""
        try:
            found = [
                message
                for entries, _ in self._graph.pages(
                    post_external_id, "comments", fields=WITH_REPLIES, limit=50
                )
                for message in self._with_replies(entries, post_external_id, None)
            ]
        except Gone:
            return ()
        return in_order(found, "timestamp")

    def own_posts(self) -> Sequence[IncomingPost]:
        entries, _ = self._graph.page_of(self._graph.get(self._us(), "media", fields=OWN_FIELDS, limit=50))
        return self._posts(entries, mapping.own_post)

    def followers(self) -> int | None:
        """followers_count of the account (reference "IG User")."""
        return count(self._graph.get(self._us(), fields="followers_count").get("followers_count"))

    def numbers(self, external_ids: Sequence[str]) -> Sequence[PostNumbers]:
        """Likes and comments of our newest posts, in one request (reference "IG Media")."""
        entries, _ = self._graph.page_of(self._graph.get(self._us(), "media", fields=NUMBER_FIELDS, limit=50))
        return [
            PostNumbers(
                entry["id"], likes=count(entry.get("like_count")), replies=count(entry.get("comments_count"))
            )
            for entry in entries
            if isinstance(entry, dict) and entry.get("id") in set(external_ids)
        ]

    def read(self, message: RawMessage) -> IncomingComment | None:
        return mapping.comment(message.payload)

    # Writing

    def send(self, post: PostToSend) -> Sent:
        """Publish a post, an answer or a private message. Instagram takes no key of ours: see `find_post`.

        A container that waits is remembered in this process under the intent's key, so that a video which
        takes minutes is not begun anew with each try. Nobody sees a container that is never published.
        """
        self._refuse_unsendable(post)
        if post.private_to:
            return self._send_privately(post)
        if post.reply_to:
            return self._reply(post)
        key = (os.getpid(), self._login.base_url, self._us(), post.key)
        made = _remembered(key)
        if made is None:
            self._refuse_over_quota()
            made = _Made(self._container(post), time.monotonic())
            _remember(key, made)
        try:
            status = self._wait_until_ready(made.container_id)
        except PermanentFault:
            _forget(key)
            raise
        if status == "PUBLISHED":
            # An earlier try got through although its answer did not: never publish a second time.
            if standing := self.find_post(post):
                return standing
            raise OutcomeUnknown("Instagram says that the post is published, but does not show it yet.")
        answer = self._graph.post(self._us(), "media_publish", creation_id=made.container_id)
        _forget(key)
        return self._sent(self._sent_id(answer))

    def find_post(self, post: PostToSend) -> Sent | None:
        """Whether it stands: the same words, by us, in the same place, not before it was first sent."""
        if post.private_to:
            return self._find_privately(post)
        if post.reply_to:
            return self._find_reply(post)
        pages = self._graph.pages(self._us(), "media", fields=OWN_FIELDS, limit=A_PAGE)
        entries = self._until(pages, post, at="timestamp")
        return self._the_one(post, entries, text="caption", at="timestamp", url="permalink")

    def read_back(self, external_id: str) -> IncomingPost | None:
        """Our media, comment or message. Ids of media and of comments look alike: asked for one first."""
        try:
            if external_id.isdigit():
                entry = self._graph.find(external_id, fields=OWN_FIELDS)
            else:
                entry = self._graph.find(external_id, fields="id,message,created_time")
        except UnknownField:
            entry = self._graph.find(external_id, fields="id,text,timestamp")
        if entry is None:
            return None
        try:
            return mapping.own_post(entry)
        except ValueError:
            raise TemporaryFault("Instagram answered with something that cannot be read.") from None

    def hide(self, *, comment_external_id: str, root_external_id: str) -> None:
        """Nobody sees it but its author. Instagram hides no comment of the account's own."""
        self._graph.post(comment_external_id, hide=True)

    def unhide(self, *, comment_external_id: str, root_external_id: str) -> None:
        self._graph.post(comment_external_id, hide=False)

    def is_hidden(self, *, comment_external_id: str, root_external_id: str) -> bool:
        return self._flag(comment_external_id, "hidden")

    # Below: one step each

    def _linked(self) -> str:
        """The account that hangs on the Page whose credential this is."""
        try:
            me = self._graph.get("me", fields="id,instagram_business_account")
        except UnknownField:
            raise PermanentFault(
                "This credential belongs to a person and not to a Page. Connect the official account again and "
                "choose the Page that the Instagram account hangs on."
            ) from None
        linked = me.get("instagram_business_account")
        found = linked.get("id") if isinstance(linked, dict) else None
        if not isinstance(found, str) or not found:
            raise PermanentFault(
                "No professional Instagram account hangs on this Page. Connect the two in the Page’s settings on "
                "Facebook, then connect the official account again."
            )
        return found

    def _us(self) -> str:
        if not self._account_id:
            self._account_id = self._linked()
        return self._account_id

    def _ours(self, entry: Any) -> bool:
        author = entry.get("from") if isinstance(entry, dict) else None
        return isinstance(author, dict) and author.get("id") == self._us()

    def _is_post(self, post: PostToSend) -> bool:
        return post.reply_to == post.root

    def _refuse_unsendable(self, post: PostToSend) -> None:
        super()._refuse_unsendable(post)
        if post.private_to:
            return
        if post.reply_to:
            if post.pictures or post.video:
                raise PermanentFault("Instagram takes no pictures or videos in a comment. Take them away.")
            return
        if not post.pictures and not post.video:
            raise PermanentFault("Instagram takes no post of words alone. Add a picture or a video.")
        if (
            any(word.startswith("#") for word in post.text.split())
            and post.text.count("#") > HASHTAGS_AT_MOST
        ):
            raise PermanentFault(
                f"Instagram takes at most {HASHTAGS_AT_MOST} hashtags in a post. Take some away."
            )
        if any(picture.content_type != "image/jpeg" for picture in post.pictures):
            raise PermanentFault("Instagram takes pictures as JPEG only. Convert them.")
        addresses = [picture.address for picture in post.pictures]
        if not all([*addresses, *([post.video.address] if post.video else [])]):
            raise PermanentFault(
                "Instagram fetches pictures and videos from here, and this one has no address to fetch it from. "
                "Ask the administrators to set SMMP_ADDRESS to an address that can be reached from outside."
            )

    def _refuse_over_quota(self) -> None:
        """Reference "Content Publishing Limit": how many posts the last 24 hours took, and may take."""
        entries, _ = self._graph.page_of(
            self._graph.get(self._us(), "content_publishing_limit", fields="config,quota_usage")
        )
        told = entries[0] if entries and isinstance(entries[0], dict) else {}
        config, used = told.get("config"), told.get("quota_usage")
        most = config.get("quota_total") if isinstance(config, dict) else None
        if isinstance(most, int) and isinstance(used, int) and 0 < most <= used:
            raise TemporaryFault(
                f"Instagram takes at most {most} posts in 24 hours from programs, and so many went out. This one "
                "goes out when the count allows, or post it by hand in the app.",
                retry_after_s=60 * 60.0,
            )

    def _container(self, post: PostToSend) -> str:
        """Have Instagram fetch what is to be published. Leaves nothing that anybody sees."""
        if post.video:
            return self._contain(media_type="REELS", video_url=post.video.address, caption=post.text)
        if len(post.pictures) == 1:
            (picture,) = post.pictures
            return self._contain(
                image_url=picture.address, caption=post.text, **_alternative(picture.alt_text)
            )
        children = [
            self._contain(image_url=p.address, is_carousel_item=True, **_alternative(p.alt_text))
            for p in post.pictures
        ]
        for child in children:
            self._wait_until_ready(child)
        return self._contain(media_type="CAROUSEL", children=children, caption=post.text)

    def _contain(self, **params: Any) -> str:
        found = self._graph.post(self._us(), "media", changing=False, **params).get("id")
        if not isinstance(found, str) or not found:
            raise TemporaryFault("Instagram did not say what it made of the picture or video.")
        return found

    def _wait_until_ready(self, container_id: str) -> str:
        """FINISHED or PUBLISHED. Raises PermanentFault where it never will be, TemporaryFault where not yet.

        Reference "IG Container": status_code is EXPIRED, ERROR, FINISHED, IN_PROGRESS or PUBLISHED.
        """
        for number in range(STATUS_TRIES):
            if number:
                time.sleep(STATUS_EVERY_S)
            answer = self._graph.get(container_id, fields="id,status_code,status")
            status = answer.get("status_code")
            if status in ("FINISHED", "PUBLISHED"):
                return str(status)
            if status == "EXPIRED":
                raise PermanentFault("Instagram no longer has what was uploaded. Send the post again.")
            if status == "ERROR":
                raise PermanentFault(
                    "Instagram could not take the picture or video. Check its format (JPEG; MP4 with H.264), its shape "
                    "(between 4:5 and 1.91:1) and that this service can be reached from outside, then send it again.",
                    raw=str(answer.get("status"))[:300],
                )
        raise TemporaryFault(
            "Instagram is not ready with the picture or video yet.", retry_after_s=NOT_READY_AGAIN_S
        )

    def _reply(self, post: PostToSend) -> Sent:
        if self._is_post(post):
            # A post of somebody else's that names us (reference "IG User / Mentions").
            answer = self._graph.post(self._us(), "mentions", media_id=post.reply_to, message=post.text)
        else:
            answer = self._graph.post(self._thread_top(post), "replies", message=post.text)
        return Sent(external_id=self._sent_id(answer))

    def _thread_top(self, post: PostToSend) -> str:
        """Instagram takes answers to top comments alone: an answer to an answer goes beside it."""
        node = self._graph.find(post.reply_to, fields="id,parent_id")
        top = node.get("parent_id") if node else None
        return top if isinstance(top, str) and top else post.reply_to

    def _find_reply(self, post: PostToSend) -> Sent | None:
        edge = "comments" if self._is_post(post) else "replies"
        top = post.reply_to if self._is_post(post) else self._thread_top(post)
        try:
            entries = [
                e
                for page, _ in self._graph.pages(top, edge, fields=COMMENT_FIELDS, limit=A_PAGE)
                for e in page
                if self._ours(e)
            ]
        except Gone:
            return None
        return self._the_one(post, entries, text="text", at="timestamp")

    def _raw(self, entry: Any, kind: str, root: str) -> RawMessage:
        return mapping.raw_message(entry, kind=kind, us=self._us(), root=root)

    def _message(self, entry: Any, conversation_id: str) -> RawMessage:
        return self._raw(entry, mapping.MESSAGE, conversation_id)

    def _media_page(self, after: str) -> tuple[list[Any], str]:
        return self._graph.page_of(
            self._graph.get(
                self._us(),
                "media",
                fields=WITH_COMMENTS,
                limit=A_MEDIA_PAGE,
                **({"after": after} if after else {}),
            )
        )

    def _round_page(self, start: Position) -> tuple[list[Any], str]:
        """The next page of older posts, and where the round goes on ("" at its end)."""
        try:
            entries, following = self._media_page(start.cursor)
        except NotAllowed:
            raise
        except PermanentFault:
            return [], ""  # a cursor that is no longer taken: the next round begins at once
        times = [t for e in entries if (t := time_of(e, "timestamp"))]
        if (
            start.since is not None
            and start.known is not None
            and times
            and min(times) < start.known - ROUND_BACK
        ):
            return entries, ""
        return entries, following

    def _comments(
        self, media: Iterable[Any], since: datetime | None, *, to_the_end: bool
    ) -> list[RawMessage]:
        """Comments under media, from an instant on. `to_the_end`: also answers under old comments."""
        found: list[RawMessage] = []
        for medium in media:
            root = medium.get("id") if isinstance(medium, dict) else None
            if not isinstance(root, str) or "comments" not in medium:
                continue
            entries, after = self._graph.page_of(medium["comments"])
            while True:
                found += self._with_replies(entries, root, since)
                times = [t for e in entries if (t := time_of(e, "timestamp"))]
                arrived = since is not None and bool(times) and min(times) < since
                if not after or (arrived and not to_the_end):
                    break
                entries, after = self._graph.page_of(
                    self._graph.get(root, "comments", fields=WITH_REPLIES, limit=50, after=after)
                )
        return found

    def _with_replies(self, entries: Iterable[Any], root: str, since: datetime | None) -> list[RawMessage]:
        """Top comments and the answers below them, each from an instant on."""
        found: list[RawMessage] = []
        for entry in entries:
            if _late(entry, since):
                found.append(self._raw(entry, mapping.COMMENT, root))
            replies = entry.get("replies") if isinstance(entry, dict) else None
            if not isinstance(replies, dict):
                continue
            below, after = self._graph.page_of(replies)
            if after:
                below = below + [
                    e
                    for page, _ in self._graph.pages(
                        str(entry.get("id")), "replies", after=after, fields=COMMENT_FIELDS, limit=A_PAGE
                    )
                    for e in page
                ]
            found += [
                self._raw(_below(reply, entry), mapping.COMMENT, root)
                for reply in below
                if _late(reply, since)
            ]
        return found

    def _tags(self, since: datetime | None) -> list[RawMessage]:
        """Posts of others that tag the account."""
        limit = since or clock.now() - FIRST_BACK
        found: list[RawMessage] = []
        for entries, _ in self._graph.pages(self._us(), "tags", fields=MENTION_FIELDS, limit=25):
            found += [
                self._raw(e, mapping.MENTION, e.get("id", "") if isinstance(e, dict) else "")
                for e in entries
                if _late(e, limit)
            ]
            times = [t for e in entries if (t := time_of(e, "timestamp"))]
            if times and min(times) < limit:
                break
        return found

    def _sent(self, external_id: str) -> Sent:
        """Published. Where it can be read Instagram tells in a further call, whose failure changes nothing."""
        try:
            address = self._graph.get(external_id, fields="id,permalink").get("permalink")
        except (TemporaryFault, PermanentFault):
            address = ""
        return Sent(external_id=external_id, url=address if isinstance(address, str) else "")


def _below(reply: Any, top: Any) -> Any:
    """A reply with its parent named: below a comment Instagram may leave that out."""
    if isinstance(reply, dict) and isinstance(top, dict) and not reply.get("parent_id"):
        return {**reply, "parent_id": top.get("id")}
    return reply


def _late(entry: Any, since: datetime | None) -> bool:
    at = time_of(entry, "timestamp")
    return since is None or at is None or at >= since


def _alternative(text: str) -> dict[str, str]:
    return {"alt_text": text} if text else {}


def _remembered(key: tuple[int, str, str, str]) -> _Made | None:
    with _made_lock:
        made = _made.get(key)
        if made is not None and time.monotonic() - made.made_at > CONTAINER_LASTS_S:
            del _made[key]
            return None
        return made


def _remember(key: tuple[int, str, str, str], made: _Made) -> None:
    with _made_lock:
        _made[key] = made
        while len(_made) > MOST_REMEMBERED:
            _made.popitem(last=False)


def _forget(key: tuple[int, str, str, str]) -> None:
    with _made_lock:
        _made.pop(key, None)


def forget_containers() -> None:
    """Begin every container anew (tests)."""
    with _made_lock:
        _made.clear()
