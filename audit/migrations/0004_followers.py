"""How far each reader of the trail has come (audit.following)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_searches_assignments_and_reasons'),
    ]

    operations = [
        migrations.CreateModel(
            name='Follower',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(max_length=40, unique=True)),
                ('transaction_id', models.BigIntegerField(default=0)),
                ('entry_id', models.BigIntegerField(default=0)),
                ('floor_id', models.BigIntegerField(default=0)),
                ('moved_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('fault', models.CharField(blank=True, max_length=200)),
                ('try_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
    ]
