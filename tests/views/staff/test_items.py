"""What somebody holds is shown with what is known of it, who said so and when, on both their pages."""

import re

import pytest

from tests.lib import pages
from tests.unit.intake.census import delivered, rows
from tests.views.conftest import signed_in

INCOME = """
    hh | line | month      | earned
    1  | 1    | 2026-01-01 | 50
    1  | 1    | 2026-02-01 | 75.5
"""


@pytest.fixture(scope="module")
def home(database, tmp_path_factory) -> tuple:
    """The delivered home of Amina, who kept a diary of two months."""
    delivered(tmp_path_factory.mktemp("census") / "a", income=INCOME)
    [found] = rows(
        "SELECT m.household_id, m.person_id FROM registry_fact_person f JOIN registry_membership m USING (person_id)"
        " WHERE f.given_name = 'Amina'"
    )
    return found


@pytest.mark.parametrize("of", ["household", "person"])
def test_items_are_shown_with_value_source_and_age(home, of):
    household, person = home
    address = f"/households/{household}/" + (f"people/{person}/" if of == "person" else "")
    response = signed_in("ines").get(address)
    pages.assert_is_whole(response)
    words = pages.text(response)
    assert "Number 2" in words
    assert "€50.00" in words
    assert "€75.50" in words
    assert len(re.findall(r"ensus, March 1, 2026", words[words.index("Number 1") :])) >= 2
