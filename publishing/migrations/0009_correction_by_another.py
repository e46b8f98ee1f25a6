"""Nobody decides about a correction of a post of which they have written some. Source: ASVS 2.3.5."""

from django.db import migrations

GUARD = """
CREATE FUNCTION publishing_correction_two_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.decided_by_id IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.decided_by_id IS NOT DISTINCT FROM NEW.decided_by_id THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT 1 FROM publishing_post p WHERE p.id = NEW.post_id AND p.author_id = NEW.decided_by_id)
       OR EXISTS (SELECT 1 FROM publishing_postchange c WHERE c.post_id = NEW.post_id
                  AND c.by_id = NEW.decided_by_id AND c.event IN ('drafted', 'edited', 'change asked')) THEN
        RAISE EXCEPTION 'Nobody decides about a correction of a post of which they have written some'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_two_writers';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER publishing_correction_two_people BEFORE INSERT OR UPDATE ON publishing_correction
    FOR EACH ROW EXECUTE FUNCTION publishing_correction_two_people();
"""
BACK = """
DROP TRIGGER publishing_correction_two_people ON publishing_correction;
DROP FUNCTION publishing_correction_two_people();
"""


class Migration(migrations.Migration):
    dependencies = [("publishing", "0008_corrections")]
    operations = [migrations.RunSQL(GUARD, BACK)]
