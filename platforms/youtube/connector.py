"""YouTube through google-api-python-client: calls. What payloads say is in `mapping`.

Sources: the API's own description, which the library carries (youtube v3, revision 20261104), and the
page of setModerationStatus and Google's table of units as stored copies (read 28 November 2026). Tried
against a stand-in alone. Not tried, and resting on that description: that a channel may read its held and spam lists
across all its videos at once, and that `isPublic` of a thread tells whether it is held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from googleapiclient.http import MediaInMemoryUpload

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
    Token,
    Usage,
    count,
)
from platforms.youtube import mapping, oauth
from platforms.youtube.session import NAME, Client

A_PAGE = 100
PAGES_A_POLL = 10
MOST_PAGES = 50
"""A sweep reads at most 5,000 threads of each list under one video."""
OVERLAP = timedelta(minutes=15)
"""Comments can be listed a while after the time that they carry."""
LONGEST_STORED_TOKEN = 230
CHUNK_BYTES = 8 * 1024 * 1024
DESCRIPTION_BYTES = 5000
NEWS = "25"
"""The category “News & Politics”, the same in every country (videoCategories)."""
GONE = frozenset({"commentNotFound", "commentThreadNotFound", "videoNotFound", "notFound"})


FOUND_AT_MOST = 25
"""Channels of one search."""


class YouTubeConnector(Lacking):
    """Speaks for one channel."""

    slug = "youtube"
    name = NAME
    capabilities = frozenset(
        {
            Capability.LISTEN,
            Capability.PUBLISH_VIDEO,
            Capability.EDIT,
            Capability.REPLY,
            Capability.HIDE,
            Capability.UNHIDE,
            Capability.DELETE_OWN,
            Capability.SEARCH_ACCOUNTS,
            Capability.METRICS,
        }
    )
    numbers_at_once = 50
    # A description takes 5,000 bytes and a comment 10,000 characters (videos and comments resources).
    # The API would take 256 GB; what the store here holds is far below.
    limits = Limits(
        post_length=5000,
        reply_length=10_000,
        video_bytes=512 * 1024 * 1024,
        text_bytes=DESCRIPTION_BYTES,
        must_have_media=True,
    )
    why_not = {
        Capability.PUBLISH_TEXT: "YouTube takes words only with a video: add one, or write the community post in YouTube Studio.",
        Capability.PUBLISH_IMAGES: "YouTube takes no pictures from here: write a community post in YouTube Studio.",
        Capability.ALT_TEXT: "YouTube has captions in place of alternative text: add them to the video.",
        Capability.PRIVATE_MESSAGES: "YouTube has no private messages.",
        Capability.NATIVE_SCHEDULE: (
            "Videos are held in the outbox here, where they can be stopped until the last second."
        ),
        Capability.DELETE_OTHERS: (
            "YouTube deletes only an official account's own comments for a program: hide it, which holds it for "
            "review, or remove it in YouTube Studio."
        ),
        Capability.BLOCK: (
            "YouTube lets a program ban a person but not lift the ban, so it is not done from here: hide the user "
            "from the channel in YouTube Studio, where it can be undone."
        ),
        Capability.MUTE: "YouTube knows no muting: hide the comment, or hide the user from the channel in YouTube Studio.",
        Capability.WEBHOOKS: "YouTube calls us of new videos alone and tells nobody of comments: it is asked every few minutes.",
        Capability.CHOSEN_KEY: "YouTube takes no key of ours: the channel is read before anything is sent again.",
    }
    cautions = {
        Capability.SEARCH_ACCOUNTS: (
            "YouTube allows a hundred searches a day, or takes a hundred units for each in older registrations: "
            "at most six are made."
        ),
        Capability.HIDE: "Hiding a comment on YouTube holds it for review: the replies under it are hidden with it.",
        Capability.PUBLISH_VIDEO: (
            "A video takes 1,600 of the 10,000 units that YouTube gives the force each day. YouTube keeps it private "
            "until it has audited the force's registration."
        ),
    }
    scopes = dict.fromkeys(capabilities, oauth.SCOPES[0])

    def __init__(self, login: Login) -> None:
        self._login = login
        self._client = Client(login)
        self._channel: dict[str, Any] | None = None

    def length(self, text: str) -> int:
        """Characters. A description also stops at 5,000 bytes, which `send` refuses."""
        return len(text)

    def check(self) -> Identity:
        """Prove that the token works and whose channel it is."""
        channel = self._mine()
        snippet = _object(channel.get("snippet"))
        title, handle = snippet.get("title"), snippet.get("customUrl")
        ours = self._login.account_id
        if ours and ours != channel["id"]:
            raise PermanentFault(
                "The access token belongs to another YouTube channel than this official account."
            )
        return Identity(
            external_id=str(channel["id"]),
            handle=handle if isinstance(handle, str) and handle else str(channel["id"]),
            name=title if isinstance(title, str) else "",
        )

    def renew(self) -> Token | None:
        """A fresh access token: Google's last an hour."""
        if not self._login.refresh:
            raise PermanentFault(
                "There is nothing to renew the permission with. Connect the official account again."
            )
        return oauth.refreshed(
            base_url=self._login.base_url, app=self._login.app, refresh=self._login.refresh
        )

    def usage(self) -> Sequence[Usage]:
        """Units of the day by our own count: no header says it. `counted` is what this process had not told yet."""
        return [self._client.usage()]

    # Figures

    def followers(self) -> int | None:
        """Subscribers, which YouTube rounds to three figures; None where the channel hides them (channels.list)."""
        answer = self._client.ask(self._client.call("channels.list", part="statistics", mine=True))
        told = _object(next(iter(_items(answer)), {})).get("statistics")
        if not isinstance(told, dict) or told.get("hiddenSubscriberCount") is True:
            return None
        return count(told.get("subscriberCount"))

    def numbers(self, external_ids: Sequence[str]) -> Sequence[PostNumbers]:
        """Views, likes and comments of each video, one unit for 50 (videos.list). It tells no shares."""
        ids = ",".join(external_id for external_id in external_ids if mapping.is_id(external_id))
        if not ids:
            return ()
        answer = self._client.ask(self._client.call("videos.list", part="statistics", id=ids))
        found = []
        for video in _items(answer):
            told = video.get("statistics") if isinstance(video, dict) else None
            if isinstance(told, dict) and isinstance(video.get("id"), str):
                found.append(
                    PostNumbers(
                        video["id"],
                        seen=count(told.get("viewCount")),
                        likes=count(told.get("likeCount")),
                        replies=count(told.get("commentCount")),
                    )
                )
        return found

    # Reading what the public wrote

    def poll(self, position: str) -> Page:
        """Comments and replies under all videos since `position`, also those held for review or taken for spam.

        YouTube lists threads newest first and knows no “since”: each list is read back until what is
        known already. A walk that does not arrive within ten pages goes on there in the next poll, and
        `known` moves only when all three lists have arrived. Replies in older threads: the sweep sees them.
        """
        start = mapping.Position.read(position)
        try:
            return self._walk_back(start)
        except PermanentFault:
            if not start.token:
                raise
            # A page that is no longer taken: begin the walk again, from the newest.
            return self._walk_back(mapping.Position(known=start.known))

    def _walk_back(self, start: mapping.Position) -> Page:
        us = self._us()
        newest, which, token = start.newest, start.which, start.token
        found: list[RawMessage] = []
        pages = 0
        while which < len(mapping.STANDINGS):
            standing = mapping.STANDINGS[which]
            answer = self._threads(standing, token, allThreadsRelatedToChannelId=us)
            pages += 1
            oldest = None
            for thread in _items(answer):
                video = str(mapping.thread_fact(thread, "videoId") or "")
                for number, comment in enumerate(mapping.thread_comments(thread)):
                    at = mapping.touched_at(comment)
                    if at is not None:
                        newest = max(newest or at, at)
                        if number == 0:
                            written = _written_at(comment) or at
                            oldest = min(oldest or written, written)
                        if start.known and at < start.known - OVERLAP:
                            continue
                    found.append(mapping.raw_message(comment, us=us, video=video, standing=standing))
            token = _token(answer)
            arrived = start.known is not None and oldest is not None and oldest < start.known - OVERLAP
            if not token or arrived:
                which, token = which + 1, ""
            elif pages >= PAGES_A_POLL and len(token) <= LONGEST_STORED_TOKEN:
                end = mapping.Position(start.known, newest, which, token)
                return Page(messages=found[::-1], position=str(end), more=True)
        known = max(filter(None, (newest, start.known)), default=None)
        return Page(messages=found[::-1], position=str(mapping.Position(known=known)))

    def sweep(self, post_external_id: str) -> Sequence[RawMessage]:
        """Every comment and reply under one of our videos, whichever list it is in.

        Nothing where the video is gone, is somebody else's, or has its comments switched off.
        """
        us = self._us()
        found: list[RawMessage] = []
        for standing in mapping.STANDINGS:
            token = ""
            for _ in range(MOST_PAGES):
                answer = self._threads(standing, token, videoId=_id(post_external_id))
                if answer is None:
                    break
                for thread in _items(answer):
                    if mapping.thread_fact(thread, "channelId") not in (None, us):
                        return ()
                    for comment in self._whole_thread(thread):
                        found.append(
                            mapping.raw_message(comment, us=us, video=post_external_id, standing=standing)
                        )
                token = _token(answer)
                if not token:
                    break
        return sorted(found, key=lambda message: str((message.payload["snippet"] or {}).get("publishedAt")))

    def _whole_thread(self, thread: Any) -> Iterator[Any]:
        """A thread with all its replies: only a few come with it."""
        comments = list(mapping.thread_comments(thread))
        total = mapping.thread_fact(thread, "totalReplyCount")
        top = comments[0].get("id") if comments and isinstance(comments[0], dict) else None
        if isinstance(total, int) and total > len(comments) - 1 and isinstance(top, str):
            return iter([comments[0], *self._replies(top)])
        return iter(comments)

    def read(self, message: RawMessage) -> IncomingComment | None:
        """What a raw message says. Raises ValueError where it is malformed."""
        return mapping.comment(message.payload)

    def search_accounts(self, words: str) -> Sequence[FoundAccount]:
        """Channels that a search shows, 25 at most, each with its own handle (search.list, then channels.list)."""
        shown = self._client.ask(
            self._client.call(
                "search.list", part="snippet", type="channel", q=words[:100], maxResults=FOUND_AT_MOST
            )
        )
        ids = list(dict.fromkeys(filter(None, map(mapping.found_channel_id, _items(shown)))))
        if not ids:
            return []
        channels = self._client.ask(
            self._client.call("channels.list", part="snippet", id=",".join(ids), maxResults=len(ids))
        )
        return [found for one in _items(channels) if (found := mapping.found_account(one)) is not None]

    # Writing

    def send(self, post: PostToSend) -> Sent:
        """Publish a video or answer a comment, having looked whether it stands already.

        A video that has captions is uploaded privately and shown to the public only once they are
        there. One that was broken off on the way is taken up where it stands, never uploaded twice.
        """
        self._refuse_unsendable(post)
        if post.reply_to:
            return self.find_post(post) or self._answer(post)
        assert post.video is not None
        standing = self._standing_video(post)
        if standing is None:
            external_id = self._insert_video(post)
        elif _privacy(standing) == "public":
            return Sent(str(standing["id"]), mapping.watch(str(standing["id"])))
        else:
            external_id = str(standing["id"])
        if post.video.captions:
            self._insert_captions(external_id, post.video.captions)
            self._make_public(external_id)
        return Sent(external_id, mapping.watch(external_id))

    def _answer(self, post: PostToSend) -> Sent:
        # YouTube has one level of replies: an answer to a reply stands beside it.
        parent = mapping.top_of(_id(post.reply_to))
        body = {"snippet": {"parentId": parent, "textOriginal": post.text}}
        answer = self._client.ask(
            self._client.call("comments.insert", part="snippet", body=body), changing=True
        )
        external_id = answer.get("id") if isinstance(answer, dict) else None
        if not isinstance(external_id, str):
            raise OutcomeUnknown(f"{NAME} answered something unexpected.")
        return Sent(external_id, _comment_url(post.root, external_id))

    def _insert_video(self, post: PostToSend) -> str:
        video = post.video
        assert video is not None
        body = {
            "snippet": {
                "title": mapping.title_of(post.text, video.title),
                "description": post.text,
                "categoryId": NEWS,
            },
            "status": {
                "privacyStatus": "private" if video.captions else "public",
                "selfDeclaredMadeForKids": False,
            },
        }
        media = MediaInMemoryUpload(
            video.content, mimetype=video.content_type, chunksize=CHUNK_BYTES, resumable=True
        )
        answer = self._client.ask(
            self._client.call("videos.insert", part="snippet,status", body=body, media_body=media),
            changing=True,
        )
        external_id = answer.get("id") if isinstance(answer, dict) else None
        if not isinstance(external_id, str) or not mapping.is_video(external_id):
            raise OutcomeUnknown(f"{NAME} answered something unexpected.")
        return external_id

    def _insert_captions(self, external_id: str, captions: str) -> None:
        body = {"snippet": {"videoId": external_id, "language": "en", "name": "", "isDraft": False}}
        media = MediaInMemoryUpload(captions.encode(), mimetype="application/octet-stream", resumable=True)
        self._client.ask(
            self._client.call("captions.insert", part="snippet", body=body, media_body=media),
            changing=True,
            absent=frozenset({"captionExists"}),
        )

    def _make_public(self, external_id: str) -> None:
        body = {"id": external_id, "status": {"privacyStatus": "public", "selfDeclaredMadeForKids": False}}
        self._client.ask(self._client.call("videos.update", part="status", body=body), changing=True)

    def _refuse_unsendable(self, post: PostToSend) -> None:
        if post.private_to:
            raise PermanentFault(self.why_not[Capability.PRIVATE_MESSAGES])
        if post.pictures:
            raise PermanentFault(self.why_not[Capability.PUBLISH_IMAGES])
        if post.reply_to:
            if len(post.text) > self.limits.reply_length:
                raise PermanentFault(
                    f"The comment is too long for YouTube: {len(post.text)} characters, and at most 10,000 are taken."
                )
            return
        if post.video is None:
            raise PermanentFault(self.why_not[Capability.PUBLISH_TEXT])
        if len(post.text.encode()) > DESCRIPTION_BYTES or len(post.text) > self.limits.post_length:
            raise PermanentFault(
                "The text is too long for the description of a video, which takes 5,000 bytes: accents and emoji "
                "take more than one. Shorten it."
            )
        if not mapping.title_of(post.text, post.video.title):
            raise PermanentFault("A video needs a title: give it one, or begin the text with it.")
        if set("<>") & set(post.text + post.video.title):
            raise PermanentFault(
                "YouTube takes no “<” and no “>” in the title or the description of a video."
            )
        if len(post.video.content) > self.limits.video_bytes:
            raise PermanentFault("The video is larger than is sent to YouTube from here.")

    def find_post(self, post: PostToSend) -> Sent | None:
        """Whether the public sees it: among our newest videos by title and description, or among the answers."""
        if not post.reply_to:
            video = self._standing_video(post)
            if video is None or _privacy(video) != "public":
                return None
            return Sent(str(video["id"]), mapping.watch(str(video["id"])))
        for comment in self._replies(mapping.top_of(_id(post.reply_to))):
            snippet = comment.get("snippet") if isinstance(comment, dict) else None
            if not isinstance(snippet, dict) or not self._by_us(snippet):
                continue
            words = {mapping.folded(snippet.get(key)) for key in ("textOriginal", "textDisplay")}
            external_id = str(comment.get("id"))
            if external_id in post.not_these:
                continue
            if mapping.folded(post.text) in words and _since(snippet, post.not_before):
                return Sent(external_id, _comment_url(post.root, external_id))
        return None

    def _standing_video(self, post: PostToSend) -> dict[str, Any] | None:
        """The newest upload with this title and description since the intent began, whoever may see it."""
        title = mapping.title_of(post.text, post.video.title if post.video else "")
        for video in self._uploads():
            snippet = _object(video.get("snippet"))
            same = mapping.folded(snippet.get("title")) == mapping.folded(title) and mapping.folded(
                snippet.get("description")
            ) == mapping.folded(post.text)
            if same and _since(snippet, post.not_before) and str(video.get("id")) not in post.not_these:
                return video
        return None

    def gone(self, comment_external_ids: Sequence[str]) -> Mapping[str, str]:
        """What cannot be asked for by its id any more; YouTube does not say who removed it."""
        return {external_id: "" for external_id in comment_external_ids if self._comment(external_id) is None}

    def own_posts(self) -> Sequence[IncomingPost]:
        """Our newest videos that the public sees, newest first."""
        found = []
        for video in self._uploads():
            if _privacy(video) == "public":
                try:
                    found.append(mapping.own_video(str(video["id"]), video.get("snippet")))
                except ValueError:
                    continue  # not as a video is described: nobody reads it as one either
        return sorted(found, key=lambda post: post.posted_at, reverse=True)

    def read_back(self, external_id: str) -> IncomingPost | None:
        """One of our videos or answers as it stands now; None when it is gone."""
        found = self._own(external_id)
        if found is None:
            return None
        snippet = _object(found.get("snippet"))
        try:
            if mapping.is_video(external_id):
                return mapping.own_video(external_id, snippet)
            text = snippet.get("textOriginal") or snippet.get("textDisplay")
            return IncomingPost(
                external_id=external_id,
                text=text if isinstance(text, str) else "",
                posted_at=mapping.instant(snippet.get("publishedAt")),
            )
        except ValueError:
            raise TemporaryFault(f"{NAME} answered with something that cannot be read.") from None

    def edit(self, external_id: str, text: str) -> Sent:
        """Change the description of a video or the words of an answer. The title stays."""
        found = self._own(external_id)
        if found is None:
            raise PermanentFault("It is no longer on YouTube.")
        if mapping.is_video(external_id):
            snippet = _object(found.get("snippet"))
            # Whatever a part leaves out is taken away (videos.update), so that all of it is sent again.
            kept = {
                key: snippet[key]
                for key in ("title", "categoryId", "tags", "defaultLanguage")
                if snippet.get(key)
            }
            body = {"id": external_id, "snippet": {"categoryId": NEWS, **kept, "description": text}}
            self._client.ask(self._client.call("videos.update", part="snippet", body=body), changing=True)
            return Sent(external_id, mapping.watch(external_id))
        body = {"id": external_id, "snippet": {"textOriginal": text}}
        self._client.ask(self._client.call("comments.update", part="snippet", body=body), changing=True)
        return Sent(external_id)

    def delete(self, external_id: str) -> None:
        """Delete one of our videos or answers. Twice is no fault."""
        if self._own(external_id) is None:
            return
        name = "videos.delete" if mapping.is_video(external_id) else "comments.delete"
        self._client.ask(self._client.call(name, id=external_id), changing=True, absent=GONE)

    # Hiding

    def hide(self, *, comment_external_id: str, root_external_id: str) -> None:
        """Hold a comment for review: the public no longer sees it, and its author is not told."""
        self._moderate(comment_external_id, "heldForReview")

    def unhide(self, *, comment_external_id: str, root_external_id: str) -> None:
        """Show a comment to the public, also one that YouTube itself held back."""
        self._moderate(comment_external_id, "published")

    def is_hidden(self, *, comment_external_id: str, root_external_id: str) -> bool:
        """Whether the public is kept from it: the thread is not public, or the reply is not listed as published."""
        top = mapping.top_of(_id(comment_external_id))
        if top != comment_external_id:
            for comment in self._replies(top):
                if isinstance(comment, dict) and comment.get("id") == comment_external_id:
                    standing = _object(comment.get("snippet")).get("moderationStatus")
                    return standing not in (None, "published")
            return self._comment(comment_external_id) is not None
        answer = self._client.ask(
            self._client.call("commentThreads.list", part="snippet", id=top), absent=GONE
        )
        threads = _items(answer)
        if not threads:
            return self._comment(comment_external_id) is not None
        return mapping.thread_fact(threads[0], "isPublic") is False

    def _moderate(self, comment_external_id: str, standing: str) -> None:
        self._client.ask(
            self._client.call(
                "comments.setModerationStatus", id=_id(comment_external_id), moderationStatus=standing
            ),
            changing=True,
        )

    # Below: one step each

    def _threads(self, standing: str, token: str, **where: str) -> Any:
        """A page of threads of one list; None where there is no such video or its comments are switched off."""
        absent = GONE | {"commentsDisabled"} if "videoId" in where else frozenset()
        return self._client.ask(
            self._client.call(
                "commentThreads.list",
                part="snippet,replies",
                order="time",
                moderationStatus=standing,
                maxResults=A_PAGE,
                textFormat="plainText",
                **({"pageToken": token} if token else {}),
                **where,
            ),
            absent=absent,
        )

    def _replies(self, top: str) -> Iterator[Any]:
        token = ""
        for _ in range(MOST_PAGES):
            answer = self._client.ask(
                self._client.call(
                    "comments.list",
                    part="snippet",
                    parentId=top,
                    maxResults=A_PAGE,
                    textFormat="plainText",
                    **({"pageToken": token} if token else {}),
                ),
                absent=GONE,
            )
            yield from _items(answer)
            token = _token(answer)
            if not token:
                return

    def _comment(self, external_id: str) -> dict[str, Any] | None:
        answer = self._client.ask(
            self._client.call("comments.list", part="snippet", id=_id(external_id), textFormat="plainText"),
            absent=GONE,
        )
        return next((one for one in _items(answer) if isinstance(one, dict)), None)

    def _videos(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        answer = self._client.ask(
            self._client.call("videos.list", part="snippet,status", id=",".join(ids), maxResults=50),
            absent=GONE,
        )
        return [one for one in _items(answer) if isinstance(one, dict) and isinstance(one.get("id"), str)]

    def _uploads(self) -> list[dict[str, Any]]:
        """Our newest fifty uploads, newest first, whoever may see them."""
        lists = _object(_object(self._mine().get("contentDetails")).get("relatedPlaylists"))
        answer = self._client.ask(
            self._client.call(
                "playlistItems.list",
                part="contentDetails",
                playlistId=str(lists.get("uploads")),
                maxResults=50,
            ),
            absent=frozenset({"playlistNotFound"}),  # a channel without any video
        )
        details = [_object(_object(one).get("contentDetails")) for one in _items(answer)]
        ids = [str(one.get("videoId")) for one in details if mapping.is_video(str(one.get("videoId")))]
        place = {external_id: number for number, external_id in enumerate(ids)}
        return sorted(self._videos(ids), key=lambda video: place.get(video["id"], 0)) if ids else []

    def _own(self, external_id: str) -> dict[str, Any] | None:
        """One of our videos or answers; None when it is gone. Raises PermanentFault for another's."""
        if mapping.is_video(_id(external_id)):
            found = next(iter(self._videos([external_id])), None)
            ours = found is not None and _object(found.get("snippet")).get("channelId") == self._us()
        else:
            found = self._comment(external_id)
            ours = found is not None and self._by_us(_object(found.get("snippet")))
        if found is not None and not ours:
            raise PermanentFault(
                "This was not written by our official account, so YouTube lets us neither change nor delete it. Hide it."
            )
        return found

    def _by_us(self, snippet: dict[str, Any]) -> bool:
        author = snippet.get("authorChannelId")
        return isinstance(author, dict) and author.get("value") == self._us()

    def _us(self) -> str:
        return self._login.account_id or str(self._mine()["id"])

    def _mine(self) -> dict[str, Any]:
        """The channel of the token: asked once."""
        if self._channel is None:
            answer = self._client.ask(
                self._client.call("channels.list", part="snippet,contentDetails", mine=True)
            )
            mine = [one for one in _items(answer) if isinstance(one, dict) and isinstance(one.get("id"), str)]
            if not mine:
                raise PermanentFault(
                    "The Google account has no channel on YouTube. Make one, then connect it."
                )
            self._channel = mine[0]
        return self._channel


def _id(external_id: str) -> str:
    if not mapping.is_id(external_id):
        raise PermanentFault("This is not the id of something on YouTube.")
    return external_id


def _items(answer: Any) -> list[Any]:
    """What a list holds; YouTube leaves the field out where it holds nothing."""
    if answer is None:
        return []
    items = answer.get("items", []) if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise TemporaryFault(f"{NAME} answered something unexpected.")
    return items


def _token(answer: Any) -> str:
    token = answer.get("nextPageToken") if isinstance(answer, dict) else None
    return token if isinstance(token, str) else ""


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TemporaryFault(f"{NAME} answered something unexpected.")
    return value


def _privacy(video: dict[str, Any]) -> str:
    status = video.get("status")
    return str(status.get("privacyStatus")) if isinstance(status, dict) else ""


def _written_at(comment: Any) -> datetime | None:
    snippet = comment.get("snippet") if isinstance(comment, dict) else None
    try:
        return mapping.instant(snippet.get("publishedAt") if isinstance(snippet, dict) else None)
    except ValueError:
        return None


def _since(snippet: dict[str, Any], begin: datetime | None) -> bool:
    try:
        return begin is None or mapping.instant(snippet.get("publishedAt")) >= begin
    except ValueError:
        return False


def _comment_url(video: str, external_id: str) -> str:
    return f"{mapping.watch(video)}&lc={external_id}" if mapping.is_video(video) else ""
