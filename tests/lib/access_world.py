"""A country about which every door can be asked: something of each kind in each area, and somebody of each office.

Each question is asked inside a transaction that is undone, so that the thousandth meets what the first one met. What a
thing's state must be is brought about in that transaction, as nobody but the database's superuser could.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connections

from amparo.kernel import clock
from amparo.programmes.actions import enrol_many, give_notices, plan, write_draft
from amparo.programmes.config import ProgrammeConfig, RuleVersion, Unit
from amparo.programmes.enrolment import EnrolledBy, EnrolmentTerms, ExitReason, SuspensionGround
from amparo.programmes.procedure import Procedure
from amparo.project.databases import connect
from amparo.registry.actions import install_dictionary, install_sources, observe
from amparo.registry.dictionary import Field, FieldClass, Type
from amparo.trust.actions import (
    accounts,
    agreeing,
    consenting,
    grant_role,
    install_areas,
    install_purposes,
    install_watch,
    open_account,
)
from amparo.trust.context import acting
from amparo.trust.queries import account_named, actor_of
from amparo.trust.types import (
    AreaConfig,
    BreachConfig,
    ConsentKind,
    Permission,
    PurposeConfig,
    Role,
    Side,
    WatchConfig,
    system,
)
from tests.lib import access_things, country
from tests.lib import agreeing as agreed
from tests.oracle import access
from tests.oracle.access import ACTORS, Cell
from tests.unit.intake.census import delivered
from tests.unit.programmes.country import POOR_HOME, installed, run

BY = system("test")
FIRST = date(2020, 1, 1)
HEAD_GRANT = ProgrammeConfig(
    "head_grant",
    Unit.PERSON,
    (RuleVersion(date(2026, 1, 1), rule="member.is_head && household.income <= param.line", law="law-head"),),
)
TERMS = EnrolmentTerms(
    enrolled_by=EnrolledBy.AREAS,
    suspensions=(SuspensionGround("unreached", "law"),),
    exits=(ExitReason("abuse", "law"),),
)
CLASSES = {
    "identity": "given_name",
    "contact": "phone",
    "sensitive": "illness",
    "protection": "hideout",
    "situation": "told",
}
PURPOSES = {"registration": "Registration Act, section 1", "statistics": "Statistics Act, section 9"}


def canary(area: str, field_class: str) -> str:
    """Return a word that stands in one field of one person alone."""
    return f"Zq{field_class.capitalize()}{area.capitalize()}Qz"


CANARIES = {(area, each): canary(area, each) for area in access.AREAS for each in CLASSES}


@dataclass(frozen=True)
class World:
    """`homes` area → what an address may name; `made` (area, programme) → decisions and notice; `things` the rest."""

    homes: dict[str, dict[str, Any]]
    made: dict[tuple[str, str], dict[str, Any]]
    things: dict[str, Any]

    def place(self, cell: Cell) -> dict[str, Any]:
        """Return what a question is about, by name."""
        about = access.OPERATIONS[cell.operation].about
        programme = cell.programme or access.PROGRAMMES[0]
        area = cell.area or access.AREAS[0]
        found = self.things | self.homes[area] | self.made[area, programme] | {"area": area, "programme": programme}
        found |= {"decided": f"local_{cell.area}" if about in access.DECIDED and cell.area else programme}
        found |= {"actor": str(self.things["accounts"].get(cell.actor, BY.id))}
        found["agreement"] = self.things["agreements"][cell.state if about == "agreement" else "in-force"]
        if about in ("case", "appeal", "suspicion", "transition"):
            found["case"] = found[about]
        if about == "appeal":
            found["person"] = found["appellant"]
        if cell.state == "standing":
            found["decision"] = found["standing"]
        if (about, cell.state) == ("officer", "own"):
            found["officer"] = found["actor"]
        return found


def build(server, database: str, folder) -> World:
    """Make the country in an empty database. Nothing of it is ever changed by a question."""
    install_areas([*country.AREAS, AreaConfig("n1a", "n1", "hamlet", "Northend")], by=BY)
    install_purposes([PurposeConfig(code, law, _readers(code)) for code, law in PURPOSES.items()], by=BY)
    install_watch(
        WatchConfig(most_a_day=10_000_000), BreachConfig(), by=BY
    )  # what stops a day's reader has tests of its own
    install_sources(country.SOURCES, by=BY)
    install_dictionary(_dictionary(), by=BY)
    country.open_cast()
    procedure = Procedure(law="law", notice_days=5)
    national = (replace(each, procedure=procedure, enrolment=TERMS) for each in (POOR_HOME, HEAD_GRANT))
    installed(*national, *map(_local, access.AREAS))
    opened = {name: _open(name) for name in ACTORS if name != "nobody"}
    homes = {area: _home(area) for area in access.AREAS}
    for each in access.PROGRAMMES:
        enrol_many(each, by=BY, under=country.GROUND, on=clock.today(), using="bulk")
    _hide(homes)
    appellants = {area: country.household(area, {"given_name": "Appellant"}, income=5_000) for area in access.AREAS}
    with connections["bulk"].cursor() as cursor:
        cursor.execute("UPDATE registry_fact_household SET income = 99000")
    run(clock.today())
    give_notices(access.PROGRAMMES, by=BY, under=country.GROUND, on=clock.today())
    made = {(area, code): _made(homes[area]["household"], code) for area in homes for code in access.PROGRAMMES}
    delivered(folder, households=_CENSUS, persons=_CAME)
    agreed.install()
    things = _things(homes)
    access_things.file(homes, appellants)
    things |= access_things.make(homes, UUID(things["agreements"]["in-force"]))
    access_things.state(server, database)
    _let_bring(server, database)
    return World(homes, made, things | {"accounts": opened})


def _local(area: str) -> ProgrammeConfig:
    """Return a programme that an area decides by itself, and that nobody is in."""
    version = RuleVersion(FIRST, rule="household.size >= 99", law="law")
    return ProgrammeConfig(f"local_{area}", Unit.HOUSEHOLD, (version,), enrolment=EnrolmentTerms(area=area))


def _readers(purpose: str) -> tuple[Role, ...]:
    return tuple(Role(office) for office, held in access.HELD.items() if purpose in held)


def _hide(homes: dict[str, dict[str, Any]]) -> None:
    """Have what protects somebody told by the only one who may."""
    for area, home in homes.items():
        told = {UUID(home["person"]): {CLASSES["protection"]: canary(area, "protection")}}
        ground = {"source": "office", "on": country.DAY, "under": country.GROUND}
        with acting(_actor("refuge").narrowed(Permission.REGISTER)) as by:
            observe(UUID(home["household"]), values={}, members=told, by=by, **ground)


_CENSUS = """
    hh | area | rooms | income
    1  | n1   | 3     | 100.5
