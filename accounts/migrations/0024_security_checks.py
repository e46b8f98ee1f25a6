"""What somebody saw of how an official account is secured on its platform."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0023_register_tells_and_is_proved'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SecurityCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(choices=[('yes', 'Yes'), ('no', 'No'), ('unknown', 'Could not be seen')], max_length=7)),
                ('factor', models.CharField(choices=[('key', 'On, with security keys or passkeys that the force holds'), ('app', 'On, with an authenticator app on force devices'), ('message', 'On, with codes by text or e-mail alone'), ('none', 'Off'), ('unknown', 'Could not be seen')], max_length=7)),
                ('alerts', models.CharField(choices=[('yes', 'Yes'), ('no', 'No'), ('unknown', 'Could not be seen')], max_length=7)),
                ('apps', models.CharField(choices=[('yes', 'Yes'), ('no', 'No'), ('unknown', 'Could not be seen')], max_length=7)),
                ('personal', models.CharField(choices=[('none', 'None is used'), ('named', 'Only as allowed by name'), ('others', 'Also otherwise'), ('unknown', 'Could not be found out')], max_length=7)),
                ('elsewhere', models.CharField(choices=[('never', 'It is not used there'), ('clean', 'Used there; nothing stays signed in, and no secret is kept there'), ('left', 'Something stays signed in, or a secret is kept there'), ('unknown', 'Could not be found out')], max_length=7)),
                ('devices', models.CharField(choices=[('yes', 'Yes'), ('no', 'No'), ('unknown', 'Could not be seen')], max_length=7)),
                ('words', models.CharField(blank=True, max_length=600)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('official_account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='security_checks', to='accounts.officialaccount')),
                ('together_with', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['official_account', '-at'], name='security_check_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('together_with', None), ('by', None), models.Q(('together_with', models.F('by')), _negated=True), _connector='OR'), name='security_check_with_another')],
            },
        ),
    ]
