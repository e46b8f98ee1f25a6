"""The desk's pages: queues, the list, the conversation, and the public guidelines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.queries import may
from core import clock
from core.errors import NotFound, NotPermitted, NotValid, Refused
from core.gate import needs
from core.templatetags.show import plain_words
from moderation import (
    beside,
    filters,
    forms,
    queries,
    queries_talk,
    queries_triage,
    queries_working,
    restrictions,
)
from moderation.actions import desk as actions
from moderation.actions import drafts, restricting, viewing
from moderation.actions import triage as teaching
from moderation.categories import Category, Priority
from moderation.models import Comment, Decision, Skip
from moderation.thrive import elements
from moderation.triage.language import LANGUAGES as LANGUAGES_READ
from publishing.models import Delivery
from staff.roles import Power

SEEN = "moderation.seen"
"""Salt of the signed list of what a page has shown, which its refresh sends back."""
HALF_NOTE = "moderation.half_note"
"""Session key of a note that was being typed when another button was pressed."""
LANGUAGES = {"en": "en-gb", "cy": "cy"}


# The list


@needs(Power.SEE_COMMENTS)
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """What needs me now, first; `?queue=` names another queue, `?after=` a later page."""
    context = _list(request)
    if _asks_for(request, "list"):
        return render(request, "moderation/_list_again.html", context)
    return render(request, "moderation/desk.html", context)


def _list(request: HttpRequest) -> dict[str, Any]:
    chosen = queries.queue(request.user, request.GET.get("queue", request.POST.get("queue", "")))
    after = request.GET.get("after", request.POST.get("after", ""))
    page = queries.page(request.user, chosen, after)
    viewing.record_listed(actor=request.user, ids=page.ids, queue=chosen.slug)
    counts = queries.queues(request.user, beside=chosen)
    end = queries.end_of(page.rows) if page.next_after else ""
    return _list_context(
        request, chosen, page.rows, counts, start=page.after, end=end, next_after=page.next_after
    )


def _list_context(
    request: HttpRequest,
    chosen: queries.Queue,
    rows: list[queries.Row],
    counts: queries.Queues,
    *,
    start: str,
    end: str,
    next_after: str,
    waiting: queries.Waiting | None = None,
) -> dict[str, Any]:
    waiting = waiting or queries.Waiting(0, False, 0)
    counted = {c.queue.slug: c for c in counts.all}
    shown = [[row.comment.pk, row.comment.revision_number] for row in rows]
    return {
        "queue": chosen,
        "counts": counts,
        "queue_count": counted.get(chosen.slug, queries.Counted(chosen, 0)),
        "open_count": counted["open"],
        "rows": rows,
        "after": start,
        "next_after": next_after,
        "waiting": waiting,
        "may_tick": may(request.user, Power.WORK_COMMENTS),
        "triage_says": queries_triage.says(),
        "queues": render_to_string(
            "moderation/_queues.html",
            {"counts": counts, "views": counts.views, "queue": chosen, "address": reverse("moderation:desk")},
        ),
        "place": urlencode({"queue": chosen.slug, **({"after": start} if start else {})}),
        "looked_at": clock.now(),
        "seen": signing.dumps(
            {
                "me": request.user.pk,
                "queue": chosen.slug,
                "rows": shown,
                "start": start,
                "end": end,
                "next": next_after,
                "version": queries.version(rows, counts, waiting),
            },
            salt=SEEN,
            compress=True,
        ),
    }


@needs(Power.SEE_COMMENTS)
@require_GET
def refresh(request: HttpRequest) -> HttpResponse:
    """The rows on the screen as they stand now, in the order that they have; 204 when nothing changed.

    Nothing is added while there is a row under somebody's cursor: what came meanwhile is counted.
    An empty list fills by itself. Only words that this page had not shown yet are audited.
    """
    try:
        seen = signing.loads(request.GET.get("seen", ""), salt=SEEN, max_age=24 * 3600)
    except signing.BadSignature:
        raise NotValid("This list is too old to be kept up to date. Reload the page.") from None
    if seen["me"] != request.user.pk:
        raise NotValid("This list was shown to somebody else. Reload the page.")
    chosen = queries.queue(request.user, seen["queue"])
    known = dict(seen["rows"])
    counts = queries.queues(request.user, beside=chosen)
    if not known:
        page = queries.page(request.user, chosen, seen["start"])
        rows, next_after = page.rows, page.next_after
        end = queries.end_of(rows) if next_after else ""
        waiting = queries.Waiting(0, False, 0)
    else:
        rows, next_after, end = (
            queries.rows_again(request.user, chosen, list(known)),
            seen["next"],
            seen["end"],
        )
        waiting = queries.waiting_above(request.user, chosen, list(known), end, seen["start"])
    if queries.version(rows, counts, waiting) == seen["version"]:
        return HttpResponse(status=204)
    fresh = [row.comment.pk for row in rows if known.get(row.comment.pk) != row.comment.revision_number]
    viewing.record_listed(actor=request.user, ids=fresh, queue=chosen.slug)
    context = _list_context(
        request, chosen, rows, counts, start=seen["start"], end=end, next_after=next_after, waiting=waiting
    )
    open_pk = request.GET.get("open", "")
    context["open_pk"] = int(open_pk) if open_pk.isdecimal() and len(open_pk) < 19 else None
    return render(request, "moderation/_refreshed.html", context)


# The conversation


@needs(Power.SEE_COMMENTS)
@require_GET
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """One comment in its thread, and everything that can be done with it."""
    return show(request, pk)


def show(
    request: HttpRequest,
    pk: int,
    *,
    problem: str = "",
    field: str = "",
    opened: str = "",
    status: int = 200,
    keep: bool = False,
) -> HttpResponse:
    """The page of one comment, or its pane; `keep` keeps first whatever was being typed."""
    if keep:
        _keep_words(request, queries.comment(request.user, pk))
    talk = queries_talk.talk(request.user, pk)
    viewing.record_viewed(actor=request.user, comment=talk.comment, ids=talk.shown_ids)
    typed = request.POST.dict() if request.method == "POST" else {}
    kept = talk.draft.text if talk.draft else ""
    if opened == "preview":
        kept = typed.get("reply_text", kept)
    half_note = request.session.pop(HALF_NOTE, {}).get(str(pk), "")
    near = queries_working.here(request.user, pk)
    escalate_as = typed.get("category") or talk.comment.category
    if escalate_as not in dict(forms.ESCALATE_AS):
        escalate_as = Category.NONE.value
    offered = restrictions.offered(request.user, talk.comment)
    context: dict[str, Any] = {
        "talk": talk,
        "restrictions": offered,
        "may_restrict": any(one.can for one in offered),
        "beside": beside.beside(request.user, talk, kept if opened == "preview" else ""),
        "problem": problem,
        "problem_field": field,
        "opened": opened,
        "typed": typed,
        "thrive_asks": [(one, typed.get(one.slug, "") if opened == "thrive" else "") for one in elements()],
        "reply_text": typed.get("reply_text", kept) if problem else kept,
        "unsent": "" if talk.offers.reply else _unsent(request, talk, kept),
        "note_text": typed.get("note_text", "") if problem else half_note,
        "escalate_as": escalate_as,
        "escalate_why": typed.get("why", "") or _worst_sentence(talk.comment),
        "escalation_choices": forms.ESCALATE_AS,
        "categories": Category.choices,
        "languages": LANGUAGES_READ.items(),
        "example_text": plain_words(typed.get("text", "") if opened == "example" else talk.comment.text),
        "language": LANGUAGES_READ.get(talk.comment.language, "") if talk.comment.language != "en" else "",
        "may_teach": request.user.has_perm(f"accounts.{Power.WORK_COMMENTS}"),
        "priorities": Priority.choices,
        "sort_as": _sort_as(talk.comment, typed if opened == "sort" else {}),
        "open_pk": talk.comment.pk,
        "news": queries_talk.news(request.user, pk),
        "others": near,
        "known": ". ".join(one.says for one in near),
        "skips": queries_working.skips_of(talk.comment),
        "skip_reasons": Skip.Reason.choices,
        "named_places": queries_working.places_named(talk.comment),
    }
    place = _place(request)
    context |= {
        "queue_slug": place.get("queue", ""),
        "after_mark": place.get("after", ""),
        "place": urlencode(place),
    }
    if _asks_for(request, "talk"):
        response = render(request, "moderation/_talk.html", context)
        response["HX-Trigger"] = "look-again"
        return response
    return render(request, "moderation/desk.html", {**context, **_list(request)}, status=status)


def _unsent(request: HttpRequest, talk: queries_talk.Talk, kept: str) -> str:
    """What was typed and cannot be sent from this page; not what has just gone out, where "Send" was pressed twice."""
    words = request.POST.get("reply_text", "").strip() or kept
    own = (one for one in talk.decisions if one.kind == Decision.Kind.REPLY and one.by_id == request.user.pk)
    sent = [
        one.delivery.text
        for one in own
        if one.delivery and one.delivery.state not in Delivery.CAME_TO_NOTHING
    ]
    return "" if words.strip() in sent else words


def _sort_as(comment: Comment, typed: dict[str, str]) -> dict[str, str | int]:
    """What stands chosen under *Category*: what was answered and refused, else how the comment stands."""
    priority = typed.get("priority", "")
    return {
        "category": typed.get("category", comment.category),
        "priority": int(priority) if priority in map(str, Priority.values) else comment.priority,
    }


def _worst_sentence(comment: Comment) -> str:
    return str(comment.findings[0].get("sentence", ""))[:500] if comment.findings else ""


def _asks_for(request: HttpRequest, part: str) -> bool:
    htmx = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.history_restore_request and htmx.target == part


def act(
    request: HttpRequest,
    pk: int,
    form: django_forms.Form,
    act: Callable[[Comment, dict[str, Any]], object],
    *,
    opened: str,
) -> HttpResponse:
    """Do it and show the conversation; on a refusal show it as it stands now, with the words typed."""
    comment = queries.comment(request.user, pk)
    _keep_words(request, comment)
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        return show(request, pk, problem=errors[0], field=field, opened=opened, status=422)
    try:
        act(comment, form.cleaned_data)
    except NotFound:
        raise
    except Refused as refused:
        field = getattr(refused, "field", None) or ""
        return show(request, pk, problem=refused.sentence, field=field, opened=opened, status=refused.status)
    return _back_to(request, comment)


def _keep_words(request: HttpRequest, comment: Comment) -> None:
    """Whatever was being typed stays, whichever button was pressed."""
    if request.POST.get("note_text", "").strip() and not request.path.endswith("/note/"):
        request.session[HALF_NOTE] = {str(comment.pk): request.POST["note_text"][:20_000]}
    if "reply_text" not in request.POST:
        return
    try:
        drafts.keep_draft(actor=request.user, comment=comment, text=request.POST["reply_text"])
    except NotPermitted:
        return  # who may not reply has no box; the words come back on the page all the same


def _place(request: HttpRequest) -> dict[str, str]:
    """Which queue and page the person came from, so that Back leads there."""
    return {
        k: v[: filters.MOST]
        for k in ("queue", "after")
        if (v := request.GET.get(k) or request.POST.get(k, ""))
    }


def _standing(request: HttpRequest) -> int | None:
    """The decision that the person saw stand (0 for none), as the form brings it; None where it brings nothing."""
    given = request.POST.get("standing", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def _back_to(request: HttpRequest, comment: Comment) -> HttpResponseRedirect:
    place = _place(request)
    return redirect(queries.address(comment) + (f"?{urlencode(place)}" if place else ""))


@needs(Power.SEE_COMMENTS)
@require_GET
def news(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether the conversation has changed since it was shown: 204, or a line that offers to show it."""
    if queries_talk.news(request.user, pk) == request.GET.get("news", ""):
        return HttpResponse(status=204)
    comment = queries.comment(request.user, pk)
    edited = not request.GET.get("news", "").startswith(f"{comment.revision_number}.")
    return render(request, "moderation/_news.html", {"comment": comment, "edited": edited})


