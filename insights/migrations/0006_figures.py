"""Reach; counts by hour and day, the functions that say what each fact adds, and the triggers that name what must be counted anew.

The functions are plain SQL and are merged into the query that asks them. They name no column's type, so that later
migrations of the tables they read need no leave of theirs. A change of a measure replaces its function in a migration of
its own, after which `manage.py insights rebuild` counts the past by the new one.
"""

import django.db.models.deletion
from django.db import migrations, models

COUNTS = (
    "received", "private", "dealt", "due", "in_time", "late", "agreed",
    "m5", "m15", "m30", "m60", "m120", "m240", "m480", "m1440", "m4320", "m10080", "longer",
)

BOUNDS = (5, 15, 30, 60, 120, 240, 480, 1440, 4320, 10080)
"""Minutes from arrival to the decision. A column holds what was dealt with by its bound and not by the one before."""
BETWEEN = ",\n           ".join(
    f"coalesce(took.minutes > {after} AND took.minutes <= {until}, false)::int"
    if until
    else f"coalesce(took.minutes > {after}, false)::int"
    for after, until in zip((-1_000_000_000, *BOUNDS), (*BOUNDS, None))
)

# What one comment of the public adds to the hour in which it arrived.
COMMENT_FACTS = f"""
CREATE FUNCTION insights_comment_facts() RETURNS TABLE (
    id bigint, at timestamptz, hour timestamptz, day date, official_account_id bigint, category text, priority smallint,
    {", ".join(f"{name} int" for name in COUNTS)}
) LANGUAGE sql STABLE AS $$
    SELECT c.id, c.received_at, date_trunc('hour', c.received_at, 'UTC'),
           (c.received_at AT TIME ZONE 'Europe/London')::date, c.official_account_id, c.category::text, c.priority,
           1, c.private::int, (c.decided_at IS NOT NULL)::int, (c.answer_by IS NOT NULL)::int,
           coalesce(c.decided_at <= c.answer_by, false)::int, coalesce(c.decided_at > c.answer_by, false)::int,
           (c.decided_at IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM moderation_label l WHERE l.comment_id = c.id AND l.category <> l.was_category))::int,
           {BETWEEN}
    FROM moderation_comment c
    CROSS JOIN LATERAL (SELECT extract(epoch FROM c.decided_at - c.received_at) / 60 AS minutes) took
    WHERE c.state <> 'ours'
$$;
"""

