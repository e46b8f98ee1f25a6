"""When posts went out, from their deliveries; and two posts of a pair are approved together or not at all."""

from django.db import migrations

FILL = """
UPDATE publishing_post p SET published_at = d.at FROM (
    SELECT v.post_id, max(d.sent_at) AS at FROM publishing_delivery d
    JOIN publishing_variant v ON v.id = d.variant_id WHERE d.kind = 'post' AND d.state = 'sent' GROUP BY v.post_id
) d WHERE d.post_id = p.id AND p.state = 'published' AND p.published_at IS NULL
"""
GUARD = """
CREATE FUNCTION publishing_pair_together() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one text;
    other text;
BEGIN
    SELECT p.state, o.state INTO one, other FROM publishing_post p
    JOIN publishing_post o ON o.id = p.pair_id OR o.pair_id = p.id
    WHERE p.id = NEW.id;
    IF FOUND AND ((one = 'approved' AND other IN ('draft', 'submitted'))
              OR (other = 'approved' AND one IN ('draft', 'submitted'))) THEN
        RAISE EXCEPTION 'A post and its pair in the other language are approved together, neither alone'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'post_pair_together';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER publishing_pair_together AFTER INSERT OR UPDATE OF state, pair_id ON publishing_post
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION publishing_pair_together();
"""
BACK = """
DROP TRIGGER publishing_pair_together ON publishing_post;
DROP FUNCTION publishing_pair_together();
"""


class Migration(migrations.Migration):
    dependencies = [("publishing", "0010_composing")]
    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, BACK),
    ]
