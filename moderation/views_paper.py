"""A paper log as pages: tried first, then imported; what nobody has found yet, and leaving it with a reason."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.actions import record_reading
from core.downloads import as_table
from core.errors import Refused
from core.gate import needs
from core.refusals import show_refusal
from moderation import paper_log
from moderation.actions import paper as actions
from moderation.models import PaperLine
from staff.roles import Power

EXAMPLE = (
    "direction,official_account,at,who,words,link,approved_by\n"
    'out,x:wealdshirepolice,29/11/2026 14:05,PC Nair,"The A41 is shut at Mill Green.",,Sgt Okafor\n'
    'in,nextdoor:wealdshire-harrowfield,29/11/2026 14:20,jo_harrow,"Is the bridge open?",,\n'
)
"""What the form of the import looks like, filled in. Invented."""


class LogForm(forms.Form):
    """A file, or its lines as they were tried."""

    file = forms.FileField(
        label="CSV file",
        required=False,
        help_text="First row: direction, official_account, at, words, and if you have them who, link, approved_by. At most 500 lines.",
    )
    lines = forms.CharField(
        label="Or type the lines here",
        required=False,
        strip=False,
        max_length=paper_log.LARGEST_BYTES,
        widget=forms.Textarea(attrs={"rows": 6, "class": "mono", "spellcheck": "false"}),
    )

    def content(self) -> bytes:
        """What was given: the file where there is one."""
        given = self.cleaned_data.get("file")
        if given is not None:
            return given.read(paper_log.LARGEST_BYTES + 1)
        return str(self.cleaned_data.get("lines", "")).encode()

    def clean(self) -> dict[str, object]:
        read = super().clean() or {}
        if not read.get("file") and not str(read.get("lines") or "").strip():
            self.add_error("file", "Choose a file, or type the lines below.")
        return read


@needs(Power.REPLY)
@require_http_methods(["GET", "HEAD", "POST"])
def import_log(request: HttpRequest) -> HttpResponse:
    """First what would become of each line, with nothing changed; then, on a second press, so."""
    form = LogForm(request.POST or None, request.FILES or None)
    status, rows, given = 200, [], ""
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                content = form.content()
                rows = paper_log.read(request.user, content)
                if request.POST.get("do") == "import":
                    made = actions.import_log(actor=request.user, rows=rows)
                    messages.success(request, _said(made))
                    return redirect("moderation:paper_logs")
                paper_log.lay_beside(rows)
                status, given = 200, content.decode("utf-8-sig")
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
    return render(
        request,
        "moderation/paper_log.html",
        {
            "form": form,
            "rows": rows if status == 200 else [],
            "given": given,
            "new": sum(not row.known for row in rows),
            "waiting": sum(row.waits is not None for row in rows),
            "example": EXAMPLE,
        },
        status=status,
    )


def _said(made: actions.Imported) -> str:
    parts = [f"{made.new} lines kept" if made.new != 1 else "One line kept"]
    if made.found:
        parts.append(f"{made.found} found on the platform or in the outbox")
    if made.entered:
        parts.append(f"{made.entered} put into the queue")
    if made.known:
        parts.append(f"{made.known} known already and left alone")
    return ", ".join(parts) + "."


@needs(Power.REPLY)
@require_safe
def logs(request: HttpRequest) -> HttpResponse:
    """What nobody has found yet, and what became of the rest."""
    rows = paper_log.lines(request.user)
    still = [row for row in rows if row.state == PaperLine.State.OPEN]
    if shown := [row.pk for row in still if row.direction == PaperLine.Direction.IN]:
        record_reading(actor=request.user, event="paper.viewed", shown_ids=shown)
    return render(
        request,
        "moderation/paper_logs.html",
        {"still": still, "settled": [row for row in rows if row.state != PaperLine.State.OPEN]},
    )


@needs(Power.REPLY)
@require_POST
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """A person says what a line was that nobody finds."""
    row = paper_log.line(request.user, pk)
    try:
        actions.leave(actor=request.user, line=row, why=request.POST.get("why", ""))
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Left, with your reason.")
    return redirect("moderation:paper_logs")


@needs(Power.REPLY)
@require_safe
def template(request: HttpRequest) -> HttpResponseBase:
    """The columns, with a line of each kind filled in."""
    return as_table(EXAMPLE, "paper-log.csv")
