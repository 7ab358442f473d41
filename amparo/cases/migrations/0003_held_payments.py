"""A kind of case for what a check holds: one open case for each payment."""

from django.db import migrations, models

import amparo.cases.types

KINDS = (
    *("grievance", "appeal", "correction", "overlap", "identity", "quality", "recertification"),
    *("transition", "referral", "suspicion", "alert", "payment"),
)
STATES = (
    *("open", "working", "evidence", "review", "upheld", "executed", "referred", "served", "not-served", "confirmed"),
    *("unfounded", "released", "withheld", "resolved", "dismissed", "withdrawn"),
)
ACTS = (
    *("file", "take", "hand-on", "note", "add-evidence", "hear", "reply", "begin-review", "uphold", "execute"),
    *("refer", "serve", "not-serve", "confirm", "clear", "release", "withhold", "resolve", "dismiss", "withdraw"),
    "escalate",
)


def one_of(words: tuple[str, ...], **more: object) -> models.CharField:
    return models.CharField(choices=[(each, each) for each in words], max_length=20, **more)


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_gates"), ("payments", "0003_arrears")]

    operations = [
        migrations.AlterField("case", "kind", one_of(KINDS)),
        migrations.AlterField("case", "state", one_of(STATES, default=amparo.cases.types.State.OPEN)),
        migrations.AlterField("category", "kind", one_of(KINDS)),
        migrations.AlterField("step", "act", one_of(ACTS)),
        migrations.AlterField("step", "state", one_of(STATES)),
        migrations.AddConstraint(
            "case",
            models.UniqueConstraint(
                condition=models.Q(kind="payment", closed_at=None), fields=["payment_id"], name="open_payment_once"
            ),
        ),
    ]
