"""What is typed about the duties of the APP, their waivers, and the meetings that look at them."""

from __future__ import annotations

from typing import Any

from django import forms

from insights import duties, scorecard
from insights.duties import Duty
from insights.models import DutyRecord
from staff.models import StaffMember


def _day(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Give a day.", "invalid": "Give a date, such as 2027-03-31."},
    )


def _words(
    label: str, most: int, *, required: bool = True, help_text: str = "", wrong: str = "", rows: int = 3
) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": wrong},
    )


def _person(label: str) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        StaffMember.objects.none(),
        label=label,
        empty_label="Choose somebody",
        error_messages={"required": "Choose somebody.", "invalid_choice": "Choose somebody of the list."},
    )


def _offer(field: Any, people: list[StaffMember], *also: StaffMember | None) -> None:
    pks = [one.pk for one in people] + [one.pk for one in also if one is not None]
    field.queryset = StaffMember.objects.filter(pk__in=pks, active=True)


class RecordForm(forms.Form):
    """Where one duty stands, and who answers for it."""

    says = forms.ChoiceField(label="Where it stands", error_messages={"required": "Say where it stands."})
    owner = _person("Owner")
    words = _words("How it is met", 1000, required=False)
    gap = _words("What is lacking, and what is done about it", 1000, required=False)
    document = forms.CharField(
        label="Where it stands in writing",
        max_length=200,
        required=False,
        help_text="Title and reference of the document.",
    )
    review_on = _day("Looked at again on", required=False, help_text="Within a year; needed for what is met.")

    def __init__(self, *args: Any, duty: Duty, owner: StaffMember | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = DutyRecord.Says.choices if duty.evidence else DutyRecord.Says.choices[1:]
        self.fields["says"].choices = [("", "Choose"), *choices]  # type: ignore[attr-defined]
        if duty.evidence:
            self.fields["says"].help_text = "The figures and you both count: whichever is worse."
        _offer(self.fields["owner"], scorecard.owners(), owner)

    @classmethod
    def after(cls, last: DutyRecord | None, *, duty: Duty) -> RecordForm:
        """Begun from what was recorded last."""
        if last is None:
            return cls(duty=duty, initial={"says": DutyRecord.Says.FIGURES if duty.evidence else ""})
        initial = {name: getattr(last, name) for name in ("says", "words", "gap", "document", "review_on")}
        return cls(duty=duty, owner=last.owner, initial={**initial, "owner": last.owner_id})


class WaiverForm(forms.Form):
    """Why the force does without a duty, and until when."""

    reason = _words(
        "Why the force does without it",
        600,
        help_text="And what it does instead.",
        wrong="Say why the force does without it, and what it does instead.",
    )
    until = _day("Until", help_text="The last day; within a year.")


class WhyForm(forms.Form):
    why = forms.CharField(
        label="Why", max_length=300, error_messages={"required": "Say why, in a few words."}
    )


class MeetingForm(forms.Form):
    """Who met, what they looked at, what they decided, and when they meet again."""

    held_on = _day("Held on")
    infosec = forms.ModelMultipleChoiceField(
        StaffMember.objects.none(),
        label="For information security",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Name at least one person who was there for information security.",
            "invalid_choice": "Choose people of the list.",
        },
    )
    comms = forms.ModelMultipleChoiceField(
        StaffMember.objects.none(),
        label="For communications",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Name at least one person who was there for communications.",
            "invalid_choice": "Choose people of the list.",
        },
    )
    others = forms.CharField(label="Who else was there", max_length=300, required=False)
    looked_at = _words(
        "What was looked at",
        2000,
        help_text="The scorecard as it stands now is kept with the meeting.",
        wrong="Say in a sentence what was looked at.",
    )
    decisions = _words("What was decided", 4000, required=False, rows=5)
    next_on = _day("Meet again on", help_text="Within a year. Once it has passed, the review is overdue.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for side in ("infosec", "comms"):
            _offer(self.fields[side], scorecard.of_side(side))


class ActionForm(forms.Form):
    """Something that somebody is to do."""

    what = _words("What is to be done", 500, wrong="Say what is to be done.", rows=2)
    owner = _person("By whom")
    due_on = _day("By when")
    duty = forms.ChoiceField(label="For which duty", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["owner"], scorecard.owners())
        self.fields["duty"].choices = [  # type: ignore[attr-defined]
            ("", "None of them"),
            *((one.slug, one.says) for one in duties.every()),
        ]


class DoneForm(forms.Form):
    words = forms.CharField(
        label="What was done",
        max_length=500,
        error_messages={"required": "Say in a few words what was done."},
    )
