"""Whoever is erased is found nowhere: not in a dump, a file, a snapshot, a page, the log; and nobody else is missed (J16, B5).

One value that is nowhere else for each field that has room for one, each identifier, key, word and file name of each person,
put through every door. Left out: the write-ahead log and the free space of tables, where PostgreSQL keeps what was there
until it is written over; `VACUUM` and the archiving of the log are the operator's (docs/how-to/operator.md).
"""

import io
import logging
import random
import string
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connections

from amparo.cases.actions import install_categories
from amparo.cases.types import Act
from amparo.intake import actions
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.programmes.actions import expire_snapshots, give_notice, record_reply, review, take_effect
from amparo.programmes.models import Decision
from amparo.programmes.procedure import Procedure
from amparo.programmes.types import State
from amparo.project.databases import connect
from amparo.registry.actions import observe
from amparo.snapshot import folder
from amparo.trust.actions.consenting import Told, give_consent
from amparo.trust.context import acting
from amparo.trust.types import ConsentKind, Permission
from tests.lib import agreeing, contacts, country
from tests.lib.canaries import dumped, holds
from tests.lib.erasing import WORKER, erased, proposed, rows
from tests.lib.sealed_rows import opened
from tests.unit.cases.setting import CATEGORIES, done, filed
from tests.unit.intake.census import BY, MAPPING, files
from tests.unit.programmes.country import OPERATOR, PENSION, POOR_HOME, installed, run, snapshot
from tests.views.conftest import signed_in
from tests.views.test_every_route import body

NOTICED = replace(POOR_HOME, procedure=Procedure(law="law", notice_days=1, needs_review=True, appeal_days=1))
DRAW = random.Random(20260514)


def word() -> str:
    """A word that is nowhere else, and that no catalogue, key or hash has."""
    return "q" + "".join(DRAW.choices(string.ascii_lowercase, k=15))


class Canaries:
    """The values of one person or home, by what they are."""

    def __init__(self, *names: str, **told: str) -> None:
        self.told = {name: word() for name in names} | told

    def __getitem__(self, name: str) -> str:
        return self.told[name]

    def found(self, content: bytes) -> set[str]:
        return {name for name, value in self.told.items() if holds(content, value)}


def somebody(born: str, *more: str, **told: str) -> Canaries:
    number = str(DRAW.randrange(10**18, 10**19))
    return Canaries("given_name", "family_name", "line", "phone", *more, nid=number, birth_date=born, **told)


# Days and sums are few: these are nobody else's.
GONE = somebody("1933-11-29", "reply", "review", "file", "case", amount="6259483717")
THEIR_CHILD = somebody("1937-08-17")
ALONE = somebody("1935-09-23")
STAYS = somebody("1939-06-13", "reply")
HOME = Canaries("key", income="7361948205")
STAYING_HOME = Canaries("key", income="8472615390")
EVERYBODY = {"gone": GONE, "child": THEIR_CHILD, "alone": ALONE, "stays": STAYS}
HOMES = {"home": HOME, "staying": STAYING_HOME}
ERASED = {"gone": GONE, "child": THEIR_CHILD, "alone": ALONE, "home": HOME}


def line(home: Canaries, who: Canaries, sex: str = "female") -> str:
    told = (who["line"], who["given_name"], sex, who["birth_date"], who["nid"])
    return f"{home['key']} | {' | '.join(told)}\n"


HEAD = "hh | line | name | sex | born | nid\n"


