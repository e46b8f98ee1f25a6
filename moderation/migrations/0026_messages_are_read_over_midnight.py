from __future__ import annotations

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("moderation", "0025_second_looks_of_one_page")]

    operations = [
        migrations.RemoveConstraint("messagingdecision", "messaging_decision_hours_whole"),
        migrations.AddConstraint(
            "messagingdecision",
            models.CheckConstraint(
                condition=Q(from_time=None, until_time=None)
                | (Q(from_time__isnull=False, until_time__isnull=False) & ~Q(until_time=F("from_time"))),
                name="messaging_decision_hours_whole",
            ),
        ),
    ]
