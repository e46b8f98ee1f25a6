"""Who may override which check, until the force says otherwise."""

from django.db import migrations
from django.utils import timezone

AS_IT_CAME = [
    ("phone", "approver", "A number of the force or a partner is not on the list yet"),
    ("address", "approver", "The address is that of a public building"),
    ("registration", "approver", "The vehicle belongs to the force"),
    ("birth-date", "command", "Somebody is found only by it"),
    ("kind", "approver", "The words only look like it"),
    ("child", "command", "A court allowed it"),
    ("arrest-fields", "command", "A threat to life"),
    ("nationality", "command", "A public interest that cannot wait for the charge"),
    ("pre-election", "command", "The force’s election lead agreed"),
    ("short-links", "approver", "A partner has no other address"),
    ("collar-number", "approver", "The officer agreed"),
    ("fancy-letters", "approver", "A name that is written so"),
]
"""Check, who may override its stop, and when that is meant. To be confirmed by the force. Nobody overrides the rest."""


def fill(apps, schema_editor):
    setting = apps.get_model("publishing", "CheckSetting")
    now = timezone.now()
    setting.objects.bulk_create(
        setting(slug=slug, override_by=by, set_at=now, why=f"As it came: {why}") for slug, by, why in AS_IT_CAME
    )


class Migration(migrations.Migration):
    dependencies = [("publishing", "0012_checks")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