@pytest.fixture(scope="module")
def world(server, database, tmp_path_factory):
    """Four people in two homes that came by files, once taken in and once set aside, with all that follows from it."""
    folder = tmp_path_factory.mktemp("came")
    logged = io.StringIO()
    logging.getLogger().addHandler(listening := logging.StreamHandler(logged))
    monkey = pytest.MonkeyPatch()
    monkey.setattr(settings, "ERASURE_LEDGER", folder / "audit" / "erasures.jsonl")
    installed(NOTICED, PENSION)
    contacts.install()
    agreeing.install()
    homes = "hh | area | rooms | income\n" + "".join(f"{each['key']} | n1 | 3 | 50\n" for each in (HOME, STAYING_HOME))
    whole = line(HOME, GONE) + line(HOME, THEIR_CHILD) + line(STAYING_HOME, ALONE) + line(STAYING_HOME, STAYS)
    earned = f"hh | line | month | earned\n{HOME['key']} | {GONE['line']} | 2026-02-01 | 62594837.17\n"
    batches = [came(folder / "first", homes, HEAD + whole, income=earned)]
    wrong = line(HOME, GONE, "mail") + line(STAYING_HOME, STAYS, "mail")
    batches.append(came(folder / "second", homes, HEAD + wrong))
    found = {"batches": batches} | {id: id_of(who) for id, who in EVERYBODY.items()}
    found |= {"home": home_of(found["gone"]), "staying": home_of(found["stays"])}
    run(clock.today())
    for id, who in EVERYBODY.items():
        officer_told(found[id], who, HOME if id in ("gone", "child") else STAYING_HOME)
    related(found)
    noticed(found)
    brought_forward(found["gone"])
    found["idle"] = snapshot().id
    with connections["bulk"].cursor() as cursor:
        cursor.execute("SELECT amparo_analyze_registry()")
    yield server, database, found, logged
    logging.getLogger().removeHandler(listening)
    monkey.undo()


def came(folder, homes: str, persons: str, **more: str):
    """Deliver files of which one is called after a person; return the batch."""
    paths = files(folder, homes, persons, **more)
    named = f"persons-{GONE['file']}.csv"
    paths[named] = paths.pop("persons.csv").rename(folder / named)
    # Nobody is marked as head here: a line's number is drawn.
    mapping = tomllib.loads(MAPPING.replace('checks = ["one_head", "plausible_dates"]\n', ""))
    received = actions.receive(paths, mapping, name="census", by=BY, using="bulk")
    assert actions.run(received.batch_id, by=BY)["state"] == "done"
    return received.batch_id


def id_of(who: Canaries):
    [(id,)] = rows(
        "SELECT l.entity_id FROM registry_subject s JOIN registry_subjectlink l ON l.subject_id = s.id"
        " WHERE s.grain = 'person' AND s.source_key LIKE %s",
        [f"%/{who['line']}"],
    )
    return id


def home_of(person):
    [(id,)] = rows("SELECT household_id FROM registry_membership WHERE person_id = %s", [person])
    return id


def officer_told(person, who: Canaries, home: Canaries) -> None:
    """An officer adds a name and a telephone number, and what the home earns: too much for the grant, so that it is proposed to end."""
    by = country.cast().ines.narrowed(Permission.REGISTER)
    with acting(by):
        observe(
            home_of(person),
            values={"income": int(home["income"])},
            members={person: {"family_name": who["family_name"], "phone": who["phone"]}},
            source="tax",
            by=by,
            on=country.DAY,
            under=country.GROUND,
        )


def related(found) -> None:
    """Who goes is the parent of one who goes too and of one who stays, and consented to something."""
    with connections["bulk"].cursor() as cursor:
        for child in ("child", "stays"):
            cursor.execute(
                "INSERT INTO registry_relationship (person_id, other_id, kind, starts_on, source_id, area_number)"
                " SELECT %s, id, 'parent', '2020-01-01', 1, area_number FROM registry_person WHERE id = %s",
                [found["gone"], found[child]],
            )
    agreement = agreeing.in_force("agreed", needs_consent=True)
    with acting(country.cast().amina.narrowed(Permission.RECORD_CONSENT)) as by:
        told = Told("Do you agree?", "en")
        receipt = {"told": told, "kind": ConsentKind.SPOKEN, "by": by, "under": country.GROUND, "on": clock.today()}
        give_consent(found["gone"], agreement, **receipt)
        give_consent(found["stays"], agreement, **receipt)


