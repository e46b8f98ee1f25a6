"""Segments, the places of entries in the sealed order, keys and sinks. All but the sinks are closed to change.

Nothing about the entries that are there changes: the sealer takes them up in the order of their
transactions. From here on an entry cannot claim another transaction than its own, or the sealer would
pass it by. Reverses by dropping what seals the trail, which production never does.
"""

from django.db import migrations, models


FORWARD = """
CREATE FUNCTION audit_own_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.transaction_id := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER audit_entry_transaction BEFORE INSERT ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_own_transaction();

-- What an entry's hash is the hash of: the canonical JSON of its own version (audit_leaf_hash).
CREATE FUNCTION audit_canonical(e audit_entry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT (jsonb_build_object(
        'id', e.id, 'at', to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        'event', e.event, 'operation', e.operation,
        'actor_kind', e.actor_kind, 'actor_id', e.actor_id, 'actor_name', e.actor_name,
        'subject_type', e.subject_type, 'subject_id', e.subject_id,
        'subject_name', e.subject_name, 'official_account_id', e.official_account_id,
        'shown_ids', to_jsonb(e.shown_ids), 'details', e.details, 'reason', e.reason,
        'request_id', e.request_id)
        || CASE WHEN e.leaf_version >= 2 THEN jsonb_build_object('source_address', e.source_address)
           ELSE '{}'::jsonb END)::text
$$;

-- Disposal by the schedule (its function alone) is the one thing that takes entries and places away.
CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('smmp.disposing', true) = 'audit'
       AND TG_TABLE_NAME ~ '^audit_(entry|place)'
       AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'The audit trail cannot be changed (% on %)', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_segment_no_change BEFORE UPDATE OR DELETE ON audit_segment
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_segment_no_truncate BEFORE TRUNCATE ON audit_segment
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_place_no_change BEFORE UPDATE OR DELETE ON audit_place
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_place_no_truncate BEFORE TRUNCATE ON audit_place
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_sealkey_no_change BEFORE UPDATE OR DELETE ON audit_sealkey
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_sealkey_no_truncate BEFORE TRUNCATE ON audit_sealkey
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();

-- Each segment stands on the one before it.
CREATE FUNCTION audit_segment_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before audit_segment;
BEGIN
    IF NEW.number > 0 THEN
        SELECT * INTO before FROM audit_segment WHERE number = NEW.number - 1;
        IF before.number IS NULL OR NEW.previous_head <> before.head
           OR NEW.first_position <> before.first_position + before.count OR NEW.sealed_at < before.sealed_at THEN
            RAISE EXCEPTION 'Segment % does not follow the one before it', NEW.number
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF NEW.first_position <> 0 OR EXISTS (SELECT FROM audit_segment) THEN
        RAISE EXCEPTION 'The first segment begins the trail' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_segment_stands BEFORE INSERT ON audit_segment
    FOR EACH ROW EXECUTE FUNCTION audit_segment_follows();
"""

BACK = """
DROP TRIGGER audit_segment_stands ON audit_segment;
DROP TRIGGER audit_sealkey_no_truncate ON audit_sealkey;
DROP TRIGGER audit_sealkey_no_change ON audit_sealkey;
DROP TRIGGER audit_place_no_truncate ON audit_place;
DROP TRIGGER audit_place_no_change ON audit_place;
DROP TRIGGER audit_segment_no_truncate ON audit_segment;
DROP TRIGGER audit_segment_no_change ON audit_segment;
DROP FUNCTION audit_segment_follows();
CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail cannot be changed (% on %)', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
DROP FUNCTION audit_canonical(audit_entry);
DROP TRIGGER audit_entry_transaction ON audit_entry;
DROP FUNCTION audit_own_transaction();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0004_followers'),
    ]

    operations = [
        migrations.CreateModel(
            name='SealKey',
            fields=[
                ('from_segment', models.BigIntegerField(primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=300, unique=True)),
                ('introduced_by', models.TextField(blank=True)),
                ('began_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['from_segment'],
            },
        ),
        migrations.CreateModel(
            name='Sink',
            fields=[
                ('name', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('delivered', models.BigIntegerField(default=0)),
                ('sealed_at', models.DateTimeField(null=True)),
                ('arrived_at', models.DateTimeField(null=True)),
                ('leased_until', models.DateTimeField(null=True)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('failing_since', models.DateTimeField(null=True)),
                ('fault', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('position', models.BigIntegerField(primary_key=True, serialize=False)),
                ('entry_id', models.BigIntegerField()),
                ('entry_at', models.DateTimeField()),
                ('leaf_hash', models.BinaryField()),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('entry_id', 'entry_at'), name='place_once_per_entry'), models.CheckConstraint(condition=models.Q(('position__gte', 0)), name='place_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='Segment',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('first_position', models.BigIntegerField()),
                ('count', models.PositiveIntegerField()),
                ('root', models.BinaryField()),
                ('previous_head', models.BinaryField()),
                ('head', models.BinaryField()),
                ('sealed_at', models.DateTimeField()),
                ('checkpoint', models.TextField()),
                ('key_id', models.CharField(max_length=8)),
                ('subtrees', models.BinaryField()),
                ('horizon', models.BigIntegerField()),
                ('horizon_entry', models.BigIntegerField()),
            ],
            options={
                'ordering': ['number'],
                'indexes': [models.Index(fields=['first_position', 'number'], name='segment_by_position'), models.Index(fields=['sealed_at'], name='segment_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('count__lte', 10000), ('number__gte', 0)), name='segment_bounds')],
            },
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]
