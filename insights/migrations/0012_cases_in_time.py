from django.db import migrations

FACTS = """
CREATE OR REPLACE FUNCTION insights_facts_of_case() RETURNS TABLE (
    id bigint, comment_id bigint, at timestamptz, official_account_id bigint, measure text, detail text, amount int
) LANGUAGE sql STABLE AS $$
    SELECT k.id, 0::bigint, k.opened_at, k.official_account_id, x.measure, x.detail, 1
    FROM escalation_case k JOIN escalation_pathway p ON p.id = k.pathway_id
    CROSS JOIN LATERAL (
        SELECT 'case'::text, p.slug::text
        UNION ALL SELECT 'case_had', CASE
            WHEN k.{had} <= k.opened_at + interval '1 minute' THEN '1'
            WHEN k.{had} <= k.opened_at + interval '2 minutes' THEN '2'
            WHEN k.{had} <= k.opened_at + interval '5 minutes' THEN '5'
            WHEN k.{had} <= k.opened_at + interval '10 minutes' THEN '10'
            WHEN k.{had} <= k.opened_at + interval '15 minutes' THEN '15'
            WHEN k.{had} <= k.opened_at + interval '30 minutes' THEN '30'
            WHEN k.{had} <= k.opened_at + interval '60 minutes' THEN '60'
            ELSE 'longer' END
          WHERE k.{had} IS NOT NULL
        UNION ALL SELECT 'case_in_time', '' WHERE k.{had} <= k.{until}
    ) x(measure, detail)
    WHERE NOT k.drill
$$;
"""

KEPT = FACTS.format(had="first_acknowledged_at", until="first_acknowledge_by")
PRESENT = FACTS.format(had="acknowledged_at", until="acknowledge_by")
"""The clock of the present call goes when somebody has the case: by it, none was ever in time."""


class Migration(migrations.Migration):
    dependencies = [
        ("insights", "0011_areas_beside_figures"),
        ("escalation", "0016_kept_in_time"),
    ]

    operations = [
        migrations.RunSQL(KEPT, PRESENT),
    ]
