from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("publishing", "0019_campaigns")]

    operations = [
        migrations.RemoveIndex(model_name="delivery", name="delivery_due"),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("held_why", ""), ("state", "scheduled")),
                fields=["due_at", "id"],
                name="delivery_due_first",
            ),
        ),
    ]
