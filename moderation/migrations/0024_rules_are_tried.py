from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('moderation', '0023_first_sight')]

    operations = [
        migrations.AlterField(
            model_name="triagejob",
            name="kind",
            field=models.CharField(
                choices=[
                    ("shipped", "What ships"),
                    ("exemplars", "Changed examples"),
                    ("calibrated", "Calibrated on the force's own comments"),
                    ("learned", "Learned from corrections"),
                    ("rules", "A change of the rules"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="triagejob",
            name="wish",
            field=models.JSONField(default=dict, db_default=models.Value({}, models.JSONField())),
        ),
    ]
