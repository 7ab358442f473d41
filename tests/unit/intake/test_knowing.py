"""Identifiers of a whole column are compared in the form in which one is looked up (E4)."""

from amparo.intake.validation.expressions import compared
from amparo.intake.validation.run import open_store
from amparo.registry.schemes import normalised_identifier
from tests.unit.intake.test_check_digits import WRITTEN
from tests.unit.trust.test_hmac_in_sql import drawn


def test_a_column_has_the_form_of_its_values_and_none_where_there_is_none(tmp_path):
    texts = [*WRITTEN, *drawn(500)]
    with open_store(tmp_path) as db:
        query = f"SELECT {compared('text')} FROM (SELECT unnest(?) AS text)"
        found = [form for (form,) in db.execute(query, [[*texts, None]]).fetchall()]
    assert found == [*map(normalised_identifier, texts), None]
