"""A notice that a condition was missed, and that what it would have told was taken back."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0002_gates'),
    ]

    operations = [
        migrations.AlterField(
            model_name='attempt',
            name='reason',
            field=models.CharField(blank=True, choices=[('not-configured', 'not-configured'), ('template-broken', 'template-broken'), ('nobody', 'nobody'), ('address-unsound', 'address-unsound'), ('address-missing', 'address-missing'), ('not-called', 'not-called'), ('silent', 'silent'), ('refused', 'refused'), ('unreadable', 'unreadable'), ('unsafe', 'unsafe'), ('unprintable', 'unprintable'), ('unknown', 'unknown'), ('taken-back', 'taken-back')], default='', max_length=20),
        ),
        migrations.AlterField(
            model_name='sending',
            name='kind',
            field=models.CharField(choices=[('decision-proposed', 'decision-proposed'), ('decision-in-effect', 'decision-in-effect'), ('case-received', 'case-received'), ('case-closed', 'case-closed'), ('payment-unpaid', 'payment-unpaid'), ('condition-missed', 'condition-missed')], max_length=40),
        ),
        migrations.AlterField(
            model_name='sending',
            name='reason',
            field=models.CharField(blank=True, choices=[('not-configured', 'not-configured'), ('template-broken', 'template-broken'), ('nobody', 'nobody'), ('address-unsound', 'address-unsound'), ('address-missing', 'address-missing'), ('not-called', 'not-called'), ('silent', 'silent'), ('refused', 'refused'), ('unreadable', 'unreadable'), ('unsafe', 'unsafe'), ('unprintable', 'unprintable'), ('unknown', 'unknown'), ('taken-back', 'taken-back')], default='', max_length=20),
        ),
    ]
