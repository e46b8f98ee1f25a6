"""What each official account is for and who answers for it, from the request to the closure; the rules of its name."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.models.register import Neighbourhood, OfficialAccount
from core import clock
from staff.models import StaffMember, Team


class Mandate(models.Model):
    """The charge of one official account: wanted, assessed, approved, opened, reviewed, closed.

    It stands before there is an official account, which is made when two people have opened it. Source: APP
    social media, "Social media policy" (who may open one, and why) and "Security" (how it is kept).
    """

    record_class = "official_account"

    class Kind(models.TextChoices):
        FORCE = "force", "The force"
        TEAM = "team", "A team"
        ROLE = "role", "A role, whoever holds it"
        OFFICER = "officer", "A named officer"

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        ASSESSED = "assessed", "Assessed"
        APPROVED = "approved", "Approved"
        READY = "ready", "Ready to open"
        ACTIVE = "active", "Active"
        SUSPENDED = "suspended", "Suspended"
        CLOSING = "closing", "Closing"
        CLOSED = "closed", "Closed"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Run(models.TextChoices):
        RUN = "run", "It is run"
        DORMANT = "dormant", "Dormant: kept, and nothing is posted"
        NOBODY = "nobody", "Legacy: nobody runs it"

    class Verified(models.TextChoices):
        UNKNOWN = "unknown", "Not looked at yet"
        NONE = "none", "Not verified"
        APPLIED = "applied", "Applied for"
        VERIFIED = "verified", "Verified by the platform"
        NOT_OFFERED = "not_offered", "The platform offers none"

    official_account = models.OneToOneField(
        OfficialAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="mandate"
    )
    """Empty until it is opened."""
    state = models.CharField(max_length=10, choices=State)
    due_on = models.DateField(null=True, blank=True)
    """The London day by which its next step is due; None where nothing more is to come."""
    kind = models.CharField(max_length=10, choices=Kind)
    platform = models.CharField(max_length=20)
    handle = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=300)
    profile_url = models.URLField(max_length=300, blank=True)
    audience = models.CharField(max_length=300, blank=True)
    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="mandates_owned")
    deputy = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="mandates_deputised"
    )
    asset_owner = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="mandates_as_asset"
    )
    """The information asset owner."""

    # A named officer
    officer = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="mandates_in_name"
    )
    consented_on = models.DateField(null=True, blank=True)
    safety_checked_on = models.DateField(null=True, blank=True)
    named_publicly = models.BooleanField(default=False)
    """Whether the public list names the officer. False until they agree: a safety opt-out is the default."""
    posting_ends_on = models.DateField(null=True, blank=True)

    # Keeping it
    mailbox = models.EmailField(blank=True)
    """The address that it is registered with on the platform: of the shared mailbox register, never used twice."""
    vault_entry = models.CharField(max_length=120, blank=True)
    """Where the force's vault keeps the password. The platform stores no platform password."""
    recovery = models.CharField(max_length=600, blank=True)
    force_device_only = models.BooleanField(default=True)
    off_network = models.CharField(max_length=300, blank=True)
    """Who may use it off the force network, by name, and why."""
    verified = models.CharField(max_length=12, choices=Verified, default=Verified.UNKNOWN)
    verified_route = models.CharField(max_length=300, blank=True)
    continuity = models.CharField(max_length=1000, blank=True)
    run = models.CharField(max_length=8, choices=Run, default=Run.RUN)
    bio = models.CharField(max_length=600, blank=True)
    """The words of its profile as the platform showed them on `seen_on`."""
    has_picture = models.BooleanField(null=True, blank=True)
    seen_on = models.DateField(null=True, blank=True)

    # Request, assessment, opening, closing
    reasons = models.CharField(max_length=1000)
    content_plan = models.CharField(max_length=1000, blank=True)
    trained = models.CharField(max_length=300, blank=True)
    """Who will run it, and which training they have done."""
    requested_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField()
    comms_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    infosec_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    finished_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Who says that the checklist of opening is done."""
    opened_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Who asked that it be closed."""
    closed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_on = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "platform", "id"]
        indexes = [models.Index(fields=["state", "due_on"], name="mandate_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="officer", officer__isnull=False) | (~Q(kind="officer") & Q(officer=None)),
                name="mandate_officer_named",
            ),
            models.CheckConstraint(
                condition=Q(named_publicly=False) | Q(consented_on__isnull=False),
                name="mandate_named_with_consent",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["active", "suspended", "closing", "closed"], official_account__isnull=False
                )
                | (
                    ~Q(state__in=["active", "suspended", "closing", "closed"])
                    & Q(official_account__isnull=True)
                ),
                name="mandate_account_when_opened",
            ),
            models.CheckConstraint(
                condition=Q(comms_by=None) | Q(infosec_by=None) | ~Q(comms_by=F("infosec_by")),
                name="mandate_two_assess",
            ),
            models.CheckConstraint(
                condition=Q(requested_by=None)
                | (
                    (Q(comms_by=None) | ~Q(comms_by=F("requested_by")))
                    & (Q(infosec_by=None) | ~Q(infosec_by=F("requested_by")))
                    & (Q(approved_by=None) | ~Q(approved_by=F("requested_by")))
                ),
                name="mandate_judged_by_others",
            ),
            models.CheckConstraint(
                condition=Q(opened_by=None) | (Q(finished_by__isnull=False) & ~Q(opened_by=F("finished_by"))),
                name="mandate_two_open",
            ),
            models.CheckConstraint(
                condition=Q(closed_by=None) | (Q(ended_by__isnull=False) & ~Q(closed_by=F("ended_by"))),
                name="mandate_two_close",
            ),
            models.UniqueConstraint(
                Lower("mailbox"),
                condition=~Q(mailbox="") & ~Q(state__in=["closed", "refused", "withdrawn"]),
                name="mandate_mailbox_once",
            ),
            models.UniqueConstraint(
                "platform",
                Lower("handle"),
                condition=Q(state__in=["requested", "assessed", "approved", "ready"]),
                name="mandate_asked_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_overdue(self) -> bool:
        """Whether its next step should have been done before today."""
        return self.due_on is not None and self.due_on < clock.today()

    @property
    def is_request(self) -> bool:
        """Whether there is no official account yet and may be one."""
        return self.state in {
            self.State.REQUESTED,
            self.State.ASSESSED,
            self.State.APPROVED,
            self.State.READY,
        }

    def officer_leaves_by(self, day: date) -> bool:
        """Whether the officer whose name it bears has left, or their posting is over by that day."""
        return self.officer is not None and (
            not self.officer.active or (self.posting_ends_on is not None and self.posting_ends_on <= day)
        )


class MandateStep(models.Model):
    """One thing that happened to a mandate: who, when, in which words, and where it stood then. Never edited."""

    record_class = "official_account"

    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="steps")
    event = models.CharField(max_length=20)
    point = models.CharField(max_length=20, blank=True)
    """Which point of a checklist, where it is about one."""
    words = models.CharField(max_length=1000, blank=True)
    state = models.CharField(max_length=10, choices=Mandate.State)
    due_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["mandate", "at"], name="mandate_step_by_time")]

    def __str__(self) -> str:
        return f"{self.event} of {self.mandate}"


