"""The main journeys in a real browser, and what must hold of every page: nothing from elsewhere, no barrier, no overflow."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from amparo.kernel import clock
from amparo.profiles.country import country
from amparo.profiles.synth import generate
from tests.browser import connecting
from tests.browser.visiting import PHONE, Visitor, faults, visiting

pytestmark = pytest.mark.browser


@pytest.fixture
def visitor(chromium, site) -> Iterator[Visitor]:
    with visiting(chromium, site) as found:
        yield found


def test_an_officer_finds_out_why_a_household_is_granted_support(visitor):
    visitor.sign_in("amina")
    assert "The situation in" in visitor.text("h1")
    visitor.press("table tbody a >> nth=0")  # down to the first district
    assert visitor.page.locator(".govuk-breadcrumbs li").count() == 1
    visitor.press(".amparo-next a[href^='/find/']")
    visitor.choose_purpose()
    visitor.press("table tbody a >> nth=0")
    assert "Household" in visitor.text("h1")
    assert "Who lives here" in visitor.text()
    visitor.press("main th a[href^='/decisions/'] >> nth=0")
    assert re.search(r"Granted|Not granted|Cannot be decided yet", visitor.text(".amparo-verdict"))
    assert "How this was decided" in visitor.text()
    assert visitor.elsewhere == []
    assert visitor.complaints == []


def test_the_map_leads_down(visitor):
    visitor.sign_in("bruno")
    before = visitor.text("h1")
    with visitor.page.expect_navigation():
        visitor.page.locator("svg a path").first.dispatch_event("click")
    assert visitor.text("h1") != before


def test_a_delivery_is_sent_in_and_followed_to_its_end(visitor, tmp_path):
    made = generate(country("example"), households=60, seed=77, folder=tmp_path, format="csv")
    visitor.sign_in("ines")
    visitor.press("nav a[href='/deliveries/']")
    visitor.press("main a[href='/deliveries/new/']")
    visitor.page.set_input_files("#id_files", [made.files["households"], made.files["persons"]])
    visitor.press("main form button")
    visitor.page.get_by_text("Taken in").wait_for()
    assert "What came of it" in visitor.text()
    with visitor.page.expect_download() as download:
        visitor.page.click("a[href$='/receipt/']")
    assert '"delivered": 60' in Path(download.value.path()).read_text()
    assert visitor.elsewhere == []
    assert visitor.complaints == []


def test_everything_works_without_javascript(chromium, site):
    with visiting(chromium, site, java_script_enabled=False, viewport=PHONE) as visitor:
        visitor.sign_in("amina")
        visitor.press("nav a[href='/find/']")
        visitor.choose_purpose()
        visitor.page.fill("#id_asked", "Barlo")
        visitor.press("main form button")
        assert re.search(r"[1-9]\d* results?", visitor.text())
        visitor.press("a[hreflang=ar]")
        assert visitor.page.get_attribute("html", "dir") == "rtl"


def test_a_passkey_is_made_signs_in_alone_and_is_removed(visitor):
    """With a device of the browser's own that unlocks itself; afterwards Bruno is as he was."""
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    visitor.sign_in("bruno")
    visitor.go("/account/factors/passkey/")
    visitor.page.fill("#id_name", "this browser")
    visitor.press("form[data-passkey] button")
    assert len(visitor.page.query_selector_all(".amparo-codes li")) == 10
    visitor.press("header form button")
    visitor.go("/account/passkey/?next=/account/factors/")
    visitor.press("form[data-passkey] button")
    assert "this browser" in visitor.text()
    visitor.press("form[action$='/remove/'] button")
    assert "this browser" not in visitor.text()
    assert visitor.elsewhere == []
    assert visitor.complaints == []


def test_the_keyboard_reaches_the_content_first(visitor):
    visitor.sign_in("amina")
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate("document.activeElement.className") == "govuk-skip-link"
    visitor.page.keyboard.press("Enter")
    assert visitor.page.evaluate("document.activeElement.id") == "main-content"


