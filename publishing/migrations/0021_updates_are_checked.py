"""Updates of incidents are read by the checks of posts, and by two people where a check asks for two."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0020_the_first_due_without_sorting'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='incidentupdate',
            name='answers',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='incidentupdate',
            name='findings',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='incidentupdate',
            name='first_yes_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='incidentupdate',
            name='first_yes_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='incidentupdate',
            name='judged_against',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddConstraint(
            model_name='incidentupdate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('first_yes_at', None), ('first_yes_by', None)), models.Q(('first_yes_at__isnull', False), ('first_yes_by__isnull', False), models.Q(('first_yes_by', models.F('author')), _negated=True), models.Q(('state__in', ['submitted', 'returned']), models.Q(('first_yes_by', models.F('decided_by')), _negated=True), _connector='OR')), _connector='OR'), name='incident_update_two_people'),
        ),
    ]
