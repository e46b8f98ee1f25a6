"""What administrators type about official accounts, grants and staff members."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.db.models import QuerySet

from accounts.models import Neighbourhood, OfficialAccount
from platforms import registry
from staff.models import StaffMember, Team
from staff.roles import Role

EARLIEST, LATEST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _offer(form: forms.Form, name: str, choices: QuerySet) -> None:
    """Fill a select when the form is made: a queryset made at import would be asked too early."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = choices


class LondonTime(forms.DateTimeField):
    """A date and time on London clocks. Times that clocks skip or show twice are refused by Django."""

    def __init__(self, **more):
        super().__init__(
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"],
            error_messages={"invalid": "Give a date and a time, such as 22/11/2026 18:00."},
            **more,
        )

    def clean(self, value):
        instant = super().clean(value)
        if instant is not None and not EARLIEST <= instant < LATEST:
            raise forms.ValidationError("That year is not meant, is it? Check the date.")
        return instant


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


class StatusForm(WhyForm):
    status = forms.ChoiceField(
        label="From now on it is",
        choices=OfficialAccount.Status.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the three."},
    )
    field_order = ("status", "why")


class NeighbourhoodForm(forms.Form):
    name = forms.CharField(
        label="Name", max_length=120, error_messages={"required": "Give the neighbourhood a name."}
    )


class GrantForm(WhyForm):
    person = forms.ModelChoiceField(
        StaffMember.objects.none(), label="Person", required=False, empty_label="Nobody: a team instead"
    )
    team = forms.ModelChoiceField(
        Team.objects.none(), label="Team", required=False, empty_label="No team: a person instead"
    )
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
        help_text="All its official accounts, those that are registered later too.",
    )
    since = LondonTime(label="From", required=False, help_text="London time. Empty: from now.")
    until = LondonTime(label="Until", required=False, help_text="London time. Empty: until somebody ends it.")
    field_order = ("person", "team", "role", "official_account", "neighbourhood", "since", "until", "why")

    def __init__(self, *args, viewer_accounts, **kwargs):
        super().__init__(*args, **kwargs)
        _offer(self, "person", StaffMember.objects.filter(active=True))
        _offer(self, "team", Team.objects.all())
        _offer(self, "official_account", viewer_accounts)
        _offer(self, "neighbourhood", Neighbourhood.objects.all())


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
