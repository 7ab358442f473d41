"""What is kept of answers goes where whoever it is about goes, and with them when they are erased."""

import pytest

from amparo.kernel import clock
from amparo.registry.actions import move
from amparo.trust.context import acting
from amparo.trust.keys.keyring import sealing
from amparo.trust.types import Permission
from tests.lib import country, erasing, institutions
from tests.unit.sources import setting


@pytest.fixture
def home(fresh_database, own_ledger):
    """A household of which one answer is kept of each, and whom the ministry of education is to be asked about again."""
    with institutions.serving() as ministry, setting.inside_allowed():
        setting.prepare(ministry)
        ministry.faults["school"] = "not now"
        home = setting.home()
        setting.opened(home)
        yield home


def kept() -> list[tuple]:
    return erasing.rows("SELECT person_id, area_number FROM sources_keptanswer ORDER BY person_id")


def test_they_move_along_and_go_with_whoever_is_erased(home):
    yara, omar = erasing.people(home)
    assert [person for person, _ in kept()] == sorted([yara, omar])
    assert sealing(using="bulk").number == erasing.rows("SELECT DISTINCT value_key FROM sources_keptanswer")[0][0]
    before = kept()[0][1]
    with acting(country.cast().ines.narrowed(Permission.REGISTER)) as by:
        move(home, to_area="n2", by=by, on=clock.today(), under=country.GROUND)
    [(there,)] = erasing.rows("SELECT area_number FROM registry_household WHERE id = %s", [home])
    assert there != before
    assert {area for _, area in kept()} == {there}
    assert erasing.rows("SELECT area_number FROM sources_retry") == [(there,)]

    erasing.erased(omar)
    assert [person for person, _ in kept()] == [yara]
    erasing.erased(yara)
    assert kept() == []
    assert erasing.rows("SELECT count(*) FROM sources_retry") == [(0,)]
