"""Bluesky through the `atproto` library: calls. What payloads say is in `mapping`.

A post is written under a record key that follows from our own key, so that the same intent sent
twice is one post. Hiding is a threadgate record of ours at the post's record key: Bluesky still
hands a hidden reply out, and its readers' programs put it behind a click. A block is a record of
ours too, which anybody can read; a mute is known to nobody but us.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from atproto import models
from atproto.exceptions import RequestErrorBase

from core import clock
from platforms.bluesky import mapping, writing
from platforms.bluesky.faults import CALL_ERRORS, STALE_TOKEN, error_name, fault_of
from platforms.bluesky.session import Session, open_session
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
    count,
)

THREADGATE = "app.bsky.feed.threadgate"
BLOCK = "app.bsky.graph.block"
WHO_MAY_REPLY: dict[str, list[dict[str, str]]] = {
    "following": [{"$type": f"{THREADGATE}#followingRule"}],
    "mentioned": [{"$type": f"{THREADGATE}#mentionRule"}],
    "nobody": [],
}
"""What a threadgate allows (lexicon app.bsky.feed.threadgate); without `allow` anybody may reply."""
POST_BYTES = 3000
HIDDEN_AT_MOST = 300
NOTIFICATIONS_A_PAGE = 100
PAGES_A_POLL = 10
OVERLAP = timedelta(minutes=15)
"""Notifications are ordered by the time their author claims where that is earlier: late ones slip in behind."""
LONGEST_STORED_CURSOR = 200
THREAD_DEPTH = 1000
SWAP_TRIES = 4

Answer = dict[str, Any]


class BlueskyConnector(Lacking):
    """Speaks for one official account on Bluesky."""

    slug = "bluesky"
    name = "Bluesky"
    capabilities = frozenset(
        {
            Capability.LISTEN,
            Capability.PUBLISH_TEXT,
            Capability.PUBLISH_IMAGES,
            Capability.ALT_TEXT,
            Capability.REPLY,
            Capability.HIDE,
            Capability.UNHIDE,
            Capability.DELETE_OWN,
            Capability.BLOCK,
            Capability.MUTE,
            Capability.SEARCH_ACCOUNTS,
            Capability.METRICS,
            Capability.CHOSEN_KEY,
        }
    )
    # Lexicons: app.bsky.feed.post (300 graphemes and 3,000 bytes), app.bsky.embed.images (4 images of
    # 2,000,000 bytes). Bluesky's own program stops alternative text at 2,000 characters.
    limits = Limits(
        post_length=300,
        reply_length=300,
        images=4,
        image_bytes=2_000_000,
        alt_text_length=2_000,
        text_bytes=POST_BYTES,
    )
    why_not = {
        Capability.PRIVATE_MESSAGES: (
            "Private messages on Bluesky run over a separate service that is not connected here. "
            "Answer them in the Bluesky app, or ask the person to use the contact form or call 101."
        ),
        Capability.PUBLISH_VIDEO: (
            "Bluesky has videos prepared by a separate service that is not connected here: post it in the Bluesky app."
        ),
        Capability.NATIVE_SCHEDULE: "Bluesky holds no posts back: the outbox here does.",
        Capability.EDIT: "Bluesky has no way to change a post: delete it and post it anew.",
        Capability.DELETE_OTHERS: (
            "Bluesky does not let an official account delete others' replies: hide it, or report it on Bluesky."
        ),
        Capability.WEBHOOKS: "Bluesky calls nobody: it is asked every few seconds.",
    }

    cautions = {
        Capability.BLOCK: (
            "A block on Bluesky is public: anybody can read whom the official account has blocked. A mute is private."
        ),
        Capability.HIDE: "A hidden reply on Bluesky stands behind a click and can still be read.",
    }

    reply_controls = frozenset(WHO_MAY_REPLY)
    threads = True

    def __init__(self, login: Login) -> None:
        self._login = login

    def length(self, text: str) -> int:
        """Graphemes, as Bluesky counts. Bluesky also stops at 3,000 bytes, which `send` refuses."""
        return writing.graphemes(text)

    def check(self) -> Identity:
        """Prove that the app password works and that the official account is open."""
        answer = self._query("com.atproto.server.getSession", None)
        if answer.get("active") is False:
            raise PermanentFault(
                "Bluesky has suspended or closed this official account. Ask Bluesky why, then sign in again."
            )
        handle = answer.get("handle")
        return Identity(external_id=self._us(), handle=handle if isinstance(handle, str) else "")

    # Reading what the public wrote

    def poll(self, position: str) -> Page:
        """Replies, mentions and quotes since `position`, at most ten pages of notifications in one go.

        Bluesky only pages backwards from the newest. A walk that does not arrive goes on at its
        cursor in the next poll, and `known` moves only when it has arrived, so nothing is skipped.
        """
        start = mapping.Position.read(position)
        try:
            return self._walk_back(start)
        except PermanentFault:
            if not start.cursor:
                raise
            # A cursor that is no longer taken: begin the walk again, from the newest.
            return self._walk_back(mapping.Position(known=start.known))

    def _walk_back(self, start: mapping.Position) -> Page:
        us = self._us()
        known, newest, cursor = start.known, start.newest, start.cursor
        found: list[RawMessage] = []
        pages = 0
        while True:
            answer = self._query(
                "app.bsky.notification.listNotifications",
                models.AppBskyNotificationListNotifications.Params(
                    limit=NOTIFICATIONS_A_PAGE, cursor=cursor or None
                ),
            )
            pages += 1
            oldest = None
            for view in _list(answer, "notifications"):
                at = _indexed_at(view)
                if at is not None:
                    newest = max(newest or at, at)
                    oldest = min(oldest or at, at)
                    if known and at < known - OVERLAP:
                        continue
                if not isinstance(view, dict) or view.get("reason") in mapping.REASONS:
                    found.append(mapping.raw_message(view, us=us))
            cursor = answer.get("cursor") or ""
            if not isinstance(cursor, str):
                cursor = ""
            found_known = known is not None and oldest is not None and oldest <= known
            if not cursor or found_known:
                end = mapping.Position(known=max(filter(None, (newest, known)), default=None))
                break
            if pages >= PAGES_A_POLL and len(cursor) <= LONGEST_STORED_CURSOR:
                end = mapping.Position(known=known, newest=newest, cursor=cursor)
                break
        found.reverse()
        return Page(messages=found, position=str(end), more=bool(end.cursor))

    def sweep(self, post_external_id: str) -> Sequence[RawMessage]:
        """Every reply that stands under our post, oldest first, with whether we have hidden it.

        A reply can be missing from the notifications although it stands in the thread. Nothing
        where the post is gone or not yet indexed, and nothing under somebody else's post: what
        people say to each other there is not said to us.
        """
        us = self._us()
        parts = _parts(post_external_id)
        if parts.did != us:
            return ()
        answer = self._find(
            "app.bsky.feed.getPostThread",
            models.AppBskyFeedGetPostThread.Params(uri=post_external_id, depth=THREAD_DEPTH, parent_height=0),
            absent=frozenset({"NotFound"}),
        )
        if answer is None:
            return ()
        hidden = set(_hidden_replies(self._record(THREADGATE, parts.rkey)))
        replies = sorted(
            mapping.thread_posts(answer.get("thread")), key=lambda view: str(view.get("indexedAt", ""))
        )
        return [
            mapping.raw_message(
                view, us=us, hidden=isinstance(view.get("uri"), str) and view["uri"] in hidden
            )
            for view in replies
        ]

    def read(self, message: RawMessage) -> IncomingComment | None:
        """What a raw message says. Raises ValueError where it is malformed."""
        return mapping.comment(message.payload)

    # Writing

    def send(self, post: PostToSend) -> Sent:
        """Publish a post or a reply under the record key that follows from its key."""
        self._refuse_unsendable(post)
        if standing := self.find_post(post):
            return standing
        reply = self._reply_reference(post.reply_to) if post.reply_to else None
        images = [(picture, self._upload(picture.content, picture.content_type)) for picture in post.pictures]
        record = writing.post_record(text=post.text, created_at=clock.now(), reply=reply, images=images)
        rkey = writing.record_key(post.key)
        if post.replies in WHO_MAY_REPLY and not post.reply_to:
            # Before the post, so that it never stands open. One that stands already is ours of an earlier try.
            gate = self._new_gate(f"at://{self._us()}/{mapping.POST}/{rkey}")
            self._put(THREADGATE, rkey, {**gate, "allow": WHO_MAY_REPLY[post.replies]}, swap=None)
        if not self._put(mapping.POST, rkey, record, swap=None):
            if standing := self.find_post(post):
                return standing
            raise OutcomeUnknown("Bluesky says that the post already stands, but does not show it.")
        return self._sent(rkey)

    def find_post(self, post: PostToSend) -> Sent | None:
        """Whether the post stands, looked up by its record key on the server that holds our records.

        Raises PermanentFault where something with other words stands under that key.
        """
        rkey = writing.record_key(post.key)
        found = self._record(mapping.POST, rkey)
        if found is None:
            return None
        value = found.get("value")
        if not isinstance(value, dict) or value.get("text") != post.text:
            raise PermanentFault(
                "A post with other words already stands on Bluesky in the place of this one."
            )
        return self._sent(rkey)

    def read_back(self, external_id: str) -> IncomingPost | None:
        """One of our own posts as it stands on the server that holds our records; None when it is gone."""
        found = self._record(mapping.POST, self._own(external_id).rkey)
        value = found.get("value") if found else None
        if not isinstance(value, dict):
            return None
        try:
            return mapping.own_post(external_id, value)
        except ValueError:
            raise TemporaryFault("Bluesky answered with something that cannot be read.") from None

    def gone(self, comment_external_ids: Sequence[str]) -> Mapping[str, str]:
        """What getPosts leaves out, 25 at a time (its limit): the network does not say who removed it."""
        found = {}
        for first in range(0, len(comment_external_ids), 25):
            uris = list(comment_external_ids[first : first + 25])
            answer = self._query("app.bsky.feed.getPosts", models.AppBskyFeedGetPosts.Params(uris=uris))
            standing = {view.get("uri") for view in _list(answer, "posts") if isinstance(view, dict)}
            found.update({uri: "" for uri in uris if uri not in standing})
        return found

    def own_posts(self) -> Sequence[IncomingPost]:
        """Our newest posts as the network shows them. (Records are listed by key, and ours tell no time.)"""
        us = self._us()
        answer = self._query(
            "app.bsky.feed.getAuthorFeed",
            models.AppBskyFeedGetAuthorFeed.Params(actor=us, filter="posts_no_replies", limit=50),
        )
        found = []
        for entry in _list(answer, "feed"):
            view = entry.get("post") if isinstance(entry, dict) else None
            if not isinstance(view, dict) or entry.get("reason"):
                continue  # a repost: somebody else's words
            try:
                if mapping.uri_parts(view.get("uri")).did == us:
                    found.append(mapping.own_post(view["uri"], view.get("record") or {}))
            except ValueError:
                continue  # not as a post is written: nobody reads it as one either
        return sorted(found, key=lambda post: post.posted_at, reverse=True)

    def followers(self) -> int | None:
        """followersCount of our profile (lexicon app.bsky.actor.defs, profileViewDetailed)."""
        answer = self._query(
            "app.bsky.actor.getProfile", models.AppBskyActorGetProfile.Params(actor=self._us())
        )
        return count(answer.get("followersCount"))

    def numbers(self, external_ids: Sequence[str]) -> Sequence[PostNumbers]:
        """What getPosts says of each, 25 at most (lexicon app.bsky.feed.defs, postView). It counts no readers."""
        answer = self._query(
            "app.bsky.feed.getPosts", models.AppBskyFeedGetPosts.Params(uris=list(external_ids))
        )
        return [
            mapping.numbers(view)
            for view in _list(answer, "posts")
            if isinstance(view, dict) and isinstance(view.get("uri"), str)
        ]

    def search_accounts(self, words: str) -> Sequence[FoundAccount]:
        """What app.bsky.actor.searchActors shows, 25 at most (lexicon app.bsky.actor.searchActors)."""
        answer = self._query(
            "app.bsky.actor.searchActors", models.AppBskyActorSearchActors.Params(q=words[:100], limit=25)
        )
        return [
            found
            for actor in _list(answer, "actors")
            if isinstance(actor, dict) and (found := mapping.found_account(actor)) is not None
        ]

    def delete(self, external_id: str) -> None:
        """Delete one of our own posts or replies. Bluesky takes a second deletion without complaint."""
        parts = self._own(external_id)
        self._change(
            "com.atproto.repo.deleteRecord",
            {"repo": parts.did, "collection": mapping.POST, "rkey": parts.rkey},
            absent=frozenset({"RecordNotFound"}),
        )

    def hide(self, *, comment_external_id: str, root_external_id: str) -> None:
        """Put a reply under our post out of sight. Others that are hidden stay so."""
        _parts(comment_external_id)

        def with_it(hidden: list[str]) -> list[str] | None:
            if comment_external_id in hidden:
                return None
            if len(hidden) >= HIDDEN_AT_MOST:
                raise PermanentFault(
                    f"Bluesky hides at most {HIDDEN_AT_MOST} replies under one post, and so many are hidden "
                    "under this one. Show one again first, or report the reply to Bluesky."
                )
            return [*hidden, comment_external_id]

        self._change_hidden(root_external_id, with_it)

    def unhide(self, *, comment_external_id: str, root_external_id: str) -> None:
        """Show a hidden reply again."""

        def without_it(hidden: list[str]) -> list[str] | None:
            if comment_external_id not in hidden:
                return None
            return [uri for uri in hidden if uri != comment_external_id]

        self._change_hidden(root_external_id, without_it)

    def is_hidden(self, *, comment_external_id: str, root_external_id: str) -> bool:
        """Whether our record of hidden replies names it."""
        gate = self._record(THREADGATE, self._own_root(root_external_id).rkey)
        return comment_external_id in _hidden_replies(gate)

    # People

    def block(self, commenter_external_id: str) -> None:
        """Neither sees the other, and the person's replies leave our threads. Anybody can read the block.

        Its record key follows from the person, so that two blocks at once are one record.
        """
        if self._block_record(commenter_external_id) or self._relation(commenter_external_id).get("blocking"):
            return
        created_at = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        record = {"$type": BLOCK, "subject": commenter_external_id, "createdAt": created_at}
        self._put(BLOCK, writing.record_key(commenter_external_id), record, swap=None)

    def unblock(self, commenter_external_id: str) -> None:
        """Take the block away, also one that was made in the Bluesky app under another key."""
        keys = (
            {writing.record_key(commenter_external_id)}
            if self._block_record(commenter_external_id)
            else set()
        )
        elsewhere = self._relation(commenter_external_id).get("blocking")
        if isinstance(elsewhere, str):
            parts = _parts(elsewhere)
            if parts.did == self._us() and parts.collection == BLOCK:
                keys.add(parts.rkey)
        for rkey in sorted(keys):
            self._change(
                "com.atproto.repo.deleteRecord",
                {"repo": self._us(), "collection": BLOCK, "rkey": rkey},
                absent=frozenset({"RecordNotFound"}),
            )

    def is_blocked(self, commenter_external_id: str) -> bool:
        """Whether a record of ours says so, by our own key at once, or by another as the network knows it."""
        if self._block_record(commenter_external_id):
            return True
        elsewhere = self._relation(commenter_external_id).get("blocking")
        if not isinstance(elsewhere, str):
            return False
        # The network can still show a block whose record is gone already.
        parts = _parts(elsewhere)
        return parts.did == self._us() and self._record(parts.collection, parts.rkey) is not None

    def mute(self, commenter_external_id: str) -> None:
        """We are shown no more of the person. Nobody is told, and nobody can read it."""
        self._change("app.bsky.graph.muteActor", {"actor": _did(commenter_external_id)}, absent=frozenset())

    def unmute(self, commenter_external_id: str) -> None:
        self._change("app.bsky.graph.unmuteActor", {"actor": _did(commenter_external_id)}, absent=frozenset())

    def is_muted(self, commenter_external_id: str) -> bool:
        return self._relation(commenter_external_id).get("muted") is True

    # Below: one step each

    def _block_record(self, commenter_external_id: str) -> Answer | None:
        """Our own record of a block under the key that follows from the person."""
        return self._record(BLOCK, writing.record_key(_did(commenter_external_id)))

    def _relation(self, commenter_external_id: str) -> Answer:
        """How we stand to the person as the network tells; nothing where they have no profile any more."""
        answer = self._find(
            "app.bsky.actor.getProfile",
            models.AppBskyActorGetProfile.Params(actor=_did(commenter_external_id)),
            absent=frozenset({"InvalidRequest", "AccountTakedown", "AccountDeactivated", "NotFound"}),
        )
        viewer = answer.get("viewer") if answer else None
        return viewer if isinstance(viewer, dict) else {}

    def _refuse_unsendable(self, post: PostToSend) -> None:
        if post.private_to:
            raise PermanentFault(self.why_not[Capability.PRIVATE_MESSAGES])
        length = self.length(post.text)
        if length > self.limits.post_length:
            raise PermanentFault(
                f"The text is too long for Bluesky: {length} characters, and at most "
                f"{self.limits.post_length} are taken."
            )
        if len(post.text.encode()) > POST_BYTES:
            raise PermanentFault(
                "The text is too long for Bluesky: it takes more than 3,000 bytes, because of emoji or accents "
                "that are made of many parts. Shorten it."
            )
        if len(post.pictures) > self.limits.images:
            raise PermanentFault(f"Bluesky takes at most {self.limits.images} images in one post.")
        if any(len(picture.content) > self.limits.image_bytes for picture in post.pictures):
            raise PermanentFault("An image is larger than the 2 MB that Bluesky takes.")

    def _reply_reference(self, parent_uri: str) -> dict[str, Any]:
        """The comment that is answered and the post at the top of its thread, each with its content hash."""
        answer = self._query("app.bsky.feed.getPosts", models.AppBskyFeedGetPosts.Params(uris=[parent_uri]))
        view = next((v for v in _list(answer, "posts") if isinstance(v, dict)), None)
        if view is None:
            raise PermanentFault("The comment that this answers is no longer on Bluesky, or is closed to us.")
        parent = {"uri": parent_uri, "cid": view.get("cid")}
        record = view.get("record")
        above = record.get("reply") if isinstance(record, dict) else None
        root = above.get("root") if isinstance(above, dict) else None
        if isinstance(root, dict) and isinstance(root.get("uri"), str) and isinstance(root.get("cid"), str):
            return {"root": {"uri": root["uri"], "cid": root["cid"]}, "parent": parent}
        return {"root": parent, "parent": parent}

    def _upload(self, content: bytes, content_type: str) -> dict[str, Any]:
        """Upload an image. Until a post names it, it is seen by nobody and is cleared away by Bluesky."""
        answer = self._ask(
            lambda session: session.invoke_procedure(
                "com.atproto.repo.uploadBlob", content=content, headers={"Content-Type": content_type}
            ),
            changing=False,
        )
        blob = answer.get("blob") if answer else None
        if not isinstance(blob, dict):
            raise TemporaryFault("Bluesky answered with something that cannot be read.")
        return blob

    def _change_hidden(self, root_external_id: str, change: Callable[[list[str]], list[str] | None]) -> None:
        """Read the record of hidden replies, change it, write it back unless somebody else did meanwhile."""
        root = self._own_root(root_external_id)
        for _ in range(SWAP_TRIES):
            gate = self._record(THREADGATE, root.rkey)
            hidden = change(_hidden_replies(gate))
            if hidden is None:
                return
            value = gate.get("value") if gate else None
            record = value if isinstance(value, dict) else self._new_gate(root_external_id)
            swap = gate.get("cid") if gate else None
            if self._put(THREADGATE, root.rkey, {**record, "hiddenReplies": hidden}, swap=swap):
                return
        raise TemporaryFault("Somebody else is changing what is hidden under this post at this moment.")

    def _new_gate(self, root_external_id: str) -> dict[str, Any]:
        # No "allow": everyone may go on replying.
        created_at = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"$type": THREADGATE, "post": root_external_id, "createdAt": created_at}

    def _record(self, collection: str, rkey: str) -> Answer | None:
        """One of our own records as the server that holds them has it; None where there is none."""
        return self._find(
            "com.atproto.repo.getRecord",
            models.ComAtprotoRepoGetRecord.Params(repo=self._us(), collection=collection, rkey=rkey),
            absent=frozenset({"RecordNotFound"}),
        )

    def _put(self, collection: str, rkey: str, record: Answer, *, swap: str | None) -> bool:
        """Write one of our records over the version `swap` (None: where there was none).

        False where another version stands there by now, and nothing was written.
        """
        body = {
            "repo": self._us(),
            "collection": collection,
            "rkey": rkey,
            "record": record,
            "swapRecord": swap,
        }
        answer = self._change("com.atproto.repo.putRecord", body, absent=frozenset({"InvalidSwap"}))
        return answer is not None

    def _sent(self, rkey: str) -> Sent:
        uri = f"at://{self._us()}/{mapping.POST}/{rkey}"
        return Sent(external_id=uri, url=mapping.web_address(uri))

    def _us(self) -> str:
        return open_session(self._login).did

    def _own(self, external_id: str) -> mapping.Uri:
        parts = _parts(external_id)
        if parts.did != self._us() or parts.collection != mapping.POST:
            raise PermanentFault(
                "This was not written by our official account, so Bluesky lets us neither read it back nor "
                "delete it. Hide it, or report it to Bluesky."
            )
        return parts

    def _own_root(self, root_external_id: str) -> mapping.Uri:
        if root_external_id:
            parts = _parts(root_external_id)
            if parts.did == self._us() and parts.collection == mapping.POST:
                return parts
        raise PermanentFault(
            "Bluesky lets us hide only replies under our own posts, and this one stands elsewhere. "
            "Report it to Bluesky instead."
        )

    def _query(self, name: str, params: Any) -> Answer:
        """Read what must be there."""
        return self._find(name, params, absent=frozenset()) or {}

    def _find(self, name: str, params: Any, *, absent: frozenset[str]) -> Answer | None:
        """Read what may not be there: None where Bluesky answers with an error name in `absent`."""
        return self._ask(
            lambda session: session.invoke_query(name, params=params), changing=False, absent=absent
        )

    def _change(self, name: str, body: Answer, *, absent: frozenset[str]) -> Answer | None:
        """Change something: None where Bluesky answers with an error name in `absent`."""
        return self._ask(
            lambda session: session.invoke_procedure(name, json=body), changing=True, absent=absent
        )

    def _ask(
        self, call: Callable[[Session], Any], *, changing: bool, absent: frozenset[str] = frozenset()
    ) -> Answer | None:
        session = open_session(self._login)
        try:
            response = self._with_fresh_token(session, call)
        except Fault:
            raise
        except CALL_ERRORS as error:
            if error_name(error) in absent:
                return None
            raise fault_of(error, changing=changing) from None
        if isinstance(response.content, dict):
            return response.content
        if not response.content:
            return {}
        kind = OutcomeUnknown if changing else TemporaryFault
        raise kind("Bluesky answered with something that cannot be read.")

    def _with_fresh_token(self, session: Session, call: Callable[[Session], Any]) -> Any:
        """Call once, and once more with a new token where the present one was refused unused."""
        try:
            return call(session)
        except RequestErrorBase as error:
            if error_name(error) not in STALE_TOKEN:
                raise
        session.renew()
        return call(session)


def _parts(external_id: str) -> mapping.Uri:
    try:
        return mapping.uri_parts(external_id)
    except ValueError:
        raise PermanentFault("This is not the address of something on Bluesky.") from None


def _did(commenter_external_id: str) -> str:
    """The lasting name of a person. Raises PermanentFault for anything else."""
    if re.fullmatch(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,250}", commenter_external_id) is None:
        raise PermanentFault("This is not the name of somebody on Bluesky.")
    return commenter_external_id


def _list(answer: Answer, key: str) -> list[Any]:
    value = answer.get(key)
    if not isinstance(value, list):
        raise TemporaryFault("Bluesky answered with something that cannot be read.")
    return value


def _indexed_at(view: Any) -> datetime | None:
    try:
        return mapping.instant(view.get("indexedAt")) if isinstance(view, dict) else None
    except ValueError:
        return None


def _hidden_replies(gate: Answer | None) -> list[str]:
    value = gate.get("value") if gate else None
    hidden = value.get("hiddenReplies") if isinstance(value, dict) else None
    return [uri for uri in hidden if isinstance(uri, str)] if isinstance(hidden, list) else []
