"""How a programme enrols, as its file states it."""

import pytest

from amparo.profiles.places import Fault, top
from amparo.profiles.reading.enrolment import read_enrolment
from amparo.programmes.enrolment import (
    Basis,
    Collector,
    EnrolledBy,
    EnrolmentTerms,
    ExitReason,
    Order,
    Recertification,
    SuspensionGround,
    restored,
)

EXIT = {"code": "own-wish", "law": "law-x"}


def read(**stated) -> EnrolmentTerms:
    return read_enrolment(top("programmes/x.toml", {"enrolment": stated} if stated else {}))


def test_a_programme_that_states_nothing_suspends_nobody_and_ends_nothing():
    found = read()
    assert (found.places, found.enrolled_by, found.suspensions, found.exits) == (None, EnrolledBy.PROGRAMME, (), ())


def test_what_is_stated_is_read_and_comes_back_from_the_table_as_it_was():
    stated = read(
        places=5,
        order="rank",
        enrolled_by="areas",
        area="n1",
        collected_by="head",
        suspension=[{"code": "unreached", "law": "law-x"}],
        exit=[EXIT | {"basis": "fact"}, {"code": "abuse", "law": "law-x"}],
    )
    assert stated == EnrolmentTerms(
        5,
        Order.RANK,
        EnrolledBy.AREAS,
        "n1",
        (SuspensionGround("unreached", "law-x"),),
        (ExitReason("own-wish", "law-x", Basis.FACT), ExitReason("abuse", "law-x", Basis.NOTICE)),
        Collector.HEAD,
    )
    assert restored(stated.kept()) == stated
    assert restored({key: each for key, each in stated.kept().items() if key != "collected_by"}).collected_by is None


AGAIN = {"every_months": 36, "category": "again", "law": "law-x"}


def test_how_often_whoever_takes_part_is_looked_at_again_is_read_and_comes_back_from_the_table():
    stated = read(recertification=AGAIN)
    assert stated.recertification == Recertification(36, 90, "again", "law-x")
    assert restored(stated.kept()) == stated
    assert read(places=5).recertification is None
    before = {key: each for key, each in read(places=5).kept().items() if key != "recertification"}
    assert restored(before).recertification is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"recertification": {"every_months": 36, "category": "again"}},
        {"recertification": {"every_months": 36, "law": "law-x"}},
        {"recertification": AGAIN | {"every_months": 0}},
        {"recertification": AGAIN | {"every_months": 121}},
        {"recertification": AGAIN | {"every_months": "often"}},
        {"recertification": AGAIN | {"days_ahead": 29}},
        {"recertification": AGAIN | {"days_ahead": 366}},
        {"recertification": AGAIN | {"every_months": 3, "days_ahead": 84}},
        {"recertification": AGAIN | {"stops": True}},
        {"places": 0},
        {"places": "many"},
        {"order": "beauty"},
        {"enrolled_by": "anybody"},
        {"exit": [EXIT, EXIT]},
        {"exit": [{"code": "own-wish"}]},
        {"exit": [EXIT | {"basis": "whim"}]},
        {"suspension": [{"law": "law-x"}]},
        {"other": 1},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(Fault):
        read(**wrong)
