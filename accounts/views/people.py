"""Grants, roles, and the list of staff members."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions, queries
from accounts.actions import recovery
from accounts.forms import EmailForm, GrantForm, MemberForm, WhyForm
from accounts.models import Grant
from core import clock
from core.errors import NotPermitted, NotValid, Refused, TransitionNotAllowed
from core.gate import fresh, needs, signed_in
from core.refusals import show_refusal
from core.typed import whole
from staff import queries as staff_queries
from staff.actions import members, sign_on
from staff.models import StaffMember
from staff.roles import FORCE_WIDE, POWERS, Power, Role

MOST_SHOWN = 500
STATE_WORDS = {"live": "Now", "coming": "To come", "ended": "Over"}


@needs(Power.GIVE_GRANTS, Power.SEE_AUDIT)
@require_GET
def grants(request: HttpRequest) -> HttpResponse:
    """Who holds which role over what: now, to come, over."""
    state = request.GET.get("state", "live")
    if state not in STATE_WORDS:
        state = "live"
    found, onwards = queries.grants(
        request.user, state, before=whole(request.GET.get("before", ""), under=16)
    )
    return render(
        request,
        "accounts/grants.html",
        {
            "grants": found,
            "state": state,
            "states": STATE_WORDS.items(),
            "older": f"?state={state}&before={onwards}" if onwards else "",
            "newer": f"?state={state}" if request.GET.get("before") else "",
            "may_give": queries.may(request.user, Power.GIVE_GRANTS),
            "sees_people": queries.may(request.user, Power.MANAGE_STAFF),
        },
    )


@fresh
@needs(Power.GIVE_GRANTS)
@require_http_methods(["GET", "POST"])
def give_grant(request: HttpRequest) -> HttpResponse:
    """A person or a team gets a role, over what, from when until when, and why."""
    viewer_accounts = queries.register(request.user).exclude(status="closed")
    initial = {
        "person": whole(request.GET.get("person", ""), under=16),
        "team": whole(request.GET.get("team", ""), under=16),
        "role": request.GET.get("role", "")[:30],
    }
    form = GrantForm(request.POST or None, viewer_accounts=viewer_accounts, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                grant = actions.give_grant(actor=request.user, **form.cleaned_data)
            except (NotValid, NotPermitted) as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, _given(grant))
                return _to_whom_it_is(request, grant)
    return render(request, "accounts/give_grant.html", {"form": form}, status=status)


def _given(grant: Grant) -> str:
    holds = "has" if grant.since <= clock.now() else "will have"
    said = f"{grant.person or grant.team} {holds} the role of {grant.get_role_display()}, over {grant.scope_name}"
    if holds != "has":
        said += f", from {clock.in_london(grant.since):%-d %B %Y at %H:%M}"
    if grant.until:
        said += f", until {clock.in_london(grant.until):%-d %B %Y at %H:%M}"
    return f"{said}."


def _to_whom_it_is(request: HttpRequest, grant: Grant) -> HttpResponse:
    """The page of the person or team that holds the grant, for whoever may open it; else the list of grants."""
    if not queries.may(request.user, Power.MANAGE_STAFF):
        return redirect("accounts:grants")
    if grant.person_id is None:
        return redirect("accounts:team", pk=grant.team_id)
    if service := queries.service_of(request.user, grant.person_id):
        return redirect("accounts:service", pk=service.pk)
    return redirect("accounts:member", pk=grant.person_id)


@fresh
@needs(Power.GIVE_GRANTS)
@require_http_methods(["GET", "POST"])
def end_grant(request: HttpRequest, pk: int) -> HttpResponse:
    """What the grant is, and the reason for which it ends now."""
    grant = queries.grant(request.user, pk)
    form = WhyForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.end_grant(actor=request.user, grant=grant, why=form.cleaned_data["why"])
            except (NotValid, TransitionNotAllowed) as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "The grant has ended.")
                return _to_whom_it_is(request, grant)
    return render(request, "accounts/end_grant.html", {"form": form, "grant": grant}, status=status)


@signed_in
@require_GET
def powers(request: HttpRequest) -> HttpResponse:
    """Every role and every power on one page, as staff.roles has them."""
    mine = set(queries.authority(request).roles)
    rows = [
        {
            "label": power.label,
            "force_wide": power in FORCE_WIDE,
            "held": [(role.label, power in POWERS[role]) for role in Role],
        }
        for power in Power
    ]
    return render(
        request,
        "accounts/powers.html",
        {"roles": [(role.label, role.value in mine) for role in Role], "rows": rows},
    )


@needs(Power.MANAGE_STAFF)
@require_GET
def staff(request: HttpRequest) -> HttpResponse:
    """Who works here; leavers on their own tab."""
    left = request.GET.get("left") == "1"
    words = request.GET.get("q", "")[:120]
    found = staff_queries.members(request.user, words=words, left=left)
    shown = list(found[:MOST_SHOWN])
    if not left:
        queries.note_standing(request.user, shown)
    return render(
        request,
        "accounts/staff.html",
        {
            "members": shown,
            "most": MOST_SHOWN,
            "count": found.count(),
            "left": left,
            "words": words,
            "recoveries": staff_queries.recoveries(request.user),
        },
    )


@needs(Power.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def add_member(request: HttpRequest) -> HttpResponse:
    """A joiner is added and gets the link by e-mail."""
    form = MemberForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                joiner = members.add_member(actor=request.user, **form.cleaned_data)
            except NotValid as refusal:
                form.add_error(refusal.field, refusal.sentence)
            else:
                send_by_letter(request, joiner)
                return redirect("accounts:member", pk=joiner.pk)
    return render(request, "accounts/add_member.html", {"form": form}, status=status)


def send_by_letter(request: HttpRequest, member: StaffMember) -> None:
    """Send the link; where the mail server is down, say so and stay."""
    try:
        members.send_link(actor=request.user, member=member)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"A link is on its way to {member.email}. It is good for 24 hours.")


def _member_page(
    request: HttpRequest,
    member: StaffMember,
    *,
    renewal: WhyForm | None = None,
    refusal: WhyForm | None = None,
    email: EmailForm | None = None,
    status: int = 200,
) -> HttpResponse:
    return render(
        request,
        "accounts/member.html",
        {
            "member": member,
            "app": staff_queries.has_app(member),
            "identity": staff_queries.sign_on_identity(member),
            "directory": staff_queries.kept_by_directory(member),
            "passkeys": staff_queries.passkeys(member).count(),
            "recovery": (asked := staff_queries.recovery_of(request.user, member)),
            "recovery_over": asked is not None and recovery.is_over(asked),
            "may_agree": [
                one
                for one in queries.people_with(Power.MANAGE_STAFF)
                if one.pk not in (request.user.pk, member.pk)
            ],
            "grants": queries.grants_of(request.user, member),
            "places": queries.live_places(member),
            "may_give": queries.may(request.user, Power.GIVE_GRANTS),
            "oneself": member.pk == request.user.pk,
            "coming": staff_queries.coming_departure(request.user, member),
            "departure": staff_queries.departure_of(member) if not member.active else None,
            "renewal_form": renewal or WhyForm(prefix="renewal"),
            "refusal_form": refusal or WhyForm(prefix="refusal"),
            "email_form": email or EmailForm(initial={"email": member.email}),
        },
        status=status,
    )


@needs(Power.MANAGE_STAFF)
@require_GET
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """One staff member: their sign-in, their grants, and what an administrator can do."""
    return _member_page(request, staff_queries.member(request.user, pk))


@needs(Power.MANAGE_STAFF)
@require_POST
def send_link(request: HttpRequest, pk: int) -> HttpResponse:
    """The link once more."""
    send_by_letter(request, staff_queries.member(request.user, pk))
    return redirect("accounts:member", pk=pk)


@fresh
@needs(Power.MANAGE_STAFF)
@require_POST
def renew_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """For a lost password or second factor: another administrator is asked to agree."""
    member = staff_queries.member(request.user, pk)
    form = WhyForm(request.POST, prefix="renewal")
    if form.is_valid():
        try:
            recovery.ask(actor=request.user, member=member, why=form.cleaned_data["why"])
        except (NotValid, NotPermitted, TransitionNotAllowed) as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "Another administrator has to agree. They and the person are told.")
            return redirect("accounts:member", pk=pk)
    return _member_page(request, member, renewal=form, status=422)


@fresh
@needs(Power.MANAGE_STAFF)
@require_POST
def agree_renewal(request: HttpRequest, pk: int) -> HttpResponse:
    """The second administrator agrees: everything is set up anew, by a fresh link."""
    member = staff_queries.member(request.user, pk)
    found = staff_queries.open_recovery(request.user, member)
    send_by_letter(request, recovery.agree(actor=request.user, recovery=found))
    return redirect("accounts:member", pk=pk)


@needs(Power.MANAGE_STAFF)
@require_POST
def refuse_renewal(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing is renewed, for a reason."""
    member = staff_queries.member(request.user, pk)
    found = staff_queries.open_recovery(request.user, member)
    form = WhyForm(request.POST, prefix="refusal")
    if form.is_valid():
        try:
            recovery.refuse(actor=request.user, recovery=found, why=form.cleaned_data["why"])
        except (NotValid, TransitionNotAllowed) as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "Refused. Their sign-in stays as it is.")
            return redirect("accounts:member", pk=pk)
    return _member_page(request, member, refusal=form, status=422)


@fresh
@needs(Power.MANAGE_STAFF)
@require_POST
def change_email(request: HttpRequest, pk: int) -> HttpResponse:
    """Another address to sign in with; both addresses get a letter."""
    member = staff_queries.member(request.user, pk)
    form = EmailForm(request.POST)
    if form.is_valid():
        try:
            members.change_email(actor=request.user, member=member, email=form.cleaned_data["email"])
        except (NotValid, NotPermitted, TransitionNotAllowed) as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "The address is changed. A letter goes to the old and to the new one.")
            return redirect("accounts:member", pk=pk)
    return _member_page(request, member, email=form, status=422)


@fresh
@needs(Power.MANAGE_STAFF)
@require_POST
def release_sign_on(request: HttpRequest, pk: int) -> HttpResponse:
    """The identity at the force's provider counts no longer; the next sign-on binds one anew."""
    member = staff_queries.member(request.user, pk)
    try:
        sign_on.release(actor=request.user, member=member)
    except (NotPermitted, TransitionNotAllowed) as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"{member.called} binds an identity anew at their next sign-on.")
    return redirect("accounts:member", pk=pk)
