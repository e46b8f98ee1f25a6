"""What arrives from the forms about plans, their tests, numbers and outages, read and typed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms

from accounts.models import ContinuityTest, ContinuityVersion
from core import clock
from staff.models import StaffMember

MESSAGES = 4
"""So many ready messages can be written at once; more are added by writing the plan again."""
ACTIONS = 3


class _Person(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.called)


def _person(label: str, wanted: str = "", **more: Any) -> _Person:
    return _Person(
        label=label,
        queryset=StaffMember.objects.none(),
        empty_label="Choose one",
        error_messages={"required": wanted},
        **more,
    )


def _words(label: str, wanted: str = "", **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=more.pop("max_length", 2000),
        widget=forms.Textarea(attrs={"rows": more.pop("rows", 4)}),
        error_messages={"required": wanted},
        **more,
    )


def _day(label: str, wanted: str = "Choose a day to come.", **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": wanted, "invalid": "Give a date, such as 2027-03-31."},
        **more,
    )


def _give_people(form: forms.Form, *names: str) -> None:
    people = StaffMember.objects.filter(active=True).order_by("name", "id")
    for name in names:
        form.fields[name].queryset = people  # type: ignore[attr-defined]


class PlanForm(forms.Form):
    """What is done when a platform, or this product, is gone."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=100_000)
    owner = _person(
        "Owner", "Choose who answers for it.", help_text="Is told when it is to be read anew or tried"
    )
    first = _words(
        "What to do first",
        "Say what to do first.",
        help_text="The first ten minutes, one step on each line",
        rows=5,
    )
    alternative = _words(
        "What is used instead",
        "Say which channel is used instead.",
        help_text="Channels and official accounts, the first choice first",
    )
    native = _words(
        "Without this product",
        required=False,
        help_text="How the official accounts are reached natively: which entry of the vault, which key. No password here",
    )
    afterwards = _words(
        "Afterwards",
        required=False,
        help_text="When it is back: what is read through, what is published after all, who imports the paper log",
    )
    changes = forms.CharField(
        label="What is new in it",
        max_length=300,
        required=False,
        help_text="For those who know the version before",
    )
    review_on = _day("Read anew by")
    next_test_on = _day("Tried by")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(MESSAGES):
            self.fields[f"who_{n}"] = forms.CharField(label="Who says it", max_length=80, required=False)
            self.fields[f"where_{n}"] = forms.CharField(label="Where", max_length=120, required=False)
            self.fields[f"words_{n}"] = _words("Words", required=False, max_length=1000, rows=3)
        _give_people(self, "owner")

    @classmethod
    def of(cls, version: ContinuityVersion | None, owner: StaffMember, **given: Any) -> PlanForm:
        """The form as it stands for the next version."""
        today = clock.today()
        initial: dict[str, Any] = {
            "seen": version.number if version else 0,
            "owner": version.owner_id if version else owner.pk,
            "review_on": today + timedelta(days=182),
            "next_test_on": today + timedelta(days=91),
            **given,
        }
        if version is not None:
            initial |= {
                name: getattr(version, name) for name in ("first", "alternative", "native", "afterwards")
            }
            for n, one in enumerate(version.messages[:MESSAGES]):
                initial |= {f"{key}_{n}": one[key] for key in ("who", "where", "words")}
        return cls(initial=initial)

    def triples(self) -> list[list[forms.BoundField]]:
        """The fields of each ready message."""
        return [[self[f"{key}_{n}"] for key in ("who", "where", "words")] for n in range(MESSAGES)]

    def given(self) -> dict[str, Any]:
        """What the action takes."""
        read = self.cleaned_data
        return {
            **{name: read[name] for name in self.base_fields},
            "messages": [
                {key: read[f"{key}_{n}"] for key in ("who", "where", "words")} for n in range(MESSAGES)
            ],
        }


