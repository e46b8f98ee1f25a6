"""Each entry says which network address its request came from, and that is part of what is hashed.

Canonical form 2 adds `source_address`; the column `leaf_version` says by which form a row was hashed.
Rows that are there keep form 1: nothing about them changes. Two more indexes: by address, and by
transaction, in whose order the trail is followed. Reverses as long as no entry of form 2 is wanted.
"""

from django.db import migrations, models

FORWARD = """
ALTER TABLE audit_entry ADD COLUMN source_address varchar(45) NOT NULL DEFAULT '';
ALTER TABLE audit_entry ADD COLUMN leaf_version smallint NOT NULL DEFAULT 1;
ALTER TABLE audit_entry ALTER COLUMN leaf_version SET DEFAULT 2;
CREATE INDEX audit_by_source ON audit_entry (source_address, at) WHERE source_address <> '';
CREATE INDEX audit_by_account ON audit_entry (official_account_id, at) WHERE official_account_id IS NOT NULL;
CREATE INDEX audit_by_transaction ON audit_entry (transaction_id, id);

CREATE OR REPLACE FUNCTION audit_leaf_hash() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- RFC 6962 style: byte 0x00 marks a leaf; the next byte is the version of the canonical form.
    NEW.leaf_version := 2;
    NEW.leaf_hash := sha256(
        '\\x0002'::bytea || convert_to(jsonb_build_object(
            'id', NEW.id, 'at', to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
            'event', NEW.event, 'operation', NEW.operation,
            'actor_kind', NEW.actor_kind, 'actor_id', NEW.actor_id, 'actor_name', NEW.actor_name,
            'subject_type', NEW.subject_type, 'subject_id', NEW.subject_id,
            'subject_name', NEW.subject_name, 'official_account_id', NEW.official_account_id,
            'shown_ids', to_jsonb(NEW.shown_ids), 'details', NEW.details, 'reason', NEW.reason,
            'request_id', NEW.request_id, 'source_address', NEW.source_address)::text, 'UTF8'));
    RETURN NEW;
END $$;
"""

BACK = """
CREATE OR REPLACE FUNCTION audit_leaf_hash() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.leaf_hash := sha256(
        '\\x0001'::bytea || convert_to(jsonb_build_object(
            'id', NEW.id, 'at', to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
            'event', NEW.event, 'operation', NEW.operation,
            'actor_kind', NEW.actor_kind, 'actor_id', NEW.actor_id, 'actor_name', NEW.actor_name,
            'subject_type', NEW.subject_type, 'subject_id', NEW.subject_id,
            'subject_name', NEW.subject_name, 'official_account_id', NEW.official_account_id,
            'shown_ids', to_jsonb(NEW.shown_ids), 'details', NEW.details, 'reason', NEW.reason,
            'request_id', NEW.request_id)::text, 'UTF8'));
    RETURN NEW;
END $$;
DROP INDEX audit_by_transaction;
DROP INDEX audit_by_account;
DROP INDEX audit_by_source;
ALTER TABLE audit_entry DROP COLUMN leaf_version;
ALTER TABLE audit_entry DROP COLUMN source_address;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_append_only_trail")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACK)],
            state_operations=[
                migrations.AddField("entry", "source_address", models.CharField(blank=True, max_length=45)),
                migrations.AddField(
                    "entry", "leaf_version", models.PositiveSmallIntegerField(default=2, editable=False)
                ),
                migrations.AddIndex(
                    "entry",
                    models.Index(
                        fields=["source_address", "at"],
                        condition=~models.Q(source_address=""),
                        name="audit_by_source",
                    ),
                ),
                migrations.AddIndex(
                    "entry",
                    models.Index(
                        fields=["official_account_id", "at"],
                        condition=models.Q(official_account_id__isnull=False),
                        name="audit_by_account",
                    ),
                ),
            ],
        )
    ]
