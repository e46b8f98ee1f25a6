"""Templates, holding statements, tags, series, pairs and versions of a post, as pages."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import NotValid, Refused
from core.gate import needs
from core.refusals import show_refusal
from core.typed import whole
from publishing import queries
from publishing import queries_library as library
from publishing.actions import options, pairing, series, templates
from publishing.actions import posts as post_actions
from publishing.forms_planning import FillForm, RepeatForm, TagForm, TemplateForm
from publishing.models import Post
from staff.roles import Power

# Templates and holding statements


@needs(Power.WRITE_POSTS)
@require_safe
def show_templates(request: HttpRequest) -> HttpResponse:
    """What to begin from: holding statements first, then templates; and what waits for approval."""
    found = library.templates(request.user)
    live = [one for one in found if one.approved_at is not None]
    return render(
        request,
        "publishing/templates.html",
        {
            "statements": [one for one in live if one.kind == "holding"],
            "templates": [one for one in live if one.kind == "template"],
            "waiting": [one for one in found if one.approved_at is None],
        },
    )


@needs(Power.PLAN_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def write_template(request: HttpRequest) -> HttpResponse:
    """A new template or holding statement, or the next version of one."""
    initial = {"kind": "template"}
    if named := whole(request.GET.get("from", "")):
        present = library.template(request.user, named)
        initial = {
            "kind": present.kind,
            "name": present.name,
            "use_when": present.use_when,
            "words": present.words,
        }
    form = TemplateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = templates.write_template(actor=request.user, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            waits = "" if made.approved_at else " It may be used when somebody else has approved it."
            messages.success(request, f"“{made.name}”, version {made.version}, is written.{waits}")
            return redirect("publishing:template", pk=made.pk)
    return render(
        request, "publishing/template_write.html", {"form": form}, status=422 if form.errors else 200
    )


@needs(Power.WRITE_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """One template with its blanks to fill; filling them makes a draft."""
    found = library.template(request.user, pk)
    accounts = queries.writable_accounts(request.user)
    form = FillForm(request.POST or None, blanks=templates.blanks_of(found.words), accounts=accounts)
    if request.method == "POST" and form.is_valid():
        try:
            post = templates.start_from(
                actor=request.user,
                template=found,
                fills=form.fills,
                account_ids=form.cleaned_data["accounts"],
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("publishing:compose_post", pk=post.pk)
    waits = found.approved_at is None and found.replaced_at is None
    return render(
        request,
        "publishing/template.html",
        {
            "template": found,
            "form": form,
            "in_use": found.approved_at is not None and found.replaced_at is None,
            "waits": waits,
            "may_approve": waits and library.statements_waiting(request.user).filter(pk=pk).exists(),
            "earlier": library.earlier_version(found),
        },
        status=422 if form.errors else 200,
    )


@needs(Power.PLAN_POSTS)
@require_POST
def template_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a holding statement, or take a template out."""
    found = library.template(request.user, pk)
    do = request.POST.get("do", "")
    if do == "approve":
        templates.approve_statement(actor=request.user, template=found)
        messages.success(request, "Approved. It may be used from now on.")
    elif do == "retire":
        templates.retire_template(actor=request.user, template=found)
        messages.success(request, "It is offered no more.")
        return redirect("publishing:templates")
    else:
        messages.error(request, "Choose what should happen to it.")
    return redirect("publishing:template", pk=pk)


# Hashtags and campaigns


