"""A Facebook Page through `facebook-business`: calls. What payloads say is in `mapping`.

No live Page can be reached from where this was built. Calls, parameters and fields rest on the tables
of facebook-business 26.0.3 (Graph API v26.0), against which the tests check every one of them; what
the tables do not say is marked with its source beside the call.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
    Page,
    PermanentFault,
    Picture,
    PostNumbers,
    PostToSend,
    RawMessage,
    Sent,
    TemporaryFault,
    Video,
    count,
)
from platforms.facebook import mapping
from platforms.meta.account import (
    A_POST_PAGE,
    COMMENTS_WITH_A_POST,
    FIRST_BACK,
    MetaConnector,
    in_order,
    time_of,
)
from platforms.meta.faults import Gone, NotAllowed, UnknownField
from platforms.meta.graph import A_PAGE
from platforms.meta.position import ROUND_BACK, Position, back

COMMENT_FIELDS = "id,message,from,created_time,parent{id},is_hidden,is_private,attachment,permalink_url"
POST_FIELDS = "id,message,story,from,created_time,is_hidden,full_picture,permalink_url"
IN_A_THREAD = {"filter": "stream", "order": "reverse_chronological"}
"""`stream`: answers to comments too, at every depth."""
WITH_COMMENTS = (
    f"{POST_FIELDS},comments.filter(stream).order(reverse_chronological).limit({COMMENTS_WITH_A_POST})"
    f"{{{COMMENT_FIELDS}}}"
)
OWN_FIELDS = "id,message,created_time,permalink_url"
NUMBER_FIELDS = "id,shares,likes.summary(true).limit(0),comments.summary(true).limit(0)"
ROUNDS = {"p": "published_posts", "v": "visitor_posts"}
"""What a round walks through, one after the other."""

_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]’”]")


class FacebookConnector(MetaConnector):
    """Speaks for one Page, with the access token of that Page."""

    slug = "facebook"
    name = "Facebook"
    private_platform = "messenger"
    private_length = 2000
    """Send API: "text" under 2,000 characters."""
    capabilities = frozenset(
        {
            Capability.LISTEN,
            Capability.PUBLISH_TEXT,
            Capability.PUBLISH_IMAGES,
            Capability.PUBLISH_VIDEO,
            Capability.ALT_TEXT,
            Capability.NATIVE_SCHEDULE,
            Capability.EDIT,
            Capability.REPLY,
            Capability.PRIVATE_MESSAGES,
            Capability.HIDE,
            Capability.UNHIDE,
            Capability.DELETE_OWN,
            Capability.DELETE_OTHERS,
            Capability.BLOCK,
            Capability.WEBHOOKS,
            Capability.METRICS,
        }
    )
    numbers_at_once = 2 * A_POST_PAGE
    # Lengths and sizes from third parties, not confirmed by Meta's tables: 63,206 and 8,000 characters,
    # 10 MB a picture, 1 GB a video sent in one go. Meta refuses what it does not take, in words.
    limits = Limits(
        post_length=63_206,
        reply_length=8_000,
        images=10,
        image_bytes=10 * 1024**2,
        alt_text_length=1_000,
        video_bytes=1024**3,
    )
    why_not = {
        Capability.SEARCH_ACCOUNTS: (
            "Facebook lets programs search for Pages only with a permission of its own that this connection has not: "
            "search there by hand and note what you find under Impostors."
        ),
        Capability.MUTE: (
            "Facebook has no muting for a Page. Hide what the person writes, or ban them from the Page."
        ),
        Capability.CHOSEN_KEY: (
            "Facebook takes no key of ours: after a lost answer the Page is read back before anything is sent again."
        ),
    }
    scopes = {
        Capability.LISTEN: "pages_read_user_content",
        Capability.PUBLISH_TEXT: "pages_manage_posts",
        Capability.PUBLISH_IMAGES: "pages_manage_posts",
        Capability.PUBLISH_VIDEO: "pages_manage_posts",
        Capability.ALT_TEXT: "pages_manage_posts",
        Capability.NATIVE_SCHEDULE: "pages_manage_posts",
        Capability.EDIT: "pages_manage_posts",
        Capability.DELETE_OWN: "pages_manage_posts",
        Capability.REPLY: "pages_manage_engagement",
        Capability.HIDE: "pages_manage_engagement",
        Capability.UNHIDE: "pages_manage_engagement",
        Capability.DELETE_OTHERS: "pages_manage_engagement",
        Capability.BLOCK: "pages_manage_metadata",
        Capability.PRIVATE_MESSAGES: "pages_messaging",
        Capability.WEBHOOKS: "pages_manage_metadata",
        Capability.METRICS: "pages_read_engagement",
    }

    def __init__(self, login: Login) -> None:
        super().__init__(login)
        self._page_id = login.account_id

    def check(self) -> Identity:
        """Whose credential it is, what it was granted, and how the Page filters comments by itself."""
        try:
            me = self._graph.get("me", fields="id,name,username,category")
        except UnknownField:
            raise PermanentFault(
                "This credential belongs to a person and not to a Page. Connect the official account again and "
                "choose the Page."
            ) from None
        page_id = me.get("id")
        if not isinstance(page_id, str) or not page_id:
            raise TemporaryFault("Facebook did not say which Page the credential belongs to.")
        if self._login.account_id and page_id != self._login.account_id:
            raise PermanentFault(
                "The credential belongs to another Page on Facebook. Connect the official account again."
            )
        self._page_id = page_id
        name, username = me.get("name"), me.get("username")
        name = name if isinstance(name, str) else ""
        return Identity(
            external_id=page_id,
            handle=username if isinstance(username, str) and username else name or page_id,
            name=name,
            scopes=self._granted(),
            settings=self._settings(),
        )

    # Reading what the public wrote

    def poll(self, position: str) -> Page:
        """What was written to the Page since `position`: comments at every depth, posts on the Page,
        posts about it, private messages. Further, one page of the round through older posts."""
        start = Position.read(position)
        since = back(start.known)
        first, first_next = self._post_page("published_posts")
        found = self._comments(first, since)
        round_next: str | None = None
        if start.cursor:
            entries, round_next = self._round_page(start)
            found += self._comments(entries, back(start.since))
            found += self._posts_of_visitors(entries, back(start.since))
        found += self._where_allowed(lambda: self._visitors(since))
        found += self._where_allowed(lambda: self._tagged(since))
        found += self._where_allowed(lambda: self._private_messages(start.known, self._message))
        messages = in_order(found, "created_time")
        end = start.after(
            newest=max(filter(None, (time_of(m.payload, "created_time") for m in messages)), default=None),
            first_next=f"p:{first_next}" if first_next else "v:",
            round_next=round_next,
        )
        return Page(messages=messages, position=str(end), more=end.first_round)

    def sweep(self, post_external_id: str) -> Sequence[RawMessage]:
        """Every comment that stands under a post of ours or on our Page, hidden ones too, oldest first."""
        us = self._us()
        found: list[RawMessage] = []
        try:
            for entries, _ in self._graph.pages(
                post_external_id, "comments", fields=COMMENT_FIELDS, limit=A_PAGE, **IN_A_THREAD
            ):
                found += [self._raw(entry, mapping.COMMENT, post_external_id, us) for entry in entries]
        except Gone:
            return ()
        return in_order(found, "created_time")

    def own_posts(self) -> Sequence[IncomingPost]:
        entries, _ = self._graph.page_of(
            self._graph.get("me", "published_posts", fields=OWN_FIELDS, limit=2 * A_POST_PAGE)
        )
        return self._posts(entries, mapping.own_post)

    def followers(self) -> int | None:
        """followers_count of the Page (reference "Page")."""
        return count(self._graph.get("me", fields="followers_count").get("followers_count"))

    def numbers(self, external_ids: Sequence[str]) -> Sequence[PostNumbers]:
        """Likes, comments and shares of our newest posts, in one request (reference "Page Post").

        How many were reached stands in the insights of a Page, whose names Meta retires often; it is not asked.
        """
        entries, _ = self._graph.page_of(
            self._graph.get("me", "published_posts", fields=NUMBER_FIELDS, limit=2 * A_POST_PAGE)
        )
        return [one for entry in entries if (one := mapping.numbers(entry)).external_id in set(external_ids)]

    def read(self, message: RawMessage) -> IncomingComment | None:
        return mapping.comment(message.payload)

    # Writing

    def send(self, post: PostToSend) -> Sent:
        """Publish a post, a comment or a private message. Facebook takes no key of ours: see `find_post`."""
        self._refuse_unsendable(post)
        if post.private_to:
            return self._send_privately(post)
        if post.reply_to:
            return self._reply(post)
        if post.video:
            return self._send_video(post, post.video)
        params: dict[str, Any] = {"message": post.text}
        if post.pictures:
            params["attached_media"] = [{"media_fbid": self._upload(picture)} for picture in post.pictures]
        elif link := _LINK.search(post.text):
            # Without it a post made through the API shows no card for the address in its words.
            params["link"] = link.group()
        return self._sent(self._sent_id(self._graph.post("me", "feed", **params)))

    def find_post(self, post: PostToSend) -> Sent | None:
        """Whether it stands: the same words, by us, in the same place, not before it was first sent."""
        if post.private_to:
            return self._find_privately(post)
        if post.reply_to:
            top = self._thread_top(post)
            try:
                pages = self._graph.pages(top, "comments", fields=COMMENT_FIELDS, limit=A_PAGE, **IN_A_THREAD)
                entries = self._until(pages, post, at="created_time")
            except Gone:
                return None
            ours = [e for e in entries if self._ours(e) and self._answers(e, top, post)]
            return self._the_one(post, ours, text="message", at="created_time")
        pages = self._graph.pages("me", "published_posts", fields=OWN_FIELDS, limit=A_PAGE)
        entries = self._until(pages, post, at="created_time")
        return self._the_one(post, entries, text="message", at="created_time")

    def read_back(self, external_id: str) -> IncomingPost | None:
        entry = self._graph.find(external_id, fields=_fields_of(external_id))
        if entry is None:
            return None
        try:
            return mapping.own_post(entry)
        except ValueError:
            raise TemporaryFault("Facebook answered with something that cannot be read.") from None

    def edit(self, external_id: str, text: str) -> Sent:
        """Change the words of our post or comment. Facebook shows the public that it was edited."""
        if self.length(text) > self.limits.post_length:
            raise PermanentFault("The text is too long for Facebook. Shorten it.")
        self._graph.post(external_id, message=text)
        return self._sent(external_id)

    def hide(self, *, comment_external_id: str, root_external_id: str) -> None:
        """Only its author and their friends see it from now on."""
        self._graph.post(comment_external_id, is_hidden=True)

    def unhide(self, *, comment_external_id: str, root_external_id: str) -> None:
        self._graph.post(comment_external_id, is_hidden=False)

    def is_hidden(self, *, comment_external_id: str, root_external_id: str) -> bool:
        return self._flag(comment_external_id, "is_hidden")

    def block(self, commenter_external_id: str) -> None:
        """Ban a person from the Page. The ids in comments read with a Page's credential are page-scoped
        (Messenger Platform "IDs and Profile"), hence `psid`."""
        answer = self._graph.post("me", "blocked", psid=[_number(commenter_external_id)])
        if answer.get(commenter_external_id) is False:
            raise PermanentFault(
                "Facebook did not ban the person. Ban them in the Page’s settings on Facebook."
            )

    def unblock(self, commenter_external_id: str) -> None:
        self._graph.delete("me", "blocked", psid=_number(commenter_external_id))

    def is_blocked(self, commenter_external_id: str) -> bool:
        asked = _number(commenter_external_id)
        return any(
            isinstance(entry, dict) and entry.get("id") == commenter_external_id
            for entries, _ in self._graph.pages("me", "blocked", uid=asked, fields="id", limit=A_PAGE)
            for entry in entries
        )

    # Below: one step each

    def _us(self) -> str:
        if not self._page_id:
            found = self._graph.get("me", fields="id").get("id")
            if not isinstance(found, str) or not found:
                raise TemporaryFault("Facebook did not say which Page the credential belongs to.")
            self._page_id = found
        return self._page_id

    def _ours(self, entry: Any) -> bool:
        author = entry.get("from") if isinstance(entry, dict) else None
        return isinstance(author, dict) and author.get("id") == self._us()

    def _is_post(self, post: PostToSend) -> bool:
        """Ids of posts on the Page begin with the Page's, those of comments with their post's."""
        return post.reply_to == post.root or post.reply_to.startswith(f"{self._us()}_")

    def _settings(self) -> dict[str, str]:
        """The Page's own settings as Facebook tells them; nothing where the credential may not see them."""
        try:
            entries, _ = self._graph.page_of(self._graph.get("me", "settings", fields="setting,value"))
        except NotAllowed:
            return {}
        return {
            str(entry.get("setting"))[:100].lower(): str(entry.get("value"))[:200]
            for entry in entries
            if isinstance(entry, dict) and entry.get("setting")
        }

    def _raw(self, entry: Any, kind: str, root: str, us: str) -> RawMessage:
        return mapping.raw_message(entry, kind=kind, us=us, root=root)

    def _message(self, entry: Any, conversation_id: str) -> RawMessage:
        return self._raw(entry, mapping.MESSAGE, conversation_id, self._us())

    def _post_page(self, edge: str, after: str = "") -> tuple[list[Any], str]:
        return self._graph.page_of(
            self._graph.get(
                "me", edge, fields=WITH_COMMENTS, limit=A_POST_PAGE, **({"after": after} if after else {})
            )
        )

    def _round_page(self, start: Position) -> tuple[list[Any], str]:
        """The next page of older posts, and where the round goes on ("" at its end)."""
        which, _, after = start.cursor.partition(":")
        try:
            entries, following = self._post_page(ROUNDS.get(which, "published_posts"), after)
        except NotAllowed:
            if which != "v":
                raise
            return [], ""  # posts of visitors may not be read: nothing to walk through
        except PermanentFault:
            if not after:
                raise
            return [], f"{which}:"  # a cursor that is no longer taken: this part from its beginning
        far = (
            start.since is not None
            and start.known is not None
            and _all_before(entries, start.known - ROUND_BACK)
        )
        if following and not far:
            return entries, f"{which}:{following}"
        return entries, "v:" if which == "p" else ""

    def _comments(self, posts: Sequence[Any], since: datetime | None) -> list[RawMessage]:
        """Comments under posts, from an instant on: those that came with the posts, and further pages
        where the last of them is still newer."""
        us = self._us()
        found: list[RawMessage] = []
        for post in posts:
            root = post.get("id") if isinstance(post, dict) else None
            if not isinstance(root, str) or "comments" not in post:
                continue
            entries, after = self._graph.page_of(post["comments"])
            while True:
                found += [self._raw(e, mapping.COMMENT, root, us) for e in _from(entries, since)]
                if not after or (since is not None and _all_before(entries, since)):
                    break
                entries, after = self._graph.page_of(
                    self._graph.get(
                        root, "comments", fields=COMMENT_FIELDS, limit=A_PAGE, after=after, **IN_A_THREAD
                    )
                )
        return found

    def _visitors(self, since: datetime | None) -> list[RawMessage]:
        """Posts that others put on the Page, and the comments under the newest of them.

        When the Page is first read, one page of them: the round brings the others.
        """
        found: list[RawMessage] = []
        after = ""
        while True:
            entries, after = self._post_page("visitor_posts", after)
            found += self._posts_of_visitors(entries, since)
            found += self._comments(entries, since)
            if not after or since is None or _all_before(entries, since):
                return found

    def _posts_of_visitors(self, entries: Sequence[Any], since: datetime | None) -> list[RawMessage]:
        """What others posted, from an instant on. Our own posts among them are not said to us."""
        us = self._us()
        return [self._raw(e, mapping.POST, _root(e), us) for e in _from(entries, since) if not self._ours(e)]

    def _tagged(self, since: datetime | None) -> list[RawMessage]:
        """Posts elsewhere that name the Page."""
        limit = since or clock.now() - FIRST_BACK
        found: list[RawMessage] = []
        for entries, _ in self._graph.pages("me", "tagged", fields=POST_FIELDS, limit=A_POST_PAGE):
            found += self._posts_of_visitors(entries, limit)
            if _all_before(entries, limit):
                break
        return found

    def _reply(self, post: PostToSend) -> Sent:
        if post.video or len(post.pictures) > 1:
            raise PermanentFault(
                "Facebook takes one picture in a comment and no video from here. Take the rest away."
            )
        params: dict[str, Any] = {"message": post.text}
        if post.pictures:
            params["attachment_id"] = self._upload(post.pictures[0])
        return self._sent(self._sent_id(self._graph.post(post.reply_to, "comments", **params)))

    def _upload(self, picture: Picture) -> str:
        """Upload a picture that no post shows yet; Facebook clears away what none ever does."""
        answer = self._graph.post(
            "me",
            "photos",
            changing=False,
            published=False,
            alt_text_custom=picture.alt_text,
            files={"source": ("picture", picture.content, picture.content_type)},
        )
        found = answer.get("id")
        if not isinstance(found, str) or not found:
            raise TemporaryFault("Facebook did not say what it made of the picture.")
        return found

    def _send_video(self, post: PostToSend, video: Video) -> Sent:
        """Publish a video. It appears when Facebook has converted it.

        With an address Facebook fetches it (`file_url`); otherwise the bytes go along. Meta names a host
        of its own for uploads (graph-video.facebook.com, Video API "Publishing"); that the general one
        takes them too could not be tried.
        """
        params: dict[str, Any] = {"description": post.text, "published": True}
        if video.title:
            params["title"] = video.title
        if video.address:
            answer = self._graph.post("me", "videos", slow=True, file_url=video.address, **params)
        else:
            source = {"source": ("video", video.content, video.content_type)}
            answer = self._graph.post("me", "videos", files=source, **params)
        video_id = self._sent_id(answer)
        try:
            post_id = self._graph.get(video_id, fields="id,post_id").get("post_id")
        except (TemporaryFault, PermanentFault):
            post_id = None
        if not isinstance(post_id, str) or not post_id:
            return Sent(external_id=video_id, url=f"https://www.facebook.com/{video_id}")
        return self._sent(post_id if "_" in post_id else f"{self._us()}_{post_id}")

    def _thread_top(self, post: PostToSend) -> str:
        """Under what our answer stands: Facebook puts an answer to an answer under the first comment."""
        if self._is_post(post):
            return post.reply_to
        node = self._graph.find(post.reply_to, fields="id,parent{id}")
        parent = node.get("parent") if node else None
        top = parent.get("id") if isinstance(parent, dict) else None
        return top if isinstance(top, str) and top else post.reply_to

    def _answers(self, entry: Any, top: str, post: PostToSend) -> bool:
        """Directly under what it answers; under a post, that is a comment without a parent."""
        parent = entry.get("parent") if isinstance(entry, dict) else None
        parent_id = parent.get("id") if isinstance(parent, dict) else None
        return parent_id is None if self._is_post(post) else parent_id in (None, top, post.reply_to)

    def _sent(self, external_id: str) -> Sent:
        return Sent(external_id=external_id, url=f"https://www.facebook.com/{external_id}")


