"""Families, couples and ranks on the pages that show decisions: each in a word and with its reasons."""

import re
from dataclasses import replace
from datetime import date

import pytest

from amparo.programmes.config import ProgrammeConfig, RuleVersion, Ungrouped, Unit
from amparo.programmes.quota import Contested, Key, Quota, Ranking
from amparo.registry.actions import form_group
from amparo.registry.queries import household as household_record
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib import country, pages
from tests.unit.programmes import country as programmes

STARTS = date(2026, 1, 1)
DECISION = r'href="(/decisions/[0-9a-f-]{36}/)"'
FEW = ProgrammeConfig(
    "few",
    Unit.HOUSEHOLD,
    (
        RuleVersion(
            STARTS,
            rule="household.rooms >= 1",
            law="law",
            ranking=Ranking((Key("household.income"),), Quota(1), Contested.HOLD),
        ),
    ),
)
FAMILIES = ProgrammeConfig(
    "families",
    Unit.FAMILY,
    (
        RuleVersion(
            STARTS, rule="members.size() <= 2 && members.size() >= 1", law="law", group=Unit.FAMILY,
            ungrouped=Ungrouped.UNKNOWN,
        ),
    ),
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def homes(database):
    """Yara, needier than Lina, who waits; of Noor's home the income is not known. Yara and Omar are a family."""
    first = country.household(
        "n1", {"given_name": "Yara"}, {"given_name": "Omar"}, {"given_name": "Sami"}, income=1_000, rooms=1
    )
    second = country.household("n1", {"given_name": "Lina"}, income=2_000, rooms=1)
    by = country.cast().ines.narrowed(Permission.REGISTER)
    with acting(by):
        people = [each.id for each in household_record(first, by=by, under=country.GROUND).members]
        form_group(first, "family", people[:2], by=by, on=country.DAY, under=country.GROUND)
    programmes.installed(FEW, FAMILIES)
    programmes.run()
    return first, second


def test_a_sum_over_a_family_is_not_said_to_be_over_the_household(amina, homes):
    adding = 'household.size >= 1 && members.map(m, m.sex == "male" ? 1 : 0).sum() <= 2'
    programmes.installed(FEW, replace(FAMILIES, versions=(replace(FAMILIES.versions[0], rule=adding),)))
    page = amina.get(f"/households/{homes[0]}/would-be/families/{family_of(homes[0])}/")
    assert "family: the sum" in pages.text(page).lower()
    assert "people of the household" not in pages.text(page)
    programmes.installed(FEW, FAMILIES)


def family_of(home):
    by = country.cast().ines.narrowed(Permission.READ_HOUSEHOLD)
    with acting(by):
        return household_record(home, by=by, under=country.GROUND).groups[0].id


def decision_page(browser, home, heading: str):
    page = browser.get(f"/households/{home}/").content.decode()
    found = re.search(r'href="(/decisions/[0-9a-f-]{36}/)">' + heading, page)
    assert found, page
    return browser.get(found[1])


def test_who_waits_is_told_their_place_and_by_what_they_are_ranked(amina, homes):
    page = decision_page(amina, homes[1], "few")
    pages.assert_is_whole(page)
    text = pages.text(page)
    assert "Waiting list, place 1" in text
    assert "no place is left; places in all: 1" in text
    assert "neither a refusal nor a judgement" in text
    assert "Not granted" not in text
    assert "the smallest comes first" in text


def test_who_has_a_place_is_told_their_rank(amina, homes):
    assert "it is number 1; places in all: 1" in pages.text(decision_page(amina, homes[0], "few"))


def test_lists_show_the_waiting_list(amina, homes):
    assert "Waiting list, place 1" in pages.text(amina.get("/decisions/", {"programme": "few"}))
    assert "Waiting list, place 1" in pages.text(amina.get(f"/households/{homes[1]}/"))


def test_a_household_lists_what_was_decided_about_its_families(amina, homes):
    assert re.search(r"Family: Yara(,| and) Omar", pages.text(amina.get(f"/households/{homes[0]}/")))


def test_a_familys_decision_says_whose_facts_count(amina, homes):
    listed = amina.get("/decisions/", {"programme": "families", "outcome": "true"}).content.decode()
    page = amina.get(re.search(DECISION, listed)[1])
    pages.assert_is_whole(page)
    assert "asks only about these members of the household (Family)" in pages.text(page)


def test_who_is_in_no_family_reads_what_must_be_found_out(amina, homes):
    """And that the conditions are told as if they were by themselves: nothing of it decides anything."""
    listed = amina.get("/decisions/", {"programme": "families", "outcome": "unknown"}).content.decode()
    address = re.search(DECISION, listed)[1]
    for page in (amina.get(address), amina.get(f"{address}explanation/")):
        text = pages.text(page)
        assert "Which family they belong to" in text
        assert "told as if these were all of it" in text
        assert "Nobody else counts" not in text
        assert "Not known yet" not in text


def test_a_supervisor_takes_ranks_along(bruno):
    answer = bruno.get("/decisions/export/", {"programme": "few", "area": "land"})
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0].endswith(",missing,rank,places")
    assert sorted(line.split(",")[-2:] for line in lines[1:]) == [["1", "1"], ["2", "1"]]


def test_the_officer_of_another_area_sees_neither_rank_nor_family(chen, homes):
    pages.assert_refused(chen.get(f"/households/{homes[0]}/"), 404)
