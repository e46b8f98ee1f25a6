"""Every clause stands in a version of the guidelines, once."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("moderation", "0017_guidelines_in_versions")]

    operations = [
        migrations.AlterField(
            model_name="clause",
            name="guidelines",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="clauses",
                to="moderation.guidelines",
            ),
        ),
        migrations.AddConstraint(
            model_name="clause",
            constraint=models.UniqueConstraint(
                fields=["guidelines", "slug"], name="clause_once_in_a_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="clause",
            constraint=models.CheckConstraint(
                condition=Q(left_out=False) | Q(published=False), name="clause_left_out_is_no_reason"
            ),
        ),
    ]
