from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('publishing', '0022_sent_by_time')]

    operations = [
        migrations.AlterField(
            model_name="knownvalue",
            name="kind",
            field=models.CharField(
                choices=[
                    ("domain", "Website"),
                    ("number", "Telephone number"),
                    ("handle", "Handle of an organisation"),
                ],
                max_length=6,
            ),
        ),
    ]