# What else adds: measure, detail, amount, and the hour in which it happened.
EVENT_FACTS = {
    "decision": """
        SELECT d.id, d.comment_id, d.at, c.official_account_id, x.measure, x.detail, 1
        FROM moderation_decision d JOIN moderation_comment c ON c.id = d.comment_id
        LEFT JOIN moderation_clause k ON k.id = d.clause_id
        CROSS JOIN LATERAL (
            SELECT 'decision'::text, d.kind::text
            UNION ALL SELECT 'clause', d.kind || ':' || k.slug WHERE k.id IS NOT NULL AND d.kind IN ('hide', 'delete', 'block')
        ) x(measure, detail)
    """,
    "label": """
        SELECT l.id, l.comment_id, l.at, c.official_account_id, x.measure, x.detail, 1
        FROM moderation_label l JOIN moderation_comment c ON c.id = l.comment_id
        CROSS JOIN LATERAL (
            SELECT 'relabelled'::text, l.was_category || '>' || l.category WHERE l.category <> l.was_category
            UNION ALL SELECT 'reprioritised', CASE WHEN l.priority < l.was_priority THEN 'up' ELSE 'down' END
                      WHERE l.priority <> l.was_priority
        ) x(measure, detail)
    """,
    "delivery": """
        SELECT v.id, 0::bigint, v.sent_at, v.official_account_id, 'sent'::text,
               CASE WHEN v.private_to_external_id <> '' THEN 'private_' || v.kind ELSE v.kind::text END, 1
        FROM publishing_delivery v WHERE v.state = 'sent' AND v.sent_at IS NOT NULL
    """,
    "case": """
        SELECT k.id, 0::bigint, k.opened_at, k.official_account_id, x.measure, x.detail, 1
        FROM escalation_case k JOIN escalation_pathway p ON p.id = k.pathway_id
        CROSS JOIN LATERAL (
            SELECT 'case'::text, p.slug::text
            UNION ALL SELECT 'case_had', CASE
                WHEN k.acknowledged_at <= k.opened_at + interval '1 minute' THEN '1'
                WHEN k.acknowledged_at <= k.opened_at + interval '2 minutes' THEN '2'
                WHEN k.acknowledged_at <= k.opened_at + interval '5 minutes' THEN '5'
                WHEN k.acknowledged_at <= k.opened_at + interval '10 minutes' THEN '10'
                WHEN k.acknowledged_at <= k.opened_at + interval '15 minutes' THEN '15'
                WHEN k.acknowledged_at <= k.opened_at + interval '30 minutes' THEN '30'
                WHEN k.acknowledged_at <= k.opened_at + interval '60 minutes' THEN '60'
                ELSE 'longer' END
              WHERE k.acknowledged_at IS NOT NULL
            UNION ALL SELECT 'case_in_time', '' WHERE k.acknowledged_at <= k.acknowledge_by
        ) x(measure, detail)
        WHERE NOT k.drill
    """,
    "inquiry": """
        SELECT q.id, 0::bigint, q.asked_at, q.official_account_id, 'inquiry'::text,
               CASE WHEN q.proved_at IS NULL THEN 'unproved' ELSE 'proved' END, 1
        FROM moderation_inquiry q WHERE q.official_account_id IS NOT NULL
    """,
    "second_look": """
        SELECT r.id, 0::bigint, r.asked_at, r.official_account_id, 'second_look'::text, r.state || ':' || k.slug, 1
        FROM moderation_reconsideration r JOIN moderation_clause k ON k.id = r.clause_id
    """,
    "act_review": """
        SELECT r.id, 0::bigint, r.at, r.official_account_id, 'act_review'::text, r.state || ':' || r.kind, 1
        FROM moderation_actreview r
    """,
    "gap": """
        SELECT g.id, 0::bigint, s.hour, g.official_account_id, 'deaf'::text, ''::text,
               round(extract(epoch FROM least(g.ends_at, s.hour + interval '1 hour') - greatest(g.begins_at, s.hour)) / 60)::int
        FROM moderation_ingestgap g
        CROSS JOIN LATERAL generate_series(date_trunc('hour', g.begins_at, 'UTC'), g.ends_at, interval '1 hour') s(hour)
        WHERE g.ends_at IS NOT NULL AND g.filled_at IS NULL AND least(g.ends_at, s.hour + interval '1 hour') > greatest(g.begins_at, s.hour)
    """,
}
TABLES = {
    "decision": ("moderation_decision", "at", ""),
    "label": ("moderation_label", "at", ""),
    "delivery": ("publishing_delivery", "sent_at", "state"),
    "case": ("escalation_case", "opened_at", "acknowledged_at"),
    "inquiry": ("moderation_inquiry", "asked_at", "proved_at"),
    "second_look": ("moderation_reconsideration", "asked_at", "state"),
    "act_review": ("moderation_actreview", "at", "state"),
}
"""Source -> its table, the instant that it counts for, and what of it can change later."""


def event_function(name, select):
    return f"""
CREATE FUNCTION insights_facts_of_{name}() RETURNS TABLE (
    id bigint, comment_id bigint, at timestamptz, official_account_id bigint, measure text, detail text, amount int
) LANGUAGE sql STABLE AS $$ {select} $$;
"""


ADDED = ", ".join(f"{name} = t.{name} + EXCLUDED.{name}" for name in COUNTS)
KEEP_EVENTS = """
    INSERT INTO insights_eventhour AS t (hour, day, official_account_id, measure, detail, gone, amount)
    SELECT date_trunc('hour', f.at, 'UTC'), (f.at AT TIME ZONE 'Europe/London')::date, f.official_account_id,
           f.measure, f.detail, true, sum(f.amount)
    FROM {facts} f WHERE f.{column} = OLD.id GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (hour, official_account_id, measure, detail, gone) DO UPDATE SET amount = t.amount + EXCLUDED.amount;
"""
RUN = "SECURITY DEFINER SET search_path = public, pg_temp"

