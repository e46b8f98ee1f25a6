"""A sequence that numbers every change on the network, who a message names, and a profile's weather."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exercise", "0001_first_tables")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE exercise_change_seq AS bigint",
            "DROP SEQUENCE exercise_change_seq",
        ),
        migrations.AddField(
            model_name="profile",
            name="weather",
            field=models.CharField(
                choices=[
                    ("fair", "Fair: everything works"),
                    ("slow", "Slow: every answer takes two seconds"),
                    ("limited", "Busy: asks to slow down and try again in 30 seconds (429)"),
                    ("refusing", "Refusing: nothing may be written (403)"),
                    ("lost", "Lost answers: what is asked is done, then answered with a fault (500)"),
                    ("gateway", "Down: a gateway's error page, nothing is done (502)"),
                ],
                default="fair",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="mentions",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=30), blank=True, default=list, size=None
            ),
        ),
    ]
