"""What a citizen is handed: why a decision says what it says, in plain sentences, and how to appeal. Pages and PDF show the same.

Shape   parts in the order in which they are read; a part has sentences, lines of arithmetic, a table or a list
Nulls   what is not known is said to be so; of a decision whose facts were erased, that they were, when and on what ground
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from amparo.kernel.messages import Message, message
from amparo.profiles.languages import has_words
from amparo.programmes.explanation import Explanation
from amparo.programmes.types import Notice, State
from amparo.registry.dictionary import Dictionary
from amparo.web import changing, grouping, lacking, laws, presenting, sums
from amparo.web.explaining import Teller, Words
from amparo.web.presenting import worded
from amparo.web.sums import Sum

_OUTCOME = {True: "true", False: "false", None: "unknown"}


@dataclass(frozen=True)
class Part:
    """A part of a letter. `rows` stand under `header`; `points` are a list; `sums` are lines of arithmetic."""

    heading: Message
    says: Sequence[Words] = ()
    sums: Sequence[Sum] = ()
    header: Sequence[Message] = ()
    rows: Sequence[Sequence[Any]] = ()
    points: Sequence[Words] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.says or self.sums or self.rows or self.points)


@dataclass(frozen=True)
class Letter:
    """`whom`: programme, who it is about and the household's number; `verdict`: the outcome in a word; `reference`: the decision's id."""

    title: Message
    whom: Sequence[Words]
    verdict: Message
    says: Sequence[Words]
    parts: Sequence[Part]
    reference: str = ""


def letter(
    why: Explanation,
    words: Dictionary,
    *,
    whom: Words | None,
    names: Mapping[int, Words],
    notice: Notice | None = None,
    was: int | None = None,
) -> Letter:
    """Return the citizen's explanation of a decision, or of what would be decided; `was`: the amount received now."""
    teller = Teller(why, words, names)
    programme = worded(f"programme-{why.programme}", why.programme)
    parts = _erased(why) if why.erased else [*_reckoned(why, teller), *_behind(teller)]
    return Letter(
        title=message("web-letter-title"),
        whom=[programme, *([whom] if whom else []), message("web-household-numbered", number=str(why.number))],
        verdict=_verdict(why),
        says=[*_answer(why, teller, was), *_state(why, notice), _law(why)],
        parts=[each for each in (*parts, _appeal(why, notice)) if not each.is_empty],
        reference=str(why.decision.id) if why.decision else "",
    )


def _verdict(why: Explanation) -> Message:
    if why.decision is not None and why.decision.waiting:
        return message("web-outcome-waiting", place=str(why.decision.waiting))
    outcome = message(f"web-outcome-{_OUTCOME[why.outcome]}")
    if _is_proposed(why) and why.outcome:
        return message("web-letter-only-lower")
    return message("web-letter-only-proposed", outcome=outcome) if _is_proposed(why) else outcome


def _is_proposed(why: Explanation) -> bool:
    return why.decision is not None and why.decision.state is State.PROPOSED


def _answer(why: Explanation, teller: Teller, was: int | None) -> list[Words]:
    """Return the answer in sentences; of one that nobody decided that it is what would be."""
    would = [] if why.decision else [message("web-would-no-decision")]
    ranked = None if why.erased else grouping.ranked(why, teller)
    if ranked and not why.outcome:
        return [*would, ranked.said]
    if ranked:
        would = [*would, ranked.said]
    if why.outcome is None:
        return [*would, message("web-letter-unknown")]
    if why.outcome and why.amount is not None:
        amount = presenting.money(why.amount, teller.words)
        if not _is_proposed(why):
            return [*would, message("web-letter-granted-amount", amount=amount)]
        if was is None:
            return [*would, message("web-letter-lower", amount=amount)]
        return [*would, message("web-letter-lower-than", amount=amount, was=presenting.money(was, teller.words))]
    if why.outcome:
        return [*would, message("web-letter-granted")]
    return [*would, message("web-letter-ends" if _is_proposed(why) else "web-letter-refused")]


