"""Policies and playbooks that are read and confirmed, and who is trained: what somebody needs before they publish."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import posting
from accounts.actions import posting as actions
from accounts.forms_posting import CourseForm, PageForm, TrainingFileForm, TrainingForm, VersionForm
from core.downloads import as_table
from core.errors import ChangedSinceSeen, NotFound, Refused
from core.gate import needs, signed_in
from core.refusals import show_refusal, show_refusal_on_page
from core.typed import whole
from staff.roles import Power


@signed_in
@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """Every policy and playbook, what the viewer has read, and what they lack to publish."""
    viewer = request.user
    return render(
        request,
        "accounts/policies.html",
        {
            "pages": posting.pages(viewer),
            "lapses": posting.lapses(viewer),
            "trainings": posting.own_trainings(viewer),
            "may_set": posting.may_set(viewer),
        },
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """One page, its versions, and the button that says that it is read; `?version=` an earlier one."""
    page = posting.page(request.user, pk)
    status, refused = 200, ""
    if request.method == "POST":
        try:
            if request.POST.get("do") == "end":
                actions.end_page(actor=request.user, page=page)
                messages.success(request, f"“{page}” holds no longer.")
                return redirect("accounts:policies")
            actions.confirm_reading(
                actor=request.user, page=page, seen=whole(request.POST.get("seen", "")) or 0
            )
            messages.success(request, f"You have confirmed that you read “{page}”.")
            return redirect("accounts:policies")
        except ChangedSinceSeen as refusal:
            status, refused = refusal.status, refusal.sentence
    rows = posting.versions(request.user, page)
    number = whole(request.GET.get("version", "")) or rows[0][0].number
    shown = next((row for row in rows if row[0].number == number), None)
    if shown is None:
        raise NotFound("There is no such version.")
    may_set = posting.may_set(request.user)
    return render(
        request,
        "accounts/policy.html",
        {
            "page": page,
            "version": shown[0],
            "read_at": shown[1],
            "latest": rows[0][0],
            "rows": rows,
            "may_set": may_set,
            "readers": posting.readers(page) if may_set else None,
            "refused": refused,
        },
        status=status,
    )


@needs(Power.SET_POLICIES)
@require_http_methods(["GET", "HEAD", "POST"])
def write_page(request: HttpRequest) -> HttpResponse:
    """A new policy or playbook."""
    form = PageForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                page = actions.publish_page(actor=request.user, **form.cleaned_data)
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                messages.success(request, "It holds. Everybody who publishes is asked to read it.")
                return redirect("accounts:policy", pk=page.pk)
    return render(request, "accounts/write_policy.html", {"form": form, "page": None}, status=status)


@needs(Power.SET_POLICIES)
@require_http_methods(["GET", "HEAD", "POST"])
def write_version(request: HttpRequest, pk: int) -> HttpResponse:
    """The next version of a page."""
    page = posting.page(request.user, pk)
    latest = posting.versions(request.user, page)[0][0]
    form = VersionForm(
        request.POST if request.method == "POST" else None,
        initial={"seen": latest.number, "text": latest.text},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.publish_version(actor=request.user, page=page, **form.cleaned_data)
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                messages.success(request, "It holds. Everybody who publishes is asked to read it anew.")
                return redirect("accounts:policy", pk=page.pk)
    return render(request, "accounts/write_policy.html", {"form": form, "page": page}, status=status)


@needs(Power.SET_POLICIES)
@require_http_methods(["GET", "HEAD", "POST"])
def training(request: HttpRequest) -> HttpResponse:
    """Who may publish and what they lack; courses that are asked for; what was recorded."""
    do = request.POST.get("do", "") if request.method == "POST" else ""
    note = TrainingForm(request.POST if do == "note" else None, viewer=request.user)
    course = CourseForm(request.POST if do == "ask" else None)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if said := _change(request, do, note, course):
                messages.success(request, said)
                return redirect("accounts:training")
        except NotFound:
            raise
        except Refused as refusal:
            status = refusal.status
            show_refusal_on_page(request, refusal, note, course)
    rows = posting.standing(request.user)
    return render(
        request,
        "accounts/training.html",
        {
            "rows": rows,
            "kept_back": sum(any(one.blocks for one in lacks) for _, lacks in rows),
            "lacking": sum(bool(lacks) for _, lacks in rows),
            "courses": posting.courses(request.user),
            "trainings": posting.trainings(request.user),
            "note": note,
            "course_form": course,
        },
        status=status,
    )


def _change(request: HttpRequest, do: str, note: TrainingForm, course: CourseForm) -> str:
    """What was done, in a sentence; empty where the form has to be mended."""
    if do == "note" and note.is_valid():
        row = actions.note_training(actor=request.user, **note.cleaned_data)
        return f"It is recorded, and counts until {row.counts_until:%-d %B %Y}."
    if do == "ask" and course.is_valid():
        actions.ask_for_course(actor=request.user, **course.cleaned_data)
        return "It is asked for. Whoever lacks it is warned for 14 days."
    chosen = whole(request.POST.get("row", "")) or 0
    if do == "end":
        actions.end_course(actor=request.user, course=posting.course(request.user, chosen))
        return "It is asked for no longer."
    if do == "strike":
        actions.strike_training(actor=request.user, training=posting.training(request.user, chosen))
        return "It is struck out and counts no longer."
    return ""


@needs(Power.SET_POLICIES)
@require_safe
def training_template(request: HttpRequest) -> HttpResponse:
    """A file to begin from."""
    return as_table(posting.template(), "training.csv")


@needs(Power.SET_POLICIES)
@require_http_methods(["GET", "HEAD", "POST"])
def training_list(request: HttpRequest) -> HttpResponse:
    """A file of trainings: what each line comes to, then all of them or none."""
    text = request.POST.get("content", "")
    form = TrainingFileForm(request.POST or None, request.FILES or None)
    shown: dict[str, object] = {"columns": posting.COLUMNS}
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if text:
                count = actions.note_list(
                    actor=request.user, content=text.encode(), name=request.POST.get("name", "")[:120]
                )
                messages.success(request, f"{count} trainings are recorded.")
                return redirect("accounts:training")
            if form.is_valid():
                file = form.cleaned_data["file"]
                content = file.read(posting.imports.LARGEST_BYTES + 1)
                rows = posting.plan(content, actor=request.user)
                refused = sum(bool(row.wrong) for row in rows)
                shown |= {
                    "rows": sorted(rows, key=lambda row: (not row.wrong, row.line)),
                    "refused": refused,
                    "content": "" if refused else content.decode("utf-8-sig"),
                    "name": file.name[:120],
                }
                status = 200
        except Refused as refusal:
            form = TrainingFileForm() if text else form
            if text:
                messages.error(request, refusal.sentence)
            else:
                form.add_error(None, refusal.sentence)
            status = refusal.status
    return render(request, "accounts/training_list.html", {**shown, "form": form}, status=status)
