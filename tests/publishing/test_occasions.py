"""An event with its reminders, a day with an officer, a live stream that does not start without a moderator."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from notices.models import Notice
from publishing import queries_occasions
from publishing.actions import campaigns, occasions
from publishing.models import Campaign, Post, Tick


def made(leah, account, kind, *, in_hours=0):
    return campaigns.make_campaign(
        actor=leah,
        kind=kind,
        name=f"A {kind}",
        purpose="Meet people",
        account_ids=[account.pk],
        starts_at=clock.now() + timedelta(hours=in_hours),
        ends_at=clock.now() + timedelta(hours=in_hours + 2),
    )


@pytest.fixture
def live(clock_at, leah_brandt, force_account):
    return made(leah_brandt, force_account, Campaign.Kind.LIVE)


def ready(live, leah, moderator):
    """Everything that it needs to start."""
    occasions.write_down(
        actor=leah,
        campaign=live,
        who="The dog section",
        link="https://video.example.org/dogs",
        hold_line="Back soon.",
    )
    for slug in queries_occasions.CHECKLIST:
        occasions.tick(actor=leah, campaign=live, slug=slug)
    return occasions.put_on_duty(
        actor=leah, campaign=live, person=moderator, since=clock.now(), until=clock.now() + timedelta(hours=1)
    )


def test_a_stream_does_not_start_without_a_moderator_a_hold_line_and_its_checklist(
    live, leah_brandt, sergeant_okafor, clock_at
):
    with pytest.raises(TransitionNotAllowed) as refused:
        campaigns.start_campaign(actor=leah_brandt, campaign=live)
    for said in ("where it is watched", "hold line", "Nobody moderates", "5 lines of the checklist are open"):
        assert said in refused.value.sentence
    duty = ready(live, leah_brandt, sergeant_okafor)
    assert Notice.objects.get(to=sergeant_okafor).title == "You moderate “A live”"
    occasions.tick(actor=leah_brandt, campaign=live, slug="stop", done=False)
    with pytest.raises(TransitionNotAllowed, match="1 line of the checklist is open"):
        campaigns.start_campaign(actor=leah_brandt, campaign=live)
    occasions.tick(actor=leah_brandt, campaign=live, slug="stop")
    occasions.tick(actor=leah_brandt, campaign=live, slug="stop")
    assert Tick.objects.filter(slug="stop", removed_at=None).count() == 1
    clock_at.shift(3601)
    with pytest.raises(TransitionNotAllowed, match="Nobody moderates"):
        campaigns.start_campaign(actor=leah_brandt, campaign=live)
    clock_at.shift(-1000)
    occasions.take_off_duty(actor=leah_brandt, duty=duty)
    with pytest.raises(TransitionNotAllowed, match="Nobody moderates"):
        campaigns.start_campaign(actor=leah_brandt, campaign=live)
    occasions.put_on_duty(
        actor=leah_brandt, campaign=live, person=sergeant_okafor, since=duty.since, until=duty.until
    )
    assert campaigns.start_campaign(actor=leah_brandt, campaign=live).state == "running"


@pytest.mark.parametrize(
    "link", ["", "http://video.example.org", "javascript:alert(1)", "https://", "x" * 501]
)
def test_a_stream_is_watched_at_an_address_of_the_web(live, leah_brandt, link):
    with pytest.raises(NotValid, match="address where it is watched"):
        occasions.write_down(actor=leah_brandt, campaign=live, who="Dogs", link=link, hold_line="Back soon.")


def test_who_may_not_hide_there_does_not_moderate(live, leah_brandt, pc_nair):
    with pytest.raises(NotValid, match="may not hide"):
        occasions.put_on_duty(
            actor=leah_brandt, campaign=live, person=pc_nair, since=live.starts_at, until=live.ends_at
        )
    with pytest.raises(NotPermitted):
        occasions.tick(actor=pc_nair, campaign=live, slug="stop")


def test_an_event_has_a_reminder_a_week_a_day_and_two_hours_before_as_far_as_they_lie_ahead(
    clock_at, leah_brandt, force_account
):
    event = made(leah_brandt, force_account, Campaign.Kind.EVENT, in_hours=30)
    with pytest.raises(NotValid, match="Write down first"):
        occasions.draft_reminders(actor=leah_brandt, campaign=event)
    with pytest.raises(NotValid, match="Say where"):
        occasions.write_down(actor=leah_brandt, campaign=event, who="PC Nair")
    occasions.write_down(actor=leah_brandt, campaign=event, who="PC Nair", place="Harrowfield library")
    drafts = occasions.draft_reminders(actor=leah_brandt, campaign=event)
    assert [event.starts_at - one.publish_at for one in drafts] == [timedelta(days=1), timedelta(hours=2)]
    assert all(one.state == Post.State.DRAFT for one in drafts)
    assert "Tuesday 3 March at 15:00, Harrowfield library. Meet PC Nair." in drafts[0].words
    assert {one.campaigns.get().tag for one in drafts} == {event.tag}
    clock_at.shift(timedelta(hours=29))
    with pytest.raises(NotValid, match="too near"):
        occasions.draft_reminders(actor=leah_brandt, campaign=event)


def test_a_photo_from_the_street_belongs_to_the_day(
    clock_at, client, pc_nair, leah_brandt, harrowfield_account
):
    patrol = made(leah_brandt, harrowfield_account, Campaign.Kind.PATROL)
    client.force_login(pc_nair)
    day = reverse("publishing:occasion", args=[patrol.pk])
    client.post(
        reverse("publishing:occasion_step", args=[patrol.pk]),
        {"do": "write", "who": "PC Nair", "place": "Harrowfield"},
    )
    shown = client.get(day).content.decode()
    field = f"{reverse('publishing:field')}?campaign={patrol.tag_id}"
    assert field in shown
    assert f'name="campaign" value="{patrol.tag_id}"' in client.get(field).content.decode()
    client.post(
        reverse("publishing:field"),
        {"accounts": harrowfield_account.pk, "words": "At the school gate.", "campaign": patrol.tag_id},
    )
    assert "At the school gate." in client.get(day).content.decode()
    client.post(
        reverse("publishing:field"),
        {"accounts": harrowfield_account.pk, "words": "Alone.", "campaign": 99999},
    )
    assert Post.objects.get(words="Alone.").campaigns.count() == 0


def test_the_page_of_a_stream_says_what_is_lacking_and_keeps_what_was_typed(
    client, live, leah_brandt, sergeant_okafor
):
    client.force_login(leah_brandt)
    step = reverse("publishing:occasion_step", args=[live.pk])
    answer = client.post(
        step, {"do": "write", "who": "Dogs", "link": "http://x.example.org", "hold_line": "Back"}
    )
    assert answer.status_code == 422
    assert "http://x.example.org" in answer.content.decode()
    answer = client.post(
        step, {"do": "duty", "person": sergeant_okafor.pk, "since": "yesterday", "until": ""}
    )
    assert answer.status_code == 422
    assert "Start it" not in answer.content.decode()
    client.post(step, {"do": "tick-stop"})
    client.post(step, {"do": "untick-stop"})
    client.post(step, {"do": "tick-nothing"}, follow=True)
    assert (
        "5 lines of the checklist are open"
        in client.get(reverse("publishing:occasion", args=[live.pk])).content.decode()
    )
    plain = made(leah_brandt, live.accounts.get().official_account, Campaign.Kind.PLAIN)
    assert client.get(reverse("publishing:occasion", args=[plain.pk])).status_code == 409
