"""Approval beyond the tray: calls, covers, questions, what expired, what is looked at afterwards, and the steps."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import NotFound, NotValid
from core.gate import needs
from core.refusals import show_refusal
from core.typed import whole
from publishing import pages, pairs, queries, queries_approval, steps
from publishing.actions import afterwards, asking, covers, telephone
from publishing.actions import steps as step_actions
from publishing.forms_approval import CallForm, CoverForm, LookForm, NumbersForm, RuleForm, TrustForm
from publishing.models import Post
from staff.models import StaffMember
from staff.roles import Power

GETS_AND_POSTS = ["GET", "HEAD", "POST"]


# A call


@needs(Power.SEE_POSTS)
@require_http_methods(GETS_AND_POSTS)
def record_call(request: HttpRequest, pk: int) -> HttpResponse:
    """The words to be read out, and who said yes to them on the telephone."""
    found = queries.post(request.user, pk)
    pair = pairs.other(found)
    if request.method != "POST":
        seen = {"version": found.version, "pair_version": pair.version if pair else None}
        return _call_page(request, found, CallForm(initial=seen))
    form = CallForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            telephone.record_call(
                actor=request.user,
                post=found,
                version_seen=given["version"],
                pair_version_seen=given["pair_version"],
                said_at=form.said_at,
                **{name: given[name] for name in ("name", "function", "known_by", "known_as", "read_out")},
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            found.refresh_from_db()
            said = (
                "It waits for whoever else has to approve it."
                if found.state == Post.State.SUBMITTED
                else f"It goes out {pages.when(found)}."
            )
            messages.success(request, f"Recorded. {said} The call is confirmed afterwards.")
            return redirect("publishing:post", pk=pk)
    return _call_page(request, found, form)


def _call_page(request: HttpRequest, found: Post, form: CallForm) -> HttpResponse:
    _, compared = queries.compared(request.user, found)
    return render(
        request,
        "publishing/call.html",
        {
            "post": found,
            "form": form,
            "compared": compared,
            "pictures": pages.shown_pictures(request.user, found),
            "beside": pages.beside_words(request.user, found),
            "when": pages.when(found),
            "may": queries_approval.may_record_call(request.user, found),
        },
        status=422 if form.errors else 200,
    )


# Questions


@needs(Power.APPROVE_POSTS)
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the author of a post that waits."""
    found = queries.post(request.user, pk)
    try:
        asking.ask(actor=request.user, post=found, question=request.POST.get("question", "")[:1000])
    except NotValid as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"Asked. {found.author.called} is told, and the post waits.")
    return redirect(f"{reverse('publishing:post', args=[pk])}#questions")


@needs(Power.WRITE_POSTS)
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer what an approver asked."""
    found = queries_approval.question(request.user, pk)
    try:
        asking.answer(actor=request.user, question=found, words=request.POST.get("answer", "")[:1000])
    except NotValid as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Answered. The words of the post stay as they are.")
    return redirect(f"{reverse('publishing:post', args=[found.post_id])}#questions")


# What expired


@needs(Power.WRITE_POSTS, Power.APPROVE_POSTS)
@require_safe
def expired(request: HttpRequest) -> HttpResponse:
    """Posts whose time passed before they were approved: they wait for another one, and none goes by itself."""
    found = queries.expired(request.user)
    lines = [
        {
            "post": one,
            "own": one.author_id == request.user.pk,
            "approves": queries.may_approve(request.user, one),
        }
        for one in found
    ]
    return render(request, "publishing/expired.html", {"lines": lines})


# Afterwards


@needs(Power.APPROVE_POSTS)
@require_safe
def afterwards_tray(request: HttpRequest) -> HttpResponse:
    """What went out and waits to be looked at, what is due first at the top, and how it went lately."""
    return _afterwards_page(request)


def _afterwards_page(
    request: HttpRequest, *, wrong: LookForm | None = None, wrong_pk: int = 0
) -> HttpResponse:
    lines = []
    for look in queries_approval.looks(request.user):
        standing = queries_approval.standing(request.user, look.post)
        first = next((one.words for one in standing if not one.deleted), look.post.words)
        form = wrong if wrong is not None and look.pk == wrong_pk else None
        lines.append(
            {
                "look": look,
                "standing": standing,
                "words": look.post.words,
                "pictures": pages.shown_pictures(request.user, look.post),
                "form": form or LookForm(initial={"words": first}, auto_id=f"look-{look.pk}-%s"),
                "trusted": steps.trusted(look.post.author),
            }
        )
    return render(
        request,
        "publishing/afterwards.html",
        {"lines": lines, "figures": queries_approval.figures(request.user), "now": clock.now()},
        status=422 if wrong is not None else 200,
    )


@needs(Power.APPROVE_POSTS)
@require_POST
def look_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what you think of what went out."""
    found = queries_approval.look(request.user, pk)
    form = LookForm(request.POST, auto_id=f"look-{pk}-%s")
    if not form.is_valid():
        return _afterwards_page(request, wrong=form, wrong_pk=pk)
    given = form.cleaned_data
    if given["verdict"] == "correct" and given["words"].strip() == found.post.words.strip():
        # The words as they stand: nothing to ask for, so the author is.
        given["words"] = ""
    try:
        after = afterwards.decide(actor=request.user, look=found, **given)
    except NotValid as refusal:
        show_refusal(form, refusal)
        return _afterwards_page(request, wrong=form, wrong_pk=pk)
    messages.success(
        request,
        "Noted: it is fine."
        if after.verdict == "fine"
        else "Noted. Its author is told; what stands on a platform waits for another approver under Approvals.",
    )
    return redirect("publishing:afterwards")


