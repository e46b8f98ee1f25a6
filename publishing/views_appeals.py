"""Public appeals as pages: the list, one with all its steps, and what pictures somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.queries import people_with
from core import clock
from core.errors import NotValid
from core.gate import needs
from core.refusals import show_refusal
from core.typed import whole
from media.actions import store_image
from media.queries import link_for
from publishing import queries, queries_appeals
from publishing.actions import appeals as actions
from publishing.actions import shown as shown_actions
from publishing.actions import take_downs
from publishing.appeal_facts import Facts
from publishing.forms_appeals import (
    AppealForm,
    CloseForm,
    LongerForm,
    LookForm,
    PictureForm,
    ReviewForm,
    WriteForm,
)
from publishing.models import Appeal, TakeDown
from publishing.workflow import APPEAL
from staff.roles import Power

MISSING_PICTURE = "Choose a picture file first."


@needs(Power.SEE_POSTS)
@require_safe
def appeals(request: HttpRequest) -> HttpResponse:
    """Every appeal that the viewer may see: those that stand or come down, or those that are over."""
    which = "over" if request.GET.get("which") == "over" else "open"
    found = queries_appeals.page_of_appeals(
        request.user, which=which, before=whole(request.GET.get("before", ""))
    )
    shown = found[: queries_appeals.PAGE_LENGTH]
    older = f"?which={which}&before={shown[-1].pk}" if len(found) > len(shown) else ""
    return render(
        request,
        "publishing/appeals.html",
        {
            "appeals": shown,
            "which": which,
            "older": older,
            "today": clock.today(),
            "may_write": request.user.has_perm(f"accounts.{Power.PLAN_POSTS}"),
        },
    )


@needs(Power.PLAN_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def open_appeal(request: HttpRequest) -> HttpResponse:
    """Write down a new appeal."""
    accounts = queries.writable_accounts(request.user)
    form = AppealForm(
        request.POST if request.method == "POST" else None,
        accounts=accounts,
        owners=people_with(Power.PLAN_POSTS),
        initial={
            "owner": request.user.pk,
            "review_on": clock.today() + timedelta(days=7),
            "accounts": [accounts[0].pk] if len(accounts) == 1 else [],
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.open_appeal(
                actor=request.user,
                kind=form.cleaned_data["kind"],
                facts=form.facts,
                account_ids=form.cleaned_data["accounts"],
                owner=form.chosen_owner,
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{made.reference} is there. Add a picture, then write its post.")
            return redirect("publishing:appeal", pk=made.pk)
    return render(request, "publishing/appeal_write.html", {"form": form}, status=422 if form.errors else 200)


@needs(Power.PLAN_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def change_appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is written down of one."""
    found = queries_appeals.appeal(request.user, pk)
    initial = {name: getattr(found, name) for name in Facts.__dataclass_fields__}
    form = AppealForm(
        request.POST if request.method == "POST" else None,
        accounts=queries.writable_accounts(request.user),
        owners=people_with(Power.PLAN_POSTS),
        of=found,
        initial={
            **initial,
            "version": found.version,
            "owner": found.owner_id,
            "accounts": queries_appeals.account_ids_of(found),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_appeal(
                actor=request.user,
                appeal=found,
                version_seen=form.cleaned_data["version"] or 0,
                facts=form.facts,
                account_ids=form.cleaned_data["accounts"],
                owner=form.chosen_owner,
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "Kept. What went out already stays as it is.")
            return redirect("publishing:appeal", pk=pk)
    return render(
        request,
        "publishing/appeal_write.html",
        {"form": form, "appeal": found},
        status=422 if form.errors else 200,
    )


@needs(Power.SEE_POSTS)
@require_safe
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """One appeal: where it stands, what is due, and the next step."""
    return _page(request, queries_appeals.appeal(request.user, pk))


@needs(Power.PLAN_POSTS)
@require_POST
def appeal_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Add or remove a picture, write its post, review it, close it, close its file."""
    found = queries_appeals.appeal(request.user, pk)
    step = STEPS.get(request.POST.get("do", ""))
    if step is None:
        messages.error(request, "Choose what should happen to it.")
        return redirect("publishing:appeal", pk=pk)
    return step(request, found)


def _add_picture(request: HttpRequest, found: Appeal) -> HttpResponse:
    form = PictureForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            upload = form.cleaned_data["picture"]
            if not upload:
                raise NotValid(MISSING_PICTURE, field="picture")
            if not form.cleaned_data["alt_text"].strip():
                raise NotValid(
                    "Describe the picture for people who cannot see it, then choose the file again.",
                    field="alt_text",
                )
            actions.add_picture(
                actor=request.user,
                appeal=found,
                file=store_image(actor=request.user, upload=upload, name=upload.name),
                alt_text=form.cleaned_data["alt_text"],
                down_on=form.cleaned_data["down_on"],
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "The picture is there. It is in the posts that you write from now on.")
            return redirect("publishing:appeal", pk=found.pk)
    return _page(request, found, picture_form=form)


def _remove_picture(request: HttpRequest, found: Appeal) -> HttpResponse:
    picture = whole(request.POST.get("picture", "")) or 0
    actions.remove_picture(actor=request.user, appeal=found, picture_id=picture)
    messages.success(request, "Removed. Posts that have it keep it until they come down.")
    return redirect("publishing:appeal", pk=found.pk)


def _write(request: HttpRequest, found: Appeal) -> HttpResponse:
    form = WriteForm(request.POST)
    if form.is_valid():
        try:
            post = actions.write_post(actor=request.user, appeal=found, words=form.cleaned_data["words"])
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(
                request, "A draft on each official account. Answer the checks, then send it for approval."
            )
            return redirect("publishing:compose_post", pk=post.pk)
    return _page(request, found, write_form=form)


def _review(request: HttpRequest, found: Appeal) -> HttpResponse:
    form = ReviewForm(request.POST)
    if form.is_valid():
        try:
            actions.review(actor=request.user, appeal=found, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "Reviewed. It stands until then.")
            return redirect("publishing:appeal", pk=found.pk)
    return _page(request, found, review_form=form)


def _close(request: HttpRequest, found: Appeal) -> HttpResponse:
    form = CloseForm(request.POST)
    if form.is_valid():
        try:
            actions.close_appeal(actor=request.user, appeal=found, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(
                request,
                "It is over. Each channel is taken down and read back; this page shows how far it is.",
            )
            return redirect("publishing:appeal", pk=found.pk)
    return _page(request, found, close_form=form)


def _end(request: HttpRequest, found: Appeal) -> HttpResponse:
    actions.end_appeal(actor=request.user, appeal=found)
    messages.success(request, "The file is closed. It is kept as long as its record class says.")
    return redirect("publishing:appeal", pk=found.pk)


STEPS = {
    "picture": _add_picture,
    "remove-picture": _remove_picture,
    "write": _write,
    "review": _review,
    "close": _close,
    "end": _end,
}


def _page(request: HttpRequest, found: Appeal, **forms: Form) -> HttpResponse:
    may = queries_appeals.may_write(request.user, found)
    wrong = any(form.errors for form in forms.values())
    shown: dict[str, Any] = {
        "appeal": found,
        "may_write": may,
        "may_edit": may and APPEAL.allows(found.state, "edit"),
        "may_review": may and APPEAL.allows(found.state, "review"),
        "may_close": may and (APPEAL.allows(found.state, "close") or APPEAL.allows(found.state, "abandon")),
        "may_end": may and APPEAL.allows(found.state, "end"),
        "on": queries_appeals.accounts_of(found),
        "pictures": [
            {"picture": picture, "address": link_for(picture.file, request.user)}
            for picture in queries_appeals.pictures(found).select_related("file")
        ],
        "posts": queries_appeals.posts_of(request.user, found),
        "take_downs": queries_appeals.take_downs(found),
        "changes": queries_appeals.changes(found),
        "overdue": found.state == Appeal.State.REVIEW and found.review_on < clock.today(),
        "picture_form": PictureForm(initial={"down_on": clock.today() + timedelta(days=28)}),
        "write_form": WriteForm(),
        "review_form": ReviewForm(initial={"review_on": clock.today() + timedelta(days=7)}),
        "close_form": CloseForm(),
        **forms,
    }
    if "look_form" in shown:
        shown["look_pk"] = shown["look_form"].of
    return render(request, "publishing/appeal.html", shown, status=422 if wrong else 200)


@needs(Power.PLAN_POSTS)
@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody did it by hand, looked, and says so."""
    row = queries_appeals.take_down(request.user, pk)
    form = LookForm(request.POST)
    if form.is_valid():
        try:
            take_downs.look(actor=request.user, take_down=row, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "Noted. Where the platform can be read, it is read back as well.")
            return _back(row)
    form.of = pk  # type: ignore[attr-defined]
    if row.appeal is not None:
        return _page(request, queries_appeals.appeal(request.user, row.appeal_id or 0), look_form=form)
    return _shown_page(request, look_form=form)


def _back(row: TakeDown) -> HttpResponse:
    if row.appeal_id is not None:
        return redirect("publishing:appeal", pk=row.appeal_id)
    return redirect("publishing:shown")


@needs(Power.SEE_POSTS)
@require_safe
def shown(request: HttpRequest) -> HttpResponse:
    """Posts that picture somebody, the next to come down first."""
    return _shown_page(request)


@needs(Power.APPROVE_POSTS)
@require_POST
def show_longer(request: HttpRequest, pk: int) -> HttpResponse:
    """An approver lets one stand longer, for a reason."""
    post = queries.post(request.user, pk)
    form = LongerForm(request.POST)
    if form.is_valid():
        try:
            shown_actions.show_longer(actor=request.user, post=post, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "It stands until then.")
            return redirect("publishing:shown")
    form.of = pk  # type: ignore[attr-defined]
    return _shown_page(request, longer_form=form)


def _shown_page(request: HttpRequest, **forms: Form) -> HttpResponse:
    over = request.GET.get("which") == "over"
    wrong = any(form.errors for form in forms.values())
    return render(
        request,
        "publishing/shown.html",
        {
            "lines": queries_appeals.shown(request.user, over=over),
            "which": "over" if over else "open",
            "may_write": request.user.has_perm(f"accounts.{Power.PLAN_POSTS}"),
            "today": clock.today(),
            "look_pk": getattr(forms.get("look_form"), "of", None),
            "longer_pk": getattr(forms.get("longer_form"), "of", None),
            **forms,
        },
        status=422 if wrong else 200,
    )