def noticed(found) -> None:
    """Changes for the worse about both homes, with notices, answers and reviews; they take effect on the next day."""
    for name, home in (("home", found["home"]), ("staying", found["staying"])):
        [made] = Decision.objects.using("bulk").filter(unit_id=home, state=State.PROPOSED, superseded_at=None)
        with acting(country.cast().amina.narrowed(Permission.GIVE_NOTICE)) as by:
            notice = give_notice(made.id, by=by, under=country.GROUND, on=clock.today())
            words = GONE["reply"] if name == "home" else STAYS["reply"]
            record_reply(notice.id, words, by=by, under=country.GROUND, on=clock.today())
        with acting(country.cast().bruno.narrowed(Permission.REVIEW_DECISION)) as by:
            reason = GONE["review"] if name == "home" else "Seen."
            review(notice.id, confirms=True, reason=reason, by=by, under=country.GROUND, on=clock.today())
        found[f"{name}-notice"], found[f"{name}-decision"] = notice.id, made.id


def brought_forward(person) -> None:
    """A grievance of theirs, answered: an open one would keep them from being erased."""
    install_categories(CATEGORIES, by=OPERATOR)
    case = filed(country.cast().amina, person=person, words=GONE["case"])
    done(case, Act.RESOLVE, country.cast().amina)


