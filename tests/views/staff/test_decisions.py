"""The page of one decision with its reasons, and the list of a programme's decisions in an area."""

import csv
import io
import re
from uuid import uuid4

import pytest

from tests.lib import country, pages
from tests.unit.programmes import country as programmes


@pytest.fixture(scope="module", autouse=True)
def decided_country(database):
    """In the north one home is granted and one cannot be decided for want of its income; in the south one is not."""
    country.household("n1", {"sex": "female", "given_name": "Yara"}, income=5_000)
    country.household("n2", {"sex": "female", "given_name": "Lina"})
    country.household("s1", {"sex": "female", "given_name": "Noor"}, income=50_000)
    programmes.installed()
    programmes.run()


def addresses(browser, **asked) -> list[str]:
    """Return the addresses of the decisions a list leads to."""
    page = browser.get("/decisions/", asked).content.decode()
    return re.findall(r'href="(/decisions/[0-9a-f-]{36}/)"', page)


@pytest.fixture
def granted(amina) -> str:
    return addresses(amina, outcome="true")[0]


@pytest.fixture
def undecided(amina) -> str:
    return addresses(amina, outcome="unknown")[0]


@pytest.fixture
def southern(chen) -> str:
    return addresses(chen, outcome="false")[0]


def test_they_work_without_javascript(amina, granted, undecided):
    for address in ("/decisions/", "/decisions/?programme=pension&area=n1", granted, undecided):
        pages.assert_is_whole(amina.get(address))


def test_nobody_is_sent_to_sign_in(nobody, granted):
    for address in ("/decisions/", "/decisions/export/", granted):
        pages.assert_leads_to_sign_in(nobody, address)


def test_the_officer_of_another_area_does_not_learn_that_a_decision_exists(amina, southern):
    elsewhere = amina.get(southern)
    pages.assert_refused(elsewhere, 404)
    assert pages.text(elsewhere) == pages.text(amina.get(f"/decisions/{uuid4()}/"))


def test_a_list_holds_only_ones_own_area(amina, chen, bruno):
    assert len(addresses(amina)) == 2
    assert len(addresses(chen)) == 1
    assert len(addresses(bruno)) == 3


def test_an_area_elsewhere_is_not_found(amina):
    pages.assert_refused(amina.get("/decisions/?area=south"), 404)


def test_an_auditor_may_not_read_decisions(emre, granted):
    for address in ("/decisions/", "/decisions/export/", granted):
        pages.assert_refused(emre.get(address), 403)


def test_an_outcome_has_a_word_and_a_shape_of_its_own(amina, granted, undecided):
    for address, word in ((granted, "Granted"), (undecided, "Cannot be decided yet")):
        page = amina.get(address).content.decode()
        verdict = re.search(r'class="amparo-verdict.*?</div>', page, re.S)[0]
        assert word in verdict
        assert "<svg" in verdict


def test_a_granted_decision_says_the_amount_and_how_it_was_reckoned(amina, granted):
    words = pages.text(amina.get(granted))
    assert "The amount is €20.00" in words
    assert "How the amount was reckoned" in words


def test_a_decision_shows_each_condition_with_values_source_and_distance(amina, granted):
    words = pages.text(amina.get(granted))
    assert "The programme has 2 conditions" in words
    assert "€50.00 a month Household census, March 1, 2026" in words
    assert "census, March 1, 2026" in words
    assert "€50.00 a month below the limit" in words
    assert "law-line-2026, in force since January 1, 2026" in words


def test_a_decision_says_what_would_change_it(amina, granted):
    assert "were €100.01 a month and not €50.00 a month, the support would not be granted" in pages.text(
        amina.get(granted)
    )


def test_what_cannot_be_decided_names_what_is_missing(amina, undecided):
    words = pages.text(amina.get(undecided))
    assert "What must be found out" in words
    assert re.search(r"recorded, the decision is made again\. \S", words)


def test_a_refusal_is_no_error_and_no_judgement(chen, southern):
    page = chen.get(southern)
    assert "Not granted" in pages.text(page)
    assert "govuk-error" not in page.content.decode()


def test_a_list_is_narrowed_by_outcome(amina):
    assert len(addresses(amina, outcome="true")) == 1
    assert addresses(amina, outcome="false") == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("programme=shoes", 404),
        ("area=atlantis", 404),
        ("outcome=maybe", 400),
        ("state=asleep", 400),
        ("after=nonsense", 200),
        ("after=1.nonsense", 200),
    ],
)
def test_a_filter_that_is_none_is_told_in_words(amina, query, status):
    response = amina.get(f"/decisions/?{query}")
    assert response.status_code == status
    if status != 200:
        pages.assert_refused(response, status)


def exported(browser, query: str = "") -> list[dict[str, str]]:
    response = browser.get(f"/decisions/export/?{query}")
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_an_export_holds_every_decision_of_the_area_and_nobodys_name(bruno):
    rows = exported(bruno)
    assert sorted((row["area"], row["outcome"], row["amount"]) for row in rows) == [
        ("n1", "true", "20.00"),
        ("n2", "unknown", ""),
        ("s1", "false", ""),
    ]
    assert "Yara" not in str(rows)


def test_an_export_of_a_region_holds_that_region(bruno):
    assert [row["area"] for row in exported(bruno, "area=south")] == ["s1"]


def test_an_officer_may_not_take_decisions_along(amina):
    pages.assert_refused(amina.get("/decisions/export/"), 403)
    assert "/decisions/export/" not in amina.get("/decisions/").content.decode()


def test_an_export_is_on_the_record(bruno):
    from amparo.trust.context import acting
    from amparo.trust.queries import audit_of
    from amparo.trust.types import Event, Permission

    exported(bruno)
    emre = country.cast().emre.narrowed(Permission.READ_AUDIT)
    with acting(emre):
        line = next(each for each in audit_of(emre) if each.event == Event.DECISIONS_EXPORTED)
    assert line.details["decisions"] == 3


def test_the_household_leads_to_its_decisions(amina, granted):
    home = re.search(r"/households/[0-9a-f-]{36}/", amina.get(granted).content.decode())[0]
    assert granted in amina.get(home).content.decode()
