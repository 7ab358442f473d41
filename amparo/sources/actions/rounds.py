"""Rounds: one source asked about everybody in an area, in steps, until it is done, somebody stops it, or it says why it cannot go on.

Shape   an area, sources and a purpose in; one round for each source, that each step moves on
Units   `STEP` persons a step (`sources.rounds`), `SECONDS` for their answers; limits and breaker are the source's own (`standing`)
Nulls   what a source does not tell stays unknown, and is counted by its reason
Errors  Refused, NotPermitted and NotFound where a round may not be. What goes wrong on the way stops the round, with its words
Source  docs/decisions/0054-rounds.md

A step is one transaction: what is kept, its audit rows, and how far the round came stand together or not at all. Who is asked is
on the record before anything leaves (`trust.actions.asking`). A worker that is killed leaves the round where its last step left it.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction

from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotServed, Refused
from amparo.kernel.messages import Message, message
from amparo.registry import queries as registry
from amparo.registry.actions import observe_each
from amparo.registry.dictionary import Dictionary
from amparo.registry.queries import Place
from amparo.sources import asking, keeping, rounds, standing
from amparo.sources.models import Round as Row
from amparo.sources.queries.rounds import round_of
from amparo.sources.rounds import Chunk
from amparo.sources.types import FAULTS, HELD, TOLD, Answer, Caching, ConnectionConfig, Reason, Round, RoundState
from amparo.trust.actions.asking import Allowed, Wanted, begin_asking
from amparo.trust.context import acting
from amparo.trust.log.recording import record
from amparo.trust.queries import actor_with_id, area, is_area
from amparo.trust.types import Actor, Event, Ground, Permission

SECONDS = 15.0
LATER = timedelta(minutes=10)  # how long a round waits that may ask about nobody more today, before it looks again
MOST_TRIES = 20  # one after the other, at a source that rests: then somebody has to see what is wrong
_TURN = "SELECT pg_try_advisory_xact_lock(7281, hashtext(%s))"
# Why an agreement does not cover some of an area's people; any other reason holds for all, and the round stops.
_OF_SOME = ("trust-agreement-other-population", "trust-asking-without-consent")


@dataclass(frozen=True)
class Begun:
    """A round's step with all that it needs: as whom, of which source, and to which area's last number.

    `asker`  who does it for them: reads what is known, and writes what was heard
    """

    row: Row
    config: ConnectionConfig
    by: Actor
    asker: Actor
    under: Ground
    last: int
    words: Dictionary
    on: date


@transaction.atomic
def start_rounds(area_code: str, sources: Sequence[str], *, by: Actor, under: Ground, on: date) -> list[UUID]:
    """Start a round over an area, with everything below it, for each source; return their ids. All of them, or none.

    Raises what `rounds.askable` does, NotFound for an area out of reach, and Refused where a source is being asked already about
    some of the same people.
    """
    by = rounds.reading_for(by, under, on=on)
    place = area(area_code)
    if by.scope.is_of_areas and not (by.scope.covers(place.number) and by.scope.covers(place.last_number)):
        raise NotFound("trust-area-unknown", area=area_code)
    if not sources:
        raise Refused("sources-round-of-none")
    persons = registry.household_count(by, within=(place.number, place.last_number))[1]
    return [_start(each, place, persons, by=by, under=under, on=on) for each in dict.fromkeys(sources)]


def _start(source: str, place: Any, persons: int, *, by: Actor, under: Ground, on: date) -> UUID:
    config = rounds.askable(source, by=by, under=under, on=on)
    _expect_free(source, place)
    row = Row.objects.create(
        source=source,
        purpose=under.purpose,
        area=place.code,
        persons=persons,
        started_by=by.id,
        started_at=clock.now(),
        at_area=place.number,
    )
    told = {"source": source, "area": place.code, "persons": persons, "agreement": config.agreement}
    record(Event.ROUND_STARTED, by=by, under=under, about_kind="round", about_id=row.id, **told)
    return row.id


def _expect_free(source: str, place: Any) -> None:
    """Refuse where a source is being asked about some of the same people. Of two who begin at once the second finds the first's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7281, hashtext(%s))", [f"start:{source}"])
    for other in Row.objects.filter(source=source, state=RoundState.RUNNING.value):
        there = area(other.area) if is_area(other.area) else None
        if there and there.number <= place.last_number and place.number <= there.last_number:
            raise Refused("sources-round-under-way", source=source, area=other.area)


@transaction.atomic
def stop_round(id: UUID, *, by: Actor) -> None:
    """Stop a round after the step that is under way. Whoever may start one may stop any: to stop must never need two."""
    by = by.narrowed(Permission.ASK_AREA)
    _turned(id, RoundState.STOPPED, [RoundState.RUNNING], ended_at=clock.now(), waits_for="", next_at=None)
    record(Event.ROUND_STOPPED, by=by, about_kind="round", about_id=id)


