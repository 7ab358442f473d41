"""Answers that may be kept until a day: sealed, bound to whose they are, and not quoted a day longer.

Shape   person → source → field → value with its day
Nulls   what was not kept, or is past its last day, is absent
"""

import json
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from uuid import UUID

from amparo.kernel.ids import uuid7
from amparo.registry.dictionary import Dictionary
from amparo.registry.queries import typed
from amparo.sources.models import KeptAnswer
from amparo.sources.sealed import ANSWER
from amparo.sources.types import Answer, Caching, ConnectionConfig, FileValue
from amparo.trust.keys.encryption import decrypt, encrypt
from amparo.trust.keys.keyring import sealing
from amparo.trust.scope import within
from amparo.trust.types import Actor

Held = Mapping[tuple[str, UUID], Mapping[str, FileValue]]


def kept(persons: Collection[UUID], sources: Collection[str], words: Dictionary, *, by: Actor, on: date) -> Held:
    """Return (source, person) → field → value of what is kept of these sources and still counts."""
    found: dict[tuple[str, UUID], dict[str, FileValue]] = {}
    rows = KeptAnswer.objects.filter(person_id__in=persons, source__in=sources, until__gte=on)
    for row in within(rows, by):
        opened = json.loads(decrypt(ANSWER.field_class, row.value, _place(row)))
        value = FileValue(
            typed(words["person", row.field], opened),
            row.source,
            row.observed_on,
            caching=Caching.UNTIL,
            valid_until=row.until,
        )
        found.setdefault((row.source, row.person_id), {})[row.field] = value
    return found


def keep(
    config: ConnectionConfig, person: UUID, answer: Answer, words: Dictionary, *, area_number: int, on: date
) -> None:
    """Keep what may be kept of one answer until its day, in the place of what was kept before."""
    keep_each(config, {person: answer}, words, places={person: area_number}, on=on)


def keep_each(
    config: ConnectionConfig, answers: Mapping[UUID, Answer], words: Dictionary, *, places: Mapping[UUID, int], on: date
) -> None:
    """Keep the same of the answers about many; of whoever has no place nothing."""
    until = {each.name: each.days for each in config.attributes if each.caching is Caching.UNTIL}
    told = {
        (person, name): value
        for person, answer in answers.items()
        if person in places
        for name, value in answer.values.items()
        if name in until
    }
    for name in {name for _, name in told}:
        persons = [person for person, each in told if each == name]
        KeptAnswer.objects.filter(person_id__in=persons, source=config.source, field=name).delete()
    key = sealing(len(told)) if told else None
    rows = []
    for (person, name), value in told.items():
        row = KeptAnswer(
            id=uuid7(),
            person_id=person,
            area_number=places[person],
            source=config.source,
            field=name,
            observed_on=answers[person].observed_on,
            until=on + timedelta(days=until[name]),
        )
        stored = json.dumps(words["person", name].stored(value)).encode()
        row.value = encrypt(ANSWER.field_class, stored, _place(row), key=key)
        rows.append(row)
    KeptAnswer.objects.bulk_create(rows)


def _place(row: KeptAnswer) -> bytes:
    """What a sealed value is bound to, as `sealed.ANSWER` says it to the database."""
    return f"sources_keptanswer.value:{row.id}:{row.person_id}:{row.source}:{row.field}".encode()
