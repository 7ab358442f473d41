"""Of a generated country every overlap is classed and changes nobody's status, and every home left out of everything is found.

AMPARO_COUNTRY_HOUSEHOLDS says how many homes are drawn: 400 here, 100,000 with `make acceptance` (IBR-3, ELI-4).
A home that is planted as excluded lies outside the drought counties, was ranked last by its community and has a head of working
age: no rule can hold of it, and no system tells of it. Every other home is told of. What is expected is told from how homes were drawn, never from what the
product says of itself.
"""

import json
import os
import resource
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from amparo.cli.app import app
from amparo.project.country import install_country
from tests.lib import kenya
from tests.lib.days import today
from tests.lib.kenya import Home, written
from tests.lib.paying import rows

HOUSEHOLDS = int(os.environ.get("AMPARO_COUNTRY_HOUSEHOLDS", "400"))
OUTSIDE, LAST = "KE-18", 11  # a county without HSNP; whose key leaves this of twelve was ranked last
WORKING_AGE = date(1985, 6, 1)  # of a head whom no pension is for
SCHEMES = ("ct_ovc", "hsnp", "nhif_subsidy", "opct")
STATED = {
    ("ct_ovc", "hsnp"): "incompatible",
    ("ct_ovc", "opct"): "incompatible",
    ("nhif_subsidy", "opct"): "complementary",
}
INSURED = {"nhif_subsidy"}


class Opened:
    """An installation of Kenya whose database runs already."""

    profile = "kenya"
    open = staticmethod(lambda: None)


@dataclass(frozen=True)
class Drawn:
    """A home, and of which programmes systems tell that its head receives them; of none: it is planted as excluded."""

    home: Home
    receives: frozenset[str]

    @property
    def is_excluded(self) -> bool:
        return not self.receives

    @property
    def head_is_old(self) -> bool:
        born = self.home.born
        return today().year - born.year - ((today().month, today().day) < (born.month, born.day)) >= 70

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return list(combinations(sorted(self.receives), 2))


def amparo(*words: str | Path) -> dict:
    """Run a command; return the last JSON object it printed."""
    ran = CliRunner().invoke(app, [*map(str, words), "--json"], obj=Opened())
    assert ran.exit_code == 0, (ran.output, ran.exception)
    return json.loads(ran.stdout.strip().splitlines()[-1])


def _drawn() -> list[Drawn]:
    draw, found = Random(40), []
    for home in kenya.homes(HOUSEHOLDS, draw=draw):
        may_be_excluded = home.key % 12 == LAST and draw.random() < 0.6
        if may_be_excluded:
            home = replace(home, county=OUTSIDE, born=WORKING_AGE)
        held = () if may_be_excluded else draw.sample(SCHEMES, draw.choice((1, 1, 1, 2, 2, 3)))
        found.append(Drawn(home, frozenset(held)))
    return found


DRAWN = _drawn()


def _files(folder: Path) -> dict[str, Path]:
    """Write what each system tells of whom it pays."""
    told = {scheme: [each.home for each in DRAWN if scheme in each.receives] for scheme in SCHEMES}
    paid = ("ENROLLED", 2000, f"{today():%Y-%m}", "PAID")
    ct_ovc = [
        (f"C{each.key}", each.number, each.given, each.family, each.born.strftime("%d/%m/%Y"), each.place, *paid)
        for each in told["ct_ovc"]
    ]
    opct = [(f"S{each.key}", each.number, "OPCT", "Y", 2000, f"{today():%m-%Y}", "self") for each in told["opct"]]
    hsnp = [(f"H{each.key}", each.number, 1, 2700, f"{today():%Y%m}", "2017-07-01") for each in told["hsnp"]]
    nhif = [(each.number, "enrolled", 500, f"{today():%Y-%m}") for each in told["nhif_subsidy"]]
    named = "HH_CODE,CAREGIVER_ID,CAREGIVER_NAME,CAREGIVER_SURNAME,DOB,COUNTY,STATUS,AMOUNT,MONTH,PAYMENT"
    numbered = "beneficiary_no;id_no;programme;active;kes;cycle_month;collected_by"
    return {
        "ct_ovc_mis": written(folder / "ct_ovc.csv", named, ct_ovc),
        "social_development_mis": written(folder / "dsd.csv", numbered, opct, separator=";"),
        "hsnp_mis": written(folder / "hsnp.csv", "hsnp_number,national_id,group,transfer,period,enrolled_on", hsnp),
        "nhif": written(folder / "nhif.csv", "member_id,status,premium,month", nhif),
    }


@pytest.fixture(scope="module")
def country(empty_database, tmp_path_factory) -> None:
    """Register everybody, decide about all by every rule, and take in what the systems tell."""
    install_country("kenya")
    folder = tmp_path_factory.mktemp("country")
    homes = [each.home for each in DRAWN]
    visit = timed("import", *kenya.visited(folder, homes, on=today()), "--mapping", "registration")
    assert visit["households"]["new"] == HOUSEHOLDS
    timed("determine", "--on", today().isoformat())
    for feed, file in _files(folder).items():
        receipt = timed("programme", "feed", file, "--feed", feed, "--day", today().isoformat())
        assert receipt["rows"]["accepted"] == receipt["beneficiaries"]["identifier"] == receipt["rows"]["delivered"]


