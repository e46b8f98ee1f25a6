"""A post from the street: photo, words, check, send for approval, one step under the other on a phone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core.errors import NotValid
from core.gate import needs
from core.refusals import show_refusal
from core.typed import whole
from media.actions import store_image
from publishing import forms_checks, pages, queries, queries_campaigns, queries_checks, queries_occasions
from publishing.actions import options as option_actions
from publishing.actions import posts as post_actions
from publishing.forms_planning import FieldForm
from publishing.models import Post
from publishing.views import declare_from
from staff.roles import Power


@needs(Power.WRITE_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def field_post(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One page: what was typed and taken is kept at each press, and sent when nothing stops it."""
    accounts = queries.writable_accounts(request.user)
    named = pk or whole(request.POST.get("post", ""))
    found = queries.post(request.user, named) if named else None
    if found is not None and not queries.may_edit(request.user, found):
        return redirect("publishing:post", pk=found.pk)
    if request.method != "POST":
        initial = _initial(found, accounts) | forms_checks.initial_of(queries_checks.declared(found))
        form = FieldForm(initial=initial, accounts=accounts, asked=queries_checks.asked(found))
        return _page(request, form, found)
    form = FieldForm(request.POST, request.FILES, accounts=accounts, asked=queries_checks.asked(found))
    do = request.POST.get("do", "check")
    if not form.is_valid():
        return _page(request, form, found)
    try:
        found = _in_its_campaign(request, _kept(request, form, found))
        if form.cleaned_data["declared"]:
            found = declare_from(request, form, found)
        if form.cleaned_data.get("picture"):
            _with_photo(request, form, found)
            found = queries.post(request.user, found.pk)
        elif do.startswith("remove-"):
            post_actions.remove_picture(
                actor=request.user,
                post=found,
                version_seen=found.version,
                picture_id=whole(do.removeprefix("remove-")) or 0,
            )
        elif do == "send":
            found = post_actions.submit_post(actor=request.user, post=found, version_seen=found.version)
            messages.success(request, pages.sent_for(found))
            return redirect("publishing:post", pk=found.pk)
    except NotValid as refusal:
        show_refusal(form, refusal)
        return _page(request, form, found)
    return redirect(f"{reverse('publishing:field_draft', args=[found.pk])}#check")


def _initial(found: Post | None, accounts) -> dict[str, object]:
    if found is None:
        return {"version": 0, "accounts": [accounts[0].pk] if len(accounts) == 1 else []}
    ids = [variant.official_account_id for variant in queries.live_variants(found)]
    return {"post": found.pk, "version": found.version, "words": found.words, "accounts": ids}


def _kept(request: HttpRequest, form: FieldForm, found: Post | None) -> Post:
    ids, words = form.cleaned_data["accounts"], form.cleaned_data["words"]
    if found is None:
        return post_actions.draft_post(actor=request.user, account_ids=ids, words=words)
    _, own = queries.words_by_account(found)
    return post_actions.edit_post(
        actor=request.user,
        post=found,
        version_seen=form.cleaned_data["version"] or 0,
        account_ids=ids,
        words=words,
        own_words=own,
        title="" if found.title.startswith(_beginning(found.words)) else found.title,
        publish_at=found.publish_at,
    )


def _beginning(words: str) -> str:
    """How a title begins that follows from the words."""
    return " ".join(words.split())[:40] or post_actions.UNTITLED


def _with_photo(request: HttpRequest, form: FieldForm, found: Post) -> None:
    alt = form.cleaned_data["alt_text"]
    if not alt.strip():
        raise NotValid("Say what the photo shows, then take or choose it again.", field="alt_text")
    upload = form.cleaned_data["picture"]
    file = store_image(actor=request.user, upload=upload, name=upload.name)
    post_actions.add_picture(
        actor=request.user, post=found, version_seen=found.version, file=file, alt_text=alt
    )


def _in_its_campaign(request: HttpRequest, found: Post) -> Post:
    """A post from a day with an officer belongs to it from the first press on."""
    tag = whole(request.POST.get("campaign", "")) or 0
    known = {one.tag_id for one in queries_campaigns.campaigns(request.user)}
    if tag not in known | queries_occasions.tags_of_guest(request.user):
        return found
    return option_actions.set_options(
        actor=request.user,
        post=found,
        version_seen=found.version,
        reply_control=found.reply_control,
        as_thread=found.as_thread,
        language=found.language,
        campaign_ids={tag, *found.campaigns.filter(removed_at=None).values_list("tag_id", flat=True)},
    )


def _page(request: HttpRequest, form: FieldForm, found: Post | None) -> HttpResponse:
    accounts = queries.writable_accounts(request.user)
    chosen = {str(value) for value in form["accounts"].value() or []}
    return render(
        request,
        "publishing/field.html",
        {
            **pages.beside(request.user, found),
            "form": form,
            "campaign": whole(request.POST.get("campaign", "") or request.GET.get("campaign", "")),
            "accounts": [(account, str(account.pk) in chosen) for account in accounts],
        },
        status=422 if form.errors else 200,
    )
