"""Views of the queue under a name: one's own, or shared. Nobody sees more by them than they may see anyway."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotFound, NotPermitted, NotValid
from moderation import queries, queries_working
from moderation.models import SavedView
from staff.models import StaffMember

MOST = 40
"""Views of one person's own."""


@action
def save_view(*, actor: StaffMember, name: str, slug: str, shared: str = "nobody") -> SavedView:
    """The queue as it is narrowed now stands under this name in the left pane.

    shared: "nobody", "force", or "team-" and the number of a team of the actor's. Whoever gets it sees what
    they may see by themselves. Raises NotValid, NotFound (no such queue), NotPermitted (sharing with the
    force is for desk supervisors). Audits view.saved.
    """
    chosen = queries.queue(actor, slug)
    name = _name(name)
    kind, team_id = _sharing(actor, shared)
    if SavedView.objects.filter(owner=actor, removed_at=None).count() >= MOST:
        raise NotValid(f"You have {MOST} views already. Delete one that you do not need.", field="name")
    view = SavedView(
        name=name, slug=chosen.slug, owner=actor, shared=kind, team_id=team_id, made_at=clock.now()
    )
    _save(view)
    _audit(actor, "view.saved", view)
    return view


@action
def change_view(*, actor: StaffMember, view: SavedView, name: str, shared: str) -> SavedView:
    """The view has another name, or other people have it. Its owner changes it, or a desk supervisor a shared one.

    Raises NotValid, NotFound, NotPermitted. Audits view.changed.
    """
    view = _own(actor, view)
    view.name = _name(name)
    view.shared, view.team_id = _sharing(actor, shared, of=view)
    _save(view)
    _audit(actor, "view.changed", view)
    return view


@action
def remove_view(*, actor: StaffMember, view: SavedView) -> SavedView:
    """The view stands in nobody's list any more; the comments are where they were.

    Raises NotFound, NotPermitted. Audits view.removed.
    """
    view = _own(actor, view)
    view.removed_at = clock.now()
    view.save(update_fields=["removed_at"])
    _audit(actor, "view.removed", view)
    return view


def _own(actor: StaffMember, view: SavedView) -> SavedView:
    found = SavedView.objects.select_for_update().filter(pk=view.pk, removed_at=None).first()
    if found is None or not any(one.pk == found.pk for one in queries_working.saved_views(actor)):
        raise NotFound("There is no such view any more.")
    if found.owner_id != actor.pk and not queries.supervises(actor):
        raise NotPermitted("This view belongs to a colleague. Ask them, or a desk supervisor, to change it.")
    return found


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise NotValid("Give the view a name.", field="name")
    if len(name) > 60:
        raise NotValid("Use 60 characters at most.", field="name")
    return name


def _sharing(actor: StaffMember, shared: str, of: SavedView | None = None) -> tuple[str, int | None]:
    """As it is kept. Raises NotPermitted, NotValid."""
    if shared == SavedView.Shared.NOBODY:
        return shared, None
    if shared == SavedView.Shared.FORCE:
        if of is None or of.shared != shared:
            _require_supervisor(actor)
        return shared, None
    kind, _, number = shared.partition("-")
    if kind != SavedView.Shared.TEAM or not number.isdecimal():
        raise NotValid("Choose who has the view in their list.", field="shared")
    pk = int(number[:12])
    stays = of is not None and of.team_id == pk
    if not stays and not any(team.pk == pk for team in queries_working.teams_of(actor)):
        raise NotPermitted("You may share a view with a team that you are in.")
    return kind, pk


def _require_supervisor(actor: StaffMember) -> None:
    if not queries_working.may_share_with_force(actor):
        raise NotPermitted(
            "Sharing a view with everybody at the desk is for desk supervisors. Share it with a team."
        )


def _save(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise NotValid("You have a view of that name already. Choose another name.", field="name") from None


def _audit(actor: StaffMember, event: str, view: SavedView) -> None:
    record(
        actor=actor,
        event=event,
        subject=view,
        subject_name=view.name,
        details={"name": view.name, "queue": view.slug, "shared": view.shared},
    )
