"""Asks several sources at once, each about several people, and is done when the time is over, whoever is still silent.

Shape   questions by source and person in; an answer to each out, in the dictionary's types
Units   seconds for all of it together; each question has its connection's own besides
Nulls   what did not come in time is not known (`SLOW`); nobody's answer waits for another's
Errors  none that a source can cause. Threads ask, and touch no database; what they heard is nowhere but in what is returned
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from datetime import date
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
_asking = ThreadPoolExecutor(64, thread_name_prefix="ask")
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


def _ask(config: ConnectionConfig, question: Question) -> Raw | Reason:
    return CONNECTORS[config.connector].ask(config.settings, question)


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
