"""Payments and lines behind both gates; lists that stand once proposed; accounts that name the key they are sealed with."""

from pathlib import Path

from django.db import migrations

from amparo.trust import gates

PROTECTED = ("payments_account", "payments_payment", "payments_line", "payments_adjustment")
ENTERED = ("payments_fund", "payments_approval", "payments_export", "payments_return", "payments_returnline")
NATION = "amparo_national, amparo_bulk"
GRANTS = f"""
GRANT INSERT, UPDATE ON payments_list TO amparo_bulk;
GRANT UPDATE (state, approved_at, signature) ON payments_list TO amparo_national;
GRANT UPDATE (state, settled_by) ON payments_payment TO amparo_national;
GRANT INSERT, UPDATE (confirmed_by, confirmed_at) ON payments_adjustment TO amparo_national;
GRANT UPDATE ON payments_return TO amparo_bulk;
GRANT UPDATE (conflict) ON payments_returnline TO amparo_bulk;
GRANT UPDATE (blind_index, spare_index) ON payments_account TO amparo_sealer;
GRANT SELECT, DELETE ON payments_account TO amparo_eraser;
GRANT SELECT ON payments_payment, payments_list TO amparo_eraser;
REVOKE UPDATE ON payments_line FROM amparo_bulk;
REVOKE DELETE ON payments_account, payments_adjustment FROM amparo_bulk;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0001_initial"),
        ("programmes", "0017_enrolment_gates"),
        ("registry", "0012_name_search"),
        ("trust", "0016_payment_roles"),
    ]

    operations = [
        migrations.RunSQL((Path(__file__).parent / "0002_gates.sql").read_text(), migrations.RunSQL.noop),
        *(
            migrations.RunSQL(gates.protect(table, may="SELECT") + gates.shelter(table), migrations.RunSQL.noop)
            for table in PROTECTED
        ),
        migrations.RunSQL(
            gates.seal("payments_account", "number", unbound="scheme, blind_index, spare_index", to="amparo_bulk")
            + gates.seal("payments_account", "holder", others="verified_at, closed_at", to="amparo_bulk"),
            migrations.RunSQL.noop,
        ),
        *(
            migrations.RunSQL(gates.open_table(table, may="SELECT"), migrations.RunSQL.noop)
            for table in ("payments_terms", "payments_list")
        ),
        *(
            migrations.RunSQL(gates.open_table(table, to=NATION, may="SELECT, INSERT"), migrations.RunSQL.noop)
            for table in ENTERED
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
