from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0003_structured_messages")]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="in_confidence",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
