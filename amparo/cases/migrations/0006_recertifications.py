"""Cases of recertification that open by themselves: one open for an enrolment, found by it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_outcomes")]

    operations = [
        migrations.AddIndex(
            "case",
            models.Index(
                condition=models.Q(("kind", "recertification")), fields=["enrolment_id"], name="case_recertified"
            ),
        ),
        migrations.AddConstraint(
            "case",
            models.UniqueConstraint(
                condition=models.Q(kind="recertification", closed_at=None) & ~models.Q(event_on=None),
                fields=["enrolment_id"],
                name="recertification_once",
            ),
        ),
    ]