def test_on_a_phone_the_menu_opens_by_its_button(chromium, site):
    with visiting(chromium, site, viewport=PHONE) as visitor:
        visitor.sign_in("amina")
        assert not visitor.page.is_visible("nav a[href='/find/']")
        visitor.page.click(".govuk-service-navigation__toggle")
        assert visitor.page.is_visible("nav a[href='/find/']")


# Who opens which page, and how to come to it from the one before.
Way = Callable[[Visitor], None]
PAGES: dict[str, tuple[str | None, Way]] = {
    "sign-in": (None, lambda at: at.go("/account/sign-in/")),
    "passkey-sign-in": (None, lambda at: at.go("/account/passkey/")),
    "not-found": (None, lambda at: at.go("/nowhere/")),
    "situation": ("bruno", lambda at: at.go("/")),
    "region": ("bruno", lambda at: at.press("table tbody a >> nth=0")),
    "purpose": ("bruno", lambda at: at.go("/purpose/")),
    "find": ("bruno", lambda at: (at.choose_purpose(), at.go("/find/"))),
    "found": ("bruno", lambda at: (at.page.fill("#id_asked", "Barlo"), at.press("main form button"))),
    "area": ("bruno", lambda at: at.press(".amparo-next a >> nth=0")),
    "household": ("bruno", lambda at: at.press("table tbody a >> nth=0")),
    "would-be": (
        "bruno",
        lambda at: at.go(re.sub(r".*(/households/([^/]+)/).*", r"\1would-be/child_grant/\2/", at.page.url)),
    ),
    "household-again": ("bruno", lambda at: at.press(".amparo-next a[href^='/households/']")),
    "person": ("bruno", lambda at: at.press(".amparo-people a >> nth=0")),
    "history": ("bruno", lambda at: at.press(".amparo-next a[href$='/history/']")),
    "consents": ("bruno", lambda at: (at.page.go_back(), at.press(".amparo-next a[href$='/consents/']"))),
    "decisions": ("bruno", lambda at: at.go("/decisions/")),
    "granted": (
        "bruno",
        lambda at: (at.go("/decisions/?outcome=true"), at.press("td a[href^='/decisions/'] >> nth=0")),
    ),
    "undecided": (
        "bruno",
        lambda at: (
            at.go("/decisions/?outcome=unknown&programme=disability_benefit"),
            at.press("td a[href^='/decisions/'] >> nth=0"),
        ),
    ),
    "not-permitted": ("bruno", lambda at: at.go("/deliveries/")),
    "protection": (
        "nadia",
        lambda at: (
            at.choose_purpose_first("/find/"),
            at.page.fill("#id_asked", "Barlo"),
            at.press("main form button"),
            at.press("table tbody a >> nth=0"),
            at.press(".amparo-next a[href$='/protection/']"),
        ),
    ),
    "protection-refused": (
        "nadia",
        lambda at: (at.page.click("summary >> nth=0"), at.press("details[open] form button")),
    ),
    "deliveries": ("ines", lambda at: at.go("/deliveries/")),
    "delivery": ("ines", lambda at: at.press("table tbody a >> nth=-1")),
    "deliver": ("ines", lambda at: at.go("/deliveries/new/")),
    "deliver-refused": ("ines", lambda at: at.press("main form button")),
    "rules": ("farah", lambda at: at.go("/rules/")),
    "rule": ("farah", lambda at: at.press("tbody a[href='/rules/rule/child_grant/']")),
    "rule-version": ("farah", lambda at: at.press("table tbody a >> nth=-1")),
    "table-edit": ("farah", lambda at: (at.go("/rules/table/heating/"), at.press("main form button"))),
    "score-edit": ("farah", lambda at: (at.go("/rules/score/hardship/"), at.press("main form button"))),
    "draft-edit": ("farah", lambda at: (at.go("/rules/rule/child_grant/"), at.press("main form button"))),
    "draft-broken": (
        "farah",
        lambda at: (at.page.fill("[name=rule]", "household.siz >= 1"), at.page.wait_for_selector(".amparo-fault")),
    ),
    "draft": ("farah", lambda at: at.press("button[value=save]")),
    "draft-whole": (
        "farah",
        lambda at: (at.go("/rules/table/heating/"), at.press("main form button"), at.press("button[value=save]")),
    ),
    "draft-try": ("farah", lambda at: (at.press("a[href$='/try/']"), at.press("main form button"))),
    "draft-to-publish": ("goran", lambda at: (at.go("/rules/"), at.press("main li a >> nth=0"))),
    "officers": ("hana", lambda at: at.go("/officers/")),
    "officer": ("hana", lambda at: at.press("table tbody a >> nth=0")),
    "officer-refused": ("hana", lambda at: at.press("form[action$='/role/'] button")),
    "officer-open": ("hana", lambda at: at.go("/officers/open/")),
    "officer-password": ("hana", lambda at: at.open_an_account()),
    "account": ("hana", lambda at: at.go("/account/")),
    "password": ("hana", lambda at: at.go("/account/password/")),
    "account-email": ("hana", lambda at: at.go("/account/email/")),
    "factors": ("hana", lambda at: at.go("/account/factors/")),
    "factor-app": ("hana", lambda at: at.go("/account/factors/app/")),
    "factor-passkey": ("hana", lambda at: at.go("/account/factors/passkey/")),
    "audit": ("emre", lambda at: at.go("/audit/")),
    "audit-of-one": (
        "emre",
        lambda at: (at.press("td a[href^='/audit/'] >> nth=0"), at.page.click("summary >> nth=0")),
    ),
    "audit-wrong": ("emre", lambda at: at.go("/audit/?about=nobody&officer=nobody&since=1")),
    "agreements": ("lina", lambda at: at.go("/agreements/")),
    "agreement": ("lina", lambda at: at.press("tbody a >> nth=0")),
    "agreement-draft": ("lina", lambda at: at.press(".amparo-next a[href$='/draft/']")),
    "agreement-refused": (
        "lina",
        lambda at: (at.page.fill("#id_areas", "nowhere"), at.press("main form button.govuk-button[value=save]")),
    ),
    "machines": (
        "lina",
        lambda at: (
            at.go("/agreements/"),
            at.press("tbody a >> nth=0"),
            at.press(".amparo-next a[href$='/machines/']"),
        ),
    ),
    "capability": ("lina", lambda at: at.go("/capability/")),
    "sources": ("lina", lambda at: at.go("/sources/")),
    "agreement-to-sign": ("jamal", lambda at: (at.go("/agreements/"), at.press("tbody a >> nth=0"))),
    "cases": ("bruno", lambda at: at.choose_purpose_first("/cases/")),
    "case-new": ("bruno", lambda at: at.go("/cases/new/")),
    "case-figures": ("bruno", lambda at: at.go("/cases/figures/")),
    "transitions": ("bruno", lambda at: at.go("/cases/transitions/")),
    "outbox": ("bruno", lambda at: at.go("/outbox/")),
    "matches": ("amina", lambda at: at.choose_purpose_first("/matches/")),
    "register": (
        "amina",
        lambda at: (at.go("/find/"), at.press(".amparo-next a >> nth=0"), at.press("a[href$='/register/']")),
    ),
    "register-refused": ("amina", lambda at: at.press("main form button[value=register]")),
    "registration": (
        "amina",
        lambda at: (at.page.fill("[name='0_given_name']", "Zoe"), at.press("main form button[value=register]")),
    ),
    "enrolments": ("omid", lambda at: at.choose_purpose_first("/enrolments/")),
    "gaps": ("omid", lambda at: at.go("/gaps/")),
    "performance": ("amina", lambda at: at.go("/performance/")),
    "suspensions proposed": ("omid", lambda at: at.choose_purpose_first("/enrolments/proposed/")),
    "coverage": ("bruno", lambda at: at.go("/coverage/")),
    "overlaps": ("bruno", lambda at: at.go("/overlaps/")),
    "payments": ("paz", lambda at: at.go("/payments/")),
    "rounds": ("ines", lambda at: at.go("/rounds/")),
    "round-start": ("ines", lambda at: at.choose_purpose_first("/rounds/new/")),
    "runs": ("ines", lambda at: at.go("/runs/")),
    "source-connect": ("ines", lambda at: at.go("/sources/connect/")),
    "sign-out": ("ines", lambda at: at.go("/account/sign-out/")),
}