COMMENT_TRIGGERS = f"""
CREATE FUNCTION insights_comments_came() RETURNS trigger LANGUAGE plpgsql {RUN} AS $$
BEGIN
    INSERT INTO insights_touched (what, official_account_id, hour)
    SELECT DISTINCT 'comments', n.official_account_id, date_trunc('hour', n.received_at, 'UTC')
    FROM came n WHERE n.state <> 'ours';
    RETURN NULL;
END $$;
CREATE TRIGGER insights_comments_came AFTER INSERT ON moderation_comment
    REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION insights_comments_came();

CREATE FUNCTION insights_comment_changed() RETURNS trigger LANGUAGE plpgsql {RUN} AS $$
BEGIN
    INSERT INTO insights_touched (what, official_account_id, hour)
    VALUES ('comments', NEW.official_account_id, date_trunc('hour', NEW.received_at, 'UTC'));
    IF (OLD.official_account_id, OLD.received_at) IS DISTINCT FROM (NEW.official_account_id, NEW.received_at) THEN
        INSERT INTO insights_touched (what, official_account_id, hour)
        VALUES ('comments', OLD.official_account_id, date_trunc('hour', OLD.received_at, 'UTC'));
    END IF;
    IF OLD.official_account_id <> NEW.official_account_id THEN
        INSERT INTO insights_touched (what, official_account_id, hour)
        SELECT 'events', 0, date_trunc('hour', x.at, 'UTC') FROM (
            SELECT d.at FROM moderation_decision d WHERE d.comment_id = NEW.id
            UNION SELECT l.at FROM moderation_label l WHERE l.comment_id = NEW.id) x;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER insights_comment_changed AFTER UPDATE ON moderation_comment FOR EACH ROW
    WHEN ((OLD.category, OLD.priority, OLD.private, OLD.decided_at, OLD.answer_by, OLD.received_at, OLD.official_account_id,
           OLD.state = 'ours')
          IS DISTINCT FROM
          (NEW.category, NEW.priority, NEW.private, NEW.decided_at, NEW.answer_by, NEW.received_at, NEW.official_account_id,
           NEW.state = 'ours'))
    EXECUTE FUNCTION insights_comment_changed();

CREATE FUNCTION insights_comment_goes() RETURNS trigger LANGUAGE plpgsql {RUN} AS $$
DECLARE stack text;
BEGIN
    INSERT INTO insights_touched (what, official_account_id, hour)
    VALUES ('comments', OLD.official_account_id, date_trunc('hour', OLD.received_at, 'UTC'));
    INSERT INTO insights_touched (what, official_account_id, hour)
    SELECT 'events', 0, date_trunc('hour', l.at, 'UTC') FROM moderation_label l WHERE l.comment_id = OLD.id;
    GET DIAGNOSTICS stack = PG_CONTEXT;
    -- What came in by mistake never came.
    IF position('smmp_take_back_messages' IN stack) > 0 THEN
        RETURN OLD;
    END IF;
    INSERT INTO insights_commenthour AS t (hour, day, official_account_id, category, priority, gone, {", ".join(COUNTS)})
    SELECT f.hour, f.day, f.official_account_id, f.category, f.priority, true, {", ".join(f"f.{name}" for name in COUNTS)}
    FROM insights_comment_facts() f WHERE f.id = OLD.id
    ON CONFLICT (official_account_id, hour, category, priority, gone) DO UPDATE SET {ADDED};
    {KEEP_EVENTS.format(facts="insights_facts_of_label()", column="comment_id")}
    RETURN OLD;
END $$;
CREATE TRIGGER insights_comment_goes BEFORE DELETE ON moderation_comment
    FOR EACH ROW EXECUTE FUNCTION insights_comment_goes();
"""


