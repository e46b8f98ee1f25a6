"""What a virtual community meeting takes in from staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms

from core import clock
from publishing import queries_meetings, times
from publishing.models import Meeting, Question
from staff.models import StaffMember


class SetUpForm(forms.Form):
    """What the public reads about a meeting, and when it may ask."""

    about = forms.CharField(
        label="What the public reads about it",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What it is about, who answers, how to follow it, what happens with questions.",
    )
    hold_line = forms.CharField(
        label="Hold line",
        max_length=500,
        help_text="What is said if it has to be interrupted.",
    )
    opens_at = forms.CharField(
        label="Questions from, London time",
        required=False,
        max_length=40,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="Left empty: from now.",
    )

    def __init__(self, data=None, *, present: Meeting | None = None, **kwargs: Any) -> None:
        initial = (
            {
                "about": present.about,
                "hold_line": present.hold_line,
                "opens_at": times.to_wall_clock(present.opens_at),
            }
            if present is not None
            else {}
        )
        super().__init__(data, initial=initial, **kwargs)
        self.present = present

    def said(self) -> dict[str, Any]:
        """What was typed, for the action. Raises NotValid for a time that there is not."""
        given = dict(self.cleaned_data)
        given["opens_at"] = self._opens_at()
        return given

    def _opens_at(self) -> datetime:
        typed = self.cleaned_data["opens_at"]
        if self.present is not None and typed == times.to_wall_clock(self.present.opens_at):
            return self.present.opens_at
        return times.from_wall_clock(typed, field="opens_at") or clock.now()


class OfficerForm(forms.Form):
    """Who answers, and how the public knows them."""

    person = forms.TypedChoiceField(label="Staff member", coerce=int)
    shown_as = forms.CharField(
        label="Shown to the public as", max_length=80, help_text="Such as “PC Nair, Harrowfield”."
    )

    def __init__(self, data=None, *, people: Sequence[StaffMember], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.people = {one.pk: one for one in people}
        self.fields["person"].choices = [(one.pk, one.called) for one in people]


class ByHandForm(forms.Form):
    """A question that was asked in person."""

    words = forms.CharField(
        label="What was asked",
        max_length=queries_meetings.LONGEST_QUESTION,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ShowForm(forms.Form):
    """A question as the public is to read it."""

    words = forms.CharField(
        label="What the public reads",
        error_messages={"required": "Write what the public reads."},
        max_length=queries_meetings.LONGEST_QUESTION,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    name = forms.CharField(label="Asked by, as the public reads it", required=False, max_length=40)
    why_stays = forms.CharField(
        label="If something stays that tells who or where: why it may", required=False, max_length=500
    )


class AnswerForm(forms.Form):
    """An officer's answer."""

    words = forms.CharField(
        label="Your answer",
        error_messages={"required": "Write the answer."},
        max_length=queries_meetings.LONGEST_ANSWER,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    why_stays = forms.CharField(
        label="If something stays that tells who or where: why it may", required=False, max_length=500
    )
    reply_too = forms.BooleanField(label="Reply under the post as well", required=False)

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if question.comment_id is None or question.answer:
            del self.fields["reply_too"]
