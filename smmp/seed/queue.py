"""What the queue of a demonstration has beside comments: places of the neighbourhoods, and views that are shared."""

from __future__ import annotations

from moderation.actions import places, saved_views
from moderation.models import Place, SavedView
from smmp.seed.force import Force

PLACES = {
    "Harrowfield": "Market Street\nTanner’s Row\nCastle Green\nMill Lane\nHarrowfield bus station\nHarrowfield",
    "Saltmere": "Saltmere\nSaltmere Road\nSaltmere viaduct\nthe causeway\nThe Saltings",
    "Cutler’s Cross": "Cutler’s Cross\nKingsmead\nForge Hill\nCutler’s Cross station",
}
VIEWS = (("Not in English", "open~language.other"), ("Private, nobody has it", "unclaimed~kind.private"))


def make(force: Force) -> None:
    """Fictional names by which comments find their way to a neighbourhood, and two views. Safe to run twice."""
    if not Place.objects.exists():
        for name, names in PLACES.items():
            places.add_places(
                actor=force.people["ben_osei"], neighbourhood=force.neighbourhoods[name], names=names
            )
    if not SavedView.objects.exists():
        for name, slug in VIEWS:
            saved_views.save_view(
                actor=force.people["sergeant_okafor"], name=name, slug=slug, shared=SavedView.Shared.FORCE
            )
