import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("escalation", "0005_first_versions"),
    ]

    operations = [
        migrations.AlterField(
            model_name='case',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='escalation.pathwayversion'),
        ),
        migrations.AlterField(
            model_name='level',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='levels', to='escalation.pathwayversion'),
        ),
        migrations.RemoveField(
            model_name='case',
            name='pathway_version',
        ),
        migrations.RemoveField(
            model_name='level',
            name='pathway',
        ),
        migrations.RemoveField(
            model_name='pathway',
            name='advice',
        ),
        migrations.RemoveField(
            model_name='pathway',
            name='categories',
        ),
        migrations.RemoveField(
            model_name='pathway',
            name='version',
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'waiting'), _negated=True), ('acknowledge_by__isnull', False), _connector='OR'), name='case_waiting_has_clock'),
        ),
        migrations.AddConstraint(
            model_name='level',
            constraint=models.UniqueConstraint(fields=('version', 'position'), name='level_once'),
        ),
        migrations.AddConstraint(
            model_name='level',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'role'), ('post', None), ('rota', None), models.Q(('role', ''), _negated=True)), models.Q(('kind', 'rota'), ('post', None), ('role', ''), ('rota__isnull', False)), models.Q(('kind', 'post'), ('post__isnull', False), ('role', ''), ('rota', None)), _connector='OR'), name='level_calls_one_kind'),
        ),
        migrations.AddConstraint(
            model_name='level',
            constraint=models.CheckConstraint(condition=models.Q(('acknowledge_within_s__gte', 10), ('acknowledge_within_s__lte', 86400)), name='level_time'),
        ),
    ]
