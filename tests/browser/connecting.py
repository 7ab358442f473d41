"""What the journey of connecting a source is made of: an institution that knows more than the census, and what is typed of it."""

import csv
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from amparo.cli.ministry.people import People
from amparo.cli.ministry.server import Ministry, served
from tests.browser.conftest import Site
from tests.browser.visiting import Visitor

SOURCE, AGREEMENT, CURRENCY, GRADE = "disability_commission", "disability_told", "XVM", 70
# What is typed of the agreement, and what is chosen.
TYPED = {
    "#id_code": AGREEMENT,
    "#id_legal_basis": "Disability Act, section 3",
    "[name=terms-0-0]": "person.disability_assessed",
    "[name=terms-1-0]": "person.disability_grade",
    "#id_areas": "VM",
    "#id_identifiers": "national_id",
    "#id_volume": "1000",
    "#id_retention_days": "365",
    "#id_starts_on": "2026-01-01",
    "#id_ends_on": "2099-12-31",
}
CHOSEN = {"partner": SOURCE, "direction": "in", "purpose": "eligibility", "needs_consent": "no", "period": "month"}
# What stands in the mapping that the agreement begins → what is put into its place.
MAPPED = {
    "https://…/persons/{number}": "ADDRESS/health/persons/{number}",
    '"/number"': '"/person/identifier"',
    'at = "/disability_assessed"': 'at = "/person/is_disabled"',
    'at = "/disability_grade"': 'at = "/person/disability_grade"',
    'caching = "none"': 'caching = "observation"\ndays = 30',
}


def not_assessed(site: Site) -> dict[str, str]:
    """Return somebody in the first region whom the census was not told to be disabled or not, as a row of its file."""
    homes = {each["household"]: each["area"] for each in _rows(site, "households")}
    here = (each for each in _rows(site, "persons") if homes[each["household"]].startswith("VM01"))
    asked = (each for each in here if each["national_id"] and not each["disability_assessed"])
    return next(each for each in asked if each["birth_date"] > "1975")


def _rows(site: Site, name: str) -> list[dict[str, str]]:
    (file,) = (each for each in site.census if each.stem == name)
    with file.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@contextmanager
def commission(site: Site, folder: Path, person: dict[str, str]) -> Iterator[str]:
    """Let the invented institutions serve, whose health office has assessed a person; the operator puts their token down."""
    files = [Path(shutil.copy(each, folder)) for each in site.census]
    (persons,) = (each for each in files if each.stem == "persons")
    told = person | {"disability_assessed": "true", "disability_grade": str(GRADE)}
    rows = [told if each == person else each for each in _rows(site, "persons")]
    with persons.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, person)
        writer.writeheader()
        writer.writerows(rows)
    token = "a-token-of-this-test"
    (site.folder / "keys" / f"{SOURCE.replace('_', '-')}.secret").write_text(token)
    with served(Ministry(People(files), token, CURRENCY)) as address:
        yield address


def come_to_household(at: Visitor, person: dict[str, str]) -> None:
    """Find a person by their number, and go to where they live."""
    at.choose_purpose_first("/find/")
    at.page.check("[name=kind][value=national_id]")
    at.page.fill("#id_asked", person["national_id"])
    at.press("main form button")
    at.press("main table a")
    at.press(".govuk-breadcrumbs a >> nth=-1")


def draft(at: Visitor) -> str:
    """Add the commission as a partner, draft the agreement by which it tells us, and return its address."""
    at.go("/agreements/")
    at.page.click("main summary")
    at.page.fill("#id_called", "Disability Commission")
    at.page.fill("#id_organisation", SOURCE)
    at.press("form[action$='/partners/'] button")
    at.press("a[href='/agreements/new/']")
    at.press("button[value='add:terms']")
    for field, words in TYPED.items():
        at.page.fill(field, words)
    for field, value in CHOSEN.items():
        at.page.select_option(f"#id_{field}", value)
    at.press("main button.govuk-button[value=save]")
    return at.page.url.removeprefix(at.site.address)


def sign(at: Visitor, agreement: str, side: str, name: str) -> None:
    """Take down one side's signature."""
    at.go(agreement)
    at.page.select_option("#id_side", side)
    for field, words in (("name", name), ("position", "Director"), ("confidentiality", "Signed for the record")):
        at.page.fill(f"#id_{field}", words)
    at.press("form[action$='/sign/'] button")


def connect(at: Visitor, address: str) -> None:
    """Connect the source: from the agreement, and what it does not say."""
    at.go("/sources/connect/")
    at.page.select_option("#id_source", SOURCE)
    at.page.select_option("#id_agreement", AGREEMENT)
    at.press("main form button")
    text = at.page.input_value("#id_mapping")
    for said, meant in MAPPED.items():
        assert said in text
        text = text.replace(said, meant.replace("ADDRESS", address))
    at.page.fill("#id_mapping", text)
    at.press("main form button")
