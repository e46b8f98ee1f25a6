from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0024_rules_are_tried")]

    operations = [
        migrations.AlterField(
            model_name="reconsideration",
            name="inquiry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reconsiderations",
                to="moderation.inquiry",
            ),
        ),
        migrations.AddField(
            model_name="reconsideration",
            name="reminded_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
