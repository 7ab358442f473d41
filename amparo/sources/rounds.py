"""Which rounds over an area may be, and whom each step asks: everybody in it in one order, a bounded number at a time.

Shape   who starts it, under which purpose, what source in; a connection by which it is asked, or why not, out
Nulls   who lacks a sound number is not asked (`NO_KEY`), nor is who said it freshly enough (`HELD`)
Errors  Refused and NotPermitted, with what must be otherwise
Source  docs/decisions/0054-rounds.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import takewhile
from uuid import UUID

from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.registry import queries as registry
from amparo.registry.dictionary import Dictionary
from amparo.registry.queries import Reached
from amparo.sources import asking, keeping
from amparo.sources.connected import connections
from amparo.sources.planning import still_wanted
from amparo.sources.retries import keepable
from amparo.sources.types import ConnectionConfig, Question
from amparo.trust.grounds.agreements import purposes_in_force
from amparo.trust.queries import purposes_of
from amparo.trust.types import Actor, Ground, Permission

# How many persons a step looks at: what a worker does before it does something else, and what is asked again where it is killed.
STEP = 128


def reading_for(by: Actor, under: Ground, *, on: date) -> Actor:
    """Return whoever starts a round as acting in those of their roles alone that may read for its purpose.

    Raises NotPermitted where none of them may, or none may ask about an area.
    """
    offered = {each.code: each.roles for each in purposes_of(by, on=on)}
    if under.purpose not in offered:
        raise NotPermitted("sources-round-purpose-closed", purpose=under.purpose)
    return by.reading_for(offered[under.purpose]).narrowed(Permission.ASK_AREA)


def askable(source: str, *, by: Actor, under: Ground, on: date) -> ConnectionConfig:
    """Return how a source is asked in a round, with only what may be kept and read. Raises Refused where that is nothing.

    What may be kept nowhere is only for whoever looks at it, and nobody looks at a round: it is not asked.
    """
    config = next((each for each in connections() if each.source == source), None)
    if config is None:
        raise NotFound("sources-connection-unknown")
    kept = keepable(config)
    if kept is None:
        raise Refused("sources-round-nothing-kept", source=source)
    words = registry.dictionary()
    if not any(words["person", each.name].field_class in by.classes for each in kept.attributes):
        raise NotPermitted("sources-round-withheld", source=source)
    # Apart: whoever runs a programme reads no agreement, and need not to be held to it.
    purpose = asking.apart(partial(purposes_in_force, [config.agreement], on=on)).get(config.agreement)
    if purpose is None:
        raise Refused("sources-round-no-agreement", source=source, agreement=config.agreement)
    if purpose != under.purpose:
        raise Refused("sources-round-other-purpose", source=source, agreement=config.agreement, purpose=purpose)
    return kept


@dataclass(frozen=True)
class Chunk:
    """Whom a step looks at, in order, and what is asked about each; about who stands in neither, nothing: it is known freshly enough."""

    reached: Sequence[Reached]
    questions: Mapping[UUID, Question] = field(default_factory=dict)
    without_key: frozenset[UUID] = frozenset()

    def until(self, asked: int) -> "Chunk":
        """Return as much of it as is done once so many were asked about, those up to the next included who need not be."""
        let = dict(list(self.questions.items())[:asked])
        passed = list(takewhile(lambda each: each.person not in self.questions or each.person in let, self.reached))
        return Chunk(passed, let, self.without_key)

    @property
    def persons(self) -> list[UUID]:
        return [each.person for each in self.reached if each.person is not None]

    @property
    def places(self) -> dict[UUID, int]:
        """The persons that are asked about, with the number of the area where they live."""
        return {each.person: each.place.area for each in self.reached if each.person in self.questions}


def chunk_of(
    reached: Sequence[Reached], config: ConnectionConfig, words: Dictionary, *, reader: Actor, by: Actor, on: date
) -> Chunk:
    """Return what is to be asked about those who come next: what `reader` may read of them, and is not known freshly enough.

    Asks nobody; to be called within the gates of `by`, who reads what is known.
    """
    persons = Chunk(reached).persons
    numbers = registry.numbers_to_ask(persons, config.key, by=by)
    kept = keeping.kept(persons, [config.source], words, by=by, on=on)
    classes = {each.person: reader.classes_at(each.place.area) for each in reached if each.person is not None}
    said = {}
    for some in set(classes.values()):
        said |= registry.said_of("person", [each for each in persons if classes[each] == some], classes=some)
    questions, without_key = {}, set()
    for person in persons:
        held, told = kept.get((config.source, person), {}), said.get(person, {})
        wanted = tuple(still_wanted(config, held, told, classes[person], words, on))
        if wanted and person in numbers:
            questions[person] = Question(numbers[person], wanted, config.seconds)
        elif wanted:
            without_key.add(person)
    return Chunk(reached, questions, frozenset(without_key))
