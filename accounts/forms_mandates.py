"""What is typed about official accounts that are wanted, their particulars, and the rules of names."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Mandate, NamingRule, Neighbourhood
from platforms import registry
from staff.models import StaffMember, Team

PLATFORMS = [(slug, name) for slug, name in registry.NAMES.items() if slug != "exercise"]


def _people(form: forms.Form, *names: str) -> None:
    for name in names:
        form.fields[name].queryset = StaffMember.objects.filter(  # type: ignore[attr-defined]
            active=True, kind=StaffMember.Kind.PERSON
        )


def _person(label: str, *, required: bool = False, help_text: str = "") -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        StaffMember.objects.none(),
        label=label,
        required=required,
        help_text=help_text,
        empty_label="Choose somebody" if required else "Nobody",
        error_messages={
            "required": "Choose somebody.",
            "invalid_choice": "Choose somebody of the list.",
        },
    )


def _day(label: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Give a date, such as 2027-03-31."},
    )


def _words(label: str, longest: int, *, required: bool = False, help_text: str = "", rows: int = 3):
    return forms.CharField(
        label=label,
        max_length=longest,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def _line(label: str, longest: int, *, required: bool = False, help_text: str = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=required, help_text=help_text)


class RequestForm(forms.Form):
    """An official account that somebody wants."""

    kind = forms.ChoiceField(label="Whose voice it is", choices=Mandate.Kind.choices)
    platform = forms.ChoiceField(
        label="Platform",
        choices=[("", "Choose a platform"), *PLATFORMS],
        error_messages={"required": "Choose a platform."},
    )
    handle = forms.CharField(
        label="Handle it shall have",
        max_length=120,
        error_messages={"required": "Give the handle that it shall have."},
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    name = _line("Name that the public will see", 120, required=True)
    purpose = _line("What it is for", 300, required=True, help_text="Stands in the public list.")
    audience = _line(
        "For whom", 300, required=True, help_text="Whom the accounts that there are do not reach."
    )
    reasons = _words("Why the accounts that there are do not do", 1000, required=True)
    content_plan = _words("What will be posted, and how often", 1000, required=True)
    trained = _line("Who will run it, and which training they have done", 300, required=True)
    owner = _person("Owner", required=True, help_text="Who answers for it.")
    team = forms.ModelChoiceField(Team.objects.none(), label="Team", required=False, empty_label="No team")
    neighbourhood = forms.ModelChoiceField(
        Neighbourhood.objects.none(),
        label="Neighbourhood",
        required=False,
        empty_label="The whole force area",
    )
    officer = _person("Officer whose name it bears", help_text="Only for the account of a named officer.")
    consented_on = _day("Day on which the officer agreed in writing")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _people(self, "owner", "officer")
        self.fields["team"].queryset = Team.objects.all()  # type: ignore[attr-defined]
        self.fields["neighbourhood"].queryset = Neighbourhood.objects.all()  # type: ignore[attr-defined]


class WordsForm(forms.Form):
    """Some words for a step; whether it needs them, the action says."""

    words = forms.CharField(
        label="Your words", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReviewForm(WordsForm):
    next_on = _day("Look at it again on", "Within a year; empty: in a year.")


class ParticularsForm(forms.Form):
    """What is recorded of an official account."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    name = _line("Name", 120, required=True)
    kind = forms.ChoiceField(label="Whose voice it is", choices=Mandate.Kind.choices)
    purpose = _line("What it is for", 300, help_text="Stands in the public list.")
    audience = _line("For whom", 300)
    profile_url = forms.URLField(
        label="Address of its page",
        max_length=300,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": "Give the whole address, beginning with https://"},
    )
    neighbourhood = forms.ModelChoiceField(
        Neighbourhood.objects.none(),
        label="Neighbourhood",
        required=False,
        empty_label="The whole force area",
        help_text="Grants over a neighbourhood reach its official accounts.",
    )
    team = forms.ModelChoiceField(Team.objects.none(), label="Team", required=False, empty_label="No team")
    owner = _person("Owner", required=True)
    deputy = _person("Deputy")
    asset_owner = _person("Information asset owner")
    run = forms.ChoiceField(label="Whether it is run", choices=Mandate.Run.choices)
    officer = _person("Officer whose name it bears", help_text="Only for the account of a named officer.")
    consented_on = _day("The officer agreed in writing on")
    safety_checked_on = _day("Safety check of the officer on")
    named_publicly = forms.BooleanField(
        label="The public list may name this account",
        required=False,
        help_text="For a named officer only. Without it the account stands in no public list.",
    )
    posting_ends_on = _day("The officer’s posting ends on", "On that day it is handed over or closed.")
    mailbox = forms.EmailField(
        label="Address it is registered with",
        required=False,
        help_text="Of the shared mailbox register; it serves no other account.",
        error_messages={"invalid": "Give an e-mail address."},
    )
    vault_entry = _line(
        "Where the vault keeps its password", 120, help_text="The name of the entry, never the password."
    )
    recovery = _words(
        "Recovery routes", 600, help_text="Where codes and telephone calls of recovery go.", rows=2
    )
    force_device_only = forms.BooleanField(label="Used on force devices only", required=False)
    off_network = _line("Who may use it elsewhere, by name, and why", 300)
    verified = forms.ChoiceField(label="Verification", choices=Mandate.Verified.choices)
    verified_route = _line("How the platform verifies it", 300)
    continuity = _words(
        "Continuity plan", 1000, help_text="What is done when the platform, the account or its people fail."
    )
    bio = _words("Its profile as the platform shows it", 600, rows=2)
    has_picture = forms.TypedChoiceField(
        label="Profile picture",
        required=False,
        choices=[("", "Not looked at"), ("yes", "There is one"), ("no", "There is none")],
        coerce=lambda said: {"yes": True, "no": False}.get(said),
        empty_value=None,
    )
    seen_on = _day("Looked at on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _people(self, "owner", "deputy", "asset_owner", "officer")
        self.fields["team"].queryset = Team.objects.all()  # type: ignore[attr-defined]
        self.fields["neighbourhood"].queryset = Neighbourhood.objects.all()  # type: ignore[attr-defined]

    @classmethod
    def of(cls, mandate: Mandate) -> ParticularsForm:
        """The form with what stands recorded."""
        initial = {name: getattr(mandate, name) for name in cls.base_fields if name != "seen"}
        for name in ("owner", "deputy", "asset_owner", "officer", "team", "neighbourhood"):
            initial[name] = getattr(mandate, f"{name}_id")
        initial["has_picture"] = {True: "yes", False: "no"}.get(mandate.has_picture, "")  # type: ignore[arg-type]
        return cls(initial={**initial, "seen": mandate.changed_at.isoformat()})

    GROUPS = (
        (
            "What it is",
            ("name", "kind", "purpose", "audience", "profile_url", "neighbourhood", "team", "run"),
        ),
        ("Who answers for it", ("owner", "deputy", "asset_owner")),
        (
            "A named officer",
            ("officer", "consented_on", "safety_checked_on", "named_publicly", "posting_ends_on"),
        ),
        (
            "How it is kept",
            ("mailbox", "vault_entry", "recovery", "force_device_only", "off_network", "continuity"),
        ),
        ("What the public sees", ("bio", "has_picture", "seen_on", "verified", "verified_route")),
    )

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [(title, [self[name] for name in names]) for title, names in self.GROUPS]


class AdministratorForm(forms.Form):
    name = _line("Name as the platform shows it", 120, required=True)
    role = _line("Role there", 80, required=True, help_text="Such as “Admin” or “Editor”.")
    person = _person("Who that is here")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _people(self, "person")


class NamingRuleForm(forms.Form):
    kind = forms.ChoiceField(label="Rule", choices=NamingRule.Kind.choices)
    text = _line("Words", 120, help_text="Nothing for the picture.")
    platforms = forms.MultipleChoiceField(
        label="Only on",
        required=False,
        choices=PLATFORMS,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: everywhere.",
    )
    why = _line("Why", 300, required=True)
