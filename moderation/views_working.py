"""Around the queue: narrowing it, views under a name, passing a comment over, being seen at one, and places."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.queries import require_over_all
from core.errors import NotFound, Refused
from core.gate import needs
from core.refusals import show_refusal
from moderation import filters, forms_queue, queries, queries_working
from moderation.actions import desk, saved_views, working
from moderation.actions import places as naming
from moderation.models import SavedView
from staff.roles import Power

# Passing over, and who is here


@needs(Power.WORK_COMMENTS)
@require_POST
def skip(request: HttpRequest, pk: int) -> HttpResponse:
    """It is not offered to me again; with `then=next` the next one opens at once."""
    comment = queries.comment(request.user, pk)
    form = forms_queue.PassOver(request.POST)
    queue = request.POST.get("queue", "now")[: filters.MOST]
    back = f"{queries.address(comment)}?{urlencode({'queue': queue})}"
    if not form.is_valid():
        messages.error(request, next(iter(form.errors.values()))[0])
        return redirect(back)
    try:
        working.skip(actor=request.user, comment=comment, **form.cleaned_data)
    except NotFound:
        raise
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect(back)
    if request.POST.get("then") == "next":
        following = desk.pull_next(actor=request.user)
        if following is not None:
            return redirect(f"{queries.address(following)}?{urlencode({'queue': queue})}")
        messages.info(request, "Passed over. Nothing else waits that nobody has.")
    else:
        messages.info(request, "Passed over. It is not offered to you again.")
    return redirect(f"{reverse('moderation:desk')}?{urlencode({'queue': queue})}")


@needs(Power.SEE_COMMENTS)
@require_POST
def here(request: HttpRequest, pk: int) -> HttpResponse:
    """I have it open: who else has. 204 where the page knows that already."""
    comment = queries.comment(request.user, pk)
    working.note_here(actor=request.user, comment=comment, writing=request.POST.get("writing") == "1")
    others = queries_working.here(request.user, pk)
    known = ". ".join(one.says for one in others)
    if known == request.POST.get("known", ""):
        return HttpResponse(status=204)
    return render(request, "moderation/_here.html", {"others": others, "known": known})


# Narrowing the queue, and keeping that under a name


@needs(Power.SEE_COMMENTS)
@require_safe
def narrow(request: HttpRequest) -> HttpResponse:
    """By what the queue is narrowed. With `base` it leads to the queue itself."""
    if "base" in request.GET:
        form = forms_queue.Filter(request.GET, viewer=request.user)
        if form.is_valid():
            return redirect(f"{reverse('moderation:desk')}?{urlencode({'queue': form.slug()})}")
        return render(
            request, "moderation/narrow.html", {"form": form, "chosen": None, "whole": True}, status=422
        )
    chosen = queries.queue(request.user, request.GET.get("queue", ""))
    asked = chosen.asked or filters.read(chosen.slug) or filters.Asked("now")
    kind, _, value = asked.base.partition("-")
    parts = dict(asked.parts)
    base = asked.base
    if kind in filters.KEYS and value:  # "category-traffic" is everything open, narrowed to that
        base, parts = "open", {kind: value, **parts}
    form = forms_queue.Filter(initial={"base": base, **parts}, viewer=request.user)
    part = bool(getattr(request, "htmx", False))
    context = {"form": form, "chosen": chosen, "whole": not part}
    return render(request, "moderation/_narrow.html" if part else "moderation/narrow.html", context)


@needs(Power.SEE_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def views(request: HttpRequest) -> HttpResponse:
    """My views and those that colleagues share; a new one of the queue that I come from."""
    slug = (request.POST or request.GET).get("queue", "")[: filters.MOST]
    chosen = queries.queue(request.user, slug) if slug else None
    sharing = queries_working.sharing(request.user)
    form = forms_queue.SaveView(request.POST if request.method == "POST" else None, sharing=sharing)
    status = 200
    if request.method == "POST" and chosen is not None:
        if form.is_valid() and _done(
            request,
            form,
            lambda: saved_views.save_view(actor=request.user, slug=chosen.slug, **form.cleaned_data),
        ):
            messages.success(request, "Saved. It stands in the list of queues.")
            return redirect(f"{reverse('moderation:desk')}?{urlencode({'queue': chosen.slug})}")
        status = 422
    context = {"form": form, "chosen": chosen, "rows": _rows(request)}
    return render(request, "moderation/views.html", context, status=status)


@needs(Power.SEE_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def view(request: HttpRequest, pk: int) -> HttpResponse:
    """A view of mine: its name, and who has it."""
    found = queries_working.saved_view(request.user, pk)
    start = {
        "name": found.name,
        "shared": f"team-{found.team_id}" if found.shared == SavedView.Shared.TEAM else found.shared,
    }
    sharing = queries_working.sharing(request.user, found)
    form = forms_queue.SaveView(
        request.POST if request.method == "POST" else None, initial=start, sharing=sharing
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and _done(
            request,
            form,
            lambda: saved_views.change_view(actor=request.user, view=found, **form.cleaned_data),
        )
    ):
        messages.success(request, "Saved.")
        return redirect("moderation:views")
    return render(
        request, "moderation/view.html", {"form": form, "view": found}, status=422 if form.is_bound else 200
    )


@needs(Power.SEE_COMMENTS)
@require_POST
def remove_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The view goes from the lists."""
    found = queries_working.saved_view(request.user, pk)
    saved_views.remove_view(actor=request.user, view=found)
    messages.success(request, f"“{found.name}” is gone. The comments are where they were.")
    return redirect("moderation:views")


