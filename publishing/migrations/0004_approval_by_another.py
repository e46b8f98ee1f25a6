"""Nobody approves a post of which they have written some. Source: ASVS 2.3.5."""

from django.db import migrations

GUARD = """
CREATE FUNCTION publishing_approval_two_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM publishing_post p WHERE p.id = NEW.post_id AND p.author_id = NEW.approver_id)
       OR EXISTS (SELECT 1 FROM publishing_postchange c WHERE c.post_id = NEW.post_id
                  AND c.by_id = NEW.approver_id AND c.event IN ('drafted', 'edited')) THEN
        RAISE EXCEPTION 'Nobody approves a post of which they have written some'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_two_people';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER publishing_approval_two_people BEFORE INSERT OR UPDATE ON publishing_approval
    FOR EACH ROW EXECUTE FUNCTION publishing_approval_two_people();
"""
BACK = """
DROP TRIGGER publishing_approval_two_people ON publishing_approval;
DROP FUNCTION publishing_approval_two_people();
"""


class Migration(migrations.Migration):
    dependencies = [("publishing", "0003_two_people")]
    operations = [migrations.RunSQL(GUARD, BACK)]
