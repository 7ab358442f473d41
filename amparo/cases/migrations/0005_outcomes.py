"""What may come of a referral: also that no place was free, and that nobody heard."""

import amparo.cases.types
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0004_transitions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='case',
            name='state',
            field=models.CharField(choices=[('open', 'open'), ('working', 'working'), ('evidence', 'evidence'), ('review', 'review'), ('applied', 'applied'), ('upheld', 'upheld'), ('executed', 'executed'), ('referred', 'referred'), ('served', 'served'), ('not-served', 'not-served'), ('no-place', 'no-place'), ('unheard', 'unheard'), ('confirmed', 'confirmed'), ('unfounded', 'unfounded'), ('released', 'released'), ('withheld', 'withheld'), ('resolved', 'resolved'), ('dismissed', 'dismissed'), ('withdrawn', 'withdrawn')], default=amparo.cases.types.State['OPEN'], max_length=20),
        ),
        migrations.AlterField(
            model_name='step',
            name='act',
            field=models.CharField(choices=[('file', 'file'), ('take', 'take'), ('hand-on', 'hand-on'), ('note', 'note'), ('add-evidence', 'add-evidence'), ('hear', 'hear'), ('reply', 'reply'), ('begin-review', 'begin-review'), ('uphold', 'uphold'), ('execute', 'execute'), ('apply', 'apply'), ('return', 'return'), ('refer', 'refer'), ('serve', 'serve'), ('not-serve', 'not-serve'), ('find-no-place', 'find-no-place'), ('not-hear', 'not-hear'), ('confirm', 'confirm'), ('clear', 'clear'), ('release', 'release'), ('withhold', 'withhold'), ('resolve', 'resolve'), ('dismiss', 'dismiss'), ('withdraw', 'withdraw'), ('escalate', 'escalate')], max_length=20),
        ),
        migrations.AlterField(
            model_name='step',
            name='state',
            field=models.CharField(choices=[('open', 'open'), ('working', 'working'), ('evidence', 'evidence'), ('review', 'review'), ('applied', 'applied'), ('upheld', 'upheld'), ('executed', 'executed'), ('referred', 'referred'), ('served', 'served'), ('not-served', 'not-served'), ('no-place', 'no-place'), ('unheard', 'unheard'), ('confirmed', 'confirmed'), ('unfounded', 'unfounded'), ('released', 'released'), ('withheld', 'withheld'), ('resolved', 'resolved'), ('dismissed', 'dismissed'), ('withdrawn', 'withdrawn')], max_length=20),
        ),
    ]
