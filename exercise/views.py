"""The exercise network as the public sees it, and the pages from which a trainer runs exercises."""

from __future__ import annotations

from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from core.errors import NotValid
from core.gate import needs
from core.refusals import show_refusal
from exercise import actions, forms, library, queries
from exercise.authority import is_trainer
from exercise.gate import is_staff, open_in_a_demonstration
from exercise.models import Profile

RUN = "run_exercises"
"""staff.roles.Power.RUN_EXERCISES."""


@require_safe
@open_in_a_demonstration
def home(request):
    """Everything that was posted, newest first."""
    return _network_page(
        request,
        "exercise/home.html",
        {"posts": queries.timeline(before=_position(request, "before")), "trainer": _for_a_trainer(request)},
    )


@require_safe
@open_in_a_demonstration
def profile(request, handle):
    """Somebody's own posts; for a trainer also the private messages of an official profile."""
    return _profile_page(request, queries.public_profile(handle), forms.Words())


@require_safe
@open_in_a_demonstration
def thread(request, pk):
    """A post and what the public sees under it."""
    post, replies = queries.public_thread(_id(pk), after=_position(request, "after"))
    if post.pk != pk:
        return redirect(f"{reverse('exercise:thread', args=[post.pk])}#m{pk}")
    answering = None
    if (chosen := _position(request, "answer")) and _for_a_trainer(request):
        answering = queries.message_to_answer(request.user, chosen)
    return _thread_page(request, post, replies, forms.Words(), answering=answering)


@require_safe
@open_in_a_demonstration
def picture(request, pk):
    """A picture of a post that anybody sees."""
    found = queries.picture(_id(pk))
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "private, max-age=300"
    return response


# For trainers


@require_POST
@needs(RUN)
def write(request, pk):
    """A trainer answers a post or a reply as a member of the public."""
    under = queries.message_to_answer(request.user, _id(pk))
    form = forms.Words(request.POST)
    if form.is_valid():
        try:
            message = actions.write_as_public(actor=request.user, under=under, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect(f"{reverse('exercise:thread', args=[message.root_id])}#m{message.pk}")
    post, replies = queries.public_thread(under.pk)
    return _thread_page(request, post, replies, form, answering=under, status=422)


@require_POST
@needs(RUN)
def write_privately(request, handle):
    """A trainer writes to an official profile privately, as a member of the public."""
    receiver = queries.official_profile(request.user, handle)
    form = forms.Words(request.POST)
    if form.is_valid():
        try:
            actions.write_as_public(actor=request.user, private_to=receiver, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect(f"{reverse('exercise:profile', args=[receiver.handle])}#private")
    return _profile_page(request, receiver, form, status=422)


@require_safe
@needs(RUN)
def control(request):
    """The scenarios to start, what is playing, what was played, and the network's weather."""
    return _control_page(request)


@require_POST
@needs(RUN)
def start(request):
    """A scenario begins."""
    form = forms.Start(request.POST)
    if not form.is_valid():
        return _control_page(request, refusal=_first(form), status=422)
    try:
        run = actions.start_run(
            actor=request.user,
            scenario=library.named(request.user, form.cleaned_data["scenario"]),
            speed=form.cleaned_data["speed"],
        )
    except NotValid as refusal:
        return _control_page(request, refusal=refusal.sentence, status=422)
    notes.success(request, f"“{run.title}” has started.")
    return redirect("exercise:control")


@require_safe
@needs(RUN)
def progress(request, pk):
    """How far a run has got, for the control page to look again by itself."""
    return render(request, "exercise/_progress.html", {"run": queries.run(request.user, _id(pk))})


@require_POST
@needs(RUN)
def stop(request, pk):
    """A run plays no further line."""
    run = actions.stop_run(actor=request.user, run=queries.run(request.user, _id(pk)))
    notes.success(request, f"“{run.title}” has stopped. What was written stays.")
    return redirect("exercise:control")


@require_POST
@needs(RUN)
def weather(request):
    """The network treats one profile's connector well or badly, for a drill."""
    form = forms.Weather(request.POST)
    if not form.is_valid():
        return _control_page(request, refusal="Choose a profile and one of the weathers.", status=422)
    changed = actions.set_weather(
        actor=request.user,
        profile=queries.official_profile(request.user, form.cleaned_data["handle"]),
        weather=form.cleaned_data["weather"],
    )
    notes.success(request, f"For {changed.name} the network is now: {changed.get_weather_display()}")
    return redirect("exercise:control")


def _thread_page(request, post, replies, form, *, answering=None, status=200):
    return _network_page(
        request,
        "exercise/thread.html",
        {
            "post": post,
            "replies": replies,
            "form": form,
            "answering": answering or post,
            "trainer": _for_a_trainer(request),
        },
        status=status,
    )


def _profile_page(request, shown, form, *, status=200):
    trainer = _for_a_trainer(request)
    return _network_page(
        request,
        "exercise/profile.html",
        {
            "profile": shown,
            "posts": queries.timeline(handle=shown.handle, before=_position(request, "before")),
            "trainer": trainer,
            "private": queries.private_messages(request.user, shown) if trainer and shown.official else [],
            "form": form,
        },
        status=status,
    )


def _control_page(request, *, refusal="", status=200):
    runs = queries.runs(request.user)
    playing = {run.scenario: run for run in runs if run.state == "playing"}
    return render(
        request,
        "exercise/control.html",
        {
            "scenarios": [
                {"scenario": scenario, "playing": playing.get(scenario.name)}
                for scenario in library.playable(request.user)
            ],
            "speeds": forms.SPEEDS,
            "past": [run for run in runs if run.state != "playing"],
            "any_playing": bool(playing),
            "profiles": queries.official_profiles(request.user),
            "weathers": Profile.Weather.choices,
            "refusal": refusal,
        },
        status=status,
    )


def _for_a_trainer(request) -> bool:
    """Whether a trainer, signed in with both factors, looks at an open page."""
    return is_staff(request) and is_trainer(request.user)


def _network_page(request, template, context, *, status=200):
    """A page of the network. What only a trainer sees stays out of the browser's store."""
    response = render(request, template, context, status=status)
    if context["trainer"]:
        response["Cache-Control"] = "no-store"
    return response


def _first(form) -> str:
    return next(iter(form.errors.values()))[0]


def _position(request, name: str) -> int:
    """A place in a list, from the address; anything else than a number is the beginning."""
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else 0


def _id(pk: int) -> int:
    """An id that the database can hold; a larger one is nobody's."""
    return min(pk, 2**63 - 1)
