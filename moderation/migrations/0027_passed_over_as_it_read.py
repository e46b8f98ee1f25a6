from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """What was passed over before counts as passed over in its first words: at worst it is offered once more."""

    dependencies = [("moderation", "0026_messages_are_read_over_midnight")]

    operations = [
        migrations.AddField(
            model_name="skip",
            name="revision_number",
            field=models.PositiveIntegerField(default=1),
            preserve_default=False,
        ),
    ]