@transaction.atomic
def resume_round(id: UUID, *, by: Actor) -> None:
    """Let a round go on where it stopped, as whoever started it; what hinders them hinders it again."""
    by = by.narrowed(Permission.ASK_AREA)
    stopped = [RoundState.STOPPED, RoundState.HALTED]
    row = Row.objects.filter(id=id, state__in=[each.value for each in stopped]).first()
    if row is not None:
        _expect_free(row.source, area(row.area))
    _turned(id, RoundState.RUNNING, stopped, ended_at=None, problem=None, tries=0, next_at=None)
    record(Event.ROUND_RESUMED, by=by, about_kind="round", about_id=id)


def _turned(id: UUID, to: RoundState, out_of: Sequence[RoundState], **changes: Any) -> None:
    rows = Row.objects.filter(id=id)
    if not rows.filter(state__in=[each.value for each in out_of]).update(state=to.value, **changes):
        raise Refused("sources-round-over") if rows.exists() else NotFound("sources-round-unknown")


def work_on(
    id: UUID, *, by: Actor, on: date, seconds: float, tell: Callable[[Round], None] = lambda told: None
) -> bool:
    """Do steps of a round for so long; return whether there is more to do now. Two who try at once do not do the same.

    Whatever ends a step but a database that is gone stops the round, so that nobody is asked again and again for nothing.
    """
    until = time.monotonic() + seconds
    while True:
        begun = time.monotonic()
        goes_on = _stepped(id, by, on)
        row = Row.objects.get(id=id)
        tell(round_of(row))
        if not goes_on or time.monotonic() >= until:
            return goes_on
        if row.waits_for:  # as many come back in each second
            time.sleep(max(0.0, 1 - (time.monotonic() - begun)))


def _stepped(id: UUID, by: Actor, on: date) -> bool:
    try:
        return _step(id, by.narrowed(Permission.ASK_SOURCES), on)
    except OperationalError:
        raise
    except NotServed:  # the log waits for its seal: so does the round
        Row.objects.filter(id=id).update(waits_for="", next_at=clock.now() + LATER)
        return False
    except Refused as refused:
        _halt(id, refused.message, by)
        return False
    except Exception:
        _halt(id, message("sources-round-broken"), by)
        raise


@transaction.atomic
def _halt(id: UUID, why: Message, by: Actor) -> None:
    problem = {"id": why.id, "values": {name: str(value) for name, value in why.values.items()}}
    rows = Row.objects.filter(id=id, state=RoundState.RUNNING.value)
    if rows.update(state=RoundState.HALTED.value, ended_at=clock.now(), problem=problem, waits_for="", next_at=None):
        record(Event.ROUND_STOPPED, by=by, about_kind="round", about_id=id, why=why.id)


@transaction.atomic
def _step(id: UUID, asker: Actor, on: date) -> bool:
    """Ask about those who come next, and keep what may be; return whether there is more to do now."""
    with connection.cursor() as cursor:
        cursor.execute(_TURN, [str(id)])
        if cursor.fetchone() != (True,):
            return False
    row = Row.objects.get(id=id)
    if row.state != RoundState.RUNNING or (row.next_at is not None and row.next_at > clock.now()):
        return False
    begun = _begun(row, asker, on)
    if standing.is_day_over(begun.config):
        _write_row(row, waits_for=Reason.LIMITED.value, next_at=clock.now() + LATER)
        return False
    place = Place(row.at_area, row.at_household, row.at_person)
    with acting(begun.by):  # who is reached, the gates of whoever started it say; what is known is read to ask
        reached = registry.persons_after(place, begun.last, by=begun.by, on=on, at_most=rounds.STEP)
    with acting(asker):
        chunk = rounds.chunk_of(reached, begun.config, begun.words, reader=begun.by, by=asker, on=on)
    if not chunk.reached:
        return _finish(begun)
    chunk, allowed, held_back = asking.apart(partial(_let, chunk, begun))
    answers = _answers(chunk, allowed, begun)
    kept = _keep(answers, allowed, begun)
    return _move(begun, chunk, answers, asked=len(allowed), kept=kept, held_back=held_back)


def _begun(row: Row, asker: Actor, on: date) -> Begun:
    """Return what a step needs, as it is now: who lost their role, and what is agreed no more, asks nobody."""
    under = Ground(row.purpose)
    by = rounds.reading_for(actor_with_id(row.started_by, on=on, job="round"), under, on=on)
    config = rounds.askable(row.source, by=by, under=under, on=on)
    return Begun(row, config, by, asker, under, area(row.area).last_number, registry.dictionary(), on)


def _let(chunk: Chunk, begun: Begun) -> tuple[Chunk, dict[UUID, Ground], Reason | None]:
    """Return as much of a chunk as limits and breaker let through, and of whom may be asked, which is on the record then.

    Raises Refused with the agreement's words where it covers nobody any more.
    """
    asked, held_back = standing.may_ask(begun.config, len(chunk.questions)) if chunk.questions else (0, None)
    chunk = chunk.until(asked)
    allowed: dict[UUID, Ground] = {}
    by_area: dict[int, list[UUID]] = {}
    for person, number in chunk.places.items():
        by_area.setdefault(number, []).append(person)
    for number, persons in by_area.items():
        gate = _gate(chunk, persons, number, begun)
        allowed |= dict.fromkeys(gate.persons, gate.ground) if isinstance(gate, Allowed) else {}
    return chunk, allowed, held_back


