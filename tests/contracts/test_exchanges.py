"""An exchange over the API: begun once, read page by page, held to its agreement at each page (C1, C2, H8)."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connections

from amparo.kernel import clock
from amparo.trust.actions.agreeing import resume_agreement, suspend_agreement
from amparo.trust.covering import Comparison, FieldTerm, Given, Period
from amparo.trust.models import Audit, Exchange
from tests.lib import agreeing, country, machines
from tests.lib.agreeing import in_force, stop

ASKED = {"about": "person", "purpose": "registration", "fields": ["person.birth_date", "household.rooms"]}


@pytest.fixture(scope="module")
def homes(database):
    agreeing.install()
    for number in range(6):
        country.household(
            "n1" if number % 2 else "n2",
            {
                "given_name": f"Nana{number}",
                "family_name": "Oduya",
                "birth_date": date(1990, 1, 1 + number),
                "is_head": True,
            },
            rooms=number,
            income=10_000 * number,
        )
    country.household("s1", {"given_name": "Sahar", "family_name": "Oduya", "birth_date": date(1980, 1, 1)}, rooms=9)


_codes = (f"agreed_{number}" for number in range(1000))


def agreed(**changes):
    """Return an agreement of this test's own, its code, and a program that may ask under it."""
    code = next(_codes)
    id = in_force(code, **changes)
    return id, code, machines.program(id)


def begin(program, code, *, key="", **changes):
    return program.post(f"agreements/{code}/exchanges", ASKED | changes, key=key)


def page(program, begun, *, after="", most=100):
    return program.get(f"exchanges/{begun['exchange']}/records", {"after": after or begun["next"], "most": most})


def test_an_exchange_is_read_page_by_page_to_its_end(homes):
    _, code, program = agreed()
    begun = begin(program, code)
    assert begun.status_code == 201
    told, found, after = begun.json(), [], ""
    assert (told["agreement"], told["version"], told["day"]) == (code, 1, clock.today().isoformat())
    while after is not None:
        answer = page(program, told, after=after, most=4)
        assert answer.status_code == 200
        found += answer.json()["records"]
        after = answer.json()["next"]
    assert len(found) == len({each["pseudonym"] for each in found}) == 6  # the south is another agreement's
    assert sorted((each["fields"]["person.birth_date"], each["fields"]["household.rooms"]) for each in found) == [
        (f"1990-01-0{1 + number}", number) for number in range(6)
    ]
    exchange = Exchange.objects.get(id=told["exchange"])
    assert (exchange.pages, exchange.records) == (2, 6)
    left = program.get(f"agreements/{code}").json()
    assert left["records_left"] == agreeing.TERMS.volume - 6


def test_households_bands_and_answers_are_given_as_agreed(homes):
    fields = (
        FieldTerm("household", "income", Given.BAND, (20_000, 40_000)),
        FieldTerm("household", "rooms", Given.TEST, (3,), Comparison.AT_LEAST),
        FieldTerm("household", "floor", Given.KNOWN),
    )
    _, code, program = agreed(fields=fields, areas=("north", "n1"))
    names = [f"household.{each.name}" for each in fields]
    told = begin(program, code, about="household", fields=names, areas=["n1"]).json()
    found = [each["fields"] for each in page(program, told).json()["records"]]
    assert sorted(map(repr, found)) == sorted(
        repr({"household.income": band, "household.rooms": test, "household.floor": False})
        for band, test in ((0, False), (1, True), (2, True))
    )


def test_who_was_handed_over_is_in_the_log_with_the_machine_and_no_name_goes_out(homes):
    _, code, program = agreed()
    answer = page(program, begin(program, code).json())
    assert "Nana" not in answer.content.decode()
    row = Audit.objects.using("bulk").filter(event="records-exchanged").latest("at")
    assert (row.permission, row.agreement, len(row.details["persons"])) == (str(program.machine), code, 6)
    assert Audit.objects.using("bulk").filter(event="exchange-begun", agreement=code).count() == 1


REFUSED = {
    "a field that is not covered": ({"fields": ["person.birth_date", "household.income"]}, "field-not-covered"),
    "another purpose": ({"purpose": "taxing"}, "other-purpose"),
    "a number of persons": ({"identifiers": ["national_id"]}, "no-identifier"),
    "an area of others": ({"areas": ["south"]}, "other-population"),
    "an area beside its own": ({"areas": ["north", "south"]}, "other-population"),
    "a part of its area": ({"areas": ["n1"]}, "other-population"),
    "an area that is none": ({"areas": ["nowhere"]}, "other-population"),
}


@pytest.mark.parametrize("asked", REFUSED)
def test_what_goes_beyond_the_agreement_is_refused_whole_and_written_down(homes, asked):
    id, code, program = agreed()
    changes, reason = REFUSED[asked]
    answer = begin(program, code, **changes)
    assert (answer.status_code, answer.json()["id"]) == (403, f"trust-agreement-{reason}")
    row = Audit.objects.using("bulk").get(event="exchange-refused", about_id=id)
    assert row.details["reason"] == f"trust-agreement-{reason}"
    assert not Exchange.objects.filter(agreement_id=id).exists()


WRONG = {
    "nothing": {},
    "no field": {"fields": []},
    "a field without a grain": {"fields": ["birth_date"]},
    "a member nobody asked for": {"limit": 5},
    "a number for a text": {"purpose": 7},
    "no purpose": {"purpose": None},
    "about something else": {"about": "programme"},
    "no area": {"areas": []},
}


