"""Clauses that weigh what somebody may say need a note with each decision. What the force has renamed keeps its words."""

from django.db import migrations

SENSITIVE = ("hate", "contempt", "misinformation_harm")


def mark(apps, schema_editor):
    apps.get_model("moderation", "Clause").objects.filter(slug__in=SENSITIVE).update(sensitive=True)


class Migration(migrations.Migration):
    dependencies = [("moderation", "0013_desk_decides")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
