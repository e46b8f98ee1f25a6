"""What people type about the schedule, holds, proposals, reviews and restrictions."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import OfficialAccount
from retention import registry
from retention.actions.holds import Covers
from retention.models import Hold, Restriction, Review, Transfer
from retention.models.schedule import RULE_FIELDS, Outcome, Regime, Rule, Trigger
from retention.nrac import QUESTIONS

_DAY = {"invalid": "Give a date, such as 31/12/2026."}


def _day(label: str, required: str = "", **given: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={**_DAY, "required": required},
        required=bool(required),
        **given,
    )


def _reason(label: str, required: str, most: int = 300, **given: Any) -> forms.CharField:
    return forms.CharField(
        max_length=most,
        label=label,
        error_messages={"required": required},
        widget=forms.Textarea(attrs={"rows": 2}),
        **given,
    )


class ChangeRow(forms.Form):
    number = forms.IntegerField(
        min_value=0,
        max_value=36_500,
        label="Keep for",
        error_messages={
            "required": "Say for how many days or years.",
            "invalid": "Give a whole number, such as 2.",
        },
    )
    unit = forms.ChoiceField(choices=[("days", "days"), ("years", "years")], label="Days or years")
    starts_with = forms.ChoiceField(choices=Trigger, label="What kind of event starts it")
    trigger = forms.CharField(
        max_length=80, label="Counted from", error_messages={"required": "Say what starts the period."}
    )
    outcome = forms.ChoiceField(choices=Outcome, label="Then")
    quiet_days = forms.IntegerField(
        min_value=0,
        max_value=30,
        label="Quiet days",
        help_text="How long a proposal lies open before it goes on by itself.",
    )
    mopi_group = forms.TypedChoiceField(
        choices=[("", "None"), *((n, f"Group {n}") for n in range(1, 5))],
        coerce=int,
        empty_value=None,
        required=False,
        label="MoPI group",
        help_text="Groups 1 and 2 take two people for each decision.",
    )
    regime = forms.ChoiceField(choices=Regime, label="Regime")
    legal_basis = forms.CharField(max_length=200, label="Legal basis", required=False)
    source = forms.CharField(
        max_length=200, label="Source", error_messages={"required": "Say where it comes from."}
    )
    paragraph = forms.CharField(
        max_length=120,
        label="Paragraph of the source",
        required=False,
        help_text="Empty until somebody of the force has read it there.",
    )
    description = forms.CharField(max_length=300, label="Description", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, rule: Rule, version: int, data: Any = None) -> ChangeRow:
        """The form filled with a rule; hours are offered where the rule counts in hours."""
        filled = {name: getattr(rule, name) for name in RULE_FIELDS}
        form = cls(data, initial={**filled, "number": rule.number, "unit": rule.unit, "version": version})
        if rule.unit == "hours":
            form.fields["unit"].choices = [("hours", "hours"), *form.fields["unit"].choices]
        return form

    def changes(self) -> dict[str, Any]:
        """The fields of the rule beside its period."""
        return {name: self.cleaned_data[name] for name in RULE_FIELDS if name in self.cleaned_data}


class Confirm(forms.Form):
    version = forms.IntegerField()


class PutForward(forms.Form):
    effective_on = _day("It counts from", "Choose the day from which it counts.")
    why = _reason(
        "Why",
        "Say why, e.g. which decision or version of the national schedule.",
        help_text="Which decision, or which version of the national schedule.",
    )


class Why(forms.Form):
    why = _reason("Why", "Say why.")


class PlaceHold(forms.Form):
    kind = forms.ChoiceField(
        choices=Hold.Kind, label="What it covers", initial=Hold.Kind.RECORD, widget=forms.RadioSelect
    )
    subject_type = forms.ChoiceField(
        choices=(), label="Kind of record, for one record", required=False, initial="moderation.comment"
    )
    subject_id = forms.IntegerField(
        min_value=1,
        max_value=2**62,
        required=False,
        label="Its number: of the record, case, commenter or official account",
        error_messages={"invalid": "Give the number alone, such as 1204."},
        help_text="As its page shows it.",
    )
    words = forms.CharField(
        max_length=200,
        required=False,
        label="Words, for a query",
        help_text="As in the search: all of them, in any order; “in quotation marks” together; -word without it.",
    )
    first_day = _day("First day, for days or a query")
    last_day = _day("Last day", help_text="Empty: what comes later is covered as well.")
    official_account = forms.ModelChoiceField(
        OfficialAccount.objects.none(),
        required=False,
        label="Only on this official account, for days or a query",
        empty_label="All official accounts",
    )
    for_what = forms.ChoiceField(choices=Hold.Reason, label="What it is for", initial=Hold.Reason.OTHER)
    reference = forms.CharField(
        max_length=60,
        required=False,
        label="Its number there",
        help_text="E.g. FOI 2026/118 or the claim number.",
    )
    reason = _reason("Why it must be kept", "Say why it must be kept, e.g. the number of the request.", 400)
    review_on = _day("Look at it again on", "Choose the day on which somebody looks at it again.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject_type"].choices = registry.holdable()
        self.fields["official_account"].queryset = OfficialAccount.objects.order_by("name")

    def given(self) -> dict[str, Any]:
        """What the action wants."""
        data = self.cleaned_data
        return {
            "covers": Covers(
                kind=data["kind"],
                subject_type=data["subject_type"],
                subject_id=data["subject_id"],
                official_account=data["official_account"],
                first_day=data["first_day"],
                last_day=data["last_day"],
                words=data["words"],
            ),
            **{name: data[name] for name in ("for_what", "reference", "reason", "review_on")},
        }


class ReviewHold(forms.Form):
    reason = _reason("Why it stays", "Say why it is still needed.", 400)
    review_on = _day("Look at it again on", "Choose the day on which somebody looks at it again.")


class AskToLift(forms.Form):
    reason = _reason("Why it is no longer needed", "Say why it is no longer needed.", 400)


class Decide(forms.Form):
    decision = forms.ChoiceField(
        choices=Review.Decision,
        label="What happens to it",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what happens to it."},
    )
    why = _reason("Why", "Say why, in a sentence that another reviewer will understand.", 600)
    next_on = _day("Look at it again on", help_text="Needed to keep it.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = {
            slug: forms.ChoiceField(
                choices=[("no", "No"), ("yes", "Yes")],
                label=question,
                widget=forms.RadioSelect,
                error_messages={"required": "Answer with yes or no."},
            )
            for slug, question in QUESTIONS.items()
        }
        self.fields = {**asked, **self.fields}

    def given(self) -> dict[str, Any]:
        """What the action wants."""
        data = self.cleaned_data
        return {
            "decision": data["decision"],
            "why": data["why"],
            "next_on": data["next_on"],
            "answers": {slug: data[slug] == "yes" for slug in QUESTIONS},
        }


class _OneRecord(forms.Form):
    subject_type = forms.ChoiceField(choices=(), label="Kind of record")
    subject_id = forms.IntegerField(
        min_value=1,
        max_value=2**62,
        label="Its number",
        error_messages={
            "required": "Give the number of the record, as its page shows it.",
            "invalid": "Give the number alone, such as 1204.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject_type"].choices = self.kinds()

    def kinds(self) -> list[tuple[str, str]]:
        return registry.holdable()


class Restrict(_OneRecord):
    ground = forms.ChoiceField(
        choices=[one for one in Restriction.Ground.choices if one[0] != Restriction.Ground.AUTHOR],
        label="On what ground",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose on what ground it is restricted."},
    )
    why = _reason("Why", "Say why, e.g. the number of the request or the investigation.", 400)

    def kinds(self) -> list[tuple[str, str]]:
        subjects = registry.known().subjects
        return [(label, noun) for label, noun in registry.holdable() if subjects[label].restrict is not None]


class RecordTransfer(_OneRecord):
    system = forms.ChoiceField(choices=Transfer.System, label="Which system")
    receiver = forms.CharField(
        max_length=160,
        label="Who received it there",
        error_messages={"required": "Say who received it there."},
    )
    reference = forms.CharField(
        max_length=60, label="Its number there", error_messages={"required": "Give its number there."}
    )
    why = _reason("Why", "Say why it was passed on.")


class OfferToArchive(forms.Form):
    reviews = forms.TypedMultipleChoiceField(
        coerce=int,
        choices=(),
        label="Which records",
        error_messages={
            "required": "Choose at least one record.",
            "invalid_choice": "Choose from the list as it is now.",
        },
    )
    archive = forms.CharField(
        max_length=160,
        label="Which archive",
        help_text="Such as the county record office.",
        error_messages={"required": "Say which archive, e.g. the county record office."},
    )
    why = _reason("Why it is of historical value", "Say why it is of historical value, in a sentence.")


class ArchiveAnswer(forms.Form):
    said = forms.ChoiceField(
        choices=[("taken", "It took them over"), ("declined", "It declined them")],
        widget=forms.RadioSelect,
        label="What the archive said",
        error_messages={"required": "Choose what the archive said."},
    )
    reference = forms.CharField(
        max_length=60, required=False, label="Its number there", help_text="Needed where it took them over."
    )

    def given(self) -> dict[str, object]:
        """What the action takes."""
        return {"taken": self.cleaned_data["said"] == "taken", "reference": self.cleaned_data["reference"]}