@pytest.mark.parametrize("asked", WRONG)
def test_what_does_not_have_the_right_form_is_told_where_and_never_what_was_sent(homes, asked):
    _, code, program = agreed()
    body = WRONG[asked] and ASKED | WRONG[asked]
    answer = program.post(f"agreements/{code}/exchanges", body)
    assert (answer.status_code, answer.json()["id"]) == (422, "interop-form-wrong")
    assert answer.json()["errors"]
    assert not Exchange.objects.filter(agreement__code=code).exists()


def test_a_person_is_not_told_beside_a_household(homes):
    _, code, program = agreed()
    answer = begin(program, code, about="household")
    assert (answer.status_code, answer.json()["id"]) == (400, "registry-not-about")


def test_suspending_stops_the_next_page_and_resuming_lets_it_go_on(homes):
    id, code, program = agreed()
    told = begin(program, code).json()
    first = page(program, told, most=2).json()
    stop(id, suspend_agreement)
    refused = page(program, told, after=first["next"], most=2)
    assert (refused.status_code, refused.json()["id"]) == (403, "trust-agreement-not-in-force")
    assert begin(program, code).status_code == 403
    stop(id, resume_agreement, by="jamal")
    assert page(program, told, after=first["next"], most=2).status_code == 200


def test_an_exchange_is_of_its_day_and_of_its_partner(homes):
    _, code, program = agreed()
    told = begin(program, code).json()
    with clock.fixed(clock.now() + timedelta(days=1)):
        program.token = ""
        assert page(program, told).json()["id"] == "trust-exchange-unknown"
    program.token = ""
    other = machines.program(in_force(next(_codes), consumer="water"))
    assert page(other, told).status_code == 404


def test_the_volume_counts_every_reading_and_refuses_what_is_more(homes):
    _, code, program = agreed(volume=8, period=Period.MONTH)
    told = begin(program, code).json()
    assert len(page(program, told, most=6).json()["records"]) == 6
    refused = page(program, told, most=3)
    assert (refused.status_code, refused.json()["id"]) == (403, "trust-agreement-too-many")
    assert program.get(f"agreements/{code}").json()["records_left"] == 2
    assert page(program, told, most=2).status_code == 200


def test_exchanges_are_counted_when_they_begin(homes):
    _, code, program = agreed(exchanges=2)
    assert [begin(program, code).status_code for _ in range(3)] == [201, 201, 403]
    assert program.get(f"agreements/{code}").json()["exchanges_left"] == 0


@pytest.mark.parametrize("after", ["x", "AAAA", "a" * 399])
def test_a_place_that_we_did_not_give_is_refused(homes, after):
    _, code, program = agreed()
    answer = page(program, begin(program, code).json(), after=after)
    assert (answer.status_code, answer.json()["id"]) == (400, "interop-cursor-unknown")


def test_a_place_belongs_to_its_exchange_and_tells_nothing(homes):
    _, code, program = agreed()
    one, other = begin(program, code).json(), begin(program, code).json()
    assert page(program, one, after=other["next"]).status_code == 400
    first, again = page(program, one, most=2).json(), page(program, one, most=2).json()
    assert first["next"] != again["next"]  # sealed anew, also where it is the same place
    packed = first["next"] + "=" * (-len(first["next"]) % 4)
    assert b"person" not in base64.urlsafe_b64decode(packed)  # what is about whom stands in it, unreadable


def test_the_same_key_begins_one_exchange_and_answers_the_same(homes):
    _, code, program = agreed(exchanges=1)
    first, again = (begin(program, code, key="monthly-1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Exchange.objects.filter(agreement__code=code).count() == 1
    assert Audit.objects.using("bulk").filter(event="exchange-begun", agreement=code).count() == 1


def test_the_same_key_for_something_else_is_a_conflict(homes):
    _, code, program = agreed()
    assert begin(program, code, key="k").status_code == 201
    for changes in ({"fields": ["person.birth_date"]}, {"identifiers": []}, {"areas": ["north"]}):
        answer = begin(program, code, key="k", **changes)
        assert (answer.status_code, answer.json()["id"]) == (409, "trust-key-used-otherwise")


def test_keys_are_each_machines_own(homes):
    id, code, program = agreed()
    other = machines.program(id)
    one, two = begin(program, code, key="k").json(), begin(other, code, key="k").json()
    assert one["exchange"] != two["exchange"]


def test_what_was_refused_is_judged_anew(homes):
    id, code, program = agreed()
    stop(id, suspend_agreement)
    assert begin(program, code, key="k").status_code == 403
    stop(id, resume_agreement, by="jamal")
    assert begin(program, code, key="k").status_code == 201


def test_after_a_day_a_key_is_free(homes):
    _, code, program = agreed()
    first = begin(program, code, key="k").json()
    with clock.fixed(clock.now() + timedelta(hours=24, seconds=1)):
        program.token = ""
        assert begin(program, code, key="k").json()["exchange"] != first["exchange"]


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "naïve", "a b"])
def test_a_write_without_a_key_of_its_own_is_not_done(homes, key):
    _, code, program = agreed()
    answer = program.browser.post(
        f"/api/v1/agreements/{code}/exchanges",
        ASKED,
        content_type="application/json",
        headers=program.headers() | ({"Idempotency-Key": key} if key else {}),
    )
    assert (answer.status_code, answer.json()["id"]) == (422, "interop-form-wrong")


def test_fifty_at_once_with_one_key_have_one_effect(homes):
    _, code, program = agreed()
    headers, key = program.headers(), str(uuid4())

    def sent(_):
        from django.test import Client

        try:
            return Client(raise_request_exception=False).post(
                f"/api/v1/agreements/{code}/exchanges",
                ASKED,
                content_type="application/json",
                headers=headers | {"Idempotency-Key": key},
            )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(sent, range(50)))
    assert {each.status_code for each in answers} == {201}
    assert len({each.content for each in answers}) == 1
    assert Exchange.objects.filter(agreement__code=code).count() == 1
