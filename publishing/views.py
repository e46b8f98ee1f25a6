"""Posts, compose, approvals and the outbox, as pages."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.actions import record_reading
from core import clock
from core.errors import NotValid, Refused
from core.gate import fresh_this_shift, needs
from core.refusals import show_refusal
from core.typed import whole
from media.actions import store_image, store_video
from publishing import (
    captions,
    forms_checks,
    pages,
    pairs,
    queries,
    queries_appeals,
    queries_approval,
    queries_campaigns,
    queries_checks,
    queries_library,
    queries_lockdown,
    sending,
    steps,
    times,
)
from publishing.actions import corrections, judging
from publishing.actions import media as media_actions
from publishing.actions import options as option_actions
from publishing.actions import outbox as outbox_actions
from publishing.actions import posts as post_actions
from publishing.checks.judging import judge_now, policy_now
from publishing.forms import ChosenForm, ComposeForm, SeenForm, WhyForm, initial_of
from publishing.forms_checks import Declared
from publishing.models import Declaration, Post
from publishing.workflow import POST
from staff.roles import Power


@needs(Power.SEE_POSTS, Power.WRITE_POSTS)
@require_safe
def posts(request: HttpRequest) -> HttpResponse:
    """Every post that the viewer may see, the latest changed first."""
    state = request.GET.get("state", "")
    state = state if state in Post.State.values else ""
    before = whole(request.GET.get("before", ""))
    found = queries.page_of_posts(request.user, state=state, before=before)
    shown = found[: queries.PAGE_LENGTH]
    older = f"?state={state}&before={shown[-1].pk}" if len(found) > len(shown) else ""
    return render(
        request,
        "publishing/posts.html",
        {"posts": shown, "state": state, "states": Post.State.choices, "older": older, "before": before},
    )


@needs(Power.SEE_POSTS, Power.WRITE_POSTS)
@require_safe
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """One post: its words everywhere, where each delivery stands, its story, and what can happen next."""
    return _post_page(request, queries.post(request.user, pk))


def _post_page(
    request: HttpRequest, found: Post, *, wrong: str = "", status: int = 200, **typed: object
) -> HttpResponse:
    earlier, compared = queries.compared(request.user, found)
    shown = pages.shown_pictures(request.user, found)
    variants = list(queries.live_variants(found))
    waits = found.state in (Post.State.DRAFT, Post.State.SUBMITTED)
    judged = pages.judged(request.user, found, variants, [s.picture for s in shown]) if waits else None
    can_approve = found.state == Post.State.SUBMITTED and queries.may_approve(request.user, found)
    return render(
        request,
        "publishing/post.html",
        {
            "post": found,
            "when": pages.when(found),
            "earlier": earlier,
            "compared": compared,
            "pictures": shown,
            "deliveries": queries.deliveries_of(request.user, found),
            "changes": queries.changes(found),
            "approvers": queries.approvers(found) if found.state == Post.State.SUBMITTED else [],
            "can_edit": queries.may_edit(request.user, found),
            "beside": pages.beside_words(request.user, found),
            "can_move": queries.may_edit(request.user, found),
            "can_withdraw": queries.may_edit(request.user, found) and POST.allows(found.state, "withdraw"),
            "can_approve": can_approve,
            "late": found.state == Post.State.SUBMITTED and pages.late(found),
            "judged": judged,
            "needed": judged.needed if judged is not None and variants else None,
            "calls": queries_approval.calls(found),
            "may_record_call": queries_approval.may_record_call(request.user, found),
            "questions": queries_approval.questions(found),
            "looks": queries_approval.looks_of(found),
            "follow_ups": queries_checks.follow_ups(found),
            "may_put_right": queries.may_write(request.user, found),
            "wrong": wrong,
            "appeal": queries_appeals.of_post(request.user, found),
            "standing": queries.standing_posts(request.user, found),
            "corrections": [
                {
                    "correction": one,
                    "may_decide": queries.may_decide(request.user, one),
                    "may_withdraw": queries.may_withdraw(request.user, one),
                }
                for one in queries.corrections(request.user, found)
            ],
            **typed,
        },
        status=status,
    )


@needs(Power.WRITE_POSTS)
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for other words of a post that stands on a platform, or for its deletion there."""
    delivery = queries.delivery(request.user, pk)
    kind, text, why = (request.POST.get(name, "")[:12_000] for name in ("kind", "text", "why"))
    try:
        correction = corrections.ask(
            actor=request.user,
            delivery=delivery,
            kind=kind,
            standing_seen=request.POST.get("standing", "")[:12_000],
            text=text,
            why=why,
        )
    except NotValid as refusal:
        if delivery.variant is None:
            raise
        return _post_page(
            request,
            queries.post(request.user, delivery.variant.post_id),
            status=422,
            wrong_correction=refusal.sentence,
            wrong_pk=pk,
            wrong_kind=kind,
            typed=text,
            typed_why=why,
        )
    messages.success(request, "Asked for. It stays as it is until somebody else has approved it.")
    return redirect(f"{reverse('publishing:post', args=[correction.post_id])}#correction-{correction.pk}")


