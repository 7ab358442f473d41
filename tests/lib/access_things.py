"""What the world of access holds beside records, decisions and agreements: one of each, and how each state of it comes about."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connections
from joserfc.jwk import OKPKey

from amparo.cases.actions import install_categories, install_transitions
from amparo.cases.config import CategoryConfig, TransitionConfig, Trigger
from amparo.cases.types import Kind
from amparo.kernel import clock
from amparo.kernel.ids import uuid7
from amparo.payments import actions as payments
from amparo.project.databases import connect
from amparo.trust.actions import delaying, erasures
from amparo.trust.actions.machines import make_secret
from amparo.trust.actions.peers import name_peer
from amparo.trust.context import acting
from amparo.trust.types import Permission
from tests.lib import agreeing, country, erasing, kin, machines, paying
from tests.oracle import access
from tests.unit.cases.setting import BY, CATEGORIES, appealed, decided, filed

ALERT, BREACH = UUID(int=1), UUID(int=2)
STATED = f"""
    INSERT INTO trust_alert (id, kind, by_id, agreement, about, day, since, until, observed, threshold, concerned, rows,
        found_at, state, judged)
    VALUES ('{ALERT}', 'night', gen_random_uuid(), '', '', now(), now() - interval '1 hour', now(), 20, 10,
        ARRAY[gen_random_uuid()], ARRAY[gen_random_uuid()], now(), 'open', 0);
    INSERT INTO trust_breach (id, what, since, until, found_at, hours, law, notify_by, opened_by, opened_at, counted_at,
        persons, households, wide)
    VALUES ('{BREACH}', 'A list was lost.', now() - interval '2 days', now() - interval '1 day', now(), 72, '',
        now() + interval '3 days', gen_random_uuid(), now(), now(), 0, 0, 0);
"""


def make(homes: dict[str, dict[str, Any]], agreement: UUID) -> dict[str, Any]:
    """Make one of each, and put what is about somebody among what addresses name of their home."""
    for area, home in homes.items():
        home["hold"] = str(_hold_that_ended(home["person"]))
        holder = homes["s1" if area != "s1" else "n1"]
        home["mandate"] = str(kin.mandate(UUID(home["person"]), UUID(holder["person"])))
        home["holder"] = holder["member"]
        home["match"] = _match(home["person"])
    with acting(agreeing.officer("lina").narrowed(Permission.OPEN_MACHINE)) as by:
        machine = machines.opened(agreement)
        credential, _ = make_secret(machine.id, by=by)
        peer = name_peer(machine.id, "matrix.example.org", by=by)
    waits, gone = (_somebody() for _ in range(2))
    return {
        "alert": str(ALERT),
        "breach": str(BREACH),
        "delay": str(_delay(homes["n1"]["person"])),
        "machine": str(machine.id),
        "credential": str(credential.id),
        "peer": str(peer.id),
        "jwk": _public_key(),
        "payment-list": str(_payment_list()),
        "erasure": str(erasing.proposed(waits)),
        "certificate": str(erasing.erased(gone).id),
    }


def file(homes: dict[str, dict[str, Any]], appellants: dict[str, UUID]) -> None:
    """File a case and a suspicion about each home, and an appeal of somebody else who lives there."""
    install_categories((*CATEGORIES, CategoryConfig("life", Kind.TRANSITION, 30)), by=BY)
    stated = TransitionConfig("changes", Trigger.AGE, "life", "office", years=18, next=(access.PROGRAMMES[0],))
    install_transitions((stated,), by=BY)
    keeper = country.cast().ines
    for area, home in homes.items():
        person = UUID(home["person"])
        home["case"] = str(filed(keeper, person=person).id)
        home["suspicion"] = str(filed(keeper, "flag", person=person).id)
        home["transition"] = str(_transition(home))
        [whose] = erasing.people(appellants[area])
        home["appellant"] = str(whose)
        home["appeal"] = str(appealed(decided(appellants[area]).id, keeper, person=whose).id)


def _transition(home: dict[str, Any]) -> UUID:
    """Return a case as the job opens it of somebody who reaches an age today."""
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_case (id, code, kind, category_id, channel, state, area_number, household_id, person_id,"
            " programme, filed_on, due_on, is_sensitive, suspends, escalated_to, transition, event_on)"
            " SELECT amparo_uuid7(), upper(left(replace(gen_random_uuid()::text, '-', ''), 12)), 'transition', 'life', 'system',"
            " 'open', area_number, %s, id, '', current_date, current_date + 30, false, false, '', 'changes', current_date"
            " FROM registry_person WHERE id = %s RETURNING id",
            [home["household"], home["person"]],
        )
        return cursor.fetchone()[0]


def state(server, database: str) -> None:
    """Put an alert and a breach into the log, as nobody but the watch and the database's superuser could."""
    with connect(server.server, database) as superuser:
        superuser.execute(STATED)


def _match(person: str) -> str:
    """Return a pair of somebody with a beneficiary of whom a system tells nothing but its own number."""
    held, pair = (str(uuid7()) for _ in range(2))
    with connections["bulk"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO programmes_beneficiary (id, feed, reference, found, scheme, told_on)"
            " VALUES (%s, 'social_fund', %s, 'review', '', now())",
            [held, held],
        )
        cursor.execute(
            "INSERT INTO programmes_match (id, beneficiary_id, person_id, likeness, birth, place, is_identified, score, state,"
            " proposed_on) VALUES (%s, %s, %s, 90, 'same', 'same', false, 94, 'proposed', now())",
            [pair, held, person],
        )
    return pair