def event_triggers(source, table, at, changing):
    when = (
        f"WHEN ((OLD.{at}, OLD.{changing}) IS DISTINCT FROM (NEW.{at}, NEW.{changing}))" if changing else ""
    )
    update = (
        f"CREATE TRIGGER insights_{source}_changed AFTER UPDATE ON {table} FOR EACH ROW {when} "
        f"EXECUTE FUNCTION insights_{source}_came();"
        if changing
        else ""
    )
    also = (
        """
    INSERT INTO insights_touched (what, official_account_id, hour)
    SELECT 'comments', c.official_account_id, date_trunc('hour', c.received_at, 'UTC')
    FROM moderation_comment c WHERE c.id = NEW.comment_id AND NEW.category <> NEW.was_category;"""
        if source == "label"
        else ""
    )
    return f"""
CREATE FUNCTION insights_{source}_came() RETURNS trigger LANGUAGE plpgsql {RUN} AS $$
BEGIN
    IF NEW.{at} IS NOT NULL THEN
        INSERT INTO insights_touched (what, official_account_id, hour)
        VALUES ('events', 0, date_trunc('hour', NEW.{at}, 'UTC'));
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.{at} IS DISTINCT FROM NEW.{at} AND OLD.{at} IS NOT NULL THEN
        INSERT INTO insights_touched (what, official_account_id, hour)
        VALUES ('events', 0, date_trunc('hour', OLD.{at}, 'UTC'));
    END IF;{also}
    RETURN NULL;
END $$;
CREATE TRIGGER insights_{source}_came AFTER INSERT ON {table}
    FOR EACH ROW EXECUTE FUNCTION insights_{source}_came();
{update}
CREATE FUNCTION insights_{source}_goes() RETURNS trigger LANGUAGE plpgsql {RUN} AS $$
DECLARE stack text;
BEGIN
    IF OLD.{at} IS NULL THEN
        RETURN OLD;
    END IF;
    INSERT INTO insights_touched (what, official_account_id, hour)
    VALUES ('events', 0, date_trunc('hour', OLD.{at}, 'UTC'));
    GET DIAGNOSTICS stack = PG_CONTEXT;
    IF position('smmp_take_back_messages' IN stack) > 0 THEN
        RETURN OLD;
    END IF;
    {KEEP_EVENTS.format(facts=f"insights_facts_of_{source}()", column="id")}
    RETURN OLD;
END $$;
CREATE TRIGGER insights_{source}_goes BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION insights_{source}_goes();
"""


GAP_TRIGGERS = f"""
CREATE FUNCTION insights_gap_came() RETURNS trigger LANGUAGE plpgsql {RUN} AS $$
BEGIN
    INSERT INTO insights_touched (what, official_account_id, hour)
    SELECT 'events', 0, s.hour
    FROM generate_series(date_trunc('hour', NEW.begins_at, 'UTC'), NEW.ends_at, interval '1 hour') s(hour);
    RETURN NULL;
END $$;
CREATE TRIGGER insights_gap_came AFTER INSERT OR UPDATE ON moderation_ingestgap
    FOR EACH ROW EXECUTE FUNCTION insights_gap_came();
"""

DROP_COMMENTS = """
DROP TRIGGER insights_comments_came ON moderation_comment; DROP FUNCTION insights_comments_came();
DROP TRIGGER insights_comment_changed ON moderation_comment; DROP FUNCTION insights_comment_changed();
DROP TRIGGER insights_comment_goes ON moderation_comment; DROP FUNCTION insights_comment_goes();
"""
DROP_GAP = "DROP TRIGGER insights_gap_came ON moderation_ingestgap; DROP FUNCTION insights_gap_came();"


def drop_events(source, table, changing):
    return (
        f"DROP TRIGGER insights_{source}_came ON {table};"
        + (f"DROP TRIGGER insights_{source}_changed ON {table};" if changing else "")
        + f"DROP FUNCTION insights_{source}_came(); DROP TRIGGER insights_{source}_goes ON {table}; "
        f"DROP FUNCTION insights_{source}_goes();"
    )


