from django.db import migrations, models

FILL = """
UPDATE escalation_case k SET
    first_acknowledged_at = coalesce(
        (SELECT min(l.at) FROM escalation_logentry l WHERE l.case_id = k.id AND l.event = 'acknowledged'),
        k.acknowledged_at
    ),
    first_acknowledge_by = (
        SELECT c.at + make_interval(secs => v.acknowledge_within_s)
        FROM escalation_callout c JOIN escalation_level v ON v.version_id = k.version_id AND v.position = c.level
        WHERE c.case_id = k.id ORDER BY c.at, c.id LIMIT 1
    )
"""


class Migration(migrations.Migration):
    """Whether a case was taken in time stays known when the clock it is called by is gone."""

    dependencies = [
        ("escalation", "0015_overdue_requests"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="first_acknowledge_by",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="first_acknowledged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