@needs(Power.PLAN_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def tags(request: HttpRequest) -> HttpResponse:
    """The hashtags of the force, and the campaigns that posts can belong to."""
    form = TagForm(request.POST or None, initial={"kind": "hashtag"})
    if request.method == "POST" and form.is_valid():
        try:
            made = options.add_tag(actor=request.user, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{made.name} is there.")
            return redirect("publishing:tags")
    return render(
        request,
        "publishing/tags.html",
        {"tags": library.tags(request.user), "form": form},
        status=422 if form.errors else 200,
    )


@needs(Power.PLAN_POSTS)
@require_POST
def retire_tag(request: HttpRequest, pk: int) -> HttpResponse:
    """It is offered no more."""
    found = options.retire_tag(actor=request.user, tag=library.tag(request.user, pk))
    messages.success(request, f"{found.name} is offered no more. Posts that have it keep it.")
    return redirect("publishing:tags")


# Series


@needs(Power.SEE_POSTS)
@require_safe
def all_series(request: HttpRequest) -> HttpResponse:
    """What comes again."""
    return render(request, "publishing/all_series.html", {"series": library.all_series(request.user)})


@needs(Power.SEE_POSTS)
@require_safe
def one_series(request: HttpRequest, pk: int) -> HttpResponse:
    """One series: each occurrence, where it stands, and its end."""
    return _series_page(request, pk)


def _series_page(request: HttpRequest, pk: int, *, wrong: str = "") -> HttpResponse:
    found, posts = library.series(request.user, pk)
    return render(
        request,
        "publishing/series.html",
        {
            "series": found,
            "posts": posts,
            "drafts": sum(post.state == Post.State.DRAFT for post in posts),
            "may_write": request.user.has_perm(f"accounts.{Power.PLAN_POSTS}"),
            "wrong": wrong,
            "typed": request.POST.get("why", ""),
        },
        status=422 if wrong else 200,
    )


@needs(Power.PLAN_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def repeat(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a draft come again."""
    found = queries.post(request.user, pk)
    first = clock.in_london(found.publish_at or clock.now())
    initial = {
        "version": found.version,
        "every": "week",
        "weekdays": [first.weekday()],
        "at": first.strftime("%H:%M") if found.publish_at else "18:00",
        "first_on": first.date(),
    }
    form = RepeatForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        typed = dict(form.cleaned_data)
        seen = typed.pop("version")
        try:
            made = series.repeat_post(actor=request.user, post=found, version_seen=seen, **typed)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(
                request, "It comes again. Each is a draft of its own; send them for approval below."
            )
            return redirect("publishing:series", pk=made.pk)
    return render(
        request, "publishing/repeat.html", {"post": found, "form": form}, status=422 if form.errors else 200
    )


@needs(Power.PLAN_POSTS)
@require_POST
def series_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Send every draft of a series for approval, each by itself; or end it."""
    found, posts = library.series(request.user, pk)
    if request.POST.get("do") == "end":
        try:
            series.end_series(actor=request.user, series=found, why=request.POST.get("why", "")[:1000])
        except NotValid as refusal:
            return _series_page(request, pk, wrong=refusal.sentence)
        messages.success(request, "The series has ended. What had not gone out is withdrawn.")
        return redirect("publishing:series", pk=pk)
    sent = 0
    for post in posts:
        if post.state != Post.State.DRAFT:
            continue
        try:
            post_actions.submit_post(actor=request.user, post=post, version_seen=post.version)
            sent += 1
        except Refused as refusal:
            messages.error(request, f"{post.occurs_on:%-d %B}: {refusal.sentence}")
    if sent:
        messages.success(request, f"{sent} sent for approval, each by itself.")
    return redirect("publishing:series", pk=pk)


# Two languages


@needs(Power.WRITE_POSTS)
@require_POST
def pair(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the same post in the other language."""
    made = pairing.write_pair(
        actor=request.user,
        post=queries.post(request.user, pk),
        version_seen=whole(request.POST.get("version", "")) or 0,
        language=request.POST.get("language", "")[:2],
    )
    messages.success(request, f"Now write the {made.get_language_display()} words. Both go out together.")
    return redirect("publishing:compose_post", pk=made.pk)


@needs(Power.WRITE_POSTS)
@require_POST
def part(request: HttpRequest, pk: int) -> HttpResponse:
    """Each of a pair stands by itself again."""
    pairing.part_pair(
        actor=request.user,
        post=queries.post(request.user, pk),
        version_seen=whole(request.POST.get("version", "")) or 0,
    )
    messages.success(request, "Parted. Each goes its own way now.")
    return redirect("publishing:post", pk=pk)


# Versions


@needs(Power.SEE_POSTS, Power.WRITE_POSTS)
@require_safe
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Two versions of a post laid beside each other: words, time, pictures, everything."""
    found = queries.post(request.user, pk)
    kept = library.versions(found)
    by_number = {change.version: change for change in kept}
    later = by_number.get(whole(request.GET.get("to", "")) or 0) or (kept[0] if kept else None)
    before = by_number.get(whole(request.GET.get("from", "")) or 0)
    if later is not None and (before is None or before.version >= later.version):
        before = next((change for change in kept if change.version < later.version), None)
    lines = library.differences(request.user, found, before, later) if before and later else []
    return render(
        request,
        "publishing/versions.html",
        {
            "post": found,
            "kept": kept,
            "before": before,
            "later": later,
            "changed": [line for line in lines if not line.same],
            "same": [line for line in lines if line.same],
        },
    )