def days_on(days: int):
    day = clock.today() + timedelta(days=days)
    return clock.fixed(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


@pytest.fixture(scope="module")
def before(world) -> bytes:
    return everything(world)


@pytest.fixture(scope="module")
def erasures(world, before):
    """Two who live alone together are erased, and one of two others; on a day on which nothing can be appealed any more."""
    _, _, found, _ = world
    for held in ("gone", "child", "alone"):
        with pytest.raises(Refused, match="trust-erasure-held"):
            proposed(found[held])
    with days_on(1):
        take_effect(on=clock.today(), by=OPERATOR)
    with days_on(5):
        return [erased(found[each]) for each in ("gone", "child", "alone")]


def everything(world) -> bytes:
    """A dump, and what is sealed in it opened as somebody with the keys could."""
    server, database, _, _ = world
    return dumped(server, database) + b"\0".join(value for _, _, value, _ in opened())


def test_before_it_each_value_is_found(before):
    missing = {id: set(each.told) - each.found(before) for id, each in (EVERYBODY | HOMES).items()}
    assert missing == {id: set() for id in missing}


def test_whoever_is_erased_is_in_no_dump_and_no_sealed_value(world, erasures):
    content = everything(world)
    assert {id: ERASED[id].found(content) for id in ERASED} == {id: set() for id in ERASED}


def test_nobody_else_is_missed(world, erasures):
    content = everything(world)
    # What somebody answers about a home may tell of each who lives there, and goes with the first of them.
    assert STAYS.found(content) == set(STAYS.told) - {"reply"}
    assert STAYING_HOME.found(content) == set(STAYING_HOME.told)


def test_whoever_is_erased_is_in_no_file_of_the_database_once_it_is_vacuumed(world, erasures):
    server, database, _, _ = world
    with connect(server.server, database) as superuser:
        superuser.execute("VACUUM (FULL, ANALYZE)")
        superuser.execute("VACUUM (FULL) pg_statistic")  # the samples that were there before
        superuser.execute("CHECKPOINT")
        [(own,)] = superuser.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchall()
    plain = {value.encode(): (id, name) for id, each in ERASED.items() for name, value in each.told.items()}
    found = {}
    for file in (server.data_dir / "postgres").glob(f"**/base/{own}/*"):
        content = file.read_bytes()
        found |= {plain[value]: file.name for value in plain if value in content}
    assert found == {}


def test_whoever_is_erased_is_in_no_other_file(world, erasures):
    server, _, _, _ = world
    folders = [server.data_dir / name for name in ("snapshots", "deliveries", "audit", "keys")]
    seen = [
        each for folder in [*folders, settings.ERASURE_LEDGER.parent] for each in folder.rglob("*") if each.is_file()
    ]
    assert settings.ERASURE_LEDGER in seen
    for file in seen:
        content = file.read_bytes() + file.name.encode()
        assert {id: ERASED[id].found(content) for id in ERASED} == {id: set() for id in ERASED}, file.name


def test_a_snapshot_goes_at_once_where_no_decision_rests_on_it_and_on_its_day_else(world, erasures):
    _, _, found, _ = world
    kept = dict(rows("SELECT id, retain_until FROM snapshot_snapshot WHERE wrapped_key IS NOT NULL"))
    assert found["idle"] not in kept
    assert not folder.of(found["idle"]).exists()
    assert {each["id"]: each["until"] for each in erasures[-1].certificate["waiting"]} == {
        str(id): day.isoformat() for id, day in kept.items()
    }
    last = max(kept.values())
    expire_snapshots(on=last + timedelta(days=1), by=OPERATOR)
    assert rows("SELECT 1 FROM snapshot_snapshot WHERE wrapped_key IS NOT NULL") == []
    assert not any(folder.of(id).exists() for id in kept)


def test_whoever_is_erased_is_on_no_page(world, erasures):
    _, _, found, _ = world
    homes = [f"/households/{found[home]}/{page}" for home in ("home", "staying") for page in ("", "history/")]
    homes += [f"/households/{found['staying']}/people/{found[each]}/{page}" for each in ("alone", "stays") for page in ("", "consents/")]  # fmt: skip
    decisions = [id for (id,) in rows("SELECT id FROM programmes_decision")]
    made = [f"/decisions/{id}/{page}" for id in decisions for page in ("", "explanation/")]
    made.append(f"/decisions/{found['home-decision']}/explanation.pdf")
    notices = [f"/notices/{found[each]}/" for each in ("home-notice", "staying-notice")]
    batches = [f"/deliveries/{id}/{page}" for id in found["batches"] for page in ("", "receipt/", "quarantine/")]
    lists = ["/", "/decisions/?programme=poor_home", "/decisions/export/?programme=poor_home", "/deliveries/", "/runs/"]
    shown = b""
    for browser, addresses in (
        (signed_in("ines"), homes + made + notices + batches + lists),
        (signed_in("lina"), ["/audit/"]),
    ):
        for each in addresses:
            answer = browser.get(each)
            assert answer.status_code in (200, 404), each
            content = body(answer).encode()
            assert {id: ERASED[id].found(content) for id in ERASED} == {id: set() for id in ERASED}, each
            shown += content
    for who in (GONE, THEIR_CHILD, ALONE):
        search = body(signed_in("ines").post("/find/", {"kind": "name", "asked": who["given_name"]})).encode()
        assert not who.found(search) - {"given_name"}  # what was asked for is shown again
    assert STAYS["given_name"].encode() in shown


def test_nobody_was_ever_in_the_programs_log(world, erasures):
    *_, logged = world
    assert {id: each.found(logged.getvalue().encode()) for id, each in EVERYBODY.items()} == {
        id: set() for id in EVERYBODY
    }


def test_the_audit_log_still_proves_what_was_done_under_an_id_that_leads_to_nobody(
    world, erasures, monkeypatch, tmp_path
):
    from amparo.trust.log.auditing import verified
    from amparo.trust.log.sealing import seal

    monkeypatch.setattr(settings, "AUDIT_CUSTODIAN", tmp_path / "custodian.jsonl")
    _, _, found, _ = world
    seal()
    assert verified(by=WORKER).wrong == 0
    acts = {event for (event,) in rows("SELECT event FROM trust_audit WHERE about_id = %s", [str(found["gone"])])}
    assert {"erasure-proposed", "erasure-confirmed", "person-erased", "consent-given"} <= acts


def test_a_consent_of_somebody_erased_hands_nothing_over_any_more(world, erasures):
    _, _, found, _ = world
    live = rows("SELECT person_id FROM trust_consent WHERE withdrawn_at IS NULL")
    assert live == [(found["stays"],)]


def test_who_stays_keeps_that_they_had_a_parent(world, erasures):
    _, _, found, _ = world
    assert rows("SELECT person_id, other_id FROM registry_relationship") == [(found["gone"], found["stays"])]


def test_decisions_keep_outcome_and_amount_and_say_what_was_erased(world, erasures):
    made = rows(
        "SELECT d.outcome, d.amount_minor, d.facts #>> '{tombstone,ground}' FROM programmes_decision d WHERE id = %s",
        [world[2]["home-decision"]],
    )
    assert made == [(False, None, "Data Protection Act, section 17 (2026/117)")]
