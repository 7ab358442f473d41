"""The pages of deliveries: sending files in, watching, stopping and going on, receipt and quarantine."""

import json
import re
from copy import deepcopy
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from amparo.intake.actions import receive, run
from amparo.intake.tasks import run_batch
from amparo.profiles.country import country
from amparo.profiles.synth import generate
from amparo.registry.models import Membership
from amparo.registry.queries import household
from amparo.trust.context import acting
from amparo.trust.types import Ground, Permission, system
from tests.lib import pages
from tests.lib.country import cast
from tests.views.conftest import signed_in


@pytest.fixture
def ines(velmora) -> Client:
    browser = signed_in("ines")
    browser.post("/purpose/", {"purpose": "assessment"})
    return browser


@pytest.fixture
def amina(velmora) -> Client:
    return signed_in("amina")


@pytest.fixture
def emre(velmora) -> Client:
    return signed_in("emre")


@pytest.fixture
def nobody(velmora) -> Client:
    return Client()


@pytest.fixture(scope="module")
def census(tmp_path_factory) -> dict[str, bytes]:
    """The files of a small census, by name."""
    folder = tmp_path_factory.mktemp("census")
    made = generate(country("example"), households=400, seed=3, folder=folder, format="csv")
    return {made.files[name].name: made.files[name].read_bytes() for name in ("households", "persons")}


def sent(browser: Client, files: dict[str, bytes], **asked):
    uploads = [SimpleUploadedFile(name, content) for name, content in files.items()]
    return browser.post("/deliveries/new/", {"mapping": "census", "files": uploads} | asked)


def id_of(response) -> str:
    return re.search(r"/deliveries/([0-9a-f-]{36})/", response["Location"])[1]


@pytest.fixture(scope="module")
def taken_in(velmora, census) -> str:
    """A delivery that was worked on to its end; return its id."""
    id = id_of(sent(signed_in("ines"), census))
    run_batch(id)
    return id


def fresh(census: dict[str, bytes]) -> dict[str, bytes]:
    """The same files with another byte, so that they are another delivery."""
    return {name: content + b"\n" * (1 + uuid4().int % 50) for name, content in census.items()}


def test_they_work_without_javascript(ines, taken_in):
    for address in (
        "/deliveries/",
        "/deliveries/new/",
        f"/deliveries/{taken_in}/",
        f"/deliveries/{taken_in}/quarantine/",
    ):
        pages.assert_is_whole(ines.get(address))


def test_nobody_is_sent_to_sign_in(nobody, taken_in):
    for address in ("", "new/", f"{taken_in}/", f"{taken_in}/progress/", f"{taken_in}/receipt/"):
        pages.assert_leads_to_sign_in(nobody, f"/deliveries/{address}")


def test_an_officer_may_not_see_deliveries(amina, taken_in):
    for address in ("", "new/", f"{taken_in}/", f"{taken_in}/receipt/", f"{taken_in}/quarantine/"):
        pages.assert_refused(amina.get(f"/deliveries/{address}"), 403)


def test_an_auditor_sees_deliveries_and_may_send_none(emre, taken_in):
    response = emre.get(f"/deliveries/{taken_in}/")
    pages.assert_is_whole(response)
    assert "quarantine" not in response.content.decode()
    pages.assert_refused(emre.get("/deliveries/new/"), 403)
    pages.assert_refused(emre.post(f"/deliveries/{taken_in}/stop/"), 403)
    pages.assert_refused(emre.get(f"/deliveries/{taken_in}/quarantine/"), 403)


def test_what_was_sent_waits_until_somebody_works_on_it(ines, census):
    response = sent(ines, fresh(census))
    assert response.status_code == 302
    page = ines.get(response["Location"])
    pages.assert_is_whole(page)
    assert "Waiting" in pages.text(page)
    assert '<noscript><meta http-equiv="refresh"' in page.content.decode()


