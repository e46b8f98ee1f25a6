"""What administrators type about official accounts, grants and staff members."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.db.models import QuerySet

from accounts import pace
from accounts.glass import OPENABLE
from accounts.models import AccessPolicy, BreakGlass, Grant, Neighbourhood, OfficialAccount
from core import clock
from platforms import registry
from staff.actions.directory import KEY_DAYS
from staff.forms import LondonTime
from staff.models import ConductMatter, Departure, StaffMember, Team
from staff.roles import Role


def _offer(form: forms.Form, name: str, choices: QuerySet) -> None:
    """Fill a select when the form is made: a queryset made at import would be asked too early."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = choices


class WhyForm(forms.Form):
    """One reason, for what is recorded with it."""

    why = forms.CharField(
        label="Why",
        max_length=300,
        error_messages={"required": "Say why, in a few words."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RegisterForm(forms.Form):
    platform = forms.ChoiceField(
        label="Platform", choices=lambda: [("", "Choose a platform"), *registry.NAMES.items()]
    )
    handle = forms.CharField(
        label="Handle",
        max_length=120,
        help_text="As the platform shows it, with or without the @.",
        error_messages={"required": "Give the handle."},
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    name = forms.CharField(
        label="Name", max_length=120, error_messages={"required": "Give the name that the public sees."}
    )
    purpose = forms.CharField(
        label="What it is for", max_length=300, required=False, help_text="Stands in the public list."
    )
    profile_url = forms.URLField(
        label="Address of its page",
        max_length=300,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Give the whole address, beginning with https://"},
    )
    use = forms.ChoiceField(
        label="How it is used",
        required=False,
        initial="open",
        choices=[
            ("open", "Openly, in the force’s name"),
            ("covert", "For investigation, research or covert work"),
        ],
        widget=forms.RadioSelect,
        help_text="The register and its public list hold official accounts alone.",
    )
    owner = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label="Owner",
        empty_label="Choose somebody",
        help_text="Who answers for it.",
        error_messages={
            "required": "Choose who answers for it.",
            "invalid_choice": "Choose somebody of the list.",
        },
    )
    team = forms.ModelChoiceField(Team.objects.none(), label="Team", required=False, empty_label="No team")
    neighbourhood = forms.ModelChoiceField(
        Neighbourhood.objects.none(),
        label="Neighbourhood",
        required=False,
        empty_label="The whole force area",
        help_text="Grants over a neighbourhood reach its official accounts.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)

        _offer(self, "owner", StaffMember.objects.filter(active=True))
        _offer(self, "team", Team.objects.all())
        _offer(self, "neighbourhood", Neighbourhood.objects.all())


class CredentialForm(forms.Form):
    """Write-only: what is stored is never shown again."""

    secret = forms.CharField(
        label="Token or app password",
        max_length=4000,
        help_text="It is sealed at once and never shown again. The one before it is gone.",
        error_messages={"required": "Paste the token; the stored one stays until then."},
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class ConnectedAppForm(forms.Form):
    """Another program that may use the official account on its platform."""

    name = forms.CharField(
        label="Name of the program, as the platform shows it",
        max_length=120,
        error_messages={"required": "Give the name of the program as the platform shows it."},
    )
    need = forms.CharField(
        label="What it is critically needed for",
        max_length=300,
        required=False,
        help_text="Only critically necessary programs may stay connected.",
    )
    approved_by = forms.ModelChoiceField(
        label="Approved by", queryset=StaffMember.objects.none(), required=False, empty_label="Nobody yet"
    )
    review_on = forms.DateField(
        label="Look at it again on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Give a day, such as 31/03/2027."},
    )

    def __init__(self, *args, named: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        people = StaffMember.objects.filter(active=True, kind=StaffMember.Kind.PERSON)
        self.fields["approved_by"].queryset = people.order_by("name")
        if named:
            del self.fields["name"]


class NativeUseForm(forms.Form):
    """Who writes on the platform itself, until when, and why."""

    person = forms.ModelChoiceField(
        label="Who",
        queryset=StaffMember.objects.none(),
        empty_label="Choose a person",
        error_messages={
            "required": "Choose who writes there.",
            "invalid_choice": "Choose a person of the list.",
        },
    )
    since = LondonTime(label="From", required=False, help_text="London time. Empty: from now.")
    until = LondonTime(label="Until", help_text="London time, 31 days at most.")
    why = forms.CharField(
        label="Why it cannot be written here",
        max_length=300,
        error_messages={"required": "Say why it cannot be written here."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = StaffMember.objects.filter(active=True, kind=StaffMember.Kind.PERSON)
        self.fields["person"].queryset = people.order_by("name")


class StatusForm(WhyForm):
    status = forms.ChoiceField(
        label="From now on it is",
        choices=[
            choice for choice in OfficialAccount.Status.choices if choice[0] != OfficialAccount.Status.CLOSED
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two."},
    )
    field_order = ("status", "why")


class PaceForm(forms.Form):
    """How far apart posts and replies leave one official account."""

    posts_apart_s = forms.IntegerField(
        label="Seconds between two posts", required=False, min_value=0, max_value=pace.LONGEST_S
    )
    replies_apart_s = forms.IntegerField(
        label="Seconds between two replies", required=False, min_value=0, max_value=pace.LONGEST_S
    )

    def __init__(self, *args, account: OfficialAccount, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, kind in (("posts_apart_s", pace.POSTS), ("replies_apart_s", pace.REPLIES)):
            default = pace.default_s(account.platform, kind)
            self.fields[name].help_text = f"Left empty: {default}, as for every official account there."

    @classmethod
    def of(cls, account: OfficialAccount) -> PaceForm:
        """The form as the official account has it now."""
        return cls(
            account=account,
            initial={"posts_apart_s": account.posts_apart_s, "replies_apart_s": account.replies_apart_s},
        )


class NeighbourhoodForm(forms.Form):
    name = forms.CharField(
        label="Name", max_length=120, error_messages={"required": "Give the neighbourhood a name."}
    )


class HowLong(forms.Form):
    """How long a grant lasts, in words people use; a time of its own beside them."""

    LASTS = {
        "": "Until somebody ends it, or the time below",
        "12h": "12 hours",
        "1d": "A day",
        "1w": "A week",
        "3w": "Three weeks",
        "3m": "Three months",
    }
    SPANS = {
        "12h": timedelta(hours=12),
        "1d": timedelta(days=1),
        "1w": timedelta(weeks=1),
        "3w": timedelta(weeks=3),
        "3m": timedelta(days=91),
    }

    lasts = forms.ChoiceField(
        label="For how long",
        choices=list(LASTS.items()),
        required=False,
        help_text="Counted from its beginning. At that second it is gone.",
    )
    until = LondonTime(
        label="Or until", required=False, help_text="London time. Empty: until somebody ends it."
    )

    def clean(self):
        given = super().clean() or {}
        lasts = given.pop("lasts", "")
        if lasts:
            if given.get("until"):
                self.add_error("until", "Choose a length or a time, not both.")
            given["until"] = (given.get("since") or clock.now()) + self.SPANS[lasts]
        return given


class OverWhatForm(forms.Form):
    """A role, and over what: an official account, a neighbourhood, or all of them."""

    role = forms.ChoiceField(
        label="Role",
        choices=[("", "Choose a role"), *Role.choices],
        error_messages={"required": "Choose a role."},
    )
    official_account = forms.ModelChoiceField(
        OfficialAccount.objects.none(),
        label="Official account",
        required=False,
        empty_label="All official accounts",
    )
    neighbourhood = forms.ModelChoiceField(
        Neighbourhood.objects.none(),
        label="Or a neighbourhood",
        required=False,
        empty_label="No one neighbourhood",
    )

    def __init__(self, *args, viewer_accounts: QuerySet | None = None, **kwargs):
        """viewer_accounts: those that may be named; by default all, since the list is public (APP social media)."""
        super().__init__(*args, **kwargs)
        if viewer_accounts is None:
            viewer_accounts = OfficialAccount.objects.exclude(status="closed")
        _offer(self, "official_account", viewer_accounts)
        _offer(self, "neighbourhood", Neighbourhood.objects.all())


class GrantForm(HowLong, OverWhatForm, WhyForm):
    person = forms.ModelChoiceField(
        StaffMember.objects.none(), label="Person", required=False, empty_label="Nobody: a team instead"
    )
    team = forms.ModelChoiceField(
        Team.objects.none(), label="Team", required=False, empty_label="No team: a person instead"
    )
    since = LondonTime(label="From", required=False, help_text="London time. Empty: from now.")
    field_order = (
        "person",
        "team",
        "role",
        "official_account",
        "neighbourhood",
        "since",
        "lasts",
        "until",
        "why",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _offer(self, "person", StaffMember.objects.filter(active=True))
        _offer(self, "team", Team.objects.all())
        self.fields[
            "neighbourhood"
        ].help_text = "All its official accounts, those that are registered later too."


class MemberForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=120,
        error_messages={"required": "Give the name."},
        help_text="First and last name.",
    )
    rank = forms.CharField(
        label="Rank or post",
        max_length=80,
        required=False,
        help_text="As it stands before the name: PC, Sgt, Insp.",
    )
    email = forms.CharField(
        label="Work e-mail address",
        max_length=254,
        help_text="The link to set up their sign-in goes here.",
        error_messages={"required": "Give the e-mail address."},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(label="Duty phone", max_length=30, required=False)


class LeaverForm(WhyForm):
    """How and when somebody leaves. No time means at once."""

    kind = forms.ChoiceField(
        label="How they leave",
        choices=[
            ("", "Choose"),
            *((kind.value, kind.label) for kind in Departure.Kind if kind != Departure.Kind.CONDUCT),
        ],
        error_messages={"required": "Choose how they leave."},
    )
    leaves_at = LondonTime(
        label="Last moment of access",
        required=False,
        help_text="London time. Empty: at once. At that second they are out, with no further step.",
    )
    heir = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label="Who takes over what they have open",
        required=False,
        empty_label="Whoever leads their team, else the desk supervisor",
        help_text="Comments in hand, posts, what is queued, cases. A piece that this person may not do goes to "
        "somebody who may.",
        error_messages={"invalid_choice": "Choose somebody of the list."},
    )
    field_order = ("kind", "leaves_at", "heir", "why")

    def __init__(self, *args, member: StaffMember, coming: Departure | None, leader, **kwargs):
        initial = {"heir": leader}
        if coming is not None:
            initial = {
                "kind": coming.kind,
                "leaves_at": coming.leaves_at,
                "heir": coming.heir,
                "why": coming.why,
            }
        super().__init__(*args, initial=initial, **kwargs)
        _offer(self, "heir", StaffMember.objects.filter(active=True).exclude(pk=member.pk))


class ReturnForm(WhyForm):
    """Somebody who left comes back."""

    email = forms.CharField(
        label="Work e-mail address today",
        max_length=254,
        help_text="The link to set up their sign-in goes here. Somebody else may have their old address by now.",
        error_messages={"required": "Give the e-mail address."},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("email", "why")


class SignForm(forms.Form):
    note = forms.CharField(
        label="Note", max_length=300, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class LongWhyForm(forms.Form):
    """A reason that may need more than a line."""

    why = forms.CharField(
        label="Why",
        max_length=4000,
        help_text="Only professional standards can read it.",
        error_messages={"required": "Say why. Only professional standards can read it."},
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )


class MatterForm(LongWhyForm):
    """What professional standards decide about somebody."""

    member = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label="Whom it is about",
        empty_label="Choose somebody",
        error_messages={
            "required": "Choose whom it is about.",
            "invalid_choice": "Choose somebody of the list.",
        },
    )
    kind = forms.ChoiceField(
        label="What is to happen",
        choices=ConductMatter.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the three."},
    )
    act_at = LondonTime(label="Set time", required=False, help_text="London time. Only for a set time.")
    heir = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label="Who takes over what they have open",
        required=False,
        empty_label="Whoever leads their team, else the desk supervisor",
        help_text="They are told only when the person has left.",
    )
    field_order = ("member", "kind", "act_at", "heir", "why")

    def __init__(self, *args, viewer: StaffMember, **kwargs):
        super().__init__(*args, **kwargs)
        here = StaffMember.objects.filter(active=True)
        _offer(self, "member", here.exclude(pk=viewer.pk))
        _offer(self, "heir", here)


class TakeTrailForm(LongWhyForm):
    """Which time of the person's acts belongs to the matter as well."""

    since = LondonTime(label="From", help_text="London time.")
    until = LondonTime(label="Up to", help_text="London time; half a year at a time at most.")
    field_order = ("since", "until", "why")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("since", "until"):
            self.fields[name].error_messages["required"] = "Give a date and a time."
        # Beside another form with the same field on one page.
        self.auto_id = "take_%s"


class AskForm(HowLong, OverWhatForm, WhyForm):
    """A role that somebody asks for."""

    field_order = ("role", "official_account", "neighbourhood", "lasts", "until", "why")


class GlassForm(OverWhatForm):
    """Emergency access: for whom, which role over what, how many hours, and what has happened."""

    email = forms.EmailField(
        label="For a colleague",
        max_length=254,
        required=False,
        help_text="Their work e-mail address. Empty: for yourself.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    hours = forms.TypedChoiceField(
        label="For how long",
        coerce=int,
        choices=[(1, "1 hour"), *((n, f"{n} hours") for n in range(2, BreakGlass.MOST_HOURS + 1))],
        help_text="Counted from the agreement. At its last second it is gone.",
    )
    why = forms.CharField(
        label="What has happened",
        max_length=240,
        help_text="Whoever agrees decides by it, and information security reads it.",
        error_messages={"required": "Say what has happened: whoever agrees decides by it."},
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )

    field_order = ("email", "role", "official_account", "neighbourhood", "hours", "why")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = [("", "Choose a role"), *((role, Role(role).label) for role in OPENABLE)]

    def clean_email(self) -> StaffMember | None:
        """The colleague, or None for oneself."""
        email = self.cleaned_data["email"].strip()
        if not email:
            return None
        found = StaffMember.objects.filter(
            email__iexact=email, active=True, kind=StaffMember.Kind.PERSON
        ).first()
        if found is None:
            raise forms.ValidationError("Nobody who works here has that address. Check it.")
        return found


class GlassReviewForm(forms.Form):
    """What came of an emergency access, for information security."""

    outcome = forms.ChoiceField(
        label="What came of it",
        choices=BreakGlass.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what came of it."},
    )
    note = forms.CharField(
        label="What you found",
        max_length=1000,
        help_text="Was it needed? Was it used for what was said? What should change?",
        error_messages={"required": "Say in a few words what you found. It is kept with the review."},
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )


class AnswerForm(forms.Form):
    do = forms.ChoiceField(choices=[("give", "Give it"), ("refuse", "Refuse it")])
    why = forms.CharField(max_length=300, required=False)


class GrantChoices(forms.ModelMultipleChoiceField):
    """Grants to tick, each by its role and what it covers."""

    def label_from_instance(self, obj):
        return f"{obj.get_role_display()}, {obj.scope_name}"


class MoveForm(OverWhatForm, WhyForm):
    """Another post: its rank and team, and what of the old post's grants is asked for again."""

    rank = forms.CharField(label="Rank or post", max_length=80, required=False)
    team = forms.ModelChoiceField(
        Team.objects.none(), label="New team", required=False, empty_label="No team"
    )
    again = GrantChoices(
        Grant.objects.none(),
        label="Ask for these again",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="All of them end now. Those ticked wait for somebody who gives grants.",
    )
    field_order = ("why", "rank", "team", "again", "role", "official_account", "neighbourhood")

    def __init__(self, *args, member: StaffMember, held, **kwargs):
        super().__init__(*args, initial={"rank": member.rank}, **kwargs)
        self.fields["why"].label = "Where they move to, and why"
        _offer(self, "team", Team.objects.all())
        _offer(self, "again", Grant.objects.filter(pk__in=[grant.pk for grant in held]))
        if not held:
            del self.fields["again"]
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.label, role.required = "And ask for a role", False
        role.choices = [("", "No other role"), *Role.choices]
        self.fields["official_account"].label = "Over an official account"

    def clean(self):
        given = super().clean() or {}
        given.setdefault("again", [])
        return given


class PolicyForm(forms.ModelForm):
    class Meta:
        model = AccessPolicy
        fields = [
            "dormant_after_days",
            "grants_end_within_days",
            "unused_after_days",
            "confirm_within_days",
            "unconfirmed",
            "each_quarter",
        ]
        labels = {
            "dormant_after_days": "Dormant after days",
            "grants_end_within_days": "Show grants that end within days",
            "unused_after_days": "Unused after days",
            "confirm_within_days": "Days to confirm grants",
            "unconfirmed": "What becomes of a grant that nobody confirms",
        }


class CampaignForm(forms.Form):
    title = forms.CharField(
        label="Title",
        max_length=120,
        help_text="Such as “Quarter 4 of 2026”.",
        error_messages={"required": "Give it a title, such as “Quarter 4 of 2026”."},
    )
    due_at = LondonTime(label="Due", required=False)

    def __init__(self, *args, days: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["due_at"].help_text = f"London time. Empty: in {days} days."


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(choices=[("keep", "Keep"), ("end", "End")])
    why = forms.CharField(max_length=300, required=False)


class TeamForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120, error_messages={"required": "Give the team a name."})


class PlaceForm(forms.Form):
    """Somebody's place in a team."""

    member = forms.ModelChoiceField(
        StaffMember.objects.none(), label="Staff member", empty_label="Choose somebody"
    )
    do = forms.ChoiceField(
        choices=[("join", "Join"), ("leave", "Leave"), ("lead", "Lead"), ("follow", "Lead no longer")],
        widget=forms.HiddenInput,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _offer(self, "member", StaffMember.objects.filter(active=True))


class EmailForm(forms.Form):
    """The address that somebody signs in with."""

    email = forms.CharField(
        label="E-mail address",
        max_length=254,
        error_messages={"required": "Enter the new address."},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class NetworksForm(forms.Form):
    """Who answers for a program, and where it comes from."""

    owner = forms.ModelChoiceField(
        StaffMember.objects.none(),
        label="Who answers for it",
        empty_label="Choose somebody",
        error_messages={
            "required": "Choose who answers for it.",
            "invalid_choice": "Choose somebody of the list.",
        },
    )
    networks = forms.CharField(
        label="Networks from which it comes",
        max_length=2000,
        help_text="One a line, such as 192.0.2.0/24. From anywhere else its keys are not taken.",
        error_messages={"required": "Name at least one network, such as 192.0.2.0/24."},
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "none"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _offer(self, "owner", StaffMember.objects.filter(active=True))

    def clean_networks(self) -> list[str]:
        return [
            line for line in self.cleaned_data["networks"].replace(",", "\n").splitlines() if line.strip()
        ]


class ServiceForm(NetworksForm):
    name = forms.CharField(
        label="Name",
        max_length=120,
        help_text="As colleagues know the program, such as “Contact centre telephony”.",
        error_messages={"required": "Give the program a name."},
    )
    purpose = forms.CharField(
        label="What it is for", max_length=300, error_messages={"required": "Say what it is for."}
    )
    field_order = ("name", "purpose", "owner", "networks")


class KeyForm(forms.Form):
    until = LondonTime(label="Works until", help_text="London time, a year from now at the latest.")


class ServiceGrantForm(OverWhatForm, WhyForm):
    """A role for a program: always with an end."""

    until = LondonTime(label="Until", help_text="London time. A program’s grant always has an end.")
    field_order = ("role", "official_account", "until", "why")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Programs work on one official account or on all of them.
        del self.fields["neighbourhood"]


class DirectoryKeyForm(forms.Form):
    name = forms.CharField(
        label="Which directory",
        max_length=60,
        help_text="As colleagues call it, such as Entra ID.",
        error_messages={"required": "Name the directory that will hold the key."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(
        label="The key works for",
        coerce=int,
        choices=[(days, f"{days} days") for days in KEY_DAYS],
        initial=KEY_DAYS[1],
        error_messages={"required": "Choose how long the key works."},
    )


class HandOverForm(forms.Form):
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label="Team",
        empty_label="Choose a team",
        help_text="From then on its members are those that the directory names. Its grants stay.",
        error_messages={"required": "Choose a team.", "invalid_choice": "Choose a team of the list."},
    )
    external_id = forms.CharField(
        label="The directory's id of the group",
        max_length=254,
        required=False,
        help_text="The object id in Entra ID, if it is known. It also stands in the group claim of single sign-on.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _offer(self, "team", Team.objects.exclude(directory__isnull=False, directory__removed_at=None))


class StaffListForm(forms.Form):
    file = forms.FileField(
        label="The list, as CSV",
        help_text="UTF-8 with commas, at most 2,000 people. Nothing happens until you have seen what it comes to.",
        error_messages={
            "required": "Choose the file.",
            "empty": "The file is empty. Begin from the template.",
            "max_length": "The name of the file is too long.",
        },
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