@needs(Power.SEE_COMMENTS)
@require_POST
def look_again(request: HttpRequest, pk: int) -> HttpResponse:
    """The conversation as it stands now, with what was being typed."""
    comment = queries.comment(request.user, pk)
    _keep_words(request, comment)
    return _back_to(request, comment)


@needs(Power.WORK_COMMENTS)
@require_POST
def pull_next(request: HttpRequest) -> HttpResponse:
    """The most urgent comment that nobody has is claimed and opened."""
    comment = actions.pull_next(actor=request.user)
    if comment is None:
        messages.info(
            request,
            "Nothing waits that nobody has, but for what you passed over or a team was handed. New comments appear "
            "here by themselves.",
        )
        return redirect(
            f"{reverse('moderation:desk')}?{urlencode({'queue': request.POST.get('queue', 'now')})}"
        )
    return _back_to(request, comment)


@needs(Power.WORK_COMMENTS)
@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """It is mine for 15 minutes; a supervisor takes it over with a reason."""
    return act(
        request,
        pk,
        forms.Reason(request.POST),
        lambda comment, given: actions.claim(actor=request.user, comment=comment, why=given["why"]),
        opened="take-over",
    )


@needs(Power.WORK_COMMENTS)
@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Colleagues may have it."""
    return act(
        request,
        pk,
        forms.Reason(request.POST),
        lambda comment, given: actions.release(actor=request.user, comment=comment),
        opened="",
    )


@needs(Power.REPLY)
@require_POST
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """The official account answers."""
    return act(
        request,
        pk,
        forms.Reply(request.POST),
        lambda comment, given: actions.reply(
            actor=request.user,
            comment=comment,
            revision_number=given["revision"],
            text=given["reply_text"],
            despite_claim=given["despite"],
        ),
        opened="reply",
    )


@needs(Power.REPLY)
@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """What is being typed is kept; answers when."""
    comment = queries.comment(request.user, pk)
    kept = drafts.keep_draft(actor=request.user, comment=comment, text=request.POST.get("reply_text", ""))
    return render(
        request, "moderation/_draft_kept.html", {"draft": kept, "measured": beside.measure(comment, kept)}
    )


@needs(Power.HIDE_COMMENTS)
@require_POST
def hide(request: HttpRequest, pk: int) -> HttpResponse:
    """The public no longer sees it, under a clause of the guidelines."""
    return act(
        request,
        pk,
        forms.Hide(request.POST),
        lambda comment, given: actions.hide(
            actor=request.user,
            comment=comment,
            revision_number=given["revision"],
            clause=given["clause"],
            why=given["why"],
        ),
        opened="hide",
    )


@needs(Power.HIDE_COMMENTS)
@require_POST
def unhide(request: HttpRequest, pk: int) -> HttpResponse:
    """The public sees it again."""
    return act(
        request,
        pk,
        forms.Decided(request.POST),
        lambda comment, given: actions.unhide(
            actor=request.user,
            comment=comment,
            revision_number=given["revision"],
            why=given["why"],
            standing=_standing(request),
        ),
        opened="",
    )


@needs(Power.RESTRICT_COMMENTERS)
@require_POST
def restrict(request: HttpRequest, pk: int) -> HttpResponse:
    """Block or mute the commenter, or delete the comment on the platform, under a clause of the guidelines."""
    return act(
        request,
        pk,
        forms.Restrict(request.POST),
        lambda comment, given: restricting.restrict(
            actor=request.user,
            comment=comment,
            revision_number=given["revision"],
            kind=given["do"],
            clause=given["clause"],
            why=given["why"],
            until=given["until"],
            by_hand=given["by_hand"],
        ),
        opened="restrict",
    )


@needs(Power.RESTRICT_COMMENTERS)
@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Unblock or unmute the commenter."""
    return act(
        request,
        pk,
        forms.Lift(request.POST),
        lambda comment, given: restricting.lift(actor=request.user, comment=comment, kind=given["do"]),
        opened="",
    )


