"""Decisions and changed categories are found by the hour in which they were made: figures are counted by it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("moderation", "0021_paper_lines")]

    operations = [
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["at"], name="decision_by_time"),
        ),
        migrations.AddIndex(
            model_name="label",
            index=models.Index(fields=["at"], name="label_by_time"),
        ),
    ]
