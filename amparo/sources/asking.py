"""Asks several sources at once, each about several people, and is done when the time is over, whoever is still silent.

Shape   questions by source and person in; an answer to each out, in the dictionary's types
Units   seconds for all of it together; each question has its connection's own besides
Nulls   what did not come in time is not known (`SLOW`); nobody's answer waits for another's
Errors  none that a source can cause. Threads ask, and touch no database; what they heard is nowhere but in what is returned
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from datetime import date
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.db import connections, transaction

from amparo.registry.dictionary import Dictionary
from amparo.sources.connectors import CONNECTORS
from amparo.sources.connectors.raw import Raw
from amparo.sources.typed import answer_of
from amparo.sources.types import Answer, ConnectionConfig, Question, Reason

SECONDS = 5.0
Asked = tuple[str, UUID]  # source, person
Returned = TypeVar("Returned")
PARALLEL = 8  # messages to one source at a time, in a round over an area
_asking = ThreadPoolExecutor(64, thread_name_prefix="ask")
_asking_many = ThreadPoolExecutor(PARALLEL, thread_name_prefix="ask-many")
_writing = ThreadPoolExecutor(8, thread_name_prefix="note")  # apart, so that nobody's count waits for a silent source


def ask_all(
    questions: Mapping[Asked, Question],
    configs: Mapping[str, ConnectionConfig],
    *,
    words: Dictionary,
    on: date,
    seconds: float = SECONDS,
) -> dict[Asked, Answer]:
    """Return an answer to every question, at the latest after so many seconds."""
    begun = {asked: _asking.submit(_ask, configs[asked[0]], each) for asked, each in questions.items()}
    wait(begun.values(), timeout=seconds)
    return {
        asked: answer_of(_heard(begun[asked]), each, configs[asked[0]], words, on=on)
        for asked, each in questions.items()
    }


def ask_one_source(
    config: ConnectionConfig, questions: Mapping[UUID, Question], *, words: Dictionary, on: date, seconds: float
) -> dict[UUID, Answer]:
    """Ask one source about many persons: as many in a message as it takes, `PARALLEL` messages at a time.

    At the latest after so many seconds there is an answer to every question; what did not come in time is `SLOW`.
    """
    size = CONNECTORS[config.connector].together(config.settings)
    groups = list(batched(questions, size))
    begun = [_asking_many.submit(_ask_many, config, [questions[each] for each in group]) for group in groups]
    wait(begun, timeout=seconds)
    heard = {
        person: each
        for group, future in zip(groups, begun, strict=True)
        for person, each in zip(group, _all_heard(future, len(group)), strict=True)
    }
    return {person: answer_of(heard[person], each, config, words, on=on) for person, each in questions.items()}


def _ask_many(config: ConnectionConfig, questions: Sequence[Question]) -> Sequence[Raw | Reason]:
    connector = CONNECTORS[config.connector]
    if connector.ask_together is not None:
        return connector.ask_together(config.settings, questions)
    return [connector.ask(config.settings, each) for each in questions]


def _all_heard(future: "Future[Sequence[Raw | Reason]]", count: int) -> Sequence[Raw | Reason]:
    if future.cancel() or not future.done():
        return [Reason.SLOW] * count
    return future.result()


def _ask(config: ConnectionConfig, question: Question) -> Raw | Reason:
    return CONNECTORS[config.connector].ask(config.settings, question)


def batched(items: Iterable[Returned], size: int) -> Iterator[list[Returned]]:
    """Yield what is given in lists of so many, and the rest."""
    rest = iter(items)
    while group := list(islice(rest, size)):
        yield group


def _heard(future: "Future[Raw | Reason]") -> Raw | Reason:
    """Return what came in time; what waits still is not asked any more."""
    if future.cancel() or not future.done():
        return Reason.SLOW
    return future.result()


def apart(act: Callable[[], Returned]) -> Returned:
    """Do something in a transaction of its own, beside the one that whoever asks is in, and return what it returns.

    What was allowed and counted stays so whatever becomes of the page, and nobody waits for a source with a row locked.
    """
    return _writing.submit(copy_context().run, _on_own_line, act).result()


def _on_own_line(act: Callable[[], Returned]) -> Returned:
    try:
        with transaction.atomic():
            return act()
    finally:
        connections["default"].close()
