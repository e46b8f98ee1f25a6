import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The next turn of the scheduler counts every figure anew, these among them."""

    dependencies = [
        ('accounts', '0025_guests_write_for_a_time'),
        ('insights', '0012_cases_in_time'),
    ]

    operations = [
        migrations.CreateModel(
            name='CommentTime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('received', models.PositiveIntegerField()),
                ('private', models.PositiveIntegerField()),
                ('dealt', models.PositiveIntegerField()),
                ('due', models.PositiveIntegerField()),
                ('in_time', models.PositiveIntegerField()),
                ('late', models.PositiveIntegerField()),
                ('agreed', models.PositiveIntegerField()),
                ('m5', models.PositiveIntegerField()),
                ('m15', models.PositiveIntegerField()),
                ('m30', models.PositiveIntegerField()),
                ('m60', models.PositiveIntegerField()),
                ('m120', models.PositiveIntegerField()),
                ('m240', models.PositiveIntegerField()),
                ('m480', models.PositiveIntegerField()),
                ('m1440', models.PositiveIntegerField()),
                ('m4320', models.PositiveIntegerField()),
                ('m10080', models.PositiveIntegerField()),
                ('longer', models.PositiveIntegerField()),
                ('day', models.DateField()),
                ('hour', models.PositiveSmallIntegerField()),
                ('official_account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.officialaccount')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'official_account', 'hour'), name='comment_time_once')],
            },
        ),
        migrations.RunSQL("UPDATE insights_rollupstate SET rebuilt_at = NULL", migrations.RunSQL.noop),
    ]