# Cover


@needs(Power.APPROVE_POSTS, Power.SET_SAFEGUARDS)
@require_http_methods(GETS_AND_POSTS)
def covers_page(request: HttpRequest) -> HttpResponse:
    """Who stands in for you with approvals, and for whom you do."""
    people = queries_approval.who_could_cover(request.user)
    form = CoverForm(request.POST if request.method == "POST" else None, people=people)
    if request.method == "POST" and form.is_valid():
        chosen = next((one for one in people if one.pk == form.cleaned_data["cover"]), None)
        try:
            if chosen is None:
                raise NotValid("Choose who stands in for you.", field="cover")
            since, until = form.instants(clock.now())
            covers.name_cover(
                actor=request.user, cover=chosen, since=since, until=until, why=form.cleaned_data["why"]
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{chosen.called} stands in for you, and is told.")
            return redirect("publishing:covers")
    return render(
        request,
        "publishing/covers.html",
        {
            "covers": queries_approval.covers(request.user),
            "form": form,
            "now": clock.now(),
            "approves": request.user.has_perm(f"accounts.{Power.APPROVE_POSTS}"),
        },
        status=422 if form.errors else 200,
    )


@needs(Power.APPROVE_POSTS, Power.SET_SAFEGUARDS)
@require_POST
def end_cover(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody stands in any more."""
    covers.end_cover(actor=request.user, cover=queries_approval.cover(request.user, pk))
    messages.success(request, "Ended. Approvals go to both as before.")
    return redirect("publishing:covers")


# The steps


@needs(Power.SEE_POSTS, Power.WRITE_POSTS, Power.SET_SAFEGUARDS)
@require_safe
def show_steps(request: HttpRequest) -> HttpResponse:
    """Who has to approve what, in force, being written, and before."""
    return _steps_page(request)


def _steps_page(
    request: HttpRequest,
    *,
    numbers: NumbersForm | None = None,
    rule: RuleForm | None = None,
    trust: TrustForm | None = None,
    wrong: str = "",
    typed: str = "",
) -> HttpResponse:
    may_set = request.user.has_perm(f"accounts.{Power.SET_SAFEGUARDS}")
    written = queries_approval.written_version() if may_set else None
    if written is not None and numbers is None:
        numbers = NumbersForm(
            initial={name: getattr(written.version, name) for name in step_actions.NUMBERS},
            auto_id="numbers-%s",
        )
    failed = bool(wrong) or any(form is not None and form.is_bound for form in (numbers, rule, trust))
    return render(
        request,
        "publishing/steps.html",
        {
            "live": queries_approval.live_version(),
            "by": steps.in_force(),
            "written": written,
            "past": queries_approval.past_versions(),
            "may_set": may_set,
            "numbers": numbers,
            "rule_form": (rule or RuleForm(choices=queries_approval.choices())) if written else None,
            "trusts": queries_approval.trusts(),
            "trust_form": (trust or TrustForm(people=queries_approval.who_could_be_trusted()))
            if may_set
            else None,
            "may_confirm": written is not None and request.user in written.waits_for,
            "wrong": wrong,
            "typed": typed,
        },
        status=422 if failed else 200,
    )


@needs(Power.SET_SAFEGUARDS)
@require_POST
def steps_step(request: HttpRequest) -> HttpResponse:
    """Begin, change, put in force, confirm or drop a version of the steps; trust an author or no longer."""
    do = request.POST.get("do", "")
    if do == "begin":
        step_actions.begin_draft(actor=request.user)
        return redirect(f"{reverse('publishing:steps')}#draft")
    if do in ("trust", "withdraw-trust"):
        return _trust(request, do)
    if do == "remove-rule":
        step_actions.remove_rule(actor=request.user, rule=queries_approval.rule(_pk(request)))
        messages.success(request, "The draft has this rule no longer.")
        return redirect(f"{reverse('publishing:steps')}#draft")
    version = queries_approval.version(_pk(request))
    if do == "numbers":
        numbers = NumbersForm(request.POST, auto_id="numbers-%s")
        if numbers.is_valid():
            try:
                step_actions.set_numbers(actor=request.user, version=version, **numbers.cleaned_data)
            except NotValid as refusal:
                show_refusal(numbers, refusal)
            else:
                messages.success(request, "Kept in the draft.")
                return redirect(f"{reverse('publishing:steps')}#draft")
        return _steps_page(request, numbers=numbers)
    if do == "add-rule":
        rule = RuleForm(request.POST, choices=queries_approval.choices())
        if rule.is_valid():
            try:
                step_actions.add_rule(actor=request.user, version=version, **rule.cleaned_data)
            except NotValid as refusal:
                show_refusal(rule, refusal)
            else:
                messages.success(request, "The draft has this rule.")
                return redirect(f"{reverse('publishing:steps')}#draft")
        return _steps_page(request, rule=rule)
    why = request.POST.get("why", "")[:400]
    try:
        if do == "put-in-force":
            after = step_actions.put_in_force(actor=request.user, version=version, why=why)
            messages.success(
                request,
                "In force from now on, also for posts that wait."
                if after.live_at
                else "It asks for less than before somewhere, so a second person confirms it. They are told.",
            )
        elif do == "confirm":
            step_actions.confirm(actor=request.user, version=version)
            messages.success(request, "In force from now on, also for posts that wait.")
        elif do == "make-draft":
            step_actions.make_draft(actor=request.user, version=version, why=why)
            messages.success(request, "It is a draft again.")
        elif do == "drop":
            step_actions.drop_draft(actor=request.user, version=version)
            messages.success(request, "The draft is dropped. What is in force stays.")
        else:
            messages.error(request, "Choose what should happen.")
    except NotValid as refusal:
        return _steps_page(request, wrong=refusal.sentence, typed=why)
    return redirect("publishing:steps")


def _trust(request: HttpRequest, do: str) -> HttpResponse:
    if do == "withdraw-trust":
        found = queries_approval.trust(_pk(request))
        try:
            step_actions.withdraw_trust(
                actor=request.user, person=found.person, why=request.POST.get("why", "")[:600]
            )
        except NotValid as refusal:
            messages.error(request, f"{found.person.called}: {refusal.sentence}")
        else:
            messages.success(request, f"Every post of {found.person.called} needs approval beforehand.")
        return redirect(f"{reverse('publishing:steps')}#trust")
    people = queries_approval.who_could_be_trusted()
    form = TrustForm(request.POST, people=people)
    if form.is_valid():
        try:
            step_actions.give_trust(
                actor=request.user,
                person=_chosen(people, form.cleaned_data["person"]),
                why=form.cleaned_data["why"],
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "Trusted, where a rule says that nobody approves beforehand.")
            return redirect(f"{reverse('publishing:steps')}#trust")
    return _steps_page(request, trust=form)


def _chosen(people: list[StaffMember], pk: int) -> StaffMember:
    found = next((one for one in people if one.pk == pk), None)
    if found is None:
        raise NotValid("Choose whose posts may go so.", field="person")
    return found


def _pk(request: HttpRequest) -> int:
    pk = whole(request.POST.get("pk", ""))
    if pk is None:
        raise NotFound("Reload the page: this is not there any more.")
    return pk