"""
_CAME = """
    hh | line | name  | sex  | born       | nid
    1  | 1    | Bela  | mail | 2010-05-06 |
"""


def _dictionary():
    used = country.USED
    fields = [
        Field("told", "household", Type.TEXT, **used),
        *(
            Field(CLASSES[each.value], "person", Type.TEXT, field_class=each, **used)
            for each in (FieldClass.CONTACT, FieldClass.SENSITIVE, FieldClass.PROTECTION)
        ),
    ]
    return replace(country.DICTIONARY, version="matrix-1", fields=(*country.DICTIONARY.fields, *fields), _by_key={})


def _home(area: str) -> dict[str, Any]:
    said = {field: canary(area, name) for name, field in CLASSES.items() if name not in ("situation", "protection")}
    member = said | {"family_name": "Aa", "is_head": True, "birth_date": date(1986, 1, 1)}
    id = country.household(area, member, income=5_000, told=canary(area, "situation"))
    person = _one("SELECT person_id FROM registry_membership WHERE household_id = %s", id)
    return {
        "household": str(id),
        "number": _one("SELECT number FROM registry_household WHERE id = %s", id),
        "person": str(person),
        "member": _one("SELECT number FROM registry_person WHERE id = %s", person),
    }


def _one(statement: str, *values: Any) -> Any:
    with connections["bulk"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def _made(household: str, programme: str) -> dict[str, Any]:
    of = "programme_id = (SELECT id FROM programmes_programme WHERE code = %s) AND household_id = %s"
    known = {
        name: str(_one(f"SELECT id FROM programmes_decision WHERE {of} AND state = %s", programme, household, state))
        for name, state in (("standing", "in-effect"), ("decision", "proposed"))
    }
    named = {"notice": "programmes_notice", "enrolment": "programmes_enrolment"}
    return known | {
        name: str(_one(f"SELECT id FROM {table} WHERE {of}", programme, household)) for name, table in named.items()
    }


def _open(name: str) -> UUID:
    """Open an account, and give it what the oracle says it holds; what is not held has ended, not begun, or waits."""
    account = open_account(name, country.PASSWORD, display_name=name.capitalize(), by=BY)
    for each in ACTORS[name].held:
        programme = access.OF_PROGRAMMES.get(each.office, ("",))[0]
        where = {"programme": programme} if programme else {"area_code": each.area}
        give = partial(grant_role, account.id, Role(each.office), **where)
        if each.is_held:
            give(by=BY, on=FIRST)
        elif name == "ended":
            give(by=BY, on=FIRST, until=clock.today() - timedelta(days=1))
        elif name == "not-yet":
            give(by=BY, on=clock.today() + timedelta(days=1))
        else:
            give(by=_actor("hana"), on=FIRST)
    if name == "closed":
        accounts.close_account(account.id, by=BY, on=clock.today())
    return account.id


def _actor(name: str):
    return actor_of(account_named(name), on=clock.today())


def _things(homes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    with acting(BY):
        planned = plan(on=clock.today(), by=BY, under=country.GROUND).id
    said = {"rule": "household.size >= 2", "amount": ""}
    with acting(_actor("farah").narrowed(Permission.AUTHOR_RULE)) as by:
        draft = write_draft("rule", "poor_home", starts_on=clock.today(), law="l", content=said, by=by).id
    waiting = grant_role(
        _actor("amina").id, Role.AUTHOR, area_code=None, by=_actor("hana"), on=clock.today() + timedelta(days=1)
    ).id
    asks = agreed.in_force("asks", areas=("land",), needs_consent=True)
    for home in homes.values():
        home["consent"] = str(_consent(home["person"], asks))
    return {
        "run": str(planned),
        "draft": str(draft),
        "version": _one("SELECT min(id) FROM programmes_ruleversion"),
        "officer": str(_actor("emre").id),
        "assignment": waiting,
        "batch": str(_one("SELECT id FROM intake_batch")),
        "agreements": {state: str(id) for state, id in _agreements().items()},
        "asks": str(asks),
    }


def _consent(person: str, agreement: UUID) -> UUID:
    by = _actor("ines").narrowed(Permission.RECORD_CONSENT)
    told, ground = consenting.Told("words", "en"), {"by": by, "under": country.GROUND, "on": FIRST}
    with acting(by):
        return consenting.give_consent(UUID(person), agreement, told=told, kind=ConsentKind.SPOKEN, **ground).id


def _agreements() -> dict[str, UUID]:
    found = {"drafted": agreed.draft("drafted"), "own": agreed.draft("own", by="protector")}
    found["signed"] = agreed.draft("signed")
    agreed.sign(found["signed"], Side.PROVIDER, by="jamal")
    found |= {state: agreed.in_force(state.replace("-", "_")) for state in ("in-force", "suspended", "ended")}
    agreed.stop(found["suspended"], agreeing.suspend_agreement)
    agreed.stop(found["ended"], agreeing.end_agreement)
    return found


def _let_bring(server, database: str) -> None:
    """Make what a question needs past grants, policies and triggers: to bring about a state, and to read what it wrote."""
    with connect(server.server, database) as superuser:
        superuser.execute("""
            CREATE FUNCTION test_bring(statement text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
                SET session_replication_role = replica AS $$ BEGIN EXECUTE statement; END $$
        """)
        superuser.execute("""
            CREATE FUNCTION test_shelter(person uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
                SET session_replication_role = origin AS $$
            BEGIN
                INSERT INTO registry_protection (person_id, starts_on, marked_by, marked_at, area_number)
                    SELECT id, current_date, gen_random_uuid(), now(), -abs(area_number) FROM registry_person WHERE id = person;
                PERFORM amparo_place_of(person);
            END $$
        """)
        superuser.execute("""
            CREATE FUNCTION test_read(statement text) RETURNS SETOF jsonb LANGUAGE plpgsql SECURITY DEFINER
                AS $$ BEGIN RETURN QUERY EXECUTE format('SELECT to_jsonb(found) FROM (%s) found', statement); END $$
        """)


_RUN = "UPDATE programmes_determination SET needs_approval = true, {} WHERE id = '{{run}}'"
_BATCH = (
    "UPDATE intake_batch SET state = '{}', receipt = CASE WHEN '{}' = 'done' THEN receipt END WHERE id = '{{batch}}'"
)
_NOTICED = """
    INSERT INTO programmes_enrolmentnotice (id, enrolment_id, programme_id, area_number, state, reason, law, needs_review,
        given_on, given_by, under, takes_effect_on)
    SELECT gen_random_uuid(), id, programme_id, area_number, 'ended', 'abuse', 'law', true, now(), {}, '', now()::date + 5
    FROM programmes_enrolment WHERE id = '{{enrolment}}'
"""
BRING = {
    ("decision", "proposed"): "DELETE FROM programmes_notice WHERE id = '{notice}'",
    ("decision", "superseded"): "UPDATE programmes_decision SET superseded_at = now() WHERE id = '{decision}'",
    ("notice", "own"): "UPDATE programmes_notice SET given_by = '{actor}' WHERE id = '{notice}'",
    ("notice", "over"): (
        "UPDATE programmes_notice SET effect = gen_random_uuid(), took_effect_at = now() WHERE id = '{notice}'"
    ),
    ("enrolment", "suspended"): "UPDATE programmes_enrolment SET state = 'suspended' WHERE id = '{enrolment}'",
    ("enrolment", "noticed"): _NOTICED.format("gen_random_uuid()"),
    ("enrolment", "own"): _NOTICED.format("'{actor}'"),
    ("enrolment", "ended"): "UPDATE programmes_enrolment SET state = 'ended', ends_on = now() WHERE id = '{enrolment}'",
    ("consent", "withdrawn"): (
        "UPDATE trust_consent SET withdrawn_on = now(), withdrawn_at = now(), withdrawn_by = '{actor}'"
        " WHERE id = '{consent}'"
    ),
    ("run", "unseen"): _RUN.format("previewed_at = NULL"),
    ("run", "planned"): _RUN.format("previewed_at = now()"),
    ("run", "own"): _RUN.format("previewed_at = now(), started_by = '{actor}'"),
    ("run", "approved"): _RUN.format("previewed_at = now(), approved_by = gen_random_uuid(), approved_at = now()"),
    ("run", "running"): _RUN.format(
        "previewed_at = now(), approved_by = gen_random_uuid(), state = 'running', started_at = now()"
    ),
    ("run", "finished"): _RUN.format("previewed_at = now(), state = 'done', started_at = now(), finished_at = now()"),
    ("draft", "proposed"): "UPDATE programmes_draft SET proposed_at = now() WHERE id = '{draft}'",
    ("draft", "own"): "UPDATE programmes_draft SET proposed_at = now(), written_by = '{actor}' WHERE id = '{draft}'",
    ("draft", "over"): "UPDATE programmes_draft SET discarded_at = now() WHERE id = '{draft}'",
    ("assignment", "waiting"): "UPDATE trust_roleassignment SET is_confirmed = false WHERE id = {assignment}",
    ("assignment", "own"): (
        "UPDATE trust_roleassignment SET is_confirmed = false, granted_by = '{actor}' WHERE id = {assignment}"
    ),
    **{("batch", state): _BATCH.format(state, state) for state in access.STATES["batch"]},
    **access_things.BRING,
    **{
        (about, "in-danger"): "SELECT test_shelter('{person}')"
        for about, states in access.STATES.items()
        if "in-danger" in states
    },
}