@pytest.fixture
def pictures(request, tmp_path) -> Path | None:
    """Where a picture of each page is left: nowhere, unless `--basetemp` says where somebody looks for them."""
    is_asked = request.config.option.basetemp and not hasattr(request.config, "workerinput")
    return tmp_path if is_asked else None


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_has_a_barrier_or_asks_for_anything_from_elsewhere(chromium, site, language, pictures):
    """Walks through all pages, and leaves a picture of each where they are asked for."""
    found: list[str] = []
    with visiting(chromium, site, language=language) as at:
        signed_in = None
        for name, (who, come) in PAGES.items():
            if who and who != signed_in:
                at.page.context.clear_cookies(name="amparo_session")
                at.sign_in(who)
                signed_in = who
            come(at)
            assert at.page.get_attribute("html", "lang") == language
            found += faults(at, f"{name}-{language}", pictures)
        assert found == []
        assert at.elsewhere == []


def test_a_citizen_sees_what_is_held_who_looked_and_what_was_decided_on_a_phone(chromium, site):
    """Dalia's way through her pages and into her child's, each without a barrier, too wide by nothing."""
    found: list[str] = []

    def look(at: Visitor) -> None:
        found.extend(f"{at.page.url}: {each}" for each in at.barriers())
        wider = at.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found.extend([f"{at.page.url}: {wider} pixels too wide"] if wider > 0 else [])

    with visiting(chromium, site, viewport=PHONE) as at:
        at.sign_in("dalia")
        assert "Your record" in at.text("h1")
        look(at)
        for link, said in (
            ("/mine/held/", "Read by"),
            ("/mine/home/", "Who lives here"),
            ("/mine/looked/", "Ministry of Social Protection"),
            ("/mine/consents/", "consent"),
            ("/mine/decisions/", "Child grant"),
        ):
            at.go(link)
            assert said in at.text()
            look(at)
        at.press("main tbody a >> nth=0")
        assert "If you do not agree" in at.text()
        look(at)
        at.go("/mine/acting/")
        look(at)
        at.press("main form[action='/mine/whom/'] button >> nth=0")
        assert "You are looking at the record of" in at.text()
        at.go("/mine/held/")
        look(at)
        at.press("main form[action='/mine/whom/'] button")
        assert "You are looking" not in at.text()
        assert (at.elsewhere, at.complaints, found) == ([], [], [])