@needs(Power.WRITE_POSTS, Power.APPROVE_POSTS)
@require_POST
def correction_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a correction of what stands, return it, or ask for it no longer."""
    found = queries.correction(request.user, pk)
    do, why = request.POST.get("do", ""), request.POST.get("why", "")[:1000]
    if do == "approve":
        after = corrections.approve(actor=request.user, correction=found)
        messages.success(
            request,
            "Approved. It waits for somebody else’s approval as well."
            if after.delivery_id is None
            else "Approved. It goes to the platform now; the post’s page shows what comes of it.",
        )
    elif do == "return":
        try:
            corrections.send_back(actor=request.user, correction=found, why=why)
        except NotValid as refusal:
            return _approvals_page(
                request,
                status=422,
                wrong_correction=refusal.sentence,
                wrong_correction_pk=pk,
                typed_correction=why,
            )
        messages.success(request, "Returned. The post stays as it stands.")
    elif do == "withdraw":
        corrections.withdraw(actor=request.user, correction=found)
        messages.success(request, "It is no longer asked for. The post stays as it stands.")
    else:
        messages.error(request, "Choose what should happen to it.")
    return redirect("publishing:post", pk=found.post_id)


def _submits_to_several(request: HttpRequest, pk: int | None = None) -> bool:
    return request.POST.get("do") == "submit" and len(request.POST.getlist("accounts")) > 1


@fresh_this_shift(when=_submits_to_several)
@needs(Power.WRITE_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Write a post. Typing is kept as it goes; without JavaScript "Keep as draft" does the same."""
    if request.method == "POST":
        return _composed(request, pk)
    found = queries.post(request.user, pk) if pk else None
    if found is not None and not queries.may_edit(request.user, found):
        return redirect("publishing:post", pk=found.pk)
    accounts = queries.writable_accounts(request.user)
    kept = queries.pictures(found) if found else []
    if found is not None:
        texts = {v.official_account_id: v.text for v in queries.live_variants(found)}
        initial = initial_of(found, kept, texts)
    else:
        initial = {"version": 0, "accounts": [str(a.pk) for a in accounts] if len(accounts) == 1 else []}
    initial |= forms_checks.initial_of(queries_checks.declared(found))
    form = ComposeForm(
        initial=initial,
        accounts=accounts,
        pictures=kept,
        campaigns=queries_library.campaigns(),
        asked=queries_checks.asked(found),
    )
    return _compose_page(request, form, found)


