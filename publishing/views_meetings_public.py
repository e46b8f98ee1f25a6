"""What the public reads of a meeting, where it asks, and the transcript. No session is known here."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from core.actors import Stranger
from core.crowd import for_the_crowd
from core.errors import NotFound, Refused
from core.gate import open_to_all
from core.refusals import show_refusal
from publishing import queries_meetings as read
from publishing.actions import questions as actions
from publishing.forms_meetings import AskForm
from publishing.models import Meeting, Question
from staff.throttle import key_for

PUBLIC = Stranger("somebody of the public")


def _not_there(request: HttpRequest, refusal: NotFound) -> HttpResponse:
    return render(request, "refusal_public.html", {"sentence": refusal.sentence, "status": 404}, status=404)


@open_to_all
@require_safe
@for_the_crowd
def meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """What it is about, who answers, what was asked and answered."""
    try:
        found = read.public_meeting(slug)
    except NotFound as refusal:
        return _not_there(request, refusal)
    questions = list(read.public_questions(found)[: read.MOST_SHOWN])
    return render(
        request,
        "publishing/public/meeting.html",
        {
            **_about(found),
            "officers": read.officers(found),
            "answered": [one for one in questions if one.state == Question.State.ANSWERED],
            "open": [one for one in questions if one.state != Question.State.ANSWERED],
        },
    )


def _about(found: Meeting) -> dict[str, object]:
    return {
        "meeting": found,
        "campaign": found.campaign,
        "takes": read.takes_questions(found),
        "opens_later": found.opens_at > clock.now(),
        "exercise": read.is_exercise(found.campaign),
    }


@open_to_all
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Somebody asks a question."""
    try:
        found = read.public_meeting(slug)
    except NotFound as refusal:
        return _not_there(request, refusal)
    form = AskForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.ask_publicly(
                    actor=PUBLIC,
                    meeting=found,
                    source_key=key_for("meeting", "", request.META.get("REMOTE_ADDR", "")),
                    **form.cleaned_data,
                )
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                return redirect("publishing_public:asked", slug=slug)
    return render(request, "publishing/public/ask.html", {**_about(found), "form": form}, status=status)


@open_to_all
@require_safe
@for_the_crowd
def asked(request: HttpRequest, slug: str) -> HttpResponse:
    """What happens with a question."""
    try:
        found = read.public_meeting(slug)
    except NotFound as refusal:
        return _not_there(request, refusal)
    return render(request, "publishing/public/asked.html", _about(found))


@open_to_all
@require_safe
@for_the_crowd
def transcript(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that was asked and answered, as text, once it is published."""
    try:
        found = read.public_meeting(slug)
        if found.transcript_at is None:
            raise NotFound("The transcript of this meeting is not published yet.")
    except NotFound as refusal:
        return _not_there(request, refusal)
    campaign = found.campaign
    lines = [
        *(["EXERCISE: this meeting was a training exercise.", ""] if read.is_exercise(campaign) else []),
        f"{settings.FORCE_NAME}: {campaign.name}",
        f"{clock.in_london(campaign.starts_at):%-d %B %Y, %H:%M} to {clock.in_london(campaign.ends_at):%H:%M}, London time",
        "",
    ]
    for number, one in enumerate(read.public_questions(found).filter(state=Question.State.ANSWERED), 1):
        who = f" ({one.shown_name})" if one.shown_name else ""
        lines += [f"{number}. {one.shown}{who}", "", f"{one.officer}: {one.answer}", ""]
    response = HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.slug}.txt"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
