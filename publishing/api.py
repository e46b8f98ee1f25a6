"""Operations on posts: lists, one, a draft, sending for approval. Approving is for people."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.operations import LARGEST_ID, Cursor, Moment, Operation, operation, page_of
from publishing import queries
from publishing.actions import posts as actions
from publishing.models import Post
from staff.roles import Power


class Variant(serializers.Serializer):
    official_account = serializers.IntegerField()
    text = serializers.CharField()


class PostShown(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField()
    author = serializers.CharField()
    state = serializers.CharField()
    version = serializers.IntegerField(help_text="Sending for approval names the version that was read.")
    publish_at = serializers.DateTimeField(allow_null=True)
    changed_at = serializers.DateTimeField()
    variants = Variant(many=True)


class PostsAsked(Cursor):
    state = serializers.ChoiceField(choices=Post.State.values, required=False)


class Draft(serializers.Serializer):
    official_accounts = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID), min_length=1, max_length=100
    )
    words = serializers.CharField(max_length=actions.LONGEST_WORDS, trim_whitespace=False)
    title = serializers.CharField(required=False, max_length=120)
    publish_at = Moment(required=False, help_text="Empty: at once on approval.")


class Submit(serializers.Serializer):
    version = serializers.IntegerField(min_value=1, max_value=10**9)


def shown(post: Post) -> dict[str, Any]:
    return {
        "id": post.pk,
        "title": post.title,
        "author": post.author.called,
        "state": post.state,
        "version": post.version,
        "publish_at": post.publish_at.isoformat() if post.publish_at else None,
        "changed_at": post.changed_at.isoformat(),
        "variants": [
            {"official_account": variant.official_account_id, "text": variant.text}
            for variant in post.shown_variants  # type: ignore[attr-defined]
        ],
    }


class Posts(Operation):
    """Posts that the service may see, and a new draft."""

    needs = {"GET": (Power.SEE_POSTS,), "POST": (Power.WRITE_POSTS,)}

    @operation("Posts, the latest changed first", page_of(PostShown), query=PostsAsked)
    def get(self, request: Request) -> Response:
        asked = self.given(PostsAsked)
        found = queries.page_of_posts(self.service, state=asked.get("state", ""), before=asked.get("before"))
        page = found[: queries.PAGE_LENGTH]
        onwards = str(page[-1].pk) if len(found) > len(page) else None
        return Response({"items": [shown(post) for post in page], "next": onwards})

    @operation(
        "Draft a post",
        PostShown,
        takes=Draft,
        status=201,
        example={"official_accounts": [1], "words": "The bridge at Saltmere is open again."},
    )
    def post(self, request: Request) -> Response:
        given = self.given(Draft)

        def draft() -> tuple[int, Any]:
            made = actions.draft_post(
                actor=self.service,
                account_ids=given["official_accounts"],
                words=given["words"],
                title=given.get("title", ""),
                publish_at=given.get("publish_at"),
            )
            return 201, shown(queries.post(self.service, made.pk))

        return self.once(given, draft)


class OnePost(Operation):
    """One post."""

    needs = {"GET": (Power.SEE_POSTS,)}

    @operation("One post", PostShown)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shown(queries.post(self.service, pk)))


class SubmitPost(Operation):
    """The post waits for a person's approval."""

    needs = {"POST": (Power.WRITE_POSTS,)}

    @operation("Send a post for approval by a person", PostShown, takes=Submit)
    def post(self, request: Request, pk: int) -> Response:
        given = self.given(Submit)
        post = queries.post(self.service, pk)

        def submit() -> tuple[int, Any]:
            actions.submit_post(actor=self.service, post=post, version_seen=given["version"])
            return 200, shown(queries.post(self.service, pk))

        return self.once(given, submit)