class ReviewForm(forms.Form):
    """It was read and still holds."""

    review_on = _day("Read anew by")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"review_on": clock.today() + timedelta(days=182)})


class TestForm(forms.Form):
    """A plan was tried."""

    held_on = _day("Held on", "Choose the day on which it was held.")
    how = forms.ChoiceField(label="How", choices=ContinuityTest.How.choices)
    scenario = _words("What was played", "Say what was played.", max_length=1000, rows=3)
    people = forms.CharField(
        label="Who took part", max_length=600, error_messages={"required": "Say who took part."}
    )
    worked = _words("What worked", "Say what worked.", rows=3)
    failed = _words("What did not", required=False, rows=3)
    next_test_on = _day("Tried next by")

    def __init__(self, data: Any = None) -> None:
        initial = {"held_on": clock.today(), "next_test_on": clock.today() + timedelta(days=182)}
        super().__init__(data, initial=initial)
        for n in range(ACTIONS):
            self.fields[f"words_{n}"] = forms.CharField(
                label="What is to be done", max_length=300, required=False
            )
            self.fields[f"owner_{n}"] = _person("By whom", required=False)
            self.fields[f"due_{n}"] = _day("By when", required=False)
        _give_people(self, *(f"owner_{n}" for n in range(ACTIONS)))

    def triples(self) -> list[list[forms.BoundField]]:
        """The fields of each action."""
        return [[self[f"{key}_{n}"] for key in ("words", "owner", "due")] for n in range(ACTIONS)]

    def clean(self) -> dict[str, Any]:
        read = super().clean() or {}
        for n in range(ACTIONS):
            words, owner, due = (read.get(f"{key}_{n}") for key in ("words", "owner", "due"))
            if words or owner or due:
                for key, value, sentence in (
                    ("words", words, "Say what is to be done."),
                    ("owner", owner, "Choose who does it."),
                    ("due", due, "Choose by when."),
                ):
                    if not value and f"{key}_{n}" not in self.errors:
                        self.add_error(f"{key}_{n}", sentence)
        return read

    def given(self) -> dict[str, Any]:
        """What the action takes."""
        read = self.cleaned_data
        return {
            **{name: read[name] for name in self.base_fields},
            "actions": [
                {"words": read[f"words_{n}"], "owner": read[f"owner_{n}"], "due_on": read[f"due_{n}"]}
                for n in range(ACTIONS)
                if read[f"words_{n}"]
            ],
        }


class ContactForm(forms.Form):
    """Whom to ring when nothing else works."""

    duty = forms.CharField(
        label="Rung for",
        max_length=120,
        help_text="For instance: opens the vault; holds the second security key",
        error_messages={"required": "Say what they are rung for."},
    )
    person = _person("Member of staff", required=False)
    name = forms.CharField(label="Or somebody outside the force", max_length=120, required=False)
    phone = forms.CharField(
        label="Telephone number",
        max_length=30,
        help_text="Recorded for this sheet alone, with their agreement",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        error_messages={"required": "Give the number."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _give_people(self, "person")


class WhyForm(forms.Form):
    """A platform is down, or is back."""

    why = forms.CharField(
        label="What you see",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say what you see, in a few words."},
    )


class RuleForm(forms.Form):
    """When a platform counts as down by itself."""

    accounts = forms.IntegerField(
        label="Official accounts that fail at once",
        min_value=1,
        max_value=100,
        error_messages={"min_value": "Choose 1 to 100.", "max_value": "Choose 1 to 100."},
    )
    minutes = forms.IntegerField(
        label="For so many minutes",
        min_value=1,
        max_value=1440,
        error_messages={"min_value": "Choose 1 to 1,440.", "max_value": "Choose 1 to 1,440."},
    )


class OutcomeForm(forms.Form):
    """What came of an action."""

    outcome = forms.CharField(
        label="What came of it", max_length=300, error_messages={"required": "Say what came of it."}
    )
