"""Pages of local rules: an area's author and publisher decide what is the area's own, and nothing else (ELI-7)."""

import re
from datetime import date

import pytest
from django.conf import settings
from django.test import Client

from amparo.programmes import models
from amparo.programmes.actions import write_draft
from amparo.trust.actions import grant_role, open_account
from amparo.trust.context import acting
from amparo.trust.queries import account_named, actor_of
from amparo.trust.types import Permission, Role, system
from tests.lib import country, local, pages
from tests.views.conftest import signed_in
from tests.views.staff.test_rules import begun, filled, saved

OWN = ("/rules/rule/bread_help/", "/rules/parameter/bread_line/")
OTHERS = (
    "/rules/rule/child_grant/",
    "/rules/parameter/poverty_line/",
    "/rules/table/heating/",
    "/rules/score/hardship/",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return local.copied(tmp_path_factory.mktemp("country"))


@pytest.fixture(autouse=True)
def profile(monkeypatch, folder):
    monkeypatch.setattr(settings, "PROFILE", str(folder))


@pytest.fixture(scope="module")
def velmora(empty_database, folder):
    """The example country with a region's own programme, and those who write and publish for that region and the next."""
    from amparo.project.country import install_country

    install_country(str(folder))
    country.open_cast({"amina": "VM01", "bruno": "VM", "chen": "VM06"})
    by = system("test")
    for name, role, area in (
        ("ursa", Role.MUNICIPAL_AUTHOR, "VM01"),
        ("wim", Role.MUNICIPAL_PUBLISHER, "VM01"),
        ("xenia", Role.MUNICIPAL_AUTHOR, "VM02"),
        ("yuri", Role.MUNICIPAL_PUBLISHER, "VM02"),
    ):
        account = open_account(name, country.PASSWORD, display_name=name.capitalize(), by=by)
        grant_role(account.id, role, area_code=area, by=by, on=date(2020, 1, 1))


@pytest.fixture
def ursa(velmora) -> Client:
    return signed_in("ursa")


@pytest.fixture
def wim(velmora) -> Client:
    return signed_in("wim")


@pytest.fixture
def xenia(velmora) -> Client:
    return signed_in("xenia")


def test_the_list_says_what_an_area_decides_by_itself(ursa):
    page = ursa.get("/rules/")
    pages.assert_is_whole(page)
    assert re.search(r"Bread help Selurhel decides this by itself\.", pages.text(page))
    assert "This is local: Selurhel writes and publishes it" in pages.text(ursa.get(OWN[0]))


def test_a_draft_is_offered_for_what_is_the_areas_own_and_for_nothing_else(ursa, xenia):
    for address in OWN:
        pages.assert_is_whole(ursa.get(address))
        assert f'action="{address}draft/"' in ursa.get(address).content.decode()
        assert f'action="{address}draft/"' not in xenia.get(address).content.decode()
    for address in OTHERS:
        assert f'action="{address}draft/"' not in ursa.get(address).content.decode()


def test_written_by_one_and_published_by_another_of_the_area(ursa, wim):
    draft = begun(ursa, "rule", "bread_help")
    said = filled(ursa, draft)
    changed = said["rule"].replace("household.size >= 1", "household.size >= 2")
    assert saved(ursa, draft, rule=changed, law="Decree 9").status_code == 302
    page = ursa.get(draft)
    pages.assert_is_whole(page)
    assert "Nothing is wrong with it" in pages.text(page), pages.text(page)
    assert ursa.post(f"{draft}propose/").status_code == 302
    pages.assert_refused(ursa.post(f"{draft}publish/"), 403)  # an author only
    seen = re.search(r'name="seen" value="([^"]+)"', wim.get(draft).content.decode())[1]
    assert wim.post(f"{draft}publish/", {"seen": seen}).status_code == 302
    assert models.Draft.objects.using("bulk").get(id=draft.split("/")[3]).published_at
    held = models.RuleVersion.objects.using("bulk").filter(programme__code="bread_help", replaced_at=None)
    assert held.order_by("starts_on").last().rule.strip() == changed.strip()


def test_a_figure_of_the_areas_own_is_written_and_published_too(ursa, wim):
    draft = begun(ursa, "parameter", "bread_line")
    assert saved(ursa, draft, value="950.00").status_code == 302
    assert ursa.post(f"{draft}propose/").status_code == 302
    seen = re.search(r'name="seen" value="([^"]+)"', wim.get(draft).content.decode())[1]
    assert wim.post(f"{draft}publish/", {"seen": seen}).status_code == 302
    values = models.ParameterValue.objects.using("bulk").filter(parameter_id="bread_line", replaced_at=None)
    assert values.order_by("starts_on").last().value == 95_000


@pytest.mark.parametrize("address", OTHERS)
def test_nothing_else_is_begun(ursa, address):
    before = models.Draft.objects.using("bulk").count()
    pages.assert_refused(ursa.post(f"{address}draft/"), 403)
    assert models.Draft.objects.using("bulk").count() == before


@pytest.mark.parametrize("address", OWN)
def test_nor_is_it_by_another_areas_author(xenia, address):
    pages.assert_refused(xenia.post(f"{address}draft/"), 403)


def test_a_draft_of_the_nation_or_another_area_is_not_there(ursa, velmora):
    with acting(actor_of(account_named("farah"), on=date.today()).narrowed(Permission.AUTHOR_RULE)) as by:
        said = {"rule": "household.size >= 2", "amount": ""}
        national = write_draft("rule", "child_grant", starts_on=date(2027, 1, 1), law="l", content=said, by=by).id
    own = begun(ursa, "rule", "bread_help").split("/")[3]
    for name, id in (("ursa", national), ("wim", national), ("xenia", own), ("yuri", own)):
        browser = signed_in(name)
        assert str(id) not in browser.get("/rules/").content.decode()
        for page in ("", "try/"):
            assert browser.get(f"/rules/drafts/{id}/{page}").status_code == 404, (name, page)
        acts = ("propose/", "discard/", "measure/") if name in ("ursa", "xenia") else ("publish/",)
        for act in acts:
            assert browser.post(f"/rules/drafts/{id}/{act}").status_code == 404, (name, act)
    assert signed_in("farah").get(f"/rules/drafts/{own}/").status_code == 200


def test_the_role_is_given_over_an_area_and_waits_for_a_second_person_where_it_publishes(velmora):
    hana = actor_of(account_named("hana"), on=date.today())
    for role, waits in ((Role.MUNICIPAL_AUTHOR, False), (Role.MUNICIPAL_PUBLISHER, True)):
        account = open_account(role.value, country.PASSWORD, display_name="Zoe", by=hana)
        given = grant_role(account.id, role, area_code="VM01", by=hana, on=date(2020, 1, 1))
        assert given.is_confirmed is not waits
