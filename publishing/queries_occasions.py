"""Reading what an event, a patrol and a live stream need before and while they take place."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.queries import may, people_with
from core import clock
from core.errors import NotFound
from publishing import queries_campaigns
from publishing.models import Campaign, Duty, Occasion, Takeover
from staff.models import StaffMember
from staff.roles import Power

KINDS = (Campaign.Kind.EVENT, Campaign.Kind.PATROL, Campaign.Kind.LIVE, Campaign.Kind.TAKEOVER)
CHECKLIST = {
    "seen": "What can be seen and heard was looked at: screens, whiteboards, radios, faces, number plates",
    "agreed": "Everybody in the picture agreed to be in it",
    "captions": "Captions are on, or a text of it follows on the same day",
    "guidelines": "The community guidelines are linked where people comment",
    "stop": "Who ends the stream if something happens is agreed, and can reach it",
}
"""What is seen to before a live stream starts. Sources: College of Policing APP, Engagement and communication
(images, consent); WCAG 2.2, 1.2.4 captions (live)."""


@dataclass(frozen=True)
class Line:
    """One line of the checklist."""

    slug: str
    says: str
    by: StaffMember | None


def occasion_of(campaign: Campaign) -> Occasion | None:
    """Where a day is and who is there, once it is written down. The caller has checked that the campaign may be seen."""
    return Occasion.objects.filter(campaign=campaign).first()


def duties(campaign: Campaign) -> list[Duty]:
    """Who moderates, and when."""
    return list(campaign.duties.filter(removed_at=None).select_related("person"))


def on_duty(campaign: Campaign) -> list[Duty]:
    """Who moderates at this moment."""
    now = clock.now()
    return [one for one in duties(campaign) if one.since <= now < one.until]


def checklist(campaign: Campaign) -> list[Line]:
    """Each line, with who has seen to it."""
    ticked = {one.slug: one.by for one in campaign.ticks.filter(removed_at=None).select_related("by")}
    return [Line(slug, says, ticked.get(slug)) for slug, says in CHECKLIST.items()]


def lacking(campaign: Campaign) -> list[str]:
    """What keeps a live stream or a takeover from starting, in sentences; nothing for other kinds."""
    if campaign.kind == Campaign.Kind.TAKEOVER:
        return _lacking_of_takeover(campaign)
    if campaign.kind != Campaign.Kind.LIVE:
        return []
    occasion = occasion_of(campaign)
    found = []
    if occasion is None or not occasion.link:
        found.append("Say where it is watched, and who hosts it.")
    if occasion is None or not occasion.hold_line:
        found.append("Write the hold line.")
    if not on_duty(campaign):
        found.append("Nobody moderates at this moment. Put somebody on duty.")
    left = sum(line.by is None for line in checklist(campaign))
    if left:
        found.append(
            f"{left} {'line' if left == 1 else 'lines'} of the checklist {'is' if left == 1 else 'are'} open."
        )
    return found


def takeover_of(campaign: Campaign) -> Takeover | None:
    """Who writes as a guest, once they are named. The caller has checked that the campaign may be seen."""
    return Takeover.objects.filter(campaign=campaign).select_related("guest", "named_by").first()


def takeover(viewer: StaffMember, pk: int) -> Takeover:
    """The takeover in which the viewer is the guest. Raises NotFound."""
    found = Takeover.objects.filter(pk=pk, guest=viewer).select_related("campaign", "named_by").first()
    if found is None:
        raise NotFound("There is no such takeover, or you are not its guest.")
    return found


def possible_guests(viewer: StaffMember) -> list[StaffMember]:
    """Everybody with an account of their own but the viewer, by name."""
    people = StaffMember.objects.filter(kind=StaffMember.Kind.PERSON, active=True).exclude(pk=viewer.pk)
    return sorted((one for one in people if one.is_active), key=lambda one: one.called)


def to_accept(viewer: StaffMember) -> list[Takeover]:
    """House rules that the viewer is to accept."""
    found = Takeover.objects.filter(guest=viewer, accepted_at=None, campaign__ends_at__gt=clock.now())
    return list(
        found.exclude(campaign__state__in=queries_campaigns.OVER).select_related("campaign", "named_by")[:5]
    )


def tags_of_guest(viewer: StaffMember) -> set[int]:
    """Tags of the takeovers for which the viewer writes as a guest: their posts belong to these."""
    found = Takeover.objects.filter(
        guest=viewer, accepted_at__isnull=False, campaign__ends_at__gt=clock.now()
    ).exclude(campaign__state__in=queries_campaigns.OVER)
    return set(found.values_list("campaign__tag_id", flat=True))


def _lacking_of_takeover(campaign: Campaign) -> list[str]:
    row = takeover_of(campaign)
    if row is None:
        return ["Name the guest, and write the house rules."]
    if row.accepted_at is None:
        return [f"{row.guest.called} has not accepted the house rules yet."]
    on = queries_campaigns.account_ids_of(campaign)
    if not all(may(row.guest, Power.WRITE_POSTS, pk) for pk in on):
        return [
            f"{row.guest.called} may not write there yet: somebody who gives grants answers what they asked for."
        ]
    return []


def who_could_moderate(campaign: Campaign) -> list[StaffMember]:
    """People who may hide comments on every official account of it."""
    common: dict[int, StaffMember] | None = None
    for pk in queries_campaigns.account_ids_of(campaign):
        people = {one.pk: one for one in people_with(Power.HIDE_COMMENTS, official_account_id=pk)}
        common = people if common is None else {k: one for k, one in common.items() if k in people}
    return list((common or {}).values())
