"""Whoever left before departures were kept has one, so that their open work is found and handed over.

Reverses by doing nothing: rows beside real ones cannot be told apart, and harm nobody.
"""

from django.db import migrations


def fill(apps, schema_editor):
    Departure = apps.get_model("staff", "Departure")
    for member in apps.get_model("staff", "StaffMember").objects.filter(active=False):
        if not Departure.objects.filter(person=member, called_off_at=None).exists():
            Departure.objects.create(
                person=member,
                kind="other",
                why="Recorded before departures were kept",
                recorded_at=member.left_at,
                leaves_at=member.left_at,
                carried_out_at=member.left_at,
            )


class Migration(migrations.Migration):
    dependencies = [("staff", "0003_departures")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
