"""What arrives from the forms around the queue: searching, narrowing, saving a view, passing over, places."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst

from moderation import filters, queries, queries_search
from moderation.categories import Category
from moderation.models import SavedView, Skip
from staff.models import StaffMember


class Search(forms.Form):
    """What is searched for. Everything is optional; nothing at all finds nothing."""

    q = forms.CharField(
        required=False,
        max_length=queries_search.LONGEST,
        label="Words",
        help_text="“in quotation marks” finds exactly that; @handle finds a person.",
    )
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="Up to", widget=forms.DateInput(attrs={"type": "date"}))
    account = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label="Official account")
    category = forms.ChoiceField(
        required=False, choices=[("", "Any category"), *Category.choices], label="Category"
    )
    state = forms.ChoiceField(required=False, label="State")

    def __init__(self, *args: Any, viewer: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = [(one.pk, one.name) for one in queries.accounts_in_sight(viewer)]
        self.fields["account"].choices = [("", "Any official account"), *accounts]  # type: ignore[attr-defined]
        states = [(slug, words.capitalize()) for slug, words in queries_search.states().items()]
        self.fields["state"].choices = [("", "Any state"), *states]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            self.add_error("until", "“Up to” is before “From”. Put them the other way round.")
        for name in ("since", "until"):
            day = given.get(name)
            if day and not 2000 <= day.year <= 2200:
                self.add_error(name, "Give a year from 2000 to 2200.")
        return given


BASES = [
    ("now", "Needs me now"),
    ("mine", "Mine"),
    ("unclaimed", "Unclaimed"),
    ("open", "All open"),
    ("held", "Held by the platform"),
    ("skipped", "Skipped by all"),
]


class Filter(forms.Form):
    """By what a queue is narrowed: each field is one part of its address (moderation.filters)."""

    base = forms.ChoiceField(choices=BASES, label="Queue")
    risk = forms.ChoiceField(required=False, label="Risk")
    category = forms.ChoiceField(required=False, label="Category")
    area = forms.ChoiceField(required=False, label="Neighbourhood")
    team = forms.ChoiceField(required=False, label="Team")
    account = forms.ChoiceField(required=False, label="Official account")
    language = forms.ChoiceField(required=False, label="Language")
    kind = forms.ChoiceField(required=False, label="Public or private")
    who = forms.ChoiceField(required=False, label="Who has it")

    def __init__(self, *args: Any, viewer: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas, teams = queries.areas_and_teams(viewer)
        accounts = queries.accounts_in_sight(viewer)
        choices = {
            "risk": filters.RISKS.items(),
            "category": Category.choices,
            "area": [(str(one.pk), one.name) for one in areas],
            "team": [(str(one.pk), one.name) for one in teams],
            "account": [(str(one.pk), one.name) for one in accounts],
            "language": filters.LANGUAGES.items(),
            "kind": filters.KINDS.items(),
            "who": filters.WHO.items(),
        }
        for name, offered in choices.items():
            words = [(value, capfirst(label)) for value, label in offered]
            self.fields[name].choices = [("", "Any"), *words]  # type: ignore[attr-defined]
            if not words:
                del self.fields[name]

    def slug(self) -> str:
        """The queue as it stands in an address; the form is valid."""
        given = dict(self.cleaned_data)
        return filters.of(given.pop("base"), given).slug


class SaveView(forms.Form):
    """A filter under a name."""

    name = forms.CharField(max_length=60, label="Name")
    shared = forms.ChoiceField(label="Who has it in their list")

    def __init__(self, *args: Any, sharing: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shared"].choices = sharing  # type: ignore[attr-defined]
        self.fields["shared"].initial = SavedView.Shared.NOBODY


class PassOver(forms.Form):
    """Why a comment is passed over."""

    reason = forms.ChoiceField(
        choices=Skip.Reason.choices,
        error_messages={
            "required": "Choose why you pass it over.",
            "invalid_choice": "Choose why you pass it over.",
        },
    )
    words = forms.CharField(required=False, max_length=300)


class Places(forms.Form):
    """Names of places, one a line."""

    names = forms.CharField(
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        label="Names of places",
        help_text="One a line: streets, estates, parks, stations, and what people call them.",
    )
