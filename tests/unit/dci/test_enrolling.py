"""One person, one programme, yes or no; and what a programme's system tells of its beneficiaries, in every form in use."""

from datetime import UTC, date, datetime

import pytest

from amparo.dci.codes import Wrong
from amparo.dci.enrolling import Benefit, Question, Update, enrolled_item, question_in, question_message, updates_in
from amparo.dci.searching import Identified

PROGRAMME = "programme_identifier.program.programme_identifier"


def asked(query):
    return question_in({"transaction_id": "t-1", "enrolled_criteria": {"query_type": "expression", "query": query}})


@pytest.mark.parametrize(
    "query",
    [
        {"person_identifier": {"eq": "ABC451123"}, PROGRAMME: {"eq": "DCI001"}},
        {"person_identifier": "ABC451123", "programme_identifier": {"$eq": "DCI001"}},
        {"member.member_identifier": {"eq": "ABC451123"}, "program_identifier": "DCI001"},
    ],
)
def test_a_question_names_one_person_and_one_programme(query):
    assert asked(query) == Question(Identified("", "ABC451123"), "DCI001")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"person_identifier": {"eq": "A"}},  # of which programme?
        {PROGRAMME: {"eq": "DCI001"}},  # everybody in it
        {"person_identifier": {"in": ["A", "B"]}, PROGRAMME: {"eq": "DCI001"}},
        {"person_identifier": {"gt": "A"}, PROGRAMME: {"eq": "DCI001"}},
        {"person_identifier": {"eq": "A"}, PROGRAMME: {"eq": ""}},
        {"person_identifier": {"eq": "A"}, "member_identifier": {"eq": "B"}, PROGRAMME: {"eq": "DCI001"}},
        {"person_identifier": {"eq": "A"}, PROGRAMME: {"eq": "DCI001"}, "income": {"eq": 1}},
        {"attribute_name": "person_identifier", "operator": "eq", "attribute_value": "847951632"},
    ],
)
def test_a_question_about_more_or_less_is_refused(query):
    with pytest.raises(Wrong):
        asked(query)


def test_what_we_ask_is_read_as_it_was_meant():
    question = Question(Identified("UIN", "ABC"), "DCI001")
    assert question_in(question_message("t-1", question)) == question


def test_an_answer_is_yes_or_no():
    now = datetime(2026, 6, 15, tzinfo=UTC)
    found = [enrolled_item("r", is_enrolled=each, now=now)["enrolled_status"] for each in (True, False)]
    assert found == ["yes", "no"]


NUMBERS = [{"identifier_type": "NID", "identifier_value": "0205202401"}]
BESIDE = {
    "member": {"member_identifier": NUMBERS},
    "programme_identifier": [{"programme_identifier": "DCI001", "programme_name": "Test"}],
    "enrollment_status": "3",
    "enrollment_date": "2024-04-12",
    "status_change_date": ["2024-05-01", "2024-06-01"],
}
WITHIN = {
    "member": {
        "member_identifier": NUMBERS,
        "programme_identifier": {
            "programme": {"programme_identifier": "DCI001"},
            "enrolment_status": "Graduated",
            "enrolment_date": "2024-04-12T00:00",
            "status_change_date": "2024-06-01",
        },
    }
}


def updates(*rows):
    return updates_in({"transaction_id": "t-1", "enrolled_updates": {"beneficiaries": list(rows)}})


def test_both_forms_in_use_tell_the_same():
    wanted = Update((Identified("NID", "0205202401"),), "DCI001", "3", date(2024, 4, 12), date(2024, 6, 1))
    assert updates(BESIDE, WITHIN) == [wanted, wanted]


@pytest.mark.parametrize(
    "change",
    [
        {"member": {}},
        {"member": None},
        {"programme_identifier": [{"programme_identifier": "A"}, {"programme_identifier": "B"}]},
        {"enrollment_status": "9"},
        {"enrollment_date": "12.04.2024"},
    ],
)
def test_one_that_is_wrong_stops_no_other(change):
    wrong, right = updates(BESIDE | change, BESIDE)
    assert isinstance(wrong, Wrong)
    assert isinstance(right, Update)


def test_an_update_of_nobody_is_refused():
    with pytest.raises(Wrong):
        updates()


@pytest.mark.parametrize(
    ("told", "benefit"),
    [
        (None, None),
        ([], None),
        ({"benefit_type": "1", "benefit_value": "120.50"}, Benefit("1", "120.50")),
        ([{"benefit_type": 3}, {"benefit_type": 1, "benefit_value": 7, "benefit_date": "2024-05-06"}],
         Benefit("1", "7", date(2024, 5, 6))),
    ],
)  # fmt: skip
def test_the_last_benefit_is_told_as_it_was_written(told, benefit):
    [found] = updates(BESIDE | {"benefits": told})
    assert found.benefit == benefit


@pytest.mark.parametrize("told", ["much", {"benefit_type": "9"}, {"benefit_type": "1", "benefit_value": "-1"}])
def test_a_benefit_that_is_none_of_the_standards_is_wrong(told):
    [found] = updates(BESIDE | {"benefits": told})
    assert isinstance(found, Wrong)