def counts():
    return [(name, models.PositiveIntegerField()) for name in COUNTS]


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0024_security_checks'),
        ('escalation', '0013_appeals_in_cases'),
        ('insights', '0005_scorecard_and_strategy'),
        ('moderation', '0022_by_time'),
        ('publishing', '0022_sent_by_time'),
    ]

    operations = [
        migrations.CreateModel(
            name='Touched',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('comments', 'Comments that arrived in it'), ('events', 'What happened in it, on any official account')], max_length=8)),
                ('official_account_id', models.BigIntegerField()),
                ('hour', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='RollupState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('refreshed_at', models.DateTimeField(blank=True, null=True)),
                ('rebuilt_at', models.DateTimeField(blank=True, null=True)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('differing', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='rollup_state_once')],
            },
        ),
        migrations.CreateModel(
            name='CommentDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('category', models.CharField(max_length=40)),
                ('priority', models.PositiveSmallIntegerField()),
                *counts(),
                ('day', models.DateField()),
                ('official_account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.officialaccount')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'official_account', 'category', 'priority'), name='comment_day_once')],
            },
        ),
        migrations.CreateModel(
            name='CommentHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('category', models.CharField(max_length=40)),
                ('priority', models.PositiveSmallIntegerField()),
                *counts(),
                ('hour', models.DateTimeField()),
                ('day', models.DateField()),
                ('gone', models.BooleanField(default=False)),
                ('official_account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.officialaccount')),
            ],
            options={
                'indexes': [models.Index(fields=['day', 'official_account'], name='comment_hour_day'), models.Index(condition=models.Q(('gone', False), ('received__gt', models.F('dealt'))), fields=['hour'], name='comment_hour_open')],
                'constraints': [models.UniqueConstraint(fields=('official_account', 'hour', 'category', 'priority', 'gone'), name='comment_hour_once')],
            },
        ),
        migrations.CreateModel(
            name='EventDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('measure', models.CharField(max_length=20)),
                ('detail', models.CharField(blank=True, max_length=90)),
                ('amount', models.PositiveIntegerField()),
                ('official_account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.officialaccount')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'official_account', 'measure', 'detail'), name='event_day_once')],
            },
        ),
        migrations.CreateModel(
            name='EventHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('day', models.DateField()),
                ('measure', models.CharField(max_length=20)),
                ('detail', models.CharField(blank=True, max_length=90)),
                ('gone', models.BooleanField(default=False)),
                ('amount', models.PositiveIntegerField()),
                ('official_account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.officialaccount')),
            ],
            options={
                'indexes': [models.Index(fields=['day', 'measure', 'official_account'], name='event_hour_day')],
                'constraints': [models.UniqueConstraint(fields=('hour', 'official_account', 'measure', 'detail', 'gone'), name='event_hour_once')],
            },
        ),
        migrations.CreateModel(
            name='Placement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateField()),
                ('until', models.DateField(blank=True, null=True)),
                ('neighbourhood', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.neighbourhood')),
                ('official_account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.officialaccount')),
            ],
            options={
                'ordering': ['official_account', 'since'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until', None)), fields=('official_account',), name='placement_one_now'), models.UniqueConstraint(fields=('official_account', 'since'), name='placement_once_a_day'), models.CheckConstraint(condition=models.Q(('until', None), ('until__gt', models.F('since')), _connector='OR'), name='placement_in_order')],
            },
        ),
        migrations.CreateModel(
            name='AccountReach',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('followers', models.PositiveBigIntegerField()),
                ('official_account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.officialaccount')),
            ],
            options={
                'indexes': [models.Index(fields=['official_account', '-at'], name='account_reach_latest')],
            },
        ),
        migrations.CreateModel(
            name='PostReach',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('seen', models.PositiveBigIntegerField(blank=True, null=True)),
                ('likes', models.PositiveBigIntegerField(blank=True, null=True)),
                ('replies', models.PositiveBigIntegerField(blank=True, null=True)),
                ('shares', models.PositiveBigIntegerField(blank=True, null=True)),
                ('delivery', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='reach', to='publishing.delivery')),
                ('official_account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.officialaccount')),
            ],
            options={
                'indexes': [models.Index(fields=['delivery', '-at'], name='post_reach_latest'), models.Index(fields=['official_account', '-at'], name='post_reach_by_time')],
            },
        ),
        migrations.CreateModel(
            name='ReachPull',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('next_at', models.DateTimeField()),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('fault', models.CharField(blank=True, max_length=300)),
                ('official_account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.officialaccount')),
            ],
            options={
                'indexes': [models.Index(fields=['next_at'], name='reach_pull_due')],
            },
        ),
        migrations.RunSQL(COMMENT_FACTS, "DROP FUNCTION insights_comment_facts();"),
        *(
            migrations.RunSQL(event_function(name, select), f"DROP FUNCTION insights_facts_of_{name}();")
            for name, select in EVENT_FACTS.items()
        ),
        migrations.RunSQL(COMMENT_TRIGGERS, DROP_COMMENTS),
        *(
            migrations.RunSQL(event_triggers(name, *table), drop_events(name, table[0], table[2]))
            for name, table in TABLES.items()
        ),
        migrations.RunSQL(GAP_TRIGGERS, DROP_GAP),
    ]