def _done(request: HttpRequest, form: Any, act: Any) -> bool:
    """Whether it was done; a refusal stands beside the field that it is about."""
    try:
        act()
    except NotFound:
        raise
    except Refused as refused:
        show_refusal(form, refused)
        return False
    return True


def _rows(request: HttpRequest) -> list[dict[str, Any]]:
    """Each view with what it shows, in words; one that leads nowhere for the viewer says so."""
    rows = []
    for one in queries_working.saved_views(request.user):
        try:
            title = queries.queue(request.user, one.slug).title
        except NotFound:
            title = ""
        rows.append(
            {
                "view": one,
                "title": title,
                "mine": one.owner_id == request.user.pk or queries.supervises(request.user),  # type: ignore[arg-type]
            }
        )
    return rows


# Places


@needs(Power.MANAGE_REGISTER)
@require_safe
def all_places(request: HttpRequest) -> HttpResponse:
    """Neighbourhoods, each with the names by which comments find their way there."""
    require_over_all(request.user, Power.MANAGE_REGISTER)
    return render(request, "moderation/places.html", {"rows": queries_working.neighbourhoods_with_places()})


@needs(Power.MANAGE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def places_of(request: HttpRequest, pk: int) -> HttpResponse:
    """The names of one neighbourhood's places; more of them, one a line."""
    require_over_all(request.user, Power.MANAGE_REGISTER)
    neighbourhood = queries_working.neighbourhood(pk)
    form = forms_queue.Places(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = naming.add_places(
                actor=request.user, neighbourhood=neighbourhood, names=form.cleaned_data["names"]
            )
        except Refused as refused:
            form.add_error("names", refused.sentence)
        else:
            count = len(made)
            messages.success(
                request,
                f"{count} added. Comments that name {'it' if count == 1 else 'them'} from now on stand in their queue too."
                if count
                else "They stood there already. Nothing was changed.",
            )
            return redirect("moderation:places_of", pk=pk)
    context = {
        "neighbourhood": neighbourhood,
        "form": form,
        "rows": queries_working.live_places(neighbourhood),
    }
    return render(request, "moderation/places_of.html", context, status=422 if form.is_bound else 200)


@needs(Power.MANAGE_REGISTER)
@require_POST
def withdraw_place(request: HttpRequest, pk: int) -> HttpResponse:
    """The name is not looked for any more."""
    require_over_all(request.user, Power.MANAGE_REGISTER)
    place = queries_working.place(pk)
    naming.withdraw_place(actor=request.user, place=place)
    messages.success(request, f"“{place.name}” is not looked for any more.")
    return redirect("moderation:places_of", pk=place.neighbourhood_id)
