"""No two people have an address that is the same once it is written in capitals: the sign-in looks for that."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0010_close_matters_of_leavers'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='staffmember',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Upper('email'), name='staff_email_once_in_capitals'),
        ),
    ]
