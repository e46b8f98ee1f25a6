from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("notices", "0004_in_confidence"),
    ]

    operations = [
        migrations.AddField(
            model_name="noticedelivery",
            name="attachment_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=120),
        ),
        migrations.AddField(
            model_name="noticedelivery",
            name="attachment",
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="noticedelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("attachment__isnull", True),
                    models.Q(
                        ("channel", "email"),
                        ("state", "waiting"),
                        models.Q(("attachment_name", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="notice_attachment_on_its_way",
            ),
        ),
    ]
