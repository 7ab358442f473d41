"""What an installation may claim, and the map of what flows: read from deliveries, agreements and machines (ARC-2, ARC-3)."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from amparo.kernel import clock
from amparo.profiles.country import country as read_country
from amparo.profiles.languages import say
from amparo.programmes.actions import retract_feed
from amparo.trust.actions.agreeing import suspend_agreement
from amparo.trust.actions.exchanging import Sent, receive_records
from amparo.trust.context import acting
from amparo.trust.covering import Direction, FieldTerm
from amparo.trust.grounds.agreements import agreement, agreements
from amparo.trust.types import Permission, partner, system
from amparo.web.capability import Answer, claims, live
from amparo.web.streams import Kind, Line, flowing, lines
from tests.lib import agreeing, country, institutions, machines, pages
from tests.unit.programmes.country import POOR_HOME, installed, run
from tests.unit.programmes.feeding import SCHEME, taken
from tests.unit.sources import setting as asked
from tests.views.conftest import signed_in

PAGE = "/capability/"
FEEDS = {each.code: each for each in read_country("example").feeds}
HEATING = "ID;SCHEME;STATUS;AMOUNT;MONTH;PAYMENT\n12345678903;HA;enrolled;20,50;{month};DONE\n"
INSURED = "insured_no,branch,status,amount,month,since\n12345678911,P,enrolled,90.00,{month},2020-01-01\n"
INCOMING = replace(
    agreeing.TERMS,
    provider="pensions",
    consumer="ministry",
    direction=Direction.IN,
    fields=(FieldTerm("person", "birth_date"),),
    identifiers=(SCHEME,),
)

pytestmark = pytest.mark.usefixtures("fresh_database")


def deliver(code: str, text: str, folder, *, day: date | None = None) -> dict:
    day = day or clock.today()
    written = "%m/%Y" if code == "heating_fund" else "%Y-%m"
    return taken(text.format(month=day.strftime(written)), folder, feed=FEEDS[code], day=day)


def found() -> tuple[dict, list[Line]]:
    """Return the claims by row, and the streams, as Lina reads them."""
    with acting(country.cast().lina.narrowed(Permission.READ_AGREEMENT)) as by:
        flow = flowing(read_country("example"), by=by, on=clock.today())
        return {each.row: each for each in claims(live(flow, by=by))}, lines(flow)


def held(row: str) -> tuple[Answer, list[str]]:
    claim = found()[0][row]
    return claim.answer, [each if isinstance(each, str) else say(each) for each in claim.holds]


def lacked(row: str) -> str:
    return " ".join(say(each) for each in found()[0][row].lacks)


def test_it_is_whole_for_whoever_reads_agreements_and_for_nobody_else(amina, emre, ines, lina, nobody, tmp_path):
    deliver("heating_fund", HEATING, tmp_path)
    for browser in (emre, ines, lina):
        pages.assert_is_whole(browser.get(PAGE))
    pages.assert_refused(amina.get(PAGE), 403)
    pages.assert_leads_to_sign_in(nobody, PAGE)
    assert lina.post(PAGE).status_code == 405
    assert PAGE in lina.get("/agreements/").content.decode()


def test_a_social_registry_claims_an_overview_of_a_programme_from_its_first_delivery_until_it_is_taken_back(
    lina, tmp_path
):
    assert held("overview") == (Answer.NO, [])
    assert "Heating allowance: nothing that stands was delivered by" in lacked("overview")
    receipt = deliver("heating_fund", HEATING, tmp_path)
    assert held("overview") == (Answer.SOME, ["Heating allowance"])
    words = pages.text(lina.get(PAGE))
    assert "Yes, for Heating allowance" in words
    assert "Heating voucher: nothing that stands was delivered by" in words
    retract_feed(UUID(receipt["delivery"]), reason="the wrong file", by=system("test"), under=country.GROUND)
    assert held("overview") == (Answer.NO, [])


def test_a_delivery_of_which_no_row_is_sound_or_that_is_too_old_claims_nothing(tmp_path):
    deliver("heating_fund", HEATING.replace(";HA;", ";HX;"), tmp_path)
    assert held("overview") == (Answer.NO, [])
    deliver("heating_fund", HEATING, tmp_path, day=clock.today() - timedelta(days=120))
    assert held("overview") == (Answer.NO, [])
    assert "which is too old to count" in lacked("overview")


def test_a_system_that_the_country_names_no_more_claims_nothing(monkeypatch, tmp_path):
    deliver("heating_fund", HEATING, tmp_path)
    others = replace(
        read_country("example"), feeds=tuple(each for code, each in FEEDS.items() if code != "heating_fund")
    )
    with acting(country.cast().lina.narrowed(Permission.READ_AGREEMENT)) as by:
        flow = flowing(others, by=by, on=clock.today())
        overview = next(each for each in claims(live(flow, by=by)) if each.row == "overview")
        assert overview.answer is Answer.NO
        assert "Heating" not in str(lines(flow))


def test_what_a_mode_does_not_serve_is_not_claimed_whatever_is_in_the_database(monkeypatch, tmp_path, lina):
    installed()
    country.household("n1", {"given_name": "Iman"}, income=5_000)
    run(clock.today())
    deliver("heating_fund", HEATING, tmp_path)
    assert held("eligibility")[0] is Answer.YES
    answers = {}
    for mode in ("sr", "ibr", "vsr", "sr+ibr", "sr+vsr", "all"):
        monkeypatch.setenv("AMPARO_MODE", mode)
        answers[mode] = (held("overview")[0], held("eligibility")[0])
        pages.assert_is_whole(lina.get(PAGE))
    both, told, decided = (Answer.SOME, Answer.YES), (Answer.SOME, Answer.NO), (Answer.NO, Answer.YES)
    assert answers == {
        "sr": decided,
        "ibr": told,
        "vsr": decided,
        "sr+ibr": both,
        "sr+vsr": decided,
        "all": both,
    }
    monkeypatch.setenv("AMPARO_MODE", "sr")
    assert "is switched off: it is on in the modes ibr, sr+ibr, all" in lacked("overview")


def test_eligibility_across_programmes_needs_two_and_decisions():
    installed(POOR_HOME)
    assert held("eligibility") == (Answer.NO, [])
    country.household("n1", {"given_name": "Iman"}, income=5_000)
    run(clock.today())
    assert held("eligibility") == (Answer.SOME, ["poor_home"])
    assert lacked("eligibility") == "Fewer than two programmes have a rule in force."


def test_policy_across_the_sector_needs_every_system_that_the_country_names(tmp_path):
    deliver("heating_fund", HEATING + HEATING.splitlines()[1].replace("HA", "HV") + "\n", tmp_path)
    deliver("social_insurance", INSURED + INSURED.splitlines()[1].replace(",P,", ",W,") + "\n", tmp_path)
    assert "School meals" in lacked("policy")
    month = clock.today().strftime("%Y-%m")
    head = ",".join(FEEDS["school_meals"].columns.values())
    taken(f"{head}\n7,,,,,,A,5.00,{month},pupil,\n", tmp_path, feed=FEEDS["school_meals"], day=clock.today())
    assert held("policy")[0] is Answer.YES
    assert "Contributory pension" in " ".join(held("policy")[1])


def test_another_sector_is_linked_while_its_machine_is_let_in_and_its_agreement_holds():
    agreeing.install()
    told = agreeing.in_force("told", INCOMING)
    assert "no machine" in lacked("sectors").lower()
    machines.program(told)
    assert "Nothing was exchanged yet." in lacked("sectors")
    with acting(country.cast().lina.narrowed(Permission.READ_AGREEMENT)) as by:
        provider = agreement(told, by=by).provider_id
    sent = Sent(fields=[("person", "birth_date")], identifiers=[SCHEME], programmes=(), records=3)
    receive_records(told, sent, by=partner(provider, agreement=told), on=clock.today())
    assert held("sectors") == (Answer.YES, ["Pension Fund"])
    agreeing.stop(told, suspend_agreement)
    assert held("sectors") == (Answer.NO, [])
    assert "The agreement is not in force." in lacked("sectors")


def test_a_database_that_is_asked_is_a_link_from_its_first_answer_while_its_agreement_is_in_force(amina, lina):
    with institutions.serving() as ministry, asked.inside_allowed():
        asked.prepare(ministry)
        asked.knowing(ministry)
        home = asked.home()
        assert held("sectors") == (Answer.NO, [])
        assert "It has not answered yet." in lacked("sectors")
        pages.assert_is_whole(amina.post(f"/households/{home}/file/"))
    assert held("sectors")[0] is Answer.YES
    assert {each.last for each in found()[1] if each.is_live} == {clock.today()}
    assert "asked by web service or database" in pages.text(lina.get(PAGE))
    with acting(agreeing.officer("lina").narrowed(Permission.READ_AGREEMENT)) as by:
        told = agreements(by).get(code="tax_told")
    agreeing.stop(told.id, suspend_agreement)
    assert held("sectors")[0] is Answer.SOME
    assert "The agreement is not in force." in lacked("sectors")


def test_all_three_classes_are_drawn_with_direction_what_ground_and_last_success(lina, tmp_path):
    agreeing.install()
    agreeing.in_force("checked")
    deliver("heating_fund", HEATING, tmp_path)
    deliver("social_insurance", INSURED, tmp_path)
    streams = found()[1]
    live_kinds = {each.kind for each in streams if each.is_live}
    assert live_kinds == {Kind.ASSISTANCE, Kind.INSURANCE}
    assert {each.kind for each in streams} == {Kind.ASSISTANCE, Kind.INSURANCE, Kind.SECTOR}
    (outward,) = (each for each in streams if not each.is_in)
    assert (outward.institution, outward.last) == ("Pension Fund", None)
    response = lina.get(PAGE)
    words = pages.text(response)
    assert "Is told: 2 fields and 0 numbers of persons" in words
    assert "Pensions Act, section 4" in words
    drawing = [tag for tag, held in pages.elements(response).elements if tag in ("rect", "line")]
    assert drawing.count("line") == len(streams)


def test_nothing_installed_and_nothing_delivered_claims_nothing():
    assert {row: each.answer for row, each in found()[0].items()} == dict.fromkeys(
        ("overview", "eligibility", "operations", "policy", "sectors"), Answer.NO
    )
    assert all(each.lacks for each in found()[0].values())


def test_in_arabic_it_is_whole_and_drawn_from_the_right(tmp_path):
    deliver("heating_fund", HEATING, tmp_path)
    browser = signed_in("lina")
    browser.cookies["amparo_language"] = "ar"
    response = browser.get(PAGE)
    assert response.status_code == 200
    assert 'direction="rtl"' in response.content.decode()
