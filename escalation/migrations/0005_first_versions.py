from django.db import migrations


def fill(apps, schema_editor):
    """Each pathway as it stood is its first version, live, and every case keeps that one."""
    Pathway = apps.get_model("escalation", "Pathway")
    Version = apps.get_model("escalation", "PathwayVersion")
    for pathway in Pathway.objects.all():
        version = Version.objects.create(
            pathway=pathway,
            number=pathway.version,
            state="live",
            categories=pathway.categories,
            floor=2 if pathway.categories else 0,
            desk_minutes=3 if pathway.slug == "threat_to_life" else 10,
            advice=pathway.advice,
            source="As it stood before pathways had versions; to be confirmed by the force",
            made_by_name="the first set-up",
        )
        apps.get_model("escalation", "Level").objects.filter(pathway=pathway).update(
            version=version, ways=["email"]
        )
        apps.get_model("escalation", "Case").objects.filter(pathway=pathway).update(version=version)
    for case in apps.get_model("escalation", "Case").objects.filter(acknowledged_by__isnull=False):
        rank, name = case.acknowledged_by.rank, case.acknowledged_by.name
        case.acknowledged_name = f"{rank} {name}".strip()
        case.acknowledged_how = "page"
        case.save(update_fields=["acknowledged_name", "acknowledged_how"])


class Migration(migrations.Migration):

    dependencies = [
        ("escalation", "0004_versions_rotas_alerts"),
    ]

    operations = [
        # The columns that it reads are still there: what was filled is simply left.
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