def _composed(request: HttpRequest, pk: int | None) -> HttpResponse:
    named = pk or whole(request.POST.get("post", ""))
    found = queries.post(request.user, named) if named else None
    form = ComposeForm(
        request.POST,
        request.FILES,
        accounts=queries.writable_accounts(request.user),
        pictures=queries.pictures(found) if found else [],
        campaigns=queries_library.campaigns(),
        asked=queries_checks.asked(found),
    )
    do = request.POST.get("do", "keep")
    if not form.is_valid():
        return _compose_answer(request, form, found)
    try:
        found = _keep(request, form, found)
        if form.cleaned_data["options"]:
            found = option_actions.set_options(
                actor=request.user,
                post=found,
                version_seen=found.version,
                reply_control=form.cleaned_data["reply_control"],
                as_thread=form.cleaned_data["as_thread"],
                language=found.language,
                campaign_ids=form.cleaned_data["campaigns"],
            )
        if form.cleaned_data["declared"]:
            found = declare_from(request, form, found)
        if form.errors:
            return _compose_answer(request, form, found)
        if do == "picture" or (do in ("keep", "submit") and form.cleaned_data.get("picture")):
            # A picture that was chosen goes with the post, whichever button was pressed.
            _take_picture(request, form, found)
            found = queries.post(request.user, found.pk)
        if do == "video" or (do in ("keep", "submit") and form.cleaned_data.get("video")):
            _take_video(request, form, found)
            found = queries.post(request.user, found.pk)
        if do == "remove-video":
            media_actions.remove_video(actor=request.user, post=found, version_seen=found.version)
        elif do.startswith("remove-"):
            post_actions.remove_picture(
                actor=request.user,
                post=found,
                version_seen=found.version,
                picture_id=whole(do.removeprefix("remove-")) or 0,
            )
        elif do == "submit":
            found = post_actions.submit_post(actor=request.user, post=found, version_seen=found.version)
            messages.success(request, pages.sent_for(found))
            return redirect("publishing:post", pk=found.pk)
    except NotValid as refusal:
        show_refusal(form, refusal)
        return _compose_answer(request, form, found)
    if request.htmx:
        return _compose_answer(request, form, found)
    return redirect("publishing:compose_post", pk=found.pk)


def declare_from(request: HttpRequest, form: Declared, found: Post) -> Post:
    """Keep what the form says of the post besides its words."""
    return judging.declare(
        actor=request.user,
        post=found,
        version_seen=found.version,
        kind=form.cleaned_data["kind"] or Declaration.Kind.GENERAL,
        answers=form.answers,
        urgent_why=form.cleaned_data["urgent_why"],
    )


def _keep(request: HttpRequest, form: ComposeForm, found: Post | None) -> Post:
    """Keep the words whatever else is wrong: a time that cannot be is said, and the time before stays."""
    publish_at = found.publish_at if found else None
    typed = form.cleaned_data["publish_at"]
    if typed != times.to_wall_clock(publish_at):
        try:
            publish_at = times.from_wall_clock(typed)
        except NotValid as refusal:
            form.add_error("publish_at", refusal.sentence)
    words = form.cleaned_data.get("words", "")
    if found is None:
        return post_actions.draft_post(
            actor=request.user,
            account_ids=form.chosen_ids,
            words=words,
            own_words=form.own_words,
            title=form.cleaned_data["title"],
            publish_at=publish_at,
        )
    return post_actions.edit_post(
        actor=request.user,
        post=found,
        version_seen=form.cleaned_data["version"] or 0,
        account_ids=form.chosen_ids,
        words=words,
        own_words=form.own_words,
        title=form.cleaned_data["title"],
        publish_at=publish_at,
        alt_texts=form.alt_texts,
    )


def _take_picture(request: HttpRequest, form: ComposeForm, found: Post) -> None:
    upload = form.cleaned_data.get("picture")
    if not upload:
        raise NotValid("Choose a picture file first.", field="picture")
    if not form.cleaned_data["alt_text"].strip():
        raise NotValid(
            "Describe the picture for people who cannot see it, then choose the file again.", field="alt_text"
        )
    file = store_image(actor=request.user, upload=upload, name=upload.name)
    post_actions.add_picture(
        actor=request.user,
        post=found,
        version_seen=found.version,
        file=file,
        alt_text=form.cleaned_data["alt_text"],
    )


def _take_video(request: HttpRequest, form: ComposeForm, found: Post) -> None:
    upload, file = form.cleaned_data.get("video"), form.cleaned_data.get("captions")
    if not upload:
        raise NotValid("Choose a video file first.", field="video")
    why = form.cleaned_data["no_captions_why"]
    if not form.cleaned_data["video_alt"].strip():
        raise NotValid(
            "Say what happens in the video, for people who cannot see it, then choose the file again.",
            field="video_alt",
        )
    if not file and not why.strip():
        raise NotValid(
            "Choose a file with captions, or say why the video has none (for example: there is no speech in it), "
            "then choose the video again.",
            field="captions",
        )
    said = captions.webvtt(file.read(captions.MOST_BYTES + 1)) if file else ""
    media_actions.set_video(
        actor=request.user,
        post=found,
        version_seen=found.version,
        file=store_video(actor=request.user, upload=upload, name=upload.name),
        title=form.cleaned_data["video_title"],
        alt_text=form.cleaned_data["video_alt"],
        captions=said,
        no_captions_why=why,
    )