def test_the_part_that_changes_is_served_alone_while_work_goes_on(ines, census):
    id = id_of(sent(ines, fresh(census)))
    part = ines.get(f"/deliveries/{id}/progress/", headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    assert b"hx-get" in part.content


def test_the_whole_page_is_asked_for_once_the_work_is_over(ines, taken_in):
    part = ines.get(f"/deliveries/{taken_in}/progress/", headers={"HX-Request": "true"})
    assert part["HX-Refresh"] == "true"


def test_a_delivery_is_stopped_and_goes_on(ines, census):
    id = id_of(sent(ines, fresh(census)))
    assert "It will stop at the next step" in pages.text(ines.post(f"/deliveries/{id}/stop/", follow=True))
    run_batch(id)
    assert "Stopped" in pages.text(ines.get(f"/deliveries/{id}/"))
    ines.post(f"/deliveries/{id}/resume/")
    assert "Waiting" in pages.text(ines.get(f"/deliveries/{id}/"))
    run_batch(id)
    assert "Taken in" in pages.text(ines.get(f"/deliveries/{id}/"))


def test_what_is_over_cannot_be_stopped(ines, taken_in):
    pages.assert_refused(ines.post(f"/deliveries/{taken_in}/stop/"), 400)


def test_a_look_stops_nothing(ines, taken_in):
    assert ines.get(f"/deliveries/{taken_in}/stop/").status_code == 405


def test_the_page_tells_what_came_of_it(ines, taken_in):
    words = pages.text(ines.get(f"/deliveries/{taken_in}/"))
    assert "Taken in" in words
    assert re.search(r"Households 400 3\d\d \d", words)


def test_the_receipt_is_a_file_of_counts(ines, taken_in):
    response = ines.get(f"/deliveries/{taken_in}/receipt/")
    assert response["Content-Disposition"].startswith("attachment")
    receipt = json.loads(response.content)
    assert receipt["households"]["delivered"] == 400
    assert receipt["rows"]["delivered"] == receipt["rows"]["accepted"] + receipt["rows"]["quarantined"]


def test_what_became_of_families_is_counted_where_a_delivery_names_them(ines, taken_in, census, tmp_path):
    assert "Families and couples" not in ines.get(f"/deliveries/{taken_in}/").content.decode()
    raw = deepcopy(dict(country("example").mappings["census"]))
    persons = next(each for each in raw["table"] if each["name"] == "persons")["person"]
    persons["groups"] = [{"kind": "family", "column": "family"}]
    heading, *lines = fresh(census)["persons.csv"].decode().rstrip("\n").split("\n")
    named = [f"{heading},family", *(f"{line},1" for line in lines)]
    paths = {name: tmp_path / name for name in census}
    for name, content in (census | {"persons.csv": "\n".join(named).encode()}).items():
        paths[name].write_bytes(content)
    by = system("test")
    receipt = run(receive(paths, raw, name="census", by=by, using="bulk").batch_id, by=by)
    assert 300 < receipt["registry"]["groups-new"] <= receipt["households"]["accepted"]
    assert receipt["registry"]["group-memberships"] == receipt["persons"]["accepted"]
    page = ines.get(f"/deliveries/{receipt['batch']}/").content.decode()
    assert "Families and couples" in page
    assert "People who joined one" in page


def test_a_delivery_that_is_not_over_has_no_receipt(ines, census):
    id = id_of(sent(ines, fresh(census)))
    pages.assert_refused(ines.get(f"/deliveries/{id}/receipt/"), 400)


def test_rows_set_aside_are_shown_with_reasons_and_what_was_delivered(ines, taken_in):
    response = ines.get(f"/deliveries/{taken_in}/quarantine/")
    assert re.search(
        r"(households|persons)\.csv, line", pages.text(response).replace("\u2068", "").replace("\u2069", "")
    )
    assert "What was delivered" in pages.text(response)


def test_the_same_files_again_lead_to_the_delivery_of_then(ines, census, taken_in):
    response = sent(ines, census)
    assert response["Location"] == f"/deliveries/{taken_in}/?again=1"
    assert "nothing was taken in twice" in pages.text(ines.get(response["Location"]))


def test_a_manifest_is_held_against_its_file(ines, census):
    files = fresh(census)
    id = id_of(sent(ines, files | {"persons.csv.manifest.toml": b"rows = 7\n"}))
    run_batch(id)
    words = pages.text(ines.get(f"/deliveries/{id}/"))
    assert "refused whole" in words
    assert "is not what its manifest says" in words


def test_a_manifest_without_its_file_is_refused(ines, census):
    response = sent(ines, census | {"plots.csv.manifest.toml": b"rows = 7\n"})
    pages.assert_refused(response, 400)
    assert "has no file beside it" in pages.text(response)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "Choose at least one file"),
        ({"households.csv": b""}, "One of the files is empty"),
        ({"shoes.csv": b"a,b\n1,2\n"}, "shoes.csv"),
        ({"../../households.csv": b"a\n1\n"}, "persons"),
    ],
)
def test_files_that_do_not_fit_are_told_beside_the_form(ines, files, words):
    response = sent(ines, files)
    pages.assert_refused(response, 400)
    assert words in pages.text(response)
    assert 'name="files"' in response.content.decode()


def test_two_files_of_one_name_are_refused(ines):
    twice = [SimpleUploadedFile("households.csv", b"a\n1\n"), SimpleUploadedFile("households.csv", b"a\n2\n")]
    response = ines.post("/deliveries/new/", {"mapping": "census", "files": twice})
    assert "Two files have the same name" in pages.text(response)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"mapping": "shoes"}, "Choose how the files are to be read"),
        ({"observed_on": "yesterday"}, "Enter a day from the calendar"),
        ({"observed_on": "2999-01-01"}, "Enter today or a day before it"),
    ],
)
def test_bad_input_is_told_in_words(ines, census, asked, words):
    response = sent(ines, census, **asked)
    pages.assert_refused(response, 400)
    assert words in pages.text(response)


def test_a_broken_file_is_refused_whole_in_words(ines):
    id = id_of(sent(ines, {"households.csv": b"PK\x03\x04 this is no workbook", "persons.csv": b"a,b\n1,2\n"}))
    run_batch(id)
    page = ines.get(f"/deliveries/{id}/")
    pages.assert_is_whole(page)
    assert "refused whole" in pages.text(page)


def test_nothing_uploaded_stays_behind(ines, census):
    from pathlib import Path

    from django.conf import settings

    sent(ines, fresh(census))
    sent(ines, {"shoes.csv": b"a\n1\n"})
    assert not list(Path(settings.DELIVERY_FOLDER).glob("upload-*"))


def test_a_delivery_that_is_not_there_is_not_found(ines):
    pages.assert_refused(ines.get(f"/deliveries/{uuid4()}/"), 404)


def test_the_head_of_a_household_stands_first_who_is_head_by_relation(taken_in):
    """This country has no field that says who is head; the relation to the head says it of themselves."""
    homes = list(
        Membership.objects.using("bulk").filter(ends_on=None).values_list("household_id", flat=True).distinct()
    )
    by = cast().ines.narrowed(Permission.READ_HOUSEHOLD)
    with acting(by):
        records = [household(home, by=by, under=Ground("assessment")) for home in homes]
    told = [[each.facts.get("relation_to_head") for each in record.members] for record in records]
    with_head = [[fact and fact.value for fact in facts] for facts in told]
    with_head = [relations for relations in with_head if "head" in relations]
    assert len(with_head) > 100
    assert {relations[0] for relations in with_head} == {"head"}
