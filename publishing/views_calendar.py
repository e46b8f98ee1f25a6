"""The content calendar as pages: month, week, list; moving a post; addresses for other calendar programs."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import NotValid
from core.gate import needs, open_to_all
from core.refusals import show_refusal
from core.templatetags.show import london_clock
from core.typed import whole
from publishing import icalendar, queries, times
from publishing import queries_calendar as calendar
from publishing.actions import planning
from publishing.forms_planning import FeedForm, MoveForm
from publishing.models import Post
from staff.roles import Power

VIEWS = [("month", "Month"), ("week", "Week"), ("list", "List")]


@needs(Power.SEE_POSTS)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What goes out when, on the official accounts that the viewer may see."""
    view = request.GET.get("view", "month")
    view = view if view in dict(VIEWS) else "month"
    on = _date(request.GET.get("on", "")) or clock.today()
    only = _only(request)
    found = calendar.choices(request.user)
    address = reverse("publishing:calendar")
    may_write = request.user.has_perm(f"accounts.{Power.WRITE_POSTS}")

    def at(day: date, other: str = view) -> str:
        return f"{address}?view={other}&on={day.isoformat()}{only.query}"

    context = {
        "view": view,
        "views": [(slug, name, at(on, slug)) for slug, name in VIEWS],
        "on": on,
        "only": only,
        "choices": found,
        "narrowed": only != calendar.Only(),
        "without_time": calendar.without_time(found, only),
        "today": at(clock.today()),
        "only_query": only.query,
        "may_write": may_write,
        "here": request.get_full_path(),
    }
    if view == "list":
        context |= _list(request, found, only, on)
    else:
        context |= _grid(found, only, on, view, may_write=may_write)
        context["earlier"], context["later"] = at(context["before"]), at(context["after"])
    return render(request, "publishing/calendar.html", context)


def _dress(days: list[calendar.Day], *, may_write: bool) -> None:
    """What each post reads as in its day, made here: a month has a hundred of them, and a template is slow at that."""
    page, move = (reverse(f"publishing:{name}", args=[0]).partition("/0/") for name in ("post", "move"))
    for day in days:
        for post in day.posts:
            names = [account.name for account in post.on]  # type: ignore[attr-defined]
            more = f" and {len(names) - 2} more" if len(names) > 2 else ""
            says = [
                post.get_state_display(),
                *(["series"] if post.series_id else []),
                *(["Welsh"] if post.language == Post.Language.WELSH else []),
                f"{', '.join(names[:2])}{more}",
            ]
            post.says = " · ".join(says)  # type: ignore[attr-defined]
            post.clock = london_clock(post.when)  # type: ignore[attr-defined]
            post.address = f"{page[0]}/{post.pk}/{page[2]}"  # type: ignore[attr-defined]
            moves = may_write and post.moves  # type: ignore[attr-defined]
            post.move_address = f"{move[0]}/{post.pk}/{move[2]}" if moves else ""  # type: ignore[attr-defined]