def _compose_answer(request: HttpRequest, form: ComposeForm, found: Post | None) -> HttpResponse:
    if not request.htmx:
        return _compose_page(request, form, found, status=422 if form.errors else 200)
    response = render(request, "publishing/_kept.html", _compose_context(request, form, found))
    if found is not None:
        response["HX-Replace-Url"] = reverse("publishing:compose_post", args=[found.pk])
    return response


def _compose_page(
    request: HttpRequest, form: ComposeForm, found: Post | None, *, status: int = 200
) -> HttpResponse:
    return render(request, "publishing/compose.html", _compose_context(request, form, found), status=status)


def _compose_context(request: HttpRequest, form: ComposeForm, found: Post | None) -> dict[str, object]:
    accounts = queries.writable_accounts(request.user)
    chosen = {str(value) for value in form["accounts"].value() or []}
    context = pages.beside(request.user, found)
    own = [
        {"account": account, "field": form[f"own_{account.pk}"]}
        for account in accounts
        if str(account.pk) in chosen
    ]
    alts = [
        {"shown": shown, "field": form[f"alt_{shown.picture.pk}"]}
        for shown in context["pictures"]
        if f"alt_{shown.picture.pk}" in form.fields
    ]
    own_key = ",".join(str(line["account"].pk) for line in own)
    if not form.errors:
        # What was just kept may call for other questions than those that were on the page.
        form = _asks_anew(form, found)
    return {
        **context,
        "form": form,
        "accounts": [(account, str(account.pk) in chosen) for account in accounts],
        "own": own,
        "own_key": own_key,
        "own_changed": request.POST.get("own_for", own_key) != own_key,
        "asked_changed": request.POST.get("asked_for", form.asked_key) != form.asked_key,
        "alts": alts,
        "hashtags": queries_library.hashtags(),
        "kept_at": found.changed_at if found else None,
        "nobody": bool(found and own and not context["approvers"]),
    }


def _asks_anew(form: ComposeForm, found: Post | None) -> ComposeForm:
    """The same form with the questions of the post as it stands now, and the answers that are kept."""
    asked = queries_checks.asked(found)
    if found is None or [question.slug for question in asked] == [question.slug for question in form.asked]:
        return form
    declared = forms_checks.initial_of(queries_checks.declared(found))
    if form.is_bound:
        form.data = form.data.copy()
        form.data.update({name: str(value) for name, value in declared.items()})
    else:
        form.initial.update(declared)
    form.ask(asked)
    return form


@needs(Power.WRITE_POSTS)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a post back."""
    found = queries.post(request.user, pk)
    form = WhyForm(request.POST)
    try:
        after = post_actions.withdraw_post(actor=request.user, post=found, why=_why(form))
    except NotValid as refusal:
        return _post_page(request, found, wrong=refusal.sentence, status=422)
    if after.state == Post.State.WITHDRAWN:
        messages.success(request, "Withdrawn. Nothing of it goes out.")
    else:
        messages.success(request, "What had not gone out is withdrawn. Some of it had gone out before.")
    return redirect("publishing:post", pk=pk)


@needs(Power.APPROVE_POSTS)
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """Posts that wait for this person's yes or no, the one that is due first at the top."""
    return _approvals_page(request)


def _approvals_page(
    request: HttpRequest,
    *,
    wrong: str = "",
    wrong_pk: int = 0,
    typed: str = "",
    status: int = 200,
    **typed_below: object,
) -> HttpResponse:
    waiting = []
    policy, by = policy_now(), steps.in_force()
    for found in queries.waiting_for_approval(request.user)[: queries.PAGE_LENGTH]:
        earlier, compared = queries.compared(request.user, found)
        shown = pages.shown_pictures(request.user, found)
        variants = list(queries.live_variants(found))
        waiting.append(
            {
                "post": found,
                "when": pages.when(found),
                "earlier": earlier,
                "compared": compared,
                "pictures": shown,
                "beside": pages.beside_words(request.user, found),
                "judged": pages.judged(
                    request.user, found, variants, [s.picture for s in shown], policy=policy, by=by
                ),
                "count": len(variants),
                "wrong": wrong if found.pk == wrong_pk else "",
                "typed": typed if found.pk == wrong_pk else "",
            }
        )
    return render(
        request,
        "publishing/approvals.html",
        {
            "waiting": waiting,
            "corrections": queries.corrections_waiting(request.user),
            "expired": len(queries.expired(request.user)),
            "afterwards": len(queries_approval.looks(request.user)),
            "stands_in_for": steps.covers_for(request.user),
            **typed_below,
        },
        status=status,
    )


