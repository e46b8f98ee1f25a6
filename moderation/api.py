"""Operations on comments: lists, one, claiming, deciding."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.operations import LARGEST_ID, Operation, operation, page_of
from core.errors import NotValid
from moderation import filters, queries
from moderation.actions import desk, viewing
from moderation.models import Clause, Comment
from staff.roles import Power


class CommentShown(serializers.Serializer):
    id = serializers.IntegerField()
    official_account = serializers.IntegerField()
    platform = serializers.CharField()
    author = serializers.CharField()
    text = serializers.CharField(help_text="The public's words, unchanged. Escape them before you show them.")
    revision = serializers.IntegerField(help_text="A decision names the revision that was read.")
    private = serializers.BooleanField()
    state = serializers.CharField()
    priority = serializers.IntegerField(help_text="1, immediate, to 5, none.")
    category = serializers.CharField()
    posted_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    answer_by = serializers.DateTimeField(allow_null=True)
    hidden = serializers.BooleanField()
    removed = serializers.BooleanField(help_text="Gone from the platform; its words are kept.")
    claimed_by = serializers.CharField(allow_null=True)


class CommentsAsked(serializers.Serializer):
    queue = serializers.CharField(
        required=False,
        max_length=filters.MOST,
        help_text="now, mine, unclaimed, open, held, category-…, area-…, team-… or account-…, narrowed as in the desk’s address.",
    )
    state = serializers.ChoiceField(choices=["open", "decided"], required=False)
    official_account = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    before = serializers.CharField(required=False, max_length=100, help_text="`next` of the page before.")


class Decide(serializers.Serializer):
    kind = serializers.ChoiceField(choices=["reply", "hide", "no_action"])
    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    text = serializers.CharField(required=False, max_length=20_000, trim_whitespace=False)
    clause = serializers.SlugField(
        required=False, max_length=40, help_text="Of the published guidelines; needed to hide."
    )
    why = serializers.CharField(
        required=False, max_length=500, help_text="Needed to hide under a clause that is sensitive."
    )


class Decided(serializers.Serializer):
    id = serializers.IntegerField()
    comment = serializers.IntegerField()
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.CharField()


class Nothing(serializers.Serializer):
    """No fields: an empty object."""


def shown(comment: Comment) -> dict[str, Any]:
    holder = queries.holder(comment)
    return {
        "id": comment.pk,
        "official_account": comment.official_account_id,
        "platform": comment.platform,
        "author": str(comment.commenter),
        "text": comment.text,
        "revision": comment.revision_number,
        "private": comment.private,
        "state": comment.state,
        "priority": comment.priority,
        "category": comment.category,
        "posted_at": comment.posted_at.isoformat(),
        "received_at": comment.received_at.isoformat(),
        "answer_by": comment.answer_by.isoformat() if comment.answer_by else None,
        "hidden": comment.hidden_at is not None,
        "removed": comment.removed_at is not None,
        "claimed_by": holder.called if holder else None,
    }


class Comments(Operation):
    """A list of comments. Whoever was shown what is recorded before it is answered."""

    needs = {"GET": (Power.SEE_COMMENTS,)}

    @operation(
        "Comments of a queue, or by state and official account", page_of(CommentShown), query=CommentsAsked
    )
    def get(self, request: Request) -> Response:
        asked = self.given(CommentsAsked)
        if asked.get("state") or "queue" not in asked:
            state, before = asked.get("state", "open"), asked.get("before", "")
            if before and not (before.isascii() and before.isdigit() and len(before) < 19):
                raise NotValid("“before” is not a place in this list. Take it from `next`.", field="before")
            found = queries.newest(
                self.service,
                state=state,
                account_id=asked.get("official_account"),
                before=int(before) if before else None,
            )
            comments, more = found[: queries.PAGE], len(found) > queries.PAGE
            onwards = str(comments[-1].pk) if more else None
            name = state
        else:
            queue = queries.queue(self.service, asked["queue"])
            page = queries.page(self.service, queue, asked.get("before", ""))
            comments = queries.several(self.service, page.ids)
            onwards, name = page.next_after or None, queue.slug
        viewing.record_listed(actor=self.service, ids=[comment.pk for comment in comments], queue=name)
        return Response({"items": [shown(comment) for comment in comments], "next": onwards})


class OneComment(Operation):
    """One comment."""

    needs = {"GET": (Power.SEE_COMMENTS,)}

    @operation("One comment", CommentShown)
    def get(self, request: Request, pk: int) -> Response:
        comment = queries.comment(self.service, pk)
        viewing.record_viewed(actor=self.service, comment=comment, ids=[comment.pk])
        return Response(shown(comment))


def _recorded(service: Any, comment: Comment, answer: Response) -> Response:
    """The answer, once it is in the trail who was shown the words in it: also where it is given again."""
    viewing.record_viewed(actor=service, comment=comment, ids=[comment.pk])
    return answer


class Claim(Operation):
    """The comment is the service's for 15 minutes."""

    needs = {"POST": (Power.WORK_COMMENTS,)}

    @operation("Claim a comment for 15 minutes", CommentShown, takes=Nothing)
    def post(self, request: Request, pk: int) -> Response:
        given = self.given(Nothing)
        comment = queries.comment(self.service, pk)
        answer = self.once(given, lambda: (200, shown(desk.claim(actor=self.service, comment=comment))))
        return _recorded(self.service, comment, answer)


class Release(Operation):
    """Colleagues may have it."""

    needs = {"POST": (Power.WORK_COMMENTS,)}

    @operation("Release a comment", CommentShown, takes=Nothing)
    def post(self, request: Request, pk: int) -> Response:
        given = self.given(Nothing)
        comment = queries.comment(self.service, pk)
        answer = self.once(given, lambda: (200, shown(desk.release(actor=self.service, comment=comment))))
        return _recorded(self.service, comment, answer)


class Decisions(Operation):
    """Reply, hide with a reason of the guidelines, or decide that nothing needs doing."""

    needs = {"POST": (Power.REPLY, Power.HIDE_COMMENTS, Power.WORK_COMMENTS)}

    @operation(
        "Decide on a comment as it was read",
        Decided,
        takes=Decide,
        status=201,
        example={"kind": "no_action", "revision": 1, "why": "Thanks, nothing asked"},
    )
    def post(self, request: Request, pk: int) -> Response:
        given = self.given(Decide)
        comment = queries.comment(self.service, pk)
        return self.once(given, lambda: (201, self._decide(comment, given)))

    def _decide(self, comment: Comment, given: dict[str, Any]) -> dict[str, Any]:
        on = {"actor": self.service, "comment": comment, "revision_number": given["revision"]}
        if given["kind"] == "reply":
            decision = desk.reply(**on, text=given.get("text", ""))
        elif given["kind"] == "hide":
            clause = Clause.objects.filter(slug=given.get("clause", ""), published=True).first()
            if clause is None:
                raise NotValid("Name a clause of the published guidelines by its slug.", field="clause")
            decision = desk.hide(**on, clause=clause, why=given.get("why", ""))
        else:
            decision = desk.no_action(**on, why=given.get("why", ""))
        return {
            "id": decision.pk,
            "comment": decision.comment_id,
            "kind": decision.kind,
            "at": decision.at.isoformat(),
            "by": decision.by_name,
        }