def _gate(chunk: Chunk, persons: Sequence[UUID], area_number: int, begun: Begun) -> Allowed | Message:
    config, names = begun.config, {each.name for one in persons for each in chunk.questions[one].attributes}
    fields = tuple(("person", each.name) for each in config.attributes if each.name in names)
    wanted = Wanted(config.source, config.owner, config.agreement, fields, config.key, tuple(persons))
    told = {"by": begun.by, "under": begun.under, "on": begun.on, "of_round": str(begun.row.id)}
    gate = begin_asking([wanted], area_number=area_number, **told)[config.source]
    if isinstance(gate, Message) and gate.id not in _OF_SOME:
        raise Refused(gate.id, **gate.values)
    return gate


def _answers(chunk: Chunk, allowed: Mapping[UUID, Ground], begun: Begun) -> dict[UUID, Answer]:
    """Ask about those of whom it may be asked, and note how the source stands; of the others, why it was not."""
    open_to = {person: each for person, each in chunk.questions.items() if person in allowed}
    answers = asking.ask_one_source(begun.config, open_to, words=begun.words, on=begun.on, seconds=SECONDS)
    faults = [next((why for why in each.reasons.values() if why in FAULTS), None) for each in answers.values()]
    asking.apart(partial(standing.note, begun.config.source, faults))
    for person in chunk.questions.keys() - open_to.keys():
        answers[person] = Answer(reasons=dict.fromkeys(_names(chunk, person), Reason.NOT_COVERED))
    for person in chunk.without_key & set(chunk.persons):
        answers[person] = Answer(reasons={"": Reason.NO_KEY})
    return answers


def _names(chunk: Chunk, person: UUID) -> list[str]:
    return [each.name for each in chunk.questions[person].attributes]


def _keep(answers: Mapping[UUID, Answer], allowed: Mapping[UUID, Ground], begun: Begun) -> int:
    """Keep what may be of the answers, and record what may be; return about how many. Decisions follow at once."""
    told = {person: each for person, each in answers.items() if each.values and person in allowed}
    if not told:
        return 0
    config, by = begun.config, begun.asker
    names = {each.name for each in config.attributes if each.caching is Caching.OBSERVATION}
    with acting(by):
        held = registry.hold(list(told), by=by)
        keeping.keep_each(config, told, begun.words, places=held.places, on=begun.on)
        said = {
            person: (each.observed_on, {name: value for name, value in each.values.items() if name in names})
            for person, each in told.items()
            if person in held.places and each.observed_on is not None and names & set(each.values)
        }
        ground = next(iter(allowed.values()))
        observe_each(said, source=config.source, by=by, on=begun.on, under=ground)
    return len(held.places)


def _move(
    begun: Begun, chunk: Chunk, answers: Mapping[UUID, Answer], *, asked: int, kept: int, held_back: Reason | None
) -> bool:
    """Write how far the round came and how it went, in the transaction of what was kept."""
    row, outcomes = begun.row, Counter(_outcome(answers.get(each)) for each in chunk.persons)
    faults = sum(outcomes[each.value] for each in FAULTS)
    tries = row.tries + (held_back is Reason.RESTING) if 0 < asked == faults else 0 if asked else row.tries
    if tries >= MOST_TRIES:
        raise Refused("sources-round-unreachable", source=row.source)
    changes: dict[str, Any] = {
        "tries": tries,
        "done": row.done + len(chunk.persons),
        "asked": row.asked + asked,
        "kept": row.kept + kept,
        "counts": dict(Counter(row.counts) + outcomes),
        "waits_for": held_back.value if held_back else "",
        "next_at": clock.now() + standing.REST if held_back is Reason.RESTING else None,
    }
    if chunk.reached:
        place = chunk.reached[-1].place
        changes |= {"at_area": place.area, "at_household": place.household, "at_person": place.person}
    _write_row(row, **changes)
    return held_back is not Reason.RESTING


def _outcome(answer: Answer | None) -> str:
    """Return how it went with one person: told, held already, or why not, what the source did wrong before all else."""
    if answer is None:
        return HELD
    reasons = list(answer.reasons.values())
    return next((each for each in reasons if each in FAULTS), reasons[0]).value if reasons else TOLD


def _write_row(row: Row, **changes: Any) -> None:
    """Change a round's row, if it stands where this step began: a step is counted once."""
    rows = Row.objects.filter(id=row.id, steps=row.steps)
    if not rows.update(steps=row.steps + 1, worked_at=clock.now(), **changes):
        raise OperationalError


def _finish(begun: Begun) -> bool:
    row = begun.row
    rows = Row.objects.filter(id=row.id, state=RoundState.RUNNING.value)
    if rows.update(state=RoundState.DONE.value, ended_at=clock.now(), waits_for="", next_at=None):
        told = {"source": row.source, "asked": row.asked, "kept": row.kept, "counts": row.counts}
        record(Event.ROUND_DONE, by=begun.asker, about_kind="round", about_id=row.id, **told)
    return False