@needs(Power.WORK_COMMENTS)
@require_POST
def no_action(request: HttpRequest, pk: int) -> HttpResponse:
    """Read, and nothing needs doing."""
    return act(
        request,
        pk,
        forms.Decided(request.POST),
        lambda comment, given: actions.no_action(
            actor=request.user, comment=comment, revision_number=given["revision"], why=given["why"]
        ),
        opened="no-action",
    )


@needs(Power.ESCALATE)
@require_POST
def escalate(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody with more authority is called."""
    return act(
        request,
        pk,
        forms.Escalate(request.POST),
        lambda comment, given: actions.escalate(
            actor=request.user,
            comment=comment,
            revision_number=given["revision"],
            category=given["category"],
            why=given["why"],
        ),
        opened="escalate",
    )


@needs(Power.WORK_COMMENTS)
@require_POST
def sort(request: HttpRequest, pk: int) -> HttpResponse:
    """A person says what it is about; the same answer accepts triage's."""
    return act(
        request,
        pk,
        forms.Sort(request.POST),
        lambda comment, given: actions.retriage(
            actor=request.user,
            comment=comment,
            revision_number=given["revision"],
            category=given["category"],
            priority=given["priority"],
            why=given["why"],
        ),
        opened="sort",
    )


@needs(Power.WORK_COMMENTS)
@require_POST
def make_example(request: HttpRequest, pk: int) -> HttpResponse:
    """Triage learns from this comment, once a version made with it is live."""

    def teach(comment: Comment, given: dict[str, Any]) -> None:
        teaching.add_exemplar(
            actor=request.user, category=given["category"], from_comment=comment, **form.taught()
        )
        messages.success(
            request, "Added to triage's examples. It counts once a version made from it is live."
        )

    form = forms.ExampleOfComment(request.POST)
    return act(request, pk, form, teach, opened="example")


@needs(Power.WORK_COMMENTS)
@require_POST
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Colleagues read it; it never leaves the platform."""
    return act(
        request,
        pk,
        forms.Note(request.POST),
        lambda comment, given: actions.add_note(actor=request.user, comment=comment, text=given["note_text"]),
        opened="note",
    )


@needs(Power.WORK_COMMENTS)
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """The decision is taken back as far as it can be."""
    return act(
        request,
        pk,
        forms.Reason(request.POST),
        lambda comment, given: actions.reopen(
            actor=request.user, comment=comment, why=given["why"], standing=_standing(request)
        ),
        opened="",
    )