def timed(*words: str | Path) -> dict:
    """Run a command, and say how long it took and how much memory the process has ever held."""
    begun = time.monotonic()
    found = amparo(*words)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{HOUSEHOLDS} homes: {' '.join(map(str, words[:2]))}: {time.monotonic() - begun:.1f} s, {held} MB at most")
    return found


def _statuses() -> list[tuple]:
    """Return a fingerprint of everybody's decisions, enrolments, benefits and notices."""
    tables = {
        "decision": "id, state, outcome, amount_minor, superseded_at",
        "enrolment": "id, state, amount_minor",
        "benefit": "id, status, amount_minor, payment",
        "notice": "id",
    }
    fingerprint = (
        "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM (SELECT {} FROM programmes_{}) t"
    )
    return [row for table, columns in tables.items() for row in rows(fingerprint.format(columns, table))]


def by_county(statement: str) -> dict:
    """Return what a statement gives beside the county's code: (code, …, number) as {(code, …): number}."""
    return {tuple(key): number for *key, number in rows(statement)}


def test_every_overlap_is_classed_as_planted_and_changes_nobodys_status(country):
    before = _statuses()
    found = timed("programme", "overlaps", "--on", today().isoformat())
    expected = Counter(pair for each in DRAWN for pair in each.pairs)
    classed = {(each["first"], each["second"]): (each["overlap"], each["households"]) for each in found["overlaps"]}
    assert classed == {pair: (STATED.get(pair, "unknown"), number) for pair, number in expected.items()}
    assert _statuses() == before
    cases = rows("SELECT kind, state, count(*) FROM cases_case GROUP BY 1, 2")
    wrong = sum(any(STATED.get(pair) == "incompatible" for pair in each.pairs) for each in DRAWN)
    assert cases == [("overlap", "open", wrong)]


def test_overlaps_are_kept_by_area_as_they_were_planted(country):
    amparo("programme", "overlaps", "--on", today().isoformat())
    expected = Counter((each.home.county, *pair) for each in DRAWN for pair in each.pairs)
    expected += Counter((each.home.county, code, code) for each in DRAWN for code in each.receives)
    statement = (
        "SELECT a.code, o.first, o.second, sum(o.households)::bigint FROM programmes_overlap o"
        " JOIN trust_area a ON a.number = o.area_number"
        " WHERE o.run_id = (SELECT id FROM programmes_overlaprun ORDER BY classed_at DESC LIMIT 1) GROUP BY 1, 2, 3"
    )
    assert by_county(statement) == dict(expected)


def test_the_guard_finds_every_planted_home_and_nobody_else(country):
    before = _statuses()
    found = timed("programme", "excluded", "--on", today().isoformat())
    planted = [each for each in DRAWN if each.is_excluded]
    assert len(planted) > HOUSEHOLDS / 50
    assert (found["households"], found["excluded"], found["beyond"]) == (HOUSEHOLDS, len(planted), len(planted))
    statement = (
        "SELECT a.code, sum(e.near + e.unknown + e.beyond)::bigint FROM programmes_exclusion e"
        " JOIN trust_area a ON a.number = e.area_number"
        " WHERE e.coverage_id = (SELECT id FROM programmes_coverage WHERE kind = 'excluded' ORDER BY counted_at DESC LIMIT 1)"
        " GROUP BY 1 HAVING sum(e.near + e.unknown + e.beyond) > 0"
    )
    assert by_county(statement) == {(OUTSIDE,): len(planted)}
    old = sum(each.head_is_old for each in planted)
    groups = {each["group"]: (each["persons"], each["excluded"]) for each in found["groups"]}
    all_old = sum(each.head_is_old for each in DRAWN)
    assert groups == {
        "child": (HOUSEHOLDS, len(planted)),
        "old_age": (all_old, old),
        "working_age": (HOUSEHOLDS - all_old, len(planted) - old),
    }
    assert _statuses() == before


def test_everybody_is_counted_by_what_reaches_them(country):
    found = timed("programme", "coverage", "--on", today().isoformat())
    told = {each["group"]: (each["direct"], each["reached"]) for each in found["groups"]}
    kinds = Counter(_kind(each.receives) for each in DRAWN)
    children = {"assistance": 0, "insurance": 0, "both": 0, "none": HOUSEHOLDS}
    assert told["child"] == (children, {kind: kinds[kind] for kind in children})
    of_old = Counter(_kind(each.receives) for each in DRAWN if each.head_is_old)
    assert told["old_age"] == ({kind: of_old[kind] for kind in children},) * 2
    assert found["persons"] == 2 * HOUSEHOLDS


def _kind(receives: frozenset[str]) -> str:
    if not receives:
        return "none"
    return "assistance" if not receives & INSURED else "insurance" if receives <= INSURED else "both"


def test_the_draw_plants_what_it_says():
    assert all(each.home.key % 12 == LAST and each.home.county == OUTSIDE for each in DRAWN if each.is_excluded)
    assert {each.home.county for each in DRAWN} == set(kenya.COUNTIES)
    assert {STATED.get(pair, "unknown") for each in DRAWN for pair in each.pairs} == {*STATED.values(), "unknown"}
