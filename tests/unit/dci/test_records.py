"""Fields of ours in the standard's words, with how far they can be relied on; and back."""

from datetime import date

from amparo.dci import records
from amparo.dci.codes import RecordType
from amparo.dci.records import Number, Told, flat, nested, numbers_in, record

ON = date(2026, 6, 15)
NUMBERS = [Number("UIN", "847951632", is_verified=True), Number(records.PSEUDONYM, "aBc")]
TOLD = [
    Told("person", "first", "given_name", "Ana"),
    Told("person", "birth_date", "birth_date", date(1990, 2, 3), observed_on=date(2026, 6, 1), conflicts=True),
    Told("person", "sex", "sex", "female"),
    Told("person", "civil", "marital_status", "living_together"),
    Told("person", "difficulty_seeing", "difficulty_seeing", "much"),
    Told("person", "work_status", "work_status", None),
    Told("household", "income", "income", 2, is_value=False),
]


def test_a_member_stands_where_the_standard_has_it():
    found = record(RecordType.MEMBER, TOLD, NUMBERS, on=ON)
    numbers = [
        {"@type": "Identifier", "identifier_type": "UIN", "identifier_value": "847951632"},
        {"@type": "Identifier", "identifier_type": "PSEUDONYM", "identifier_value": "aBc"},
    ]
    assert found["member_identifier"] == numbers
    assert found["demographic_info"] == {
        "@type": "Person",
        "identifier": numbers,
        "name": {"given_name": "Ana"},
        "birth_date": "1990-02-03",
        "sex": "female",
    }
    assert found["disability_info"] == [{"disability_limitation_type": "VIS_SS", "functional_severity": "3"}]


def test_what_the_standard_has_no_place_or_word_for_keeps_our_name():
    found = record(RecordType.MEMBER, TOLD, NUMBERS, on=ON)
    assert found["additional_attributes"] == [
        {"key": "person.civil", "value": "living_together"},
        {"key": "household.income", "value": 2},
    ]


def test_a_band_of_a_date_is_not_told_as_a_date():
    found = record(RecordType.PERSON, [Told("person", "birth_date", "birth_date", 1, is_value=False)], [], on=ON)
    assert "birth_date" not in found
    assert found["additional_attributes"] == [{"key": "person.birth_date", "value": 1}]


def test_a_record_says_how_far_it_can_be_relied_on():
    meta = record(RecordType.MEMBER, TOLD, NUMBERS, on=ON)["meta"]
    assert meta["completeness"] == round(6 / 7, 4)
    assert meta["unknown"] == ["person.work_status"]
    assert meta["verification"] == {"UIN": True}
    assert meta["attributes"]["person.birth_date"] == {
        "path": "demographic_info.birth_date",
        "observed_on": "2026-06-01",
        "age_days": 14,
        "conflict": True,
    }


def test_a_person_is_the_same_without_what_only_members_have():
    found = record(RecordType.PERSON, TOLD[:3], NUMBERS, on=ON)
    assert (found["@type"], found["name"], found["birth_date"]) == ("Person", {"given_name": "Ana"}, "1990-02-03")
    assert "demographic_info" not in found


def test_a_group_is_a_household():
    told = [Told("household", "street", "address", "12 Hill"), Told("household", "rooms", "rooms", 3)]
    found = record(RecordType.GROUP, told, [Number(records.PSEUDONYM, "xYz")], on=ON)
    assert (found["group_type"], found["address"]) == ("2", [{"address_line_1": "12 Hill"}])
    assert found["additional_attributes"] == [{"key": "household.rooms", "value": 3}]
    assert found["group_identifier"][0]["identifier_value"] == "xYz"


def test_a_beneficiary_has_programmes_and_a_state():
    member = record(RecordType.MEMBER, TOLD, NUMBERS, on=ON)
    found = records.beneficiary(
        member, [records.programme("child_grant", "Child grant")], state="1", enrolled_on=date(2026, 1, 1)
    )
    assert found["programme_identifier"][0]["programme_identifier"] == "child_grant"
    assert (found["enrollment_status"], found["enrollment_date"]) == ("1", "2026-01-01")
    assert "meta" not in found["member"]
    assert found["meta"] == member["meta"]
    assert "status_change_date" not in found


def test_codes_go_both_ways():
    assert records.code_of("person", "marital_status", "widowed") == "W"
    assert records.code_of("person", "marital_status", "living_together") is None
    assert records.codes_of("person", "work_status", "2") == ("unemployed", "inactive")
    assert records.codes_of("person", "sex", "W") == ()
    assert records.is_coded("person", "sex")
    assert not records.is_coded("person", "birth_date")


def test_every_place_is_of_a_member_or_a_group():
    for grain, name in records.HOMES:
        type = RecordType.GROUP if grain == "household" else RecordType.MEMBER
        assert records.attribute_of(grain, name, type=type) == records.HOMES[grain, name]
    assert set(records.CODES) <= set(records.HOMES.values())


def test_a_record_is_read_along_its_paths():
    found = record(RecordType.MEMBER, TOLD, NUMBERS, on=ON)
    read = flat(found)
    assert read["demographic_info.name.given_name"] == "Ana"
    assert read["disability_info.0.functional_severity"] == "3"
    assert not any(each.startswith(("meta", "@")) for each in read)
    assert numbers_in(found) == [Number("UIN", "847951632"), Number("PSEUDONYM", "aBc")]
    assert nested({"a.b": 1, "c.0.d": 2, "c.1.d": 3}) == {"a": {"b": 1}, "c": [{"d": 2}, {"d": 3}]}


def test_the_answer_to_a_search_names_what_it_holds():
    from datetime import UTC, datetime

    found = records.search_item(
        "r-1", [], now=datetime(2026, 6, 15, tzinfo=UTC), registry="Social", type=RecordType.MEMBER
    )
    assert found["status"] == "succ"
    assert found["data"] == {
        "version": "1.0.0",
        "reg_type": "ns:org:RegistryType:Social",
        "reg_record_type": "Member",
        "reg_records": [],
    }
