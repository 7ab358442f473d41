"""REG-3: for a test ID the form opens with 60 % of its fields filled in, each with source and date, from the mock ministry over HTTP."""

import re
from datetime import timedelta

import pytest
from django.db import connections

from amparo.cli.ministry.people import People
from amparo.cli.ministry.server import Ministry, served
from amparo.kernel import clock
from amparo.profiles.country import country as profile
from amparo.profiles.synth import generate
from amparo.sources.actions import install_connections
from amparo.sources.types import Attribute, Caching, ConnectionConfig
from amparo.trust.actions.agreeing import install_organisations
from amparo.trust.covering import Direction, FieldTerm
from amparo.trust.types import OrganisationConfig, system
from tests.lib import agreeing, pages
from tests.unit.sources.setting import inside_allowed
from tests.views.conftest import signed_in

TOKEN = "a token of this test"
SEEN, SHEET, SAID = Caching.NONE, Caching.UNTIL, Caching.OBSERVATION
NAMED = ("given_name", "family_name", "sex", "birth_date", "marital_status", "birth_document")
# Institution → the source that it is here, what may be kept, and its fields by the names that it gives them.
TOLD: dict[str, tuple[str, Caching, dict[str, str]]] = {
    "civil-registry": ("civil_registry", SAID, {each: each for each in NAMED}),
    "tax": ("tax_authority", SEEN, {each: each for each in ("wage_per_month", "self_employment_per_month")}),
    "social-insurance": (
        "pension_fund",
        SAID,
        {"contributory_pension": "has_pension", "social_insurance": "is_insured"},
    ),
    "health": (
        "health_fund",
        SHEET,
        {"health_insured": "is_insured", "disability_assessed": "is_disabled", "disability_grade": "disability_grade"},
    ),
}


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> People:
    folder = tmp_path_factory.mktemp("synth")
    made = generate(profile("example"), households=40, seed=7, folder=folder, on=clock.today() - timedelta(days=14))
    return People([path for name, path in made.files.items() if name != "truth"])


@pytest.fixture(scope="module")
def institutions(velmora, people):
    """The example country, which asks four of the eleven institutions by law."""
    with served(Ministry(people, TOKEN, "XVM")) as address, inside_allowed():
        agreeing.install()
        install_organisations([OrganisationConfig(each, each) for each in TOLD], by=system("test"))
        for institution, (_, _, fields) in TOLD.items():
            agreeing.in_force(
                f"{institution}-told",
                provider=institution,
                consumer="ministry",
                direction=Direction.IN,
                purpose="eligibility",
                areas=("VM",),
                fields=tuple(FieldTerm("person", each) for each in fields),
                identifiers=("national_id",),
            )
        install_connections([_connection(address, *each) for each in TOLD.items()], by=system("test"))
        yield address


def _connection(address: str, institution: str, told: tuple[str, Caching, dict[str, str]]) -> ConnectionConfig:
    source, caching, fields = told
    days = 0 if caching is SEEN else 30
    return ConnectionConfig(
        source=source,
        owner=institution,
        agreement=f"{institution}-told",
        connector="rest",
        key="national_id",
        attributes=tuple(Attribute(name, f"/person/{at}", caching, days) for name, at in fields.items()),
        settings={
            "address": f"{address}/{institution}/persons/{{number}}",
            "secret": "ministry",
            "echo": "/person/identifier",
            "as_of": "/as_of",
            "expects": {"/currency": "XVM"},
        },
        in_second=1_000,
        in_minute=10_000,
    )


def couple(people: People) -> tuple[str, str]:
    """Return the numbers of the first head of a home and of whom they are married to."""
    for each in map(people.known, people.identifiers):
        other = people.known(each.others["spouse"] or "") if each.is_head else None
        if other and each.scheme == other.scheme == "national_id":
            return each.identifier, other.identifier
    raise AssertionError("nobody is married")


def test_the_form_of_a_couple_opens_with_more_than_sixty_percent_and_is_decided_when_it_is_sent(
    institutions, people, own_keys
):
    (own_keys / "ministry.secret").write_text(TOKEN)
    amina = signed_in("amina")
    amina.post("/purpose/", {"purpose": "eligibility"})
    one, other = couple(people)
    sent = {"rows": "3", "act": "register", "0_national_id": one, "1_national_id": other}
    form = amina.post("/find/VM01/register/", sent)["Location"]

    answer = amina.post(f"{form}ask/")
    pages.assert_is_whole(answer)
    text = pages.text(answer)
    filled, fields = map(int, re.search(r"(\d+) of (\d+) fields are filled in", text).groups())
    assert filled / fields >= 0.60, (filled, fields)
    shown = re.findall(r'name="shown" value="([^"]*)"', answer.content.decode())
    assert len(shown) == filled
    # Each says by whom and when; all but what they said of themselves today was answered now.
    day = f"{clock.today():%B} {clock.today().day}"
    assert len(re.findall(rf"{day}, {clock.today().year}", text)) == filled
    own = [each for each in shown if each.endswith(":application")]
    assert text.count("Answered now") == filled - len(own)
    assert text.count("This is not right") == filled - len(own)
    assert people.known(one).person["given_name"] in text

    home = form.split("/")[2]
    sent = {"shown": shown, "h_income_per_month": "300"}
    assert amina.post(form, sent).status_code == 302
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM programmes_decision WHERE household_id = %s", [home])
        assert cursor.fetchone()[0] > 0
        cursor.execute("SELECT income_per_month FROM registry_fact_household WHERE household_id = %s", [home])
        assert cursor.fetchone() == (30_000,)