def _sends_to_several(request: HttpRequest, pk: int) -> bool:
    return queries.live_variants(queries.post(request.user, pk)).count() > 1


@fresh_this_shift(when=_sends_to_several)
@needs(Power.APPROVE_POSTS)
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Say yes to the version that was shown; where its time has passed, to a new time with it."""
    found = queries.post(request.user, pk)
    pair = pairs.other(found)
    typed = request.POST.get("new_time", "")[:40]
    try:
        post_actions.approve_post(
            actor=request.user,
            post=found,
            version_seen=_seen(request),
            pair_version_seen=whole(request.POST.get("pair_version", "")) if pair else None,
            new_time=post_actions.AT_ONCE
            if request.POST.get("do") == "now"
            else times.from_wall_clock(typed, field="new_time"),
        )
    except NotValid as refusal:
        if refusal.field != "new_time":
            raise
        return _post_page(request, found, wrong_time=refusal.sentence, typed_time=typed, status=422)
    after = queries.post(request.user, pk)
    if after.state == Post.State.SUBMITTED:
        judged = judge_now(after)
        left = queries_approval.needed(after, judged, list(queries.live_variants(after))).need
        messages.success(
            request, f"Approved. It needs {left.in_words}, so it waits for somebody else’s approval."
        )
    else:
        now = "at the pace of its log" if queries_campaigns.is_paced(found) else "now"
        messages.success(request, f"Approved. It goes out {pages.when(after)}.".replace("on approval", now))
    return redirect("publishing:approvals")


@needs(Power.APPROVE_POSTS)
@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a post to its author with a reason."""
    found = queries.post(request.user, pk)
    form = WhyForm(request.POST)
    try:
        post_actions.return_post(actor=request.user, post=found, version_seen=_seen(request), why=_why(form))
    except NotValid as refusal:
        typed = request.POST.get("why", "")
        return _approvals_page(request, wrong=refusal.sentence, wrong_pk=pk, typed=typed, status=422)
    messages.success(request, f"Returned to {found.author.called}.")
    return redirect("publishing:approvals")


