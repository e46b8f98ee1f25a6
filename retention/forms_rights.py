"""What people type about requests under information law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms

from accounts.models import OfficialAccount
from core import clock
from retention import exemptions, pictures
from retention.actions.rights import Intake
from retention.forms import _day, _reason
from retention.models import FoundItem, RightsRequest
from retention.models.schedule import Regime
from retention.pictures import Kept
from retention.redaction import Span

PLATFORMS_NAMED = 30
_REGIMES = [
    (Regime.BOTH, "Not known yet: both"),
    (Regime.GENERAL, "UK GDPR: press, engagement, recruitment, staff"),
    (Regime.LAW_ENFORCEMENT, "DPA 2018 Part 3: crime, intelligence, appeals"),
]


class TakeIn(forms.Form):
    """A request that came by letter, e-mail, telephone, or through the casework system."""

    kind = forms.ChoiceField(
        choices=RightsRequest.Kind,
        label="What they ask for",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what they ask for."},
    )
    received_on = _day("Received on", "Give the day on which it came.")
    channel = forms.ChoiceField(choices=RightsRequest.Channel, label="How it came", initial="email")
    requester = forms.CharField(
        max_length=200, label="Who asks", error_messages={"required": "Give the name that they gave."}
    )
    contact = forms.CharField(
        max_length=300,
        required=False,
        label="Where the answer goes",
        help_text="An address, or their handle.",
    )
    wanted = _reason("What they ask, in their words", "Write down what they ask, in their words.", 20_000)
    outside_reference = forms.CharField(
        max_length=60,
        required=False,
        label="Its number in your casework system",
        help_text="The same number twice is one request.",
    )
    regime = forms.ChoiceField(
        choices=_REGIMES,
        initial=Regime.BOTH,
        label="Under which law their data is kept",
        help_text="Of no account for freedom of information.",
    )
    handle = forms.CharField(
        max_length=200, required=False, label="Their handle", help_text="E.g. @jo_harrow."
    )
    platform = forms.ChoiceField(
        choices=(),
        required=False,
        label="On which platform",
        help_text="Left open, whoever has that handle anywhere is held; leave out later whoever it is not.",
    )
    words = forms.CharField(
        required=False,
        label="Other names, addresses or numbers that they go by",
        help_text="One a line. Whatever names them is held at once, and found by the search.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = OfficialAccount.objects.order_by("platform").values_list("platform", flat=True).distinct()
        self.fields["platform"].choices = [
            ("", "Any"),
            *((one, one.title()) for one in known[:PLATFORMS_NAMED]),
        ]
        self.fields["received_on"].initial = clock.today

    def intake(self) -> Intake:
        """What the action wants."""
        data = self.cleaned_data
        return Intake(
            kind=data["kind"],
            received_on=data["received_on"],
            channel=data["channel"],
            requester=data["requester"],
            contact=data["contact"],
            wanted=data["wanted"],
            outside_reference=data["outside_reference"],
            regime=data["regime"],
            platform=data["platform"],
            handle=data["handle"],
            words=data["words"].splitlines(),
        )


class Name(forms.Form):
    handle = forms.CharField(max_length=200, required=False, label="Handle", help_text="E.g. @jo_harrow.")
    words = forms.CharField(max_length=198, required=False, label="Or words that name them")
    why = _reason("Why it is them", "Say why it is them, e.g. that they wrote from it.")


class WhoAsks(forms.Form):
    state = forms.ChoiceField(
        choices=[
            (RightsRequest.Identity.ASKED, "Asked for: the clock stands still"),
            (RightsRequest.Identity.PROVED, "Proved"),
            (RightsRequest.Identity.NOT_NEEDED, "Not needed: they are known to us"),
        ],
        label="What became of it",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what became of it."},
    )
    how = _reason("How", "Say how, e.g. what was seen, or what was asked for.")
    on = _day("On", "Give the day.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = clock.today


class AskClearer(forms.Form):
    why = _reason("What they were asked", "Say what they were asked.")
    on = _day("On", "Give the day.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = clock.today


class MadeClear(forms.Form):
    on = _day("They answered on", "Give the day.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = clock.today


class TakeLonger(forms.Form):
    why = _reason("Why, as the requester is told", "Say why, as the requester is told.", 400)


class PutForward(forms.Form):
    outcome = forms.ChoiceField(
        choices=RightsRequest.Outcome,
        label="What comes of it",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what comes of it."},
    )
    words = _reason("What the requester is told", "Write what the requester is told.", 20_000)
    why = _reason("Why, for the file", "Say why it is answered so, for the file.", 600)


class SendBack(forms.Form):
    why = _reason("What is to be done otherwise", "Say what is to be done otherwise.")


class Answered(forms.Form):
    to = forms.CharField(
        max_length=200, label="To whom it went", error_messages={"required": "Say to whom it went."}
    )
    how = forms.CharField(
        max_length=200,
        label="How",
        help_text="E.g. secure e-mail, with the password by telephone.",
        error_messages={"required": "Say how it went."},
    )
    on = _day("On", "Give the day.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = clock.today


@dataclass(frozen=True)
class PictureField:
    """One picture of a record on its page."""

    kept: Kept
    ways: list[tuple[str, str]]
    how: str
    grid: list[list[tuple[int, bool]]]
    """Rows of squares: (number, whether it is black)."""
    why: str


class Decide(forms.Form):
    """One record: whether it goes in, and what of it is redacted. Each suggestion is a tick of its own."""

    version = forms.IntegerField(widget=forms.HiddenInput, error_messages={"required": "Reload the page."})
    decision = forms.ChoiceField(
        choices=[one for one in FoundItem.Decision.choices if one[0]],
        error_messages={"required": "Choose whether it goes in."},
    )
    exemption = forms.ChoiceField(choices=(), required=False)
    why = forms.CharField(max_length=400, required=False)
    words = forms.CharField(max_length=2000, required=False)
    redact = forms.MultipleChoiceField(
        choices=(), required=False, error_messages={"invalid_choice": "The text was another when you looked."}
    )

    def __init__(self, *args: Any, item: FoundItem, offered: list[tuple[int, Span]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        request = item.request
        self.kept = pictures.of(item)
        for one in self.kept:
            self.fields[f"picture-{one.number}"] = forms.ChoiceField(
                choices=[("", "Stays out"), *pictures.How.choices], required=False
            )
            self.fields[f"squares-{one.number}"] = forms.TypedMultipleChoiceField(
                choices=[(n, n) for n in range(1, pictures.SQUARES + 1)], coerce=int, required=False
            )
            self.fields[f"reason-{one.number}"] = forms.CharField(max_length=300, required=False)
        self.offered = {mark(part, span): (part, span) for part, span in offered}
        self.fields["redact"].choices = [(one, one) for one in self.offered]
        self.fields["exemption"].choices = [
            ("", ""),
            *((one.slug, one.says) for one in exemptions.for_request(request.kind, request.regime)),
        ]

    def given(self) -> dict[str, Any]:
        """What the action wants."""
        data = self.cleaned_data
        chosen = [self.offered[one] for one in data["redact"]]
        return {
            "version": data["version"],
            "decision": data["decision"],
            "exemption": data["exemption"],
            "why": data["why"],
            "words": data["words"].splitlines(),
            "spans": [(part, span.start, span.end, span.what) for part, span in chosen],
            "shown": [
                (
                    one.number,
                    data[f"picture-{one.number}"],
                    data[f"squares-{one.number}"],
                    data[f"reason-{one.number}"],
                )
                for one in self.kept
            ],
        }

    def pictures(self) -> list[PictureField]:
        """Each picture with what is chosen for it now: what was typed, else what was decided."""
        return [self._picture(one) for one in self.kept]

    def _picture(self, one: Kept) -> PictureField:
        how, squares, why = one.how, {str(square) for square in one.covered}, one.why
        if self.is_bound:
            how = self.data.get(f"picture-{one.number}", "")
            squares = set(self.data.getlist(f"squares-{one.number}"))
            why = self.data.get(f"reason-{one.number}", "")
        ways = [way for way in pictures.How.choices if one.is_picture or way[0] != pictures.How.COVERED]
        grid = [
            [
                (square, str(square) in squares)
                for square in range(row * pictures.COLUMNS + 1, (row + 1) * pictures.COLUMNS + 1)
            ]
            for row in range(pictures.ROWS)
        ]
        return PictureField(one, [("", "Stays out"), *ways], how, grid, why)


def mark(part: int, span: Span) -> str:
    """How the form calls one place in one part of a record."""
    return f"{part}-{span.start}-{span.end}"


class Months(forms.Form):
    months = forms.IntegerField(min_value=1, max_value=36, required=False)
