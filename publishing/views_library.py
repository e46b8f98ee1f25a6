"""The media library as pages: find, add, look at one with its uses, use it in a post, take it out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import NotValid
from core.gate import needs
from core.refusals import show_refusal
from core.typed import whole
from media.actions import store_image, store_video
from media.queries import is_video, link_for
from publishing import captions, queries
from publishing import queries_library as library
from publishing.actions import media as media_actions
from publishing.forms_planning import AssetForm
from publishing.models import Asset
from staff.roles import Power


@needs(Power.WRITE_POSTS, Power.SEE_POSTS)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The library, the newest first; with a post in hand each can be used in it."""
    words = request.GET.get("q", "")[:100]
    which = "ended" if request.GET.get("which") == "ended" else "usable"
    post = _post_in_hand(request, request.GET.get("for", ""))
    found = library.assets(
        request.user, words=words, which=which, before=whole(request.GET.get("before", ""))
    )
    shown = found[: library.PAGE_LENGTH]
    address = f"?which={which}&q={words}{f'&for={post.pk}' if post else ''}"
    return render(
        request,
        "publishing/library.html",
        {
            "assets": [_as_shown(request, one) for one in shown],
            "words": words,
            "which": which,
            "post": post,
            "older": f"{address}&before={shown[-1].pk}" if len(found) > len(shown) else "",
            "may_write": request.user.has_perm(f"accounts.{Power.PLAN_POSTS}"),
        },
    )


def _as_shown(request: HttpRequest, asset: Asset) -> dict[str, object]:
    return {
        "asset": asset,
        "address": link_for(asset.file, request.user),
        "moves": is_video(asset.file),
        "ended": asset.expires_on is not None and asset.expires_on < clock.today(),
    }


def _post_in_hand(request: HttpRequest, text: str):
    named = whole(text)
    if not named:
        return None
    found = queries.post(request.user, named)
    return found if queries.may_edit(request.user, found) else None


@needs(Power.PLAN_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A picture or video for everybody who writes, with whose it is and until when."""
    form = AssetForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = _added(request, form)
        except NotValid as refusal:
            field = {"picture": "file", "video": "file"}.get(refusal.field or "")
            form.add_error(field, refusal.sentence) if field else show_refusal(form, refusal)
        else:
            messages.success(request, f"“{made.title}” is in the library.")
            return redirect("publishing:asset", pk=made.pk)
    return render(request, "publishing/asset_add.html", {"form": form}, status=422 if form.errors else 200)


def _added(request: HttpRequest, form: AssetForm) -> Asset:
    typed = dict(form.cleaned_data)
    upload, said = typed.pop("file"), typed.pop("captions")
    moves = (upload.content_type or "").startswith("video/")
    vtt = captions.webvtt(said.read(captions.MOST_BYTES + 1)) if said and moves else ""
    store = store_video if moves else store_image
    file = store(actor=request.user, upload=upload, name=upload.name)
    return media_actions.add_asset(actor=request.user, file=file, captions=vtt, **typed)


@needs(Power.WRITE_POSTS, Power.SEE_POSTS)
@require_safe
def asset(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the library: its rights, the consent, and where it is used."""
    return _asset_page(request, library.asset(request.user, pk))


def _asset_page(request: HttpRequest, found: Asset, *, wrong: str = "") -> HttpResponse:
    posts, more = library.where_used(request.user, found)
    return render(
        request,
        "publishing/asset.html",
        {
            **_as_shown(request, found),
            "spoken": captions.spoken(found.captions),
            "posts": posts,
            "more": more,
            "may_write": request.user.has_perm(f"accounts.{Power.PLAN_POSTS}"),
            "wrong": wrong,
            "typed": request.POST.get("why", ""),
        },
        status=422 if wrong else 200,
    )


@needs(Power.WRITE_POSTS)
@require_POST
def use(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it on the post in hand."""
    found = queries.post(request.user, whole(request.POST.get("post", "")) or 0)
    try:
        media_actions.use_asset(
            actor=request.user,
            post=found,
            version_seen=whole(request.POST.get("version", "")) or 0,
            asset=library.asset(request.user, pk),
        )
    except NotValid as refusal:
        messages.error(request, refusal.sentence)
        return redirect(f"{reverse('publishing:library')}?for={found.pk}")
    return redirect("publishing:compose_post", pk=found.pk)


@needs(Power.PLAN_POSTS)
@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """It may not be used any more."""
    found = library.asset(request.user, pk)
    try:
        media_actions.retire_asset(actor=request.user, asset=found, why=request.POST.get("why", "")[:1000])
    except NotValid as refusal:
        return _asset_page(request, found, wrong=refusal.sentence)
    messages.success(request, "It is out of the library. Planned posts with it are stopped at their checks.")
    return redirect("publishing:asset", pk=pk)