def _state(why: Explanation, notice: Notice | None) -> list[Words]:
    made, told = why.decision, []
    if made is not None and not made.is_standing:
        told.append(message("web-decision-superseded", on=made.superseded_at.date()))
    if _is_proposed(why):
        day = notice.takes_effect_on if notice else None
        told.append(message("web-letter-proposed-until", day=day) if day else message("web-letter-proposed"))
    if made is not None and made.state is State.REVIEW:
        told.append(message("web-letter-review"))
    if not why.recomputes and not why.erased:
        told.append(message("web-decision-differs"))
    return told


def _law(why: Explanation) -> Message:
    law = worded(why.law, why.law)
    return message("web-letter-law", day=why.on, law=law, since=why.rule_since)


def _erased(why: Explanation) -> list[Part]:
    assert why.erased is not None
    said = message("web-decision-erased", day=why.erased.on, ground=worded(why.erased.ground, why.erased.ground))
    return [Part(message("web-letter-facts"), [said])]


def _reckoned(why: Explanation, teller: Teller) -> list[Part]:
    """Return what was reckoned, what must be found out, and what would change the answer."""
    group = grouping.asked(why, teller)
    ranked = grouping.ranked(why, teller)
    changes = changing.changes(teller)
    rule, amount = sums.reckoned(teller)
    return [
        Part(message("web-letter-missing"), points=lacking.missing(teller)),
        Part(message("web-letter-stale"), points=lacking.resting(teller)),
        Part(
            message("web-letter-rule"),
            [message("web-letter-rule-about", count=len(why.trace.clauses)), *([group] if group else [])],
            sums=rule,
        ),
        Part(message("web-ranked-title"), [message("web-ranked-about")], points=ranked.keys) if ranked else _NOTHING,
        Part(message("web-decision-amount"), sums=amount),
        Part(
            message("web-decision-changes"),
            [message("web-letter-changes-about")] if changes else [],
            points=changes,
        ),
    ]


_NOTHING = Part(message("web-ranked-title"))


def _behind(teller: Teller) -> list[Part]:
    """Return what the reckoning rests on: every fact with source and day, every figure with its law."""
    facts = [
        (lacking.about(each, teller), lacking.value(each, teller), teller.told(each) or "–")
        for each in teller.explanation.inputs
    ]
    figures = [
        (each.words, each.value, message("web-why-law", law=each.law, day=each.since)) for each in laws.figures(teller)
    ]
    fact, value = message("web-fact"), message("web-fact-value")
    return [
        Part(message("web-letter-facts"), header=(fact, value, message("web-letter-told")), rows=facts),
        Part(message("web-decision-figures"), header=(fact, value, message("web-decision-law")), rows=figures),
    ]


def _appeal(why: Explanation, notice: Notice | None) -> Part:
    """Return how to appeal: where, in the words of the programme or the country, and until when."""
    heading = message("web-letter-appeal")
    if why.decision is None:
        return Part(heading)
    own = (f"programme-{why.programme}-appeal", "profile-appeal", "web-letter-appeal-where")
    said: list[Words] = [message(next(filter(has_words, own)))]
    if why.procedure.law:
        said.append(message("web-letter-appeal-law", law=worded(why.procedure.law, why.procedure.law)))
    return Part(heading, [_until(why, notice), *said, message("web-letter-appeal-bring")])


def _until(why: Explanation, notice: Notice | None) -> Message:
    made, days = why.decision, why.procedure.appeal_days
    assert made is not None
    if notice is not None:
        until = notice.takes_effect_on + timedelta(days=notice.appeal_days)
        return message("web-letter-appeal-noticed", day=notice.takes_effect_on, until=until)
    if _is_proposed(why):
        return message("web-letter-appeal-proposed", count=days)
    return message("web-letter-appeal-until", until=_day(why) + timedelta(days=days))


def _day(why: Explanation) -> date:
    """Return the day from which the time of appeal counts: the later of the day decided for, and the day it was decided."""
    assert why.decision is not None
    return max(why.decision.on, why.decision.decided_at.date())
