"""Who may open a page. Every view carries one of these marks; a test fails for one that does not.

    @needs(Power.SEE_AUDIT)     a person who holds one of the named powers somewhere
    @signed_in                  anyone signed in with both factors
    @open_to_all                the public; staff.middleware lists these routes by name as well
    @keyed                      a program, by its key alone: no session opens it

and, above one of these, where a walked-off session must not be enough:

    @fresh                      the second factor was proved within the last five minutes
    @fresh_to_change            the same, for a page that may be read without it
    @fresh_this_shift(when)     the second factor was proved again at least once in this shift
    @stays_inside               never on a device off the force network (staff.devices)

The gate is the first check, never the only one: queries scope what is shown, actions check the
power on the official account at hand.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from core.errors import NotPermitted

View = Callable[..., Any]


def needs(*powers: str) -> Callable[[View], View]:
    """Let in whoever holds at least one of the powers now; refuse others with a sentence."""

    def decorate(view: View) -> View:
        @wraps(view)
        def gated(request, *args: Any, **kwargs: Any):
            if not any(request.user.has_perm(f"accounts.{power}") for power in powers):
                raise NotPermitted(
                    "This page belongs to a role that you do not hold at the moment. If you need it for "
                    "your work, ask your service administrator for a grant.",
                    power=" or ".join(str(getattr(power, "label", power)) for power in powers),
                )
            return view(request, *args, **kwargs)

        gated.gate = tuple(str(power) for power in powers)  # type: ignore[attr-defined]
        return gated

    return decorate


def signed_in(view: View) -> View:
    """Let in anyone who is signed in; the middleware has checked both factors."""
    view.gate = ("signed in",)  # type: ignore[attr-defined]
    return view


def open_to_all(view: View) -> View:
    """Let in the public. The route's name must also stand in staff.middleware.OPEN_ROUTES."""
    view.gate = ("public",)  # type: ignore[attr-defined]
    return view


def keyed(view: View) -> View:
    """Let in a key of a service identity, which the operation reads itself (accounts.operations)."""
    view.gate = ("key",)  # type: ignore[attr-defined]
    return view


def fresh(view: View) -> View:
    """Ask for the second factor again where it is older than five minutes (staff.middleware).

    For platform credentials, roles and grants, exports, holds and disposals, releasing a lockdown.
    Never for what protects a life: replying, hiding, escalating, engaging a lockdown. Source: ASVS 7.5.3.
    """
    view.fresh = True  # type: ignore[attr-defined]
    return view


def fresh_to_change(view: View) -> View:
    """`fresh` for what a page takes in, while reading it asks for nothing."""
    view.fresh_to_change = True  # type: ignore[attr-defined]
    return view


def fresh_this_shift(when: Callable[..., bool]) -> Callable[[View], View]:
    """Ask for the second factor once a shift (14 hours), at the first request for which `when` holds.

    For publishing to several official accounts. `when` gets the request and the route's arguments. The
    factor given at the sign-in counts for five minutes only: what counts is that it was proved at the act.
    """

    def decorate(view: View) -> View:
        view.fresh_this_shift = when  # type: ignore[attr-defined]
        return view

    return decorate


def stays_inside(view: View) -> View:
    """Refuse on a device off the force network: exports, and secrets that it would show or enrol.

    Source: APP social media, minimum standards: no stored secrets on off-network devices.
    """
    view.stays_inside = True  # type: ignore[attr-defined]
    return view
