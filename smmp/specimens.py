"""/components/: every component in its states. Exists only where DEMO is on; the visual tests look at it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import clock
from core.gate import signed_in
from core.templatetags.show import glyph_names

ZALGO = "H" + "\u0336\u0321\u0330\u0345" * 12 + "elp me" + "\u0489" * 12


class Specimen(forms.Form):
    """One control of every kind, some of them filled in wrongly."""

    clause = forms.IntegerField(
        label="Clause of the guidelines",
        min_value=1,
        max_value=8,
        help_text="Version 6, in force since 1 September",
        error_messages={"max_value": "There is no clause 9. Choose 1 to 8."},
    )
    why = forms.CharField(
        label="Why",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Colleagues read this",
        required=False,
    )
    team = forms.ChoiceField(
        label="Team", choices=[("", "Choose one"), ("desk", "Digital desk"), ("comms", "Communications")]
    )
    kind = forms.ChoiceField(
        label="What happens next",
        widget=forms.RadioSelect,
        choices=[("reply", "Reply in public"), ("note", "Note for colleagues"), ("none", "Nothing")],
    )
    accounts = forms.MultipleChoiceField(
        label="Goes to",
        widget=forms.CheckboxSelectMultiple,
        choices=[("x", "Wealdshire Police, X"), ("f", "Wealdshire Police, Facebook")],
    )
    review_on = forms.DateField(label="Review on", widget=forms.DateInput(attrs={"type": "date"}))
    picture = forms.FileField(label="Picture", required=False, help_text="JPEG or PNG, up to 8 MB")
    sure = forms.BooleanField(label="I have rung the control room", required=False)


@signed_in
@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """The sheet of components."""
    now = clock.now()
    form = Specimen({"clause": "9", "why": "Seen twice", "kind": "reply", "accounts": ["x"], "team": "desk"})
    form.is_valid()
    form.add_error(None, "Two fields need another look. Nothing has been sent.")
    page = SimpleNamespace(name="Wealdshire Police", platform="facebook", exercise=False)
    drill = SimpleNamespace(name="Harrowfield Neighbourhood Team", platform="exercise", exercise=True)
    return render(
        request,
        "smmp/components.html",
        {
            "form": form,
            "soon": now + timedelta(minutes=2),
            "later": now + timedelta(minutes=96),
            "over": now - timedelta(minutes=3),
            "ago": now - timedelta(minutes=17),
            "states": [
                ("sent", "Sent"),
                ("waiting", "Waiting"),
                ("held", "Held"),
                ("unknown", "Outcome unknown"),
                ("rejected", "Refused by the platform"),
                ("withdrawn", "Withdrawn"),
            ],
            "official": page,
            "drill": drill,
            "zalgo": ZALGO,
            "arabic": "مرحبا، هل الطريق مغلق؟ (A27)",
            "long": "supercalifragilistic" * 12,
            "before": "A white van did not stop. Ring 101 and quote W-2036.",
            "after": "A grey van did not stop. Ring 101 and quote W-2036, or send it to us.",
            "lines": [
                {"when": "now", "text": "You are called, on the page and by e-mail", "hot": True},
                {"when": "03:16", "text": "Superintendent Price is called", "next": True},
                {"at": now - timedelta(minutes=4), "text": "Control room told", "by": "Amira Hussain"},
                {"at": now - timedelta(minutes=6), "text": "Comment made", "by": ""},
            ],
            "glyphs": sorted(glyph_names()),
        },
    )
