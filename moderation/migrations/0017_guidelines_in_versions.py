"""The clauses that stand become version 1 of the guidelines, in force since now."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q, Value
from django.utils import timezone


def first_version(apps, schema_editor):
    Clause = apps.get_model("moderation", "Clause")
    Guidelines = apps.get_model("moderation", "Guidelines")
    if not Clause.objects.exists():
        return
    now = timezone.now()
    first = Guidelines.objects.create(number=1, state="in_force", drafted_at=now, in_force_from=now)
    Clause.objects.update(guidelines=first)
    Clause.objects.filter(published=False).update(left_out=True)


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0016_quality_and_welfare"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Guidelines",
            fields=[
                ("id", models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    )),
                ("number", models.PositiveSmallIntegerField(unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("approved", "Approved, not in force yet"),
                            ("in_force", "In force"),
                            ("past", "No longer in force"),
                            ("dropped", "Given up"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                ("changes", models.CharField(blank=True, max_length=500)),
                ("drafted_at", models.DateTimeField()),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("in_force_from", models.DateTimeField(blank=True, null=True)),
                ("in_force_until", models.DateTimeField(blank=True, null=True)),
                (
                    "drafted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["-number"]},
        ),
        migrations.AddConstraint(
            model_name="guidelines",
            constraint=models.UniqueConstraint(
                fields=["state"], condition=Q(state="in_force"), name="guidelines_one_in_force"
            ),
        ),
        migrations.AddConstraint(
            model_name="guidelines",
            constraint=models.UniqueConstraint(
                Value(1), condition=Q(state__in=["draft", "approved"]), name="guidelines_one_to_come"
            ),
        ),
        migrations.AddConstraint(
            model_name="guidelines",
            constraint=models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("drafted_by")),
                name="guidelines_approved_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="guidelines",
            constraint=models.CheckConstraint(
                condition=Q(state__in=["draft", "dropped"]) | Q(in_force_from__isnull=False),
                name="guidelines_in_force_from",
            ),
        ),
        migrations.CreateModel(
            name="GuidelinesChange",
            fields=[
                ("id", models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    )),
                ("event", models.CharField(max_length=30)),
                ("what", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "guidelines",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="history",
                        to="moderation.guidelines",
                    ),
                ),
            ],
            options={"ordering": ["at", "id"]},
        ),
        migrations.AddField(
            model_name="clause",
            name="guidelines",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="clauses",
                to="moderation.guidelines",
            ),
        ),
        migrations.AddField(
            model_name="clause",
            name="left_out",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="clause", name="slug", field=models.SlugField(max_length=40)
        ),
        migrations.RunPython(first_version, migrations.RunPython.noop),
    ]
