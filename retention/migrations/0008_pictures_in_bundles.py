"""Pictures that belong to what was found: which there are, and how each goes into the bundle."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("retention", "0007_requests_have_a_prefix_of_their_own")]

    operations = [
        migrations.AddField("founditem", "files", models.JSONField(blank=True, db_default=[], default=list)),
        migrations.AddField("founditem", "given", models.JSONField(blank=True, db_default=[], default=list)),
        migrations.AddField("bundle", "pictures", models.PositiveIntegerField(db_default=0, default=0)),
    ]
