"""Programs with keys of their own: what opens, what does not any more, and that nothing is done twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import actions as accounts
from accounts import keys, queries
from accounts.actions import services
from accounts.models import ApiKey, KeptAnswer, ServiceIdentity
from accounts.operations import A_MINUTE
from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from moderation.models import Comment, Decision
from publishing.models import Post
from smmp.seed.force import SEED
from staff.models import StaffMember
from staff.roles import Power, Role
from tests.comments import write

pytestmark = pytest.mark.django_db


@pytest.fixture
def telephony(ben_osei, victoria_lang, harrowfield_account):
    """A program of the contact centre that works the comments of Harrowfield for a month."""
    made = services.add_service(
        actor=ben_osei,
        name="Telephony",
        purpose="Shows waiting comments to call takers",
        owner=victoria_lang,
        networks=["127.0.0.0/8"],
    )
    accounts.give_grant(
        actor=SEED,
        person=made.member,
        role=Role.DESK_OPERATOR,
        official_account=harrowfield_account,
        until=clock.now() + timedelta(days=30),
        why="Call takers answer there",
    )
    return made


@pytest.fixture
def key(telephony, ben_osei):
    """A key of it, whole."""
    return services.make_key(actor=ben_osei, service=telephony, until=clock.now() + timedelta(days=90))[1]


def ask(client, route, key, body=None, *, token="first-try-1", **more):
    headers = {"Authorization": f"Bearer {key}"}
    address = reverse(f"api:{route}", kwargs=more or None)
    if body is None:
        return client.get(address, headers=headers)
    headers["Idempotency-Key"] = token
    return client.post(address, body, content_type="application/json", headers=headers)


def test_a_key_is_shown_once_and_kept_as_a_hash(client, ben_osei, telephony):
    ben = client.force_login(ben_osei)
    until = clock.in_london(clock.now() + timedelta(days=30))
    page = ben.post(
        reverse("accounts:make_key", args=[telephony.pk]), {"key-until": f"{until:%Y-%m-%dT%H:%M}"}
    )
    row = ApiKey.objects.get()
    whole = page.text.partition("<code>smmp_")[2].partition("</code>")[0]
    assert whole.startswith(row.prefix)
    assert keys.read(f"smmp_{whole}") == row
    secret = whole.removeprefix(f"{row.prefix}_")
    assert secret not in ben.get(reverse("accounts:service", args=[telephony.pk])).text
    assert secret not in row.digest
    assert not Entry.objects.filter(details__icontains=secret).exists()
    assert Entry.objects.get(event="service.key_made").details["prefix"] == row.prefix


def test_an_older_signing_key_still_reads_a_key(key, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [settings.SECRET_KEY]
    assert keys.read(key) is not None
    settings.SECRET_KEY_FALLBACKS = []
    assert keys.read(key) is None


def test_it_sees_what_its_grant_reaches_and_is_named_in_the_trail(
    client, key, harrowfield_account, saltmere_account
):
    own, other = write(harrowfield_account, "Is the bridge open?"), write(saltmere_account, "Help")
    page = ask(client, "comments", key)
    assert [item["id"] for item in page.json()["items"]] == [own.pk]
    entry = Entry.objects.filter(event="comments.listed").latest("id")
    assert (entry.actor_kind, entry.actor_name, entry.shown_ids) == ("service", "Telephony", [own.pk])
    hidden = ask(client, "comment", key, pk=other.pk)
    assert hidden.status_code == 404
    assert hidden["Content-Type"] == "application/problem+json"
    me = ask(client, "whoami", key).json()
    assert {held["power"]: held["official_accounts"] for held in me["powers"]}[Power.REPLY] == [
        harrowfield_account.pk
    ]


def test_a_grant_that_ends_is_gone_at_the_next_request(client, key, telephony, ben_osei):
    assert ask(client, "comments", key).status_code == 200
    accounts.end_grant(actor=ben_osei, grant=telephony.member.grants.get(), why="Project over")
    refused = ask(client, "comments", key)
    assert refused.status_code == 403
    assert "service administrator" in refused.json()["detail"]


def test_a_revoked_key_is_out_and_the_attempt_is_in_the_trail(client, key, ben_osei):
    row = ApiKey.objects.get()
    with pytest.raises(NotValid):
        services.revoke_key(actor=ben_osei, key=row, why=" ")
    services.revoke_key(actor=ben_osei, key=row, why="Leaked in a log")
    with pytest.raises(TransitionNotAllowed):
        services.revoke_key(actor=ben_osei, key=row, why="Again")
    refused = ask(client, "whoami", key)
    assert refused.status_code == 401
    assert "revoked" in refused.json()["detail"]
    assert Entry.objects.get(event="service.key_refused").details["why"] == "it was revoked"


def test_what_a_key_had_begun_is_refused_once_it_is_revoked(key, ben_osei, harrowfield_account):
    """The request was let in; the key is revoked before its action."""
    actor = keys.actor(ApiKey.objects.get())
    services.revoke_key(actor=ben_osei, key=actor.api_key, why="Leaked")
    with pytest.raises(NotPermitted, match="revoked"):
        services.note_looked(actor=actor, what="grants")


def test_a_key_that_ran_out_or_comes_from_elsewhere_is_not_taken(client, key):
    elsewhere = client.get(
        reverse("api:whoami"), headers={"Authorization": f"Bearer {key}"}, REMOTE_ADDR="198.51.100.7"
    )
    assert elsewhere.status_code == 401
    assert "network" in elsewhere.json()["detail"]
    ApiKey.objects.update(made_at=clock.now() - timedelta(days=2), until=clock.now() - timedelta(seconds=1))
    assert "run out" in ask(client, "whoami", key).json()["detail"]


@pytest.mark.parametrize("wrong", ["", "smmp_", "Bearer", "smmp_abcdefghij_" + "x" * 43, "\x00", "é" * 60])
def test_what_is_no_key_opens_nothing(client, key, wrong):
    answer = client.get(reverse("api:whoami"), HTTP_AUTHORIZATION=f"Bearer {wrong}")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_signed_in_browser_opens_nothing(client, amira_hussain):
    assert client.force_login(amira_hussain).get(reverse("api:comments")).status_code == 401


def test_too_many_requests_are_slowed_with_a_time_to_wait(client, key):
    ask(client, "whoami", key)
    row = ApiKey.objects.get()
    for _ in range(3):
        services.note_use(key=row, source="127.0.0.1")
    row.use.refresh_from_db()
    row.use.minute_at, row.use.in_minute = clock.now().replace(second=0, microsecond=0), A_MINUTE
    row.use.save()
    slowed = ask(client, "whoami", key)
    if slowed.status_code == 200:  # a new minute has just begun
        row.use.in_minute, row.use.minute_at = A_MINUTE, clock.now().replace(second=0, microsecond=0)
        row.use.save()
        slowed = ask(client, "whoami", key)
    assert slowed.status_code == 429
    assert 0 < int(slowed["Retry-After"]) <= 60


def test_a_write_is_done_once_however_often_it_is_sent(client, key, harrowfield_account):
    comment = write(harrowfield_account, "Thank you!")
    body = {"kind": "no_action", "revision": 1, "why": "Thanks"}
    first = ask(client, "decisions", key, body, pk=comment.pk)
    assert first.status_code == 201
    again = ask(client, "decisions", key, body, pk=comment.pk)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert Decision.objects.filter(comment=comment).count() == 1
    other = ask(client, "decisions", key, {**body, "why": "Other"}, pk=comment.pk)
    assert other.status_code == 422
    assert other.json()["field"] == "Idempotency-Key"
    entry = Entry.objects.get(event="comment.no_action")
    assert (entry.actor_kind, entry.actor_name) == ("service", "Telephony")


def test_a_write_that_is_under_way_is_not_begun_again(client, key, harrowfield_account):
    comment = write(harrowfield_account, "Thank you!")
    body = {"kind": "no_action", "revision": 1}
    ask(client, "decisions", key, body, pk=comment.pk)
    KeptAnswer.objects.update(status=None, body=None)
    assert ask(client, "decisions", key, body, pk=comment.pk).status_code == 409
    KeptAnswer.objects.update(begun_at=clock.now() - timedelta(hours=25))
    assert services.sweep_answers() == 1
    assert services.sweep_answers() == 0


def test_a_service_that_changes_its_key_in_the_middle_of_its_tries_does_nothing_twice(
    client, key, telephony, ben_osei, harrowfield_account
):
    comment = write(harrowfield_account, "Thank you!")
    body = {"kind": "no_action", "revision": 1}
    first = ask(client, "decisions", key, body, pk=comment.pk)
    _, fresh = services.make_key(actor=ben_osei, service=telephony, until=clock.now() + timedelta(days=1))
    again = ask(client, "decisions", fresh, body, pk=comment.pk)
    assert (again.status_code, again.json()) == (201, first.json())
    assert Decision.objects.filter(comment=comment).count() == 1


def test_tokens_of_two_services_are_their_own(client, key, ben_osei, harrowfield_account):
    other = services.add_service(
        actor=ben_osei, name="Other", purpose="Test", owner=ben_osei, networks=["127.0.0.0/8"]
    )
    row, _ = services.make_key(actor=ben_osei, service=other, until=clock.now() + timedelta(days=1))
    mine = ApiKey.objects.exclude(pk=row.pk).get()
    assert services.begin_answer(key=mine, token="same-token", request_hash="a")[1]
    assert services.begin_answer(key=row, token="same-token", request_hash="b")[1]
    assert not services.begin_answer(key=row, token="same-token", request_hash="b")[1]


def test_a_refusal_is_not_kept_and_a_missing_idempotency_key_is_said(client, key, harrowfield_account):
    comment = write(harrowfield_account, "Thank you!")
    body = {"kind": "no_action", "revision": 7}
    assert ask(client, "decisions", key, body, pk=comment.pk).status_code == 409
    assert not KeptAnswer.objects.exists()
    bare = ask(client, "decisions", key, body, token="", pk=comment.pk)
    assert bare.json()["field"] == "Idempotency-Key"


def test_a_comment_is_claimed_and_released(client, key, telephony, harrowfield_account, amira_hussain):
    comment = write(harrowfield_account, "Is the bridge open?")
    claimed = ask(client, "claim", key, {}, pk=comment.pk)
    assert claimed.json()["claimed_by"] == "Telephony"
    assert Comment.objects.get(pk=comment.pk).claimed_by_id == telephony.member_id
    freed = ask(client, "release", key, {}, token="second-try", pk=comment.pk)
    assert freed.json()["claimed_by"] is None


def test_a_program_drafts_and_a_person_approves(
    client, telephony, key, harrowfield_account, helen_achebe, ben_osei
):
    accounts.give_grant(
        actor=SEED,
        person=telephony.member,
        role=Role.COMMS_OFFICER,
        official_account=harrowfield_account,
        why="Drafts road closures",
    )
    body = {"official_accounts": [harrowfield_account.pk], "words": "Bridge Street is shut until 18:00."}
    drafted = ask(client, "posts", key, body).json()
    sent = ask(
        client, "submit_post", key, {"version": drafted["version"]}, token="submit-1", pk=drafted["id"]
    )
    assert sent.json()["state"] == Post.State.SUBMITTED
    assert helen_achebe.notices.filter(title__startswith="Waits for approval").exists()


def test_only_a_person_says_i_have_it(client, key, telephony):
    accounts.give_grant(actor=SEED, person=telephony.member, role=Role.DUTY_COMMAND, why="Tries")
    assert ask(client, "acknowledge", key, {}, pk=10**6).status_code == 404


def test_a_program_stands_in_no_list_of_people_and_cannot_sign_in(telephony, ben_osei):
    member = telephony.member
    assert not StaffMember.objects.filter(pk=member.pk).exists()
    accounts.give_grant(actor=SEED, person=member, role=Role.DUTY_COMMAND, why="Tries to be called")
    assert member.pk not in {person.pk for person in queries.people_with(role=Role.DUTY_COMMAND)}
    member.set_password("correct horse battery staple")
    with pytest.raises(IntegrityError), transaction.atomic():
        member.save()


def test_a_retired_program_is_out_with_its_keys_and_grants(client, key, telephony, ben_osei):
    services.retire_service(actor=ben_osei, service=telephony, why="Replaced")
    assert ask(client, "whoami", key).status_code == 401
    assert not queries.live_grants(person=telephony.member).exists()
    with pytest.raises(TransitionNotAllowed):
        services.make_key(actor=ben_osei, service=telephony, until=clock.now() + timedelta(days=1))
    assert Entry.objects.filter(event="service.retired", actor_id=ben_osei.pk).exists()


@pytest.mark.parametrize("networks", [[], ["everywhere"], ["10.0.0.0/99"]])
def test_a_network_that_cannot_be_read_is_refused(ben_osei, victoria_lang, networks):
    with pytest.raises(NotValid):
        services.add_service(actor=ben_osei, name="X", purpose="Y", owner=victoria_lang, networks=networks)
    assert not ServiceIdentity.objects.exists()


def test_only_who_manages_staff_adds_programs(telephony, amira_hussain, victoria_lang):
    with pytest.raises(NotPermitted):
        services.add_service(
            actor=amira_hussain, name="X", purpose="Y", owner=victoria_lang, networks=["192.0.2.0/24"]
        )
    program = keys.actor(
        services.make_key(actor=SEED, service=telephony, until=clock.now() + timedelta(1))[0]
    )
    with pytest.raises(NotPermitted):
        accounts.give_grant(actor=program, person=victoria_lang, role=Role.DESK_OPERATOR, why="Takes over")


def test_an_address_that_there_is_not_and_an_empty_filter_are_refused_as_json(client, key):
    nowhere = client.get("/api/v1/nowhere/at/all", headers={"Authorization": f"Bearer {key}"})
    assert (nowhere.status_code, nowhere["Content-Type"]) == (404, "application/problem+json")
    empty = client.get("/api/v1/comments?state=", headers={"Authorization": f"Bearer {key}"})
    assert (empty.status_code, empty.json()["field"]) == (422, "state")


def test_the_document_names_every_operation(client, ben_osei):
    found = client.get(reverse("api:schema")).json()
    assert found["paths"]["/api/v1/comments/{id}/decisions"]["post"]["security"] == [{"key": []}]
    page = client.force_login(ben_osei).get(reverse("api:docs"))
    assert all(path in page.text for path in found["paths"])


def test_an_administrator_walks_through_it_all(client, ben_osei, victoria_lang):
    ben = client.force_login(ben_osei)
    form = {
        "name": "Telephony",
        "purpose": "Call takers",
        "owner": victoria_lang.pk,
        "networks": "192.0.2.0/24\n2001:db8::/32",
    }
    assert ben.post(reverse("accounts:add_service"), {**form, "networks": "x"}).status_code == 422
    page = ben.post(reverse("accounts:add_service"), form, follow=True)
    assert "Give it a grant" in page.text
    made = ServiceIdentity.objects.get()
    until = f"{clock.in_london(clock.now() + timedelta(days=30)):%Y-%m-%dT%H:%M}"
    grant = {"grant-role": Role.DESK_OPERATOR, "grant-until": until, "grant-why": "Call takers"}
    given = ben.post(reverse("accounts:give_service_grant", args=[made.pk]), grant, follow=True)
    assert "Digital desk operator" in given.text
    assert ben.post(reverse("accounts:make_key", args=[made.pk]), {"key-until": "never"}).status_code == 422
    ben.post(reverse("accounts:make_key", args=[made.pk]), {"key-until": until})
    revoke = reverse("accounts:revoke_key", args=[ApiKey.objects.get().pk])
    assert ben.post(revoke, {"revoke-why": ""}).status_code == 422
    assert "is revoked" in ben.post(revoke, {"revoke-why": "Leaked"}, follow=True).text
    change = {"change-owner": ben_osei.pk, "change-networks": "198.51.100.0/24"}
    assert "Saved" in ben.post(reverse("accounts:change_service", args=[made.pk]), change, follow=True).text
    retired = ben.post(
        reverse("accounts:retire_service", args=[made.pk]), {"retire-why": "Replaced"}, follow=True
    )
    assert "is retired" in retired.text
    assert "retired" in ben.get(reverse("accounts:services")).text
