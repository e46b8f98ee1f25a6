"""Who has to approve what: steps, calls, covers, trust, and what is looked at afterwards."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE FUNCTION publishing_call_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM publishing_post p WHERE p.id = NEW.post_id AND p.author_id = NEW.recorded_by_id)
       OR EXISTS (SELECT 1 FROM publishing_postchange c WHERE c.post_id = NEW.post_id
                  AND c.by_id = NEW.recorded_by_id AND c.event IN ('drafted', 'edited', 'change asked')) THEN
        RAISE EXCEPTION 'Nobody records an approval by telephone of a post of which they have written some'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'call_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER publishing_call_by_another BEFORE INSERT OR UPDATE ON publishing_telephoneapproval
    FOR EACH ROW EXECUTE FUNCTION publishing_call_by_another();
CREATE FUNCTION publishing_correction_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM publishing_correction c JOIN publishing_post p ON p.id = c.post_id
               WHERE c.id = NEW.correction_id AND NEW.approver_id IN (c.asked_by_id, p.author_id))
       OR EXISTS (SELECT 1 FROM publishing_correction c JOIN publishing_postchange h ON h.post_id = c.post_id
                  WHERE c.id = NEW.correction_id AND h.by_id = NEW.approver_id
                  AND h.event IN ('drafted', 'edited', 'change asked')) THEN
        RAISE EXCEPTION 'Nobody approves a correction that they asked for, or of a post of which they have written some'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER publishing_correction_by_another BEFORE INSERT OR UPDATE ON publishing_correctionapproval
    FOR EACH ROW EXECUTE FUNCTION publishing_correction_by_another();
CREATE FUNCTION publishing_delivery_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'sending' AND OLD.state <> 'sending' AND NEW.variant_id IS NOT NULL AND NEW.approver_id IS NULL
       AND NOT EXISTS (SELECT 1 FROM publishing_variant v JOIN publishing_post p ON p.id = v.post_id
                       JOIN publishing_requirement r ON r.post_id = p.id AND r.version = p.version
                       WHERE v.id = NEW.variant_id AND (r.count = 0 OR EXISTS (
                           SELECT 1 FROM publishing_telephoneapproval t WHERE t.post_id = p.id
                           AND t.version = p.version AND t.content_hash = r.content_hash))) THEN
        RAISE EXCEPTION 'A post that nobody approved leaves only where the steps ask nobody beforehand'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_approved';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER publishing_delivery_approved BEFORE UPDATE ON publishing_delivery
    FOR EACH ROW EXECUTE FUNCTION publishing_delivery_approved();
"""
BACK = """
DROP TRIGGER publishing_delivery_approved ON publishing_delivery;
DROP FUNCTION publishing_delivery_approved();
DROP TRIGGER publishing_correction_by_another ON publishing_correctionapproval;
DROP FUNCTION publishing_correction_by_another();
DROP TRIGGER publishing_call_by_another ON publishing_telephoneapproval;
DROP FUNCTION publishing_call_by_another();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0021_posting_gates"),
        ("publishing", "0015_pause_and_lockdown"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StepsVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Being written"),
                            ("asked", "Waits for a second person"),
                            ("live", "In force"),
                            ("replaced", "Replaced"),
                            ("dropped", "Dropped"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=300)),
                ("day_begins", models.TimeField()),
                ("day_ends", models.TimeField()),
                ("sample_percent", models.PositiveSmallIntegerField()),
                ("sample_within_hours", models.PositiveSmallIntegerField()),
                ("urgent_within_minutes", models.PositiveSmallIntegerField()),
                ("telephone_within_hours", models.PositiveSmallIntegerField()),
                ("two_by_telephone", models.BooleanField(default=False)),
                ("deletion_by_one", models.BooleanField(default=True)),
                ("weakens", models.JSONField(blank=True, default=list)),
                ("written_at", models.DateTimeField()),
                ("live_at", models.DateTimeField(blank=True, null=True)),
                ("replaced_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("state"),
                        condition=models.Q(("state", "live")),
                        name="steps_version_one_live",
                    ),
                    models.UniqueConstraint(
                        models.Func(models.F("state"), template="(%(expressions)s IN ('draft', 'asked'))"),
                        condition=models.Q(("state__in", ["draft", "asked"])),
                        name="steps_version_one_written",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sample_percent__lte", 100),
                            ("sample_within_hours__gte", 1),
                            ("sample_within_hours__lte", 720),
                            ("urgent_within_minutes__gte", 5),
                            ("urgent_within_minutes__lte", 1440),
                            ("telephone_within_hours__gte", 1),
                            ("telephone_within_hours__lte", 168),
                            ("day_ends__gt", models.F("day_begins")),
                        ),
                        name="steps_version_bounds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="steps_version_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["live", "replaced"]), _negated=True),
                            ("live_at__isnull", False),
                            _connector="OR",
                        ),
                        name="steps_version_live_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["live", "replaced"]), _negated=True),
                            ("weakens", []),
                            ("confirmed_by__isnull", False),
                            _connector="OR",
                        ),
                        name="steps_version_weaker_by_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StepRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("platform", models.CharField(blank=True, max_length=20)),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("general", "News, advice or an event"),
                                ("live", "Something that is happening now"),
                                ("witness", "Appeal for witnesses or information"),
                                ("missing", "Missing person"),
                                ("wanted", "Wanted person"),
                                ("identify", "Picture of somebody we want to identify"),
                                ("arrest", "Arrest"),
                                ("charge", "Charge or a hearing to come"),
                                ("outcome", "Outcome at court"),
                                ("joint", "Joint with a partner"),
                            ],
                            max_length=8,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "when",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("hours", "In hours"),
                                ("night", "At night"),
                                ("weekend", "At weekends and on bank holidays"),
                            ],
                            max_length=8,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "needs",
                    models.CharField(
                        choices=[
                            ("one", "One approver"),
                            ("two", "Two approvers"),
                            ("any", "Any one of those named"),
                            ("all", "All of those named"),
                            ("none", "Nobody beforehand, for a trusted author whose post passes every check"),
                        ],
                        max_length=4,
                    ),
                ),
                ("parties", models.JSONField(blank=True, default=list)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "neighbourhood",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.neighbourhood",
                    ),
                ),
                (
                    "official_account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.officialaccount",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rules",
                        to="publishing.stepsversion",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("neighbourhood", None), ("official_account", None)),
                            models.Q(("official_account", None), ("platform", "")),
                            models.Q(("neighbourhood", None), ("platform", "")),
                            _connector="OR",
                        ),
                        name="step_rule_one_place",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("needs__in", ["any", "all"]), models.Q(("parties", []), _negated=True)),
                            models.Q(models.Q(("needs__in", ["any", "all"]), _negated=True), ("parties", [])),
                            _connector="OR",
                        ),
                        name="step_rule_names_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Requirement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("content_hash", models.CharField(max_length=64)),
                ("count", models.PositiveSmallIntegerField()),
                ("groups", models.JSONField(blank=True, default=list)),
                ("why", models.JSONField(blank=True, default=list)),
                ("two_by_telephone", models.BooleanField(default=False)),
                (
                    "when",
                    models.CharField(
                        choices=[
                            ("hours", "In hours"),
                            ("night", "At night"),
                            ("weekend", "At weekends and on bank holidays"),
                        ],
                        max_length=8,
                    ),
                ),
                ("publish_at", models.DateTimeField(blank=True, null=True)),
                ("at", models.DateTimeField()),
                (
                    "correction",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requirements",
                        to="publishing.correction",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requirements",
                        to="publishing.post",
                    ),
                ),
                (
                    "steps",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="publishing.stepsversion",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["post", "version", "-id"], name="requirement_of_post")],
            },
        ),
        migrations.CreateModel(
            name="TelephoneApproval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("content_hash", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=120)),
                (
                    "function",
                    models.CharField(
                        choices=[
                            ("sio", "Senior investigating officer"),
                            ("gold", "Gold commander"),
                            ("fim", "Force incident manager"),
                        ],
                        max_length=4,
                    ),
                ),
                (
                    "known_by",
                    models.CharField(
                        choices=[
                            ("number", "Collar or warrant number"),
                            ("called_back", "Called back on a number that we hold"),
                        ],
                        max_length=11,
                    ),
                ),
                ("known_as", models.CharField(max_length=40)),
                ("said_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="telephone_approvals",
                        to="publishing.post",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["recorded_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("known_as", ""), _negated=True)
                        ),
                        name="telephone_approval_says_who",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("said_at__lte", models.F("recorded_at"))),
                        name="telephone_approval_said_before",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AfterLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("sample", "Went out without prior approval, and was drawn"),
                            ("urgent", "Was urgent: the second approval comes afterwards"),
                            ("telephone", "Was approved by telephone, to be confirmed"),
                        ],
                        max_length=9,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("climbed", models.PositiveSmallIntegerField(default=0)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("fine", "Fine"),
                            ("correct", "To be corrected"),
                            ("take_down", "To be taken down"),
                        ],
                        max_length=9,
                    ),
                ),
                ("said", models.CharField(blank=True, max_length=500)),
                ("trust_withdrawn", models.BooleanField(default=False)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="after_looks",
                        to="publishing.post",
                    ),
                ),
                (
                    "telephone",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="look",
                        to="publishing.telephoneapproval",
                    ),
                ),
            ],
            options={
                "ordering": ["due_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("verdict", "")), fields=["due_at"], name="after_look_open"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("why", "telephone"), _negated=True),
                        fields=("post", "version", "why"),
                        name="after_look_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("why", "telephone"), ("telephone__isnull", False)),
                            models.Q(models.Q(("why", "telephone"), _negated=True), ("telephone", None)),
                            _connector="OR",
                        ),
                        name="after_look_of_a_call",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None), ("verdict", "")),
                            models.Q(
                                models.Q(("verdict", ""), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="after_look_decided_by_someone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Trust",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("given_at", models.DateTimeField()),
                ("why", models.CharField(max_length=300)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_why", models.CharField(blank=True, max_length=500)),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trusts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-given_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)), fields=("person",), name="trust_one_live"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("given_by", models.F("person")), _negated=True),
                        name="trust_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                models.Q(("withdrawn_why", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="trust_withdrawn_by_someone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CorrectionApproval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("content_hash", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "approver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "correction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="publishing.correction",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("correction", "approver"), name="correction_approval_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Cover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("why", models.CharField(max_length=300)),
                ("named_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "approver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="covers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cover",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="covers_for",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["since", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("approver", models.F("cover")), _negated=True),
                        name="cover_is_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))),
                        name="cover_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ended_by", None)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="cover_ended_by_someone",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("ended_at", None)),
                        expressions=[
                            (
                                models.Func(
                                    "since",
                                    "until",
                                    django.contrib.postgres.fields.ranges.RangeBoundary(),
                                    function="TSTZRANGE",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                            ("approver", "="),
                        ],
                        name="cover_one_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PostQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("question", models.CharField(max_length=500)),
                ("asked_at", models.DateTimeField()),
                ("answer", models.CharField(blank=True, max_length=500)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="publishing.post",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at", None), ("answered_by", None)),
                            models.Q(
                                models.Q(("answer", ""), _negated=True),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="post_question_answered_by_someone",
                    )
                ],
            },
        ),
        migrations.RunSQL(GUARD, BACK),
    ]
