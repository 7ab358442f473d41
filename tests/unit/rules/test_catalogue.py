import pytest

from amparo.kernel.errors import Refused
from amparo.rules.catalogue import Catalogue, RuleField
from amparo.rules.model.types import Unit

ROOMS = RuleField("rooms", "household", "integer")


def test_the_number_of_members_is_always_there():
    assert Catalogue([])["household", "size"].type == "integer"


@pytest.mark.parametrize("fields", [[ROOMS, ROOMS], [RuleField("size", "household", "integer")]])
def test_two_fields_with_one_name_are_refused(fields):
    with pytest.raises(Refused, match="rules-catalogue-twice"):
        Catalogue(fields)


def test_a_field_of_another_grain_is_refused():
    with pytest.raises(Refused, match="rules-catalogue-grain"):
        Catalogue([RuleField("plate", "vehicle", "text")])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("money/month", "money/month"),
        ("years", "year"),
        ("m2", "m2"),
        ("share", ""),
        (None, ""),
        ("money/m2/year", "money/m2/year"),
        ("1/month", "1/month"),
    ],
)
def test_units_are_read_as_written(written, read):
    assert str(Unit.of(written)) == read


def test_a_unit_divided_by_itself_is_none():
    assert Unit.of("money/month").per(Unit.of("money/month")) == Unit()