class NativeAdministrator(models.Model):
    """Who holds which role over an official account on the platform itself, as somebody read it there.

    A platform knows nothing of our grants: whoever was made an administrator there stays one.
    """

    record_class = "official_account"

    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="native_administrators"
    )
    name = models.CharField(max_length=120)
    """As the platform shows it."""
    person = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="native_roles"
    )
    role = models.CharField(max_length=80)
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), "official_account", condition=Q(removed_at=None), name="native_admin_once"
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="native_admin_removed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.official_account}"


class NamingRule(models.Model):
    """One rule for how official accounts are named and look. Ended, never changed."""

    record_class = "schedule"

    class Kind(models.TextChoices):
        NAME_BEGINS = "name_begins", "The name begins with"
        NAME_HAS = "name_has", "The name contains"
        HANDLE_HAS = "handle_has", "The handle contains"
        FORBIDDEN = "forbidden", "Neither name, handle nor profile contains"
        BIO_HAS = "bio_has", "The profile says"
        PICTURE = "picture", "There is a profile picture"

    kind = models.CharField(max_length=12, choices=Kind)
    text = models.CharField(max_length=120, blank=True)
    platforms = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    """Where it holds; empty: everywhere."""
    why = models.CharField(max_length=300)
    set_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "text", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="picture", text="") | (~Q(kind="picture") & ~Q(text="")),
                name="naming_rule_has_text",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="naming_rule_ended_by_someone",
            ),
            models.UniqueConstraint(
                "kind", Lower("text"), "platforms", condition=Q(ended_at=None), name="naming_rule_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.text}".strip()