def test_a_citizen_appeals_and_an_officer_who_did_not_decide_upholds(chromium, site):
    """On a phone, without JavaScript; the record itself is corrected elsewhere, and until then nothing can be executed."""
    with visiting(chromium, site, viewport=PHONE, java_script_enabled=False) as at:
        at.sign_in("dalia")
        at.go("/mine/decisions/")
        at.press("main tbody a >> nth=0")
        at.press(".amparo-next a[href$='/appeal/']")
        at.page.fill("#id_words", "We are more people than you say.")
        at.press("main form button")
        assert "You will have an answer by" in at.text()
        mine = at.page.url.removeprefix(site.address)
    with visiting(chromium, site) as at:
        at.sign_in("vera")
        at.go("/cases/?kind=appeal")
        at.press("main tbody a >> nth=0")
        assert "We are more people than you say." in at.text()
        assert at.barriers() == []
        at.press("button[value=begin-review]")
        at.page.fill("#id_case-review_words", "The register of births says so too.")
        at.press("button[value=uphold]")
        assert "Upheld, to be executed" in at.text()
        at.press("form[action$='/execute/'] button")
        assert "the answer is the same as before" in at.text()
        assert (at.elsewhere, at.broken_policy()) == ([], [])
    with visiting(chromium, site) as at:
        at.sign_in("dalia")
        at.go(mine)
        assert "The register of births says so too." in at.text()
        assert at.barriers() == []


