"""Figures of the law, tables and models that a decision used, with the law that states them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from amparo.rules.trace.step import Step
from amparo.web.explaining import STATED, Teller, Words
from amparo.web.presenting import worded


@dataclass(frozen=True)
class Figure:
    """A figure of the law that the rule used."""

    words: Words
    value: Any
    law: Words
    since: date


def figures(teller: Teller) -> list[Figure]:
    """Return the figures of the law that the rule and its amount used, each once."""
    traces = (teller.explanation.trace, teller.explanation.amount_trace)
    used = {(each.what, each.name): each for trace in traces if trace for each in _everything(trace.root)}
    return [
        Figure(teller.label(each), teller.worth(each), worded(each.law or "", each.law or ""), each.since)
        for each in used.values()
        if each.what in ("parameter", *STATED) and each.since
    ]


def _everything(step: Step) -> Iterator[Step]:
    yield step
    for part in step.parts:
        yield from _everything(part)
    for member in step.members:
        for part in filter(None, (member.condition, member.body)):
            yield from _everything(part)
