"""What was sent is found by the hour in which it left: figures are counted by it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("publishing", "0021_updates_are_checked")]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=models.Q(("state", "sent")), fields=["sent_at"], name="delivery_sent"),
        ),
    ]
