"""Pictures that came with comments: shown anew, taken as exhibits, sealed, and opened by those who may."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.downloads import shown_apart
from core.errors import NotFound, NotValid, Refused
from core.gate import fresh, needs, stays_inside
from media import queries as media
from media.models import SealedFile
from moderation import attachments as kept
from moderation import forms, queries
from moderation.actions import attachments
from staff.roles import Power


@needs(Power.SEE_COMMENTS)
@require_safe
def attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """A picture made anew from the sealed original, kept by nobody on the way."""
    row = kept.one(request.user, pk)
    if row.file is None:
        raise NotFound("It was not kept, so it cannot be shown.")
    response = _picture(row.file)
    attachments.note_viewed(actor=request.user, attachment=row)
    return response


@needs(Power.ACKNOWLEDGE_CASES)
@fresh
@stays_inside
@require_http_methods(["GET", "HEAD", "POST"])
def exhibit(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as it was received leaves as an exhibit, for somebody who is named."""
    row = kept.one(request.user, pk, Power.ACKNOWLEDGE_CASES)
    form = forms.Exhibit(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if row.file is None:
                raise NotFound("It was not kept, so there is nothing to take.")
            content = media.received(row.file)
            attachments.take_exhibit(actor=request.user, attachment=row, to=form.cleaned_data["to"])
            response = HttpResponse(content, content_type="application/octet-stream")
            response["Content-Disposition"] = f'attachment; filename="exhibit-{row.file.sha256[:16]}"'
            return _guarded(response)
    return render(request, "moderation/exhibit.html", {"row": row, "form": form}, status=status)


@needs(Power.SEE_COMMENTS)
@require_POST
def seal(request: HttpRequest, pk: int) -> HttpResponse:
    """What came with the comment may be an indecent image of a child: nobody sees it from now on."""
    comment = queries.comment(request.user, pk)
    try:
        attachments.seal(actor=request.user, comment=comment)
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(
            request,
            "Sealed. Nobody here can see it, you neither, and the online child abuse team has been told. "
            "Do not look at it on the platform and do not copy it anywhere.",
        )
    return redirect(queries.address(comment))


@needs(Power.OPEN_SEALED)
@require_safe
def sealed(request: HttpRequest) -> HttpResponse:
    """What is sealed and what was, without a picture and without a word of the public."""
    return render(request, "moderation/sealed.html", {"seals": kept.seals(request.user)})


@needs(Power.OPEN_SEALED)
@require_safe
def sealed_one(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: where it came from, and the two things that can be done."""
    return _sealed_one(request, pk)


@needs(Power.OPEN_SEALED)
@fresh
@stays_inside
@require_POST
def open_sealed(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture itself, once, for a reason that stands in the trail before it is shown."""
    row = kept.one_seal(request.user, pk)
    form = forms.OpenSealed(request.POST)
    if not form.is_valid():
        return _sealed_one(request, pk, opening=form, status=422)
    if row.attachment.file is None:
        raise NotFound("It was not fetched, or not yet, so there is nothing to open.")
    response = _picture(row.attachment.file)
    attachments.open_sealed(actor=request.user, child_seal=row, why=form.cleaned_data["why"])
    return response


@needs(Power.OPEN_SEALED)
@fresh
@require_POST
def lift_seal(request: HttpRequest, pk: int) -> HttpResponse:
    """It is no such image: the desk sees it again."""
    row = kept.one_seal(request.user, pk)
    form = forms.LiftSeal(request.POST)
    if not form.is_valid():
        return _sealed_one(request, pk, lifting=form, status=422)
    attachments.lift_seal(actor=request.user, child_seal=row, why=form.cleaned_data["lift_why"])
    messages.success(request, "The seal is lifted. The desk sees the picture again.")
    return redirect("moderation:sealed")


def _sealed_one(
    request: HttpRequest,
    pk: int,
    *,
    opening: forms.OpenSealed | None = None,
    lifting: forms.LiftSeal | None = None,
    status: int = 200,
) -> HttpResponse:
    row = kept.one_seal(request.user, pk)
    context = {
        "row": row,
        "opening": opening or forms.OpenSealed(),
        "lifting": lifting or forms.LiftSeal(),
    }
    return render(request, "moderation/sealed_one.html", context, status=status)


def _picture(file: SealedFile) -> HttpResponse:
    try:
        picture = media.shown(file)
    except NotValid:
        raise NotFound(
            "This picture cannot be shown safely: it is broken, too large or of a kind that is not opened."
        ) from None
    return shown_apart(picture.content, picture.content_type)


def _guarded(response: HttpResponse) -> HttpResponse:
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
