"""What is to be asked of whom: each attribute that the reader may read, and that is not held freshly enough.

Shape   a household and the connections in; questions by source and person, and what is held already, out
Nulls   of somebody without a sound number in a source's scheme it is not asked (`NO_KEY`)
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from amparo.registry import queries as registry
from amparo.registry.dictionary import Dictionary, FieldClass
from amparo.registry.types import Fact, HouseholdRecord
from amparo.sources import keeping
from amparo.sources.types import Attribute, Caching, ConnectionConfig, Question
from amparo.trust.grounds.agreements import purposes_in_force
from amparo.trust.types import Actor, Ground


@dataclass(frozen=True)
class Plan:
    """`kept`: what is quoted from what was kept; `said`: what each source told the registry; `without_key`: not asked."""

    configs: Mapping[str, ConnectionConfig]
    questions: Mapping[tuple[str, UUID], Question] = field(default_factory=dict)
    without_key: frozenset[tuple[str, UUID]] = frozenset()
    kept: keeping.Held = field(default_factory=dict)
    said: Mapping[UUID, Mapping[str, Sequence[Fact]]] = field(default_factory=dict)


def planned(
    record: HouseholdRecord,
    configs: Iterable[ConnectionConfig],
    words: Dictionary,
    *,
    by: Actor,
    under: Ground,
    on: date,
) -> Plan:
    """Return what is to be asked about a household's members, without asking it."""
    persons = [each.id for each in record.members]
    by_source = {each.source: each for each in configs}
    purposes = purposes_in_force([each.agreement for each in by_source.values()], on=on)
    quoted = [each.source for each in by_source.values() if purposes.get(each.agreement) == under.purpose]
    kept = keeping.kept(persons, quoted, words, by=by, on=on)
    said = registry.said_of("person", persons, classes=record.classes)
    numbers = {each: registry.numbers_to_ask(persons, each, by=by) for each in {one.key for one in by_source.values()}}
    questions, without_key = {}, set()
    for config in by_source.values():
        for person in persons:
            held = kept.get((config.source, person), {})
            wanted = tuple(still_wanted(config, held, said.get(person, {}), record.classes, words, on))
            if wanted and person in numbers[config.key]:
                questions[config.source, person] = Question(numbers[config.key][person], wanted, config.seconds)
            elif wanted:
                without_key.add((config.source, person))
    return Plan(by_source, questions, frozenset(without_key), kept, said)


def still_wanted(
    config: ConnectionConfig,
    kept: Mapping[str, object],
    said: Mapping[str, Sequence[Fact]],
    classes: Collection[FieldClass],
    words: Dictionary,
    on: date,
) -> Iterable[Attribute]:
    """Yield what a source is to be asked of one person: what whoever asks may read, and is not held freshly enough."""
    for each in config.attributes:
        if words["person", each.name].field_class not in classes or each.name in kept:
            continue
        if each.caching is Caching.OBSERVATION and _is_heard(config.source, said.get(each.name, ()), each.days, on):
            continue
        yield each


def _is_heard(source: str, said: Sequence[Fact], days: int, on: date) -> bool:
    """Whether a source's own word is young enough not to be asked for again."""
    return any(each.source == source and each.observed_on + timedelta(days=days) >= on for each in said)
