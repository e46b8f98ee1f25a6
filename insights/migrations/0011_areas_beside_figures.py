from django.db import migrations, models


def forget(apps, schema_editor):
    """What is written to the official accounts of a neighbourhood is counted with the other figures from now on.

    The days that were counted held both, so they go; the next turn of the scheduler counts what names a place, a year back.
    """
    apps.get_model("insights", "AreaDay").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ("insights", "0010_reports_attached"),
    ]

    operations = [
        migrations.AddField(
            model_name="rollupstate",
            name="areas_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