@needs(Power.SEE_POSTS, Power.SEE_COMMENTS, Power.SEE_HEALTH)
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Everything on its way out, what needs a person first. Audits outbox.viewed where it shows an answer
    to somebody of the public. Who looks after the platform without seeing posts reads what is stuck and why,
    without words."""
    found = queries.outbox(request.user)
    looked = None
    if pk := whole(request.GET.get("look", "")):
        looked = sending.look(queries.delivery(request.user, pk))
    may_act = request.user.has_perm(f"accounts.{Power.LOCK_DOWN}") or any(
        request.user.has_perm(f"accounts.{power}") for power in set(outbox_actions.POWER.values())
    )
    shown = {
        "looked": looked,
        "may_act": may_act,
        "may_see_raw": request.user.has_perm(f"accounts.{Power.SEE_HEALTH}"),
    }
    in_words = [looked.delivery] if looked is not None else []
    if not (request.htmx and in_words):
        in_words += [*found.held, *found.unknown, *found.rejected]
    if answers := [delivery.pk for delivery in in_words if delivery.variant_id is None and delivery.text]:
        record_reading(actor=request.user, event="outbox.viewed", shown_ids=answers)
    if request.htmx and looked is not None:
        return render(request, "publishing/_looked.html", {**shown, "delivery": looked.delivery})
    return render(
        request,
        "publishing/outbox.html",
        {
            **shown,
            "outbox": found,
            "diagnosis": queries.diagnosis(request.user),
            "sees": any(
                request.user.has_perm(f"accounts.{p}") for p in (Power.SEE_POSTS, Power.SEE_COMMENTS)
            ),
            "lockdowns": [one for one in queries_lockdown.live() if not one.drill],
            "stopped": queries_lockdown.stopped_ids([*found.held, *found.waiting]),
            "kept_back": queries_lockdown.kept_back_ids(found.held),
            "now": clock.now(),
        },
    )


@needs(*sorted({*outbox_actions.POWER.values(), Power.LOCK_DOWN}))
@require_POST
def release_held(request: HttpRequest) -> HttpResponse:
    """Release what was ticked, each by itself, so that one that may not go does not stop the others."""
    held = queries.outbox(request.user).held
    form = ChosenForm(request.POST, ids=[delivery.pk for delivery in held])
    chosen = set(form.cleaned_data["chosen"]) if form.is_valid() else set()
    if not chosen:
        messages.error(request, "Nothing was ticked, or it is not held any more.")
        return redirect("publishing:outbox")
    released = 0
    one_by_one = queries_lockdown.kept_back_ids(held)
    for delivery in held:
        if delivery.pk not in chosen:
            continue
        if delivery.pk in one_by_one:
            messages.error(
                request,
                f"{delivery.official_account.name}: a lockdown kept this back, so it is looked at by itself.",
            )
            continue
        try:
            outbox_actions.release(actor=request.user, delivery=delivery)
            released += 1
        except Refused as refusal:
            messages.error(request, f"{delivery.official_account.name}: {refusal.sentence}")
    if released:
        messages.success(request, f"{released} released. Each is checked once more before it goes out.")
    return redirect("publishing:outbox")


@needs(*sorted({*outbox_actions.POWER.values(), Power.LOCK_DOWN}))
@require_POST
def delivery_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Release, withdraw or try again one delivery, or say what became of it where reading back cannot."""
    delivery = queries.delivery(request.user, pk)
    do = request.POST.get("do", "")
    try:
        if do == "release":
            outbox_actions.release(actor=request.user, delivery=delivery)
            messages.success(request, "Released. It is checked once more and goes out now.")
        elif do == "by_hand":
            outbox_actions.note_done_by_hand(
                actor=request.user, delivery=delivery, link=request.POST.get("link", "")[:600]
            )
            messages.success(request, "Noted: it stands on the platform.")
        elif do == "undo":
            outbox_actions.undo(actor=request.user, delivery=delivery)
            messages.success(request, "Undone. It does not go out.")
        elif do == "retry":
            outbox_actions.retry(actor=request.user, delivery=delivery)
            messages.success(request, "It is tried once more now.")
        elif do == "withdraw":
            outbox_actions.withdraw(actor=request.user, delivery=delivery, why=_why(WhyForm(request.POST)))
            messages.success(request, "Withdrawn. It does not go out.")
        elif do == "stands":
            sending.settle_by_hand(
                actor=request.user,
                delivery=delivery,
                fence_seen=_fence(request),
                external_id=request.POST.get("external_id", "")[:300],
            )
            messages.success(request, "Noted: it stands there. Nothing is sent again.")
        elif do in ("again", "give_up"):
            outbox_actions.settle_as_never_sent(
                actor=request.user,
                delivery=delivery,
                fence_seen=_fence(request),
                again=do == "again",
                why=_why(WhyForm(request.POST)),
            )
            again = "Noted. It is checked once more and goes out now."
            messages.success(
                request, again if do == "again" else "Noted. It was given up and never goes out."
            )
        else:
            messages.error(request, "Choose what should happen to it.")
    except NotValid as refusal:
        messages.error(request, refusal.sentence)
        if do in ("stands", "again", "give_up"):
            return redirect(f"{reverse('publishing:outbox')}?look={pk}#delivery-{pk}")
    if delivery.variant is not None and request.POST.get("back") == "post":
        return redirect("publishing:post", pk=delivery.variant.post_id)
    return redirect("publishing:outbox")


def _why(form: WhyForm) -> str:
    if not form.is_valid():
        raise NotValid(" ".join(str(line) for lines in form.errors.values() for line in lines), field="why")
    return form.cleaned_data["why"]


def _fence(request: HttpRequest) -> int:
    return whole(request.POST.get("fence", "")) or 0


def _seen(request: HttpRequest) -> int:
    form = SeenForm(request.POST)
    return form.cleaned_data["version"] if form.is_valid() else 0
