from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("insights", "0009_rumours_and_areas"),
        ("notices", "0005_attachments"),
    ]

    operations = [
        migrations.AddField(
            model_name="reportreceiver",
            name="attaches",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
