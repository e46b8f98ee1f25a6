"""A takeover: a guest writes for a day, on a grant with an end, once they have accepted the house rules."""

from __future__ import annotations

from django.urls import reverse

from accounts.actions import requests
from accounts.models import OfficialAccount
from accounts.queries import may
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotFound, NotValid, TransitionNotAllowed
from notices.actions import notify
from notices.models import Notice
from publishing import queries_campaigns
from publishing.actions import campaigns
from publishing.models import Campaign, Takeover
from staff.models import StaffMember
from staff.roles import Power, Role

LONGEST_RULES = 5000
RULES = """Everything is checked and approved before it goes out; nothing is urgent enough to go round that.
No names, faces, addresses or number plates of people who have not agreed to it.
Nothing about cases, and nothing that tells where officers are now.
You speak for the force: no opinions on politics, courts or colleagues.
If somebody is in danger, ring 999 first, then tell the digital desk."""
"""What is offered as house rules; whoever plans the takeover changes them."""


@action
def name_guest(*, actor: StaffMember, campaign: Campaign, guest: StaffMember, rules: str) -> Takeover:
    """Somebody is asked to write as a guest by these house rules. Other rules or another guest are accepted anew.

    Raises NotPermitted, NotValid (no rules, oneself, somebody who has left), TransitionNotAllowed (another kind, running,
    or over). Audits takeover.guest_named.
    """
    campaign = campaigns.locked(actor, campaign)
    if campaign.kind != Campaign.Kind.TAKEOVER or campaign.state != Campaign.State.PLANNED:
        raise TransitionNotAllowed("The guest of a takeover is named before it starts.")
    rules = rules.replace("\r\n", "\n").strip()
    if not rules or len(rules) > LONGEST_RULES:
        raise NotValid(f"Write the house rules, in at most {LONGEST_RULES:,} characters.", field="rules")
    if guest.pk == actor.pk or not guest.is_active:
        raise NotValid("Choose somebody else, who works here or has an account as a guest.", field="guest")
    before = Takeover.objects.filter(campaign=campaign).first()
    same = before is not None and before.guest_id == guest.pk and before.rules == rules
    if before is not None and same:
        return before
    row, _ = Takeover.objects.update_or_create(
        campaign=campaign,
        defaults={
            "guest": guest,
            "rules": rules,
            "named_by": actor,
            "named_at": clock.now(),
            "accepted_at": None,
        },
    )
    record(
        actor=actor,
        event="takeover.guest_named",
        subject=campaign,
        subject_name=campaign.name,
        details={"guest": guest.called},
    )
    notify(
        actor=actor,
        to=[guest],
        urgency=Notice.Urgency.SOON,
        title=f"You are asked to write as a guest: {campaign.name}",
        body="Read the house rules and accept them.",
        link=reverse("publishing:takeover_rules", args=[row.pk]),
        key=f"takeover:{row.pk}:{clock.now():%Y%m%d%H%M%S}",
    )
    return row


@action
def accept_rules(*, actor: StaffMember, takeover: Takeover, rules_seen: str) -> Takeover:
    """The guest accepts the house rules, and so asks for a grant on each official account that ends with the takeover.

    Somebody who gives grants answers it; without a yes the guest writes nothing. Raises NotFound (somebody else's),
    NotValid (other rules by now), TransitionNotAllowed (over). Audits takeover.rules_accepted, grant.asked_for.
    """
    campaign = Campaign.objects.select_for_update().get(pk=takeover.campaign_id)
    takeover = Takeover.objects.select_for_update(of=("self",)).get(pk=takeover.pk)
    if takeover.guest_id != actor.pk:
        raise NotFound("There is no such takeover, or you are not its guest.")
    if campaign.state in queries_campaigns.OVER or campaign.ends_at <= clock.now():
        raise TransitionNotAllowed("This takeover is over.")
    if takeover.rules != rules_seen.replace("\r\n", "\n").strip():
        raise NotValid("The house rules were changed after you opened them. Read them again.")
    if takeover.accepted_at is not None:
        return takeover
    takeover.accepted_at = clock.now()
    takeover.save(update_fields=["accepted_at"])
    record(actor=actor, event="takeover.rules_accepted", subject=campaign, subject_name=campaign.name)
    for account in OfficialAccount.objects.filter(pk__in=queries_campaigns.account_ids_of(campaign)):
        if not may(actor, Power.WRITE_POSTS, account.pk):
            requests.ask_for_grant(
                actor=actor,
                person=actor,
                wanted=requests.Wanted(Role.GUEST_WRITER, official_account=account, until=campaign.ends_at),
                why=f"Guest of the takeover “{campaign.name}”, house rules accepted",
            )
    return takeover