def _hold_that_ended(person: str) -> UUID:
    with acting(country.cast().ines.narrowed(Permission.PROPOSE_ERASURE)) as by:
        told = {"by": by, "under": country.GROUND}
        hold = erasures.place_hold(UUID(person), reason="Order 11 of the court", until=None, **told)
        erasures.end_hold(hold, **told)
    return hold


def _delay(person: str) -> UUID:
    order, today = delaying.Order("Court", "11/2026"), clock.today()
    with acting(agreeing.officer("lina").narrowed(Permission.DELAY_TRACKER)) as by:
        days = {"on": today, "reveal_on": today + timedelta(days=300)}
        return delaying.propose_delay(UUID(person), by.id, order, by=by, **days).id


def _payment_list() -> UUID:
    """Return a list that somebody else prepared, of one home that is enrolled; its programme's funds suffice."""
    paying.pays()
    paying.enrolled(100)
    paying.funded(paying.approver(), 1_000)
    return payments.prepare("poor_home", paying.CYCLE, by=paying.OPERATOR, under=country.GROUND, on=paying.DAY).id


def _somebody() -> UUID:
    """Return somebody in the south of whom nothing is asked."""
    return erasing.people(country.household("s2", {"given_name": "Gone"}))[0]


def _public_key() -> str:
    return json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=False))


_DELAY = "UPDATE trust_delay SET {} WHERE id = '{{delay}}'"
_CREDENTIAL = "UPDATE trust_credential SET {} WHERE id = '{{credential}}'"
_PEER = "UPDATE trust_peer SET {} WHERE id = '{{peer}}'"
_ERASURE = "UPDATE trust_erasure SET {} WHERE id = '{{erasure}}'"
_BREACH = "UPDATE trust_breach SET {} WHERE id = '{{breach}}'"
_LIST = "UPDATE payments_list SET state = '{}', proposed_by = {}, hands = 1 WHERE id = '{{payment-list}}'"
_CASE = "UPDATE cases_case SET state = '{}'{} WHERE id = '{{case}}'"
_STATES = ("review", "upheld")
_FOUND = "UPDATE programmes_beneficiary SET found = 'programme' WHERE id = (SELECT beneficiary_id FROM programmes_match WHERE id = '{match}')"
BRING = {
    ("match", "settled"): _FOUND,
    ("payment-list", "proposed"): _LIST.format("proposed", "gen_random_uuid()"),
    ("payment-list", "own"): _LIST.format("proposed", "'{actor}'"),
    ("payment-list", "approved"): _LIST.format("approved", "gen_random_uuid()"),
    ("payment-list", "exported"): _LIST.format("exported", "gen_random_uuid()"),
    **{(about, each): _CASE.format(each, "") for about in ("appeal", "suspicion") for each in _STATES},
    **{
        (each, "closed"): _CASE.format("dismissed", ", closed_at = now()")
        for each in ("case", "appeal", "suspicion", "transition")
    },
    ("appeal", "own"): "UPDATE programmes_determination SET started_by = '{actor}'",
    ("suspicion", "own"): (
        "WITH flagged AS (UPDATE cases_step SET by_id = '{actor}' WHERE case_id = '{case}')"
        " UPDATE cases_case SET state = 'review' WHERE id = '{case}'"
    ),
    ("hold", "live"): "UPDATE trust_hold SET ended_by = NULL, ended_at = NULL WHERE id = '{hold}'",
    ("mandate", "revoked"): (
        "UPDATE trust_mandate SET revoked_on = now(), revoked_at = now(), revoked_by = '{actor}' WHERE id = '{mandate}'"
    ),
    ("erasure", "own"): _ERASURE.format("proposed_by = '{actor}'"),
    ("erasure", "confirmed"): _ERASURE.format(
        "state = 'confirmed', confirmed_by = gen_random_uuid(), confirmed_at = now()"
    ),
    ("erasure", "dismissed"): _ERASURE.format(
        "state = 'dismissed', confirmed_by = gen_random_uuid(), confirmed_at = now()"
    ),
    ("delay", "own"): _DELAY.format("proposed_by = '{actor}'"),
    ("delay", "confirmed"): _DELAY.format("confirmed_by = gen_random_uuid(), confirmed_at = now()"),
    ("delay", "ended"): _DELAY.format("ended_by = gen_random_uuid(), ended_at = now()"),
    ("machine", "closed"): (
        "UPDATE trust_machine SET closed_by = gen_random_uuid(), closed_at = now() WHERE id = '{machine}'"
    ),
    ("credential", "own"): _CREDENTIAL.format("made_by = '{actor}'"),
    ("credential", "confirmed"): _CREDENTIAL.format("confirmed_by = gen_random_uuid(), confirmed_at = now()"),
    ("credential", "ended"): _CREDENTIAL.format("ended_by = gen_random_uuid(), ended_at = now()"),
    ("peer", "own"): _PEER.format("made_by = '{actor}'"),
    ("peer", "confirmed"): _PEER.format("confirmed_by = gen_random_uuid(), confirmed_at = now()"),
    ("peer", "ended"): _PEER.format("ended_by = gen_random_uuid(), ended_at = now()"),
    ("alert", "own"): "UPDATE trust_alert SET concerned = ARRAY['{actor}'::uuid] WHERE id = '{alert}'",
    ("alert", "closed"): "UPDATE trust_alert SET state = 'closed' WHERE id = '{alert}'",
    ("breach", "proposed"): _BREACH.format("closing_by = gen_random_uuid()"),
    ("breach", "own"): _BREACH.format("closing_by = '{actor}'"),
    ("breach", "theirs"): _BREACH.format("by_id = '{actor}'"),
    ("breach", "closed"): _BREACH.format(
        "closing_by = gen_random_uuid(), closed_by = gen_random_uuid(), closed_at = now()"
    ),
}