def _grid(
    found: calendar.Choices, only: calendar.Only, on: date, view: str, *, may_write: bool
) -> dict[str, object]:
    if view == "week":
        first, count = on - timedelta(days=on.weekday()), 7
        before, after = first - timedelta(days=7), first + timedelta(days=7)
        last = first + timedelta(days=6)
        title = f"{first.day} {first:%B}{f' {first:%Y}' if first.year != last.year else ''} to {last.day} {last:%B %Y}"
        most, month = calendar.IN_A_WEEK, None
    else:
        begins = on.replace(day=1)
        first = begins - timedelta(days=begins.weekday())
        after, before = clock.add_months(begins, 1), clock.add_months(begins, -1)
        count = -(-(after - first).days // 7) * 7
        title, most, month = f"{on:%B %Y}", calendar.IN_A_MONTH, begins.month
    days = calendar.days(found, only, first=first, count=count, most=most, month=month)
    _dress(days, may_write=may_write)
    return {
        "title": title,
        "weeks": [days[start : start + 7] for start in range(0, count, 7)],
        "gaps": calendar.gaps(found, only, first=first, count=count),
        "clashing": sum(post.clashes for day in days for post in day.posts),
        "empty": not any(day.count for day in days),
        "before": before,
        "after": after,
    }


def _list(request: HttpRequest, found: calendar.Choices, only: calendar.Only, on: date) -> dict[str, object]:
    day_alone = request.GET.get("days") == "1"
    after = _after(request.GET.get("after", ""))
    until = on + timedelta(days=1) if day_alone else None
    posts = calendar.listed(found, only, since=on, until=until, after=after)
    shown = posts[: calendar.PAGE_LENGTH]
    later = ""
    if len(posts) > len(shown):
        last = shown[-1]
        place = f"{last.when.timestamp():.6f}~{last.pk}"
        days = "&days=1" if day_alone else ""
        later = f"?view=list&on={on.isoformat()}{days}{only.query}&after={place}"
    return {
        "title": f"{on.day} {on:%B %Y}" if day_alone else f"From {on.day} {on:%B %Y}",
        "posts": shown,
        "empty": not shown,
        "later": later,
        "clashing": sum(post.clashes for post in shown),
    }


def _only(request: HttpRequest) -> calendar.Only:
    return calendar.Only(*(whole(request.GET.get(name, "")) for name in calendar.Only.__dataclass_fields__))


def _date(text: str) -> date | None:
    with contextlib.suppress(ValueError):
        day = date.fromisoformat(text)
        return day if 2000 <= day.year <= 2100 else None
    return None


def _after(text: str) -> tuple[datetime, int] | None:
    stamp, _, pk = text.partition("~")
    with contextlib.suppress(ValueError, OverflowError, OSError):
        number = whole(pk)
        return (datetime.fromtimestamp(float(stamp), tz=clock.LONDON), number) if number else None
    return None


@needs(Power.WRITE_POSTS)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Another day or time for a post, from the calendar or from its own page."""
    found = queries.post(request.user, pk)
    form = MoveForm(request.POST)
    try:
        if not form.is_valid():
            raise NotValid("Give the day and the time as London shows them.")
        moved = planning.move_post(
            actor=request.user,
            post=found,
            version_seen=form.cleaned_data["version"] or 0,
            publish_at=form.instant(found.publish_at),
        )
    except NotValid as refusal:
        messages.error(request, f"“{found.title}” stays where it is. {refusal.sentence}")
    else:
        again = " It waits for approval again." if moved.state == "submitted" else ""
        where = times.in_words(moved.publish_at) if moved.publish_at else "on approval"
        messages.success(request, f"“{moved.title}” goes out {where}.{again}")
    return redirect(_back(request, reverse("publishing:post", args=[pk])))


def _back(request: HttpRequest, otherwise: str) -> str:
    """Where the person came from within publishing, else the other address."""
    back = request.POST.get("back", "")[:1000]
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith(
        reverse("publishing:calendar")
    ):
        return back
    return otherwise


@needs(Power.SEE_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def feeds(request: HttpRequest) -> HttpResponse:
    """One's own secret addresses for calendar programs. A new one is shown once."""
    found = calendar.choices(request.user)
    form = FeedForm(request.POST or None, choices=found)
    address = ""
    if request.method == "POST" and form.is_valid():
        account, team, place = calendar.narrowing(found, form.only)
        try:
            _, token = planning.make_feed(
                actor=request.user,
                name=form.cleaned_data["name"],
                official_account=account,
                team=team,
                neighbourhood=place,
            )
            address = settings.PUBLIC_ADDRESS + reverse("publishing:feed", args=[token])
            form = FeedForm(None, choices=found)
        except NotValid as refusal:
            show_refusal(form, refusal)
    return render(
        request,
        "publishing/feeds.html",
        {"feeds": calendar.feeds(request.user), "form": form, "address": address},
        status=422 if form.errors else 200,
    )


@needs(Power.SEE_POSTS)
@require_POST
def revoke_feed(request: HttpRequest, pk: int) -> HttpResponse:
    """The address answers nobody any more."""
    planning.revoke_feed(actor=request.user, feed=calendar.feed(request.user, pk))
    messages.success(request, "Revoked. Programs that use this address get nothing any more.")
    return redirect("publishing:feeds")


@open_to_all
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """What a calendar program gets for a secret address: titles, times and official accounts, no words of a post."""
    found = calendar.feed_by_token(token)
    host = urlsplit(settings.PUBLIC_ADDRESS).hostname or "localhost"
    body = icalendar.calendar(
        calendar.of_feed(found),
        name=f"{settings.FORCE_NAME}: {found.name}",
        host=host,
        page_of=lambda post: settings.PUBLIC_ADDRESS + reverse("publishing:post", args=[post.pk]),
        now=clock.now(),
    )
    planning.note_feed_read(feed=found)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="posts.ics"'
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