def _from(entries: Sequence[Any], since: datetime | None) -> list[Any]:
    """The entries from an instant on, and those that do not say when."""
    return [e for e in entries if since is None or (at := time_of(e, "created_time")) is None or at >= since]


def _all_before(entries: Sequence[Any], limit: datetime) -> bool:
    """Whether a page that comes newest first has arrived before an instant."""
    times = [t for e in entries if (t := time_of(e, "created_time"))]
    return bool(times) and min(times) < limit


def _root(entry: Any) -> str:
    found = entry.get("id") if isinstance(entry, dict) else None
    return found if isinstance(found, str) else ""


def _fields_of(external_id: str) -> str:
    """What to ask of our own post or comment ("1_2"), of a video ("1"), or of a private message ("m_...")."""
    if external_id.startswith("m_"):
        return "id,message,created_time"
    return "id,description,created_time,permalink_url" if external_id.isdigit() else OWN_FIELDS


def _number(external_id: str) -> int:
    """A person's id as a number, as the parameter tables want it. Raises PermanentFault."""
    if not external_id.isdigit() or len(external_id) > 20:
        raise PermanentFault(
            "Facebook has not told us who this person is, so they cannot be banned from here. Ban them from "
            "the comment itself, on the Page."
        )
    return int(external_id)