def test_a_decision_prints_without_what_is_only_for_the_screen(visitor):
    visitor.sign_in("bruno")
    visitor.go("/decisions/?outcome=true")
    visitor.choose_purpose()
    visitor.press("td a[href^='/decisions/'] >> nth=0")
    assert visitor.page.is_visible("button[data-print]")
    visitor.page.emulate_media(media="print")
    for hidden in (".govuk-service-navigation", ".amparo-next", "button[data-print]", ".amparo-bar__ends"):
        assert not visitor.page.is_visible(hidden), hidden
    assert visitor.page.is_visible("pre.amparo-rule")


def test_a_source_is_connected_without_a_line_of_code_and_a_decision_rests_on_what_it_tells(
    chromium, site, tmp_path, pictures
):
    """An agreement drafted and signed by both sides, a mapping, tried by another person, live; then a household is asked."""
    person, found = connecting.not_assessed(site), []

    @contextmanager
    def visit(name: str) -> Iterator[Visitor]:
        with visiting(chromium, site) as at:
            at.sign_in(name)
            yield at
            found.extend(faults(at, f"connecting-{name}-{len(found)}", pictures))
            assert (at.elsewhere, at.complaints) == ([], [])

    def benefit(at: Visitor):
        rows = at.page.locator("main table tr").filter(has_text="Disability benefit")
        return rows.filter(has_text=person["given_name"])

    with visit("amina") as at:
        connecting.come_to_household(at, person)
        home, number = at.page.url.removeprefix(site.address), re.search(r"\d+", at.text("h1"))[0]
        assert "Cannot be decided yet" in benefit(at).inner_text()
    with visit("lina") as at:
        agreement = connecting.draft(at)
        assert "drafted" in at.text(".govuk-body >> nth=0")
    with visit("jamal") as at:
        connecting.sign(at, agreement, "provider", "Mara Vell")
    with visit("keiko") as at:
        connecting.sign(at, agreement, "consumer", "Oren Dask")
        assert "in force" in at.text(".govuk-body >> nth=0")
    with connecting.commission(site, tmp_path, person) as address:
        with visit("ines") as at:
            connecting.connect(at, address)
            at.choose_purpose()  # the page from which it is tried opens for one
            assert "You drafted this." in at.text()
        with visit("iris") as at:
            at.choose_purpose_first(f"/sources/{connecting.SOURCE}/")
            at.page.fill("#id_number", number)
            at.press("main form button >> nth=0")
            assert "Understood" in at.text()
            found.extend(faults(at, "connecting-tried", pictures))
            at.press("form[action$='/confirm/'] button")
            assert "Connected in the pages" in at.text()
        with visit("amina") as at:
            at.choose_purpose_first(f"{home}file/")
            found.extend(faults(at, "connecting-foreseen", pictures))
            at.press("main form button")
            assert str(connecting.GRADE) in at.text()
            found.extend(faults(at, "connecting-told", pictures))
            at.go(home)
            assert "Granted" in benefit(at).inner_text()
            with at.page.expect_navigation():
                benefit(at).locator("a").click()
            assert "Granted" in at.text(".amparo-verdict")
            day = clock.today()
            told = f"commission: {connecting.GRADE} Disability commission, {day:%B} {day.day}, {day.year}"
            assert told in at.text()
    assert found == []
