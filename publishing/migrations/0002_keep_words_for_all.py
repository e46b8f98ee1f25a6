"""A post keeps the words that it says on every official account without words of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishing", "0001_first_tables")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="words",
            field=models.TextField(blank=True, default="", db_default=""),
        ),
    ]
