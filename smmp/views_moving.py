"""Moving in from another product: a file, its columns, what each row comes to, and taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from core.downloads import as_table
from core.errors import NotFound, Refused
from core.gate import fresh_to_change, needs
from core.refusals import show_refusal
from core.sheets import written
from smmp.actions import moving as actions
from smmp.forms_moving import FileForm, MappingForm
from smmp.models import Import
from smmp.moving import queries
from smmp.moving.kinds import KINDS
from staff.roles import Power

POWERS = (Power.MANAGE_STAFF, Power.SET_REPLIES, Power.PLAN_POSTS, Power.MANAGE_REGISTER)
"""Whoever holds one of them may bring something in."""
WORDS = {"new": "Comes in", "missing": "Not here", "known": "Here already", "refused": "Refused"}
MOST_SHOWN = 500


@needs(*POWERS)
@require_http_methods(["GET", "HEAD", "POST"])
def moving(request: HttpRequest) -> HttpResponse:
    """A file to read, and what one has read of late."""
    kinds = queries.kinds_for(request.user)
    asked = request.POST if request.method == "POST" else None
    form = FileForm(asked, request.FILES or None, kinds=kinds, initial={"kind": request.GET.get("kind", "")})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            came = [
                actions.Came(one.name or "", one.size or 0, lambda one=one: one.open("rb"))
                for one in form.cleaned_data["files"]
            ]
            try:
                kept = actions.read_files(
                    actor=request.user,
                    kind=form.cleaned_data["kind"],
                    product=form.cleaned_data["product"],
                    came=came,
                )
            except Refused as refusal:
                show_refusal(form, refusal)
                if getattr(refusal, "field", "") == "file":
                    form.errors["files"] = form.errors.pop("__all__")
                status = refusal.status
            else:
                return redirect("moving_one", pk=kept.pk)
    return render(
        request,
        "smmp/moving.html",
        {
            "form": form,
            "kinds": kinds,
            "imports": queries.imports(request.user),
            "mappings": queries.saved_mappings(request.user),
        },
        status=status,
    )


@fresh_to_change
@needs(*POWERS)
@require_http_methods(["GET", "HEAD", "POST"])
def moving_one(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: its columns, then what each row comes to, then that it is in, or was taken back."""
    kept = queries.one_import(request.user, pk)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    form = MappingForm(request.POST if do == "map" else None, kept=kept)
    status, refused = 200, ""
    if request.method == "POST":
        try:
            if do == "map":
                status = 422
                if form.is_valid():
                    actions.map_columns(actor=request.user, kept=kept, mapping=form.mapping())
                    return redirect("moving_one", pk=pk)
            elif do == "bring":
                actions.bring_in(actor=request.user, kept=kept)
                messages.success(request, "It is in. You can take it back until this time tomorrow.")
                return redirect("moving_one", pk=pk)
            elif do == "back":
                actions.take_back(actor=request.user, kept=kept)
                messages.success(request, "It was taken back. The same file can be brought in again.")
                return redirect("moving_one", pk=pk)
            else:
                raise NotFound("There is no such step. Reload the page.")
        except NotFound:
            raise
        except Refused as refusal:
            status = refusal.status
            if do == "map":
                show_refusal(form, refusal)
            else:
                refused = refusal.sentence
                kept = queries.one_import(request.user, pk)
    return render(request, "smmp/moving_one.html", _shown(request, kept, form, refused), status=status)


def _shown(request: HttpRequest, kept: Import, form: MappingForm, refused: str) -> dict[str, object]:
    only = request.GET.get("only", "")
    steps = [step for step in kept.steps if only not in WORDS or step["outcome"] == only]
    steps.sort(key=lambda step: (step["outcome"] != "refused", step["outcome"] != "missing", step["line"]))
    until = kept.undo_until
    return {
        "kept": kept,
        "says": KINDS[kept.kind].says,
        "form": form,
        "mapping": bool(kept.rows) and (not kept.fingerprint or "columns" in request.GET or form.is_bound),
        "sample": [[row.get(column, "") for column in kept.columns] for row in kept.rows[:3]],
        "steps": [{**step, "word": WORDS[step["outcome"]]} for step in steps[:MOST_SHOWN]],
        "left_out": max(0, len(steps) - MOST_SHOWN),
        "counts": [(key, word, kept.counts[key]) for key, word in WORDS.items() if kept.counts.get(key)],
        "only": only if only in WORDS else "",
        "total": sum(kept.counts.values()),
        "compares": kept.kind == Import.Kind.COMPARE,
        "may_bring": bool(kept.rows and kept.counts.get("new") and not kept.counts.get("refused")),
        "undo_until": until if until is not None and until > clock.now() else None,
        "refused": refused,
    }


@needs(*POWERS)
@require_safe
def moving_report(request: HttpRequest, pk: int) -> HttpResponse:
    """What each line came to, as a table to take away."""
    kept = queries.one_import(request.user, pk)
    rows = [
        (str(step["line"]), step["what"], WORDS[step["outcome"]], " ".join(step["words"]))
        for step in kept.steps
    ]
    return as_table(written(("line", "what", "comes to", "why"), rows), f"report-{kept.pk}.csv")


@needs(*POWERS)
@require_safe
def side_by_side(request: HttpRequest) -> HttpResponse:
    """How two products run side by side, and how one tells that this one misses nothing."""
    return render(request, "smmp/side_by_side.html", {"may_compare": _may_compare(request)})


def _may_compare(request: HttpRequest) -> bool:
    return any(kind == Import.Kind.COMPARE for kind, _, _ in queries.kinds_for(request.user))
