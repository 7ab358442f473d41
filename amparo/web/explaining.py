"""Puts the trace of a decision into words: each step with its value, who said so, and how far it is from the threshold.

Shape   a `Line` per condition, as a tree with the shape of the rule; below each, the facts it rests on
Nulls   `holds` None: not known; a value that is None is written as not known
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from amparo.kernel.messages import Message, message
from amparo.kernel.money import Money
from amparo.programmes.explanation import Explanation, Input, catalogue_grain
from amparo.registry.dictionary import Dictionary
from amparo.registry.lists import RELATIONS
from amparo.rules.lower.names import SOURCE, plain
from amparo.rules.model.nodes import MEMBERS
from amparo.rules.trace import MemberStep, Step
from amparo.web.exact import exact
from amparo.web.explaining_functions import CALLED, RECKONED
from amparo.web.presenting import worded

Words = Message | str

_COMPARED = {
    "==": "web-why-equal",
    "!=": "web-why-different",
    "<": "web-why-less",
    "<=": "web-why-at-most",
    ">": "web-why-more",
    ">=": "web-why-at-least",
}
_RECKONED = {
    "+": "web-why-plus",
    "-": "web-why-minus",
    "*": "web-why-times",
    "/": "web-why-divided",
    "%": "web-why-remainder",
}
_OF_MEMBERS = {
    "exists": "web-why-somebody",
    "exists_one": "web-why-exactly-one",
    "all": "web-why-everybody",
    "count": "web-why-how-many",
    "sum": "web-why-sum",
    "min": "web-why-smallest",
    "max": "web-why-largest",
}
JOINED = {"and": "web-why-and", "or": "web-why-or", "if": "web-why-if"}
STATED = ("table", "score", "programme")
_OVER_MEMBERS = ("exists", "exists_one", "all", "count", "total", "months")
# The same, of another list than the members.
_OF_A_LIST = {
    "exists": "web-why-some-in-list",
    "exists_one": "web-why-one-in-list",
    "all": "web-why-all-in-list",
    "count": "web-why-how-many-in-list",
    "sum": "web-why-sum-in-list",
    "min": "web-why-smallest-in-list",
    "max": "web-why-largest-in-list",
}


@dataclass(frozen=True)
class Line:
    """One condition, fact or sum in words. `is_condition`: it holds, does not, or is not known; else it has a `value`.

    `told`    who said a fact and when
    `result`  what a comparison came to, and how far that is from the threshold
    """

    words: Words
    is_condition: bool = False
    holds: bool | None = None
    value: Any = None
    told: Words = ""
    result: Sequence[Words] = ()
    reason: Words = ""
    parts: tuple["Line", ...] = ()


@dataclass(frozen=True)
class Teller:
    """What stays the same while one decision is told: its facts and figures, the dictionary, and who is who."""

    explanation: Explanation
    words: Dictionary
    names: Mapping[int, Words] = field(default_factory=dict)

    def clauses(self) -> list[Line]:
        """Return a line for each condition of the rule."""
        return [self.line(each) for each in self.explanation.trace.clauses]

    def reckoning(self) -> Line | None:
        """Return how the amount was reckoned, where something is granted; of each member only whether they count."""
        trace = self.explanation.amount_trace
        if trace is None:
            return None
        whole = self.line(trace.root)
        return replace(whole, parts=tuple(_shallow(each) for each in whole.parts))

    def line(self, step: Step) -> Line:
        """Return a step with what it rests on: the parts of a connection, the members asked, or the facts read."""
        is_condition = step.kind == "boolean"
        return Line(
            words=self.label(step) or self.phrase(step),
            is_condition=is_condition,
            holds=step.value if is_condition else None,
            value=None if is_condition else self.worth(step),
            told=self._told(step),
            result=self._result(step),
            reason=self._reason(step),
            parts=self._parts(step),
        )

    def _parts(self, step: Step) -> tuple[Line, ...]:
        if step.what in _OVER_MEMBERS:
            return tuple(self._member(each, step) for each in step.members)
        if step.what in JOINED:
            return tuple(self.line(each) for each in step.parts)
        if step.what == "programme":
            return tuple(self.line(each) for part in step.parts for each in (part.parts or (part,)))
        if step.what == "score":
            return tuple(self.term(each) for each in step.parts)
        below = [leaf for part in step.parts for leaf in _leaves(part)]
        return tuple(self._leaf(each) for each in {(each.text, each.member): each for each in below}.values())

    def term(self, step: Step) -> Line:
        """Return what one answer counts in a score: its points, or the weight and the answer that it weighs."""
        if step.what not in ("points", "weight"):
            return (
                self.line(step) if step.what == "field" else Line(message("web-why-constant"), value=self.worth(step))
            )
        told = self.phrase(step.parts[0])
        words = (
            message("web-why-points", of=told)
            if step.what == "points"
            else message("web-why-weight", of=told, weight=step.operator)
        )
        return Line(words, value=self.worth(step), parts=tuple(map(self._leaf, _leaves(step.parts[0]))))

    def _leaf(self, step: Step) -> Line:
        """Return a fact as what was told: of "not pregnant", that she is, and not that the fact does not hold."""
        line = self.line(step)
        return replace(line, is_condition=False, value=self.worth(step)) if step.what == "field" else line

    def _member(self, step: MemberStep, of: Step) -> Line:
        """Return an element with the condition asked of it; a connection of conditions is told by its parts."""
        who = self.who_of(step, of)
        condition = step.condition
        bodies = (self.line(step.body),) if step.body else ()
        if condition is None:
            return Line(words=who, value=None if bodies else message("web-why-counts"), parts=bodies)
        told = self.line(condition)
        parts = told.parts if condition.what == "or" and not told.result else (told,)
        return Line(words=who, is_condition=True, holds=condition.value, parts=(*parts, *bodies))

    def who_of(self, step: MemberStep, of: Step) -> Words:
        """Return an element of a list: a member by name, anything else by its number there."""
        return (
            self.element(step.place, of.label_id or "", of.name or "") if step.index is None else self.who(step.index)
        )

    def phrase(self, step: Step) -> Words:
        """Return what a step asks or reckons, with the values it met."""
        if step.what in _PHRASED:
            return _PHRASED[step.what](self, step)
        if (step.what, step.operator) in CALLED:
            parts = dict(zip(("first", "second"), map(self.phrase, step.parts), strict=False))
            return message(CALLED[step.what, step.operator], **parts)
        return step.text

    def _literal(self, step: Step) -> Words:
        worth = self.worth(step)
        return worth if isinstance(worth, Message | str) else message("web-number", number=worth)

    def _age(self, step: Step) -> Words:
        born = step.parts[0].value
        return self._with_value(message("web-why-age") if born is None else message("web-why-age-born", on=born), step)

    def _held(self, id: str, step: Step) -> Message:
        """Return one thing held against another."""
        left, right = step.parts
        return message(id, left=self.phrase(left), right=self._beside(right, left))

    def _reckoned(self, step: Step) -> Message:
        """Return two things reckoned with each other; what is reckoned first stands in brackets, except a sum's beginning."""
        left, right = step.parts
        goes_on = left.what == "arithmetic" and left.operator == step.operator in ("+", "*")
        first = self.phrase(left) if goes_on else self._bracketed(left)
        return message(_RECKONED[step.operator], left=first, right=self._bracketed(right))

    def _bracketed(self, step: Step) -> Words:
        told = self.phrase(step)
        return message("web-why-bracketed", of=told) if step.what in ("extreme", *RECKONED) else told

    def _in(self, step: Step) -> Message:
        left, *others = step.parts
        return message("web-why-in", left=self.phrase(left), of=[self._beside(each, left) for each in others])

    def _text(self, step: Step) -> Message:
        left, part = step.parts
        return message(CALLED[step.what, step.operator], first=self.phrase(left), second=self._beside(part, left))

    def bare_list(self, step: Step) -> Message:
        """Return what a list is asked, without the answer."""
        if step.what == "months":
            named = worded(step.label_id or "", step.name or "")
            return message(f"web-why-months-{step.operator}", list=named)
        return self.of_list(step.operator if step.what == "total" else step.what, step)

    def _extreme(self, step: Step) -> Message:
        of = [self._bracketed(each) for each in step.parts]
        return message("web-why-least" if step.operator == "least" else "web-why-greatest", of=of)

    def of_list(self, way: str, step: Step) -> Message:
        """Return what a list is asked; of members by the family or couple where only these count, not as the household."""
        group = self.explanation.group if step.name == MEMBERS and way != "count" else None
        if step.name == MEMBERS and group is None:
            return message(_OF_MEMBERS[way])
        named = (f"group-{group}", group.value) if group else (step.label_id or "", step.name or "")
        return message(_OF_A_LIST[way], list=worded(*named))

    @staticmethod
    def element(place: tuple[str | int, ...], label_id: str, name: str) -> Message:
        """Return an element that is no member by its list and its number there."""
        return message("web-why-element", list=worded(label_id, name), number=int(place[-1]) + 1)

    def _with_value(self, words: Words, step: Step) -> Words:
        worth = self.worth(step)
        return (
            message("web-why-unknown-of", what=words)
            if worth is None
            else message("web-why-of", what=words, value=worth)
        )

    @staticmethod
    def label(step: Step) -> Words:
        if step.what == "parameter":
            return worded(f"parameter-{step.name}", step.name or "")
        return worded(step.label_id or "", step.name or "") if step.what in ("field", *STATED) else ""

    def _beside(self, step: Step, other: Step) -> Words:
        """Return a threshold as it reads beside what is held against it: a code in the words of the other's field."""
        if step.what == "literal" and step.kind in ("code", "text"):
            return self.coded(self._codes(other), step.value)
        return self.phrase(step)

    def _codes(self, step: Step) -> str | None:
        """Return what the words of a field's codes begin with; None where it has none."""
        if step.what != "field":
            return None
        if (step.name or "").endswith(SOURCE):
            return "source"
        return self.codes_of(step.grain or "", step.name or "", step.place)

    def codes_of(self, grain: str, name: str, place: tuple[str | int, ...]) -> str | None:
        given = self.explanation.input(grain, name, None, place) if place else None
        key = (given.grain if given else catalogue_grain(grain), name)
        vocabulary = self.words[key].vocabulary if key in self.words else None
        return vocabulary and f"code-{vocabulary}"

    @staticmethod
    def coded(codes: str | None, code: Any) -> Words:
        return worded(f"{codes}-{code}", str(code)) if codes else str(code)

    def worth(self, step: Step) -> Any:
        """Return a step's value with its unit, as pages write it; a range where only both ends are known."""
        if step.value is None and step.ends:
            low, high = (self.written(each, step.kind, step.unit) for each in step.ends)
            return message("web-why-between", low=low, high=high)
        codes = self._codes(step)
        if codes and step.value is not None:
            return self.coded(codes, step.value)
        return self.written(step.value, step.kind, step.unit)

    def written(self, value: Any, kind: str, unit: str) -> Any:
        if value is None or isinstance(value, bool | date):
            return value
        what, _, period = unit.partition("/")
        if what == "money":
            money: Money | Message = Money(round(value), self.words.currency, self.words.decimals)
            if value != round(value):
                number = exact(value, self.words.decimals)
                money = message("web-value-exact", currency=self.words.currency, value=number)
            return message("web-value-per", value=money, per=worded(f"web-per-{period}", period)) if period else money
        if unit in ("year", "month", "day"):
            return message(f"web-value-{unit}s", count=value)
        return exact(value) if isinstance(value, float) else value

    def _told(self, step: Step) -> Words:
        given = self._input(step)
        return self.told(given) if given else ""

    def told(self, given: Input) -> Words:
        """Return who told a fact and when, and what became of it where that is too long ago; empty where nobody did."""
        if given.fact is None:
            return ""
        source = worded(f"source-{given.fact.source}", given.fact.source)
        told = {"source": source, "day": given.fact.observed_on}
        if not given.is_stale:
            return message("web-why-told", **told)
        return message("web-why-told-usable" if given.counts else "web-why-told-stale", count=given.limit_days, **told)

    def _input(self, step: Step) -> Input | None:
        if step.what != "field":
            return None
        return self.explanation.input(step.grain or "", plain(step.name or ""), step.member, step.place)

    def _result(self, step: Step) -> list[Words]:
        """Return what the left side of a comparison came to, and how far it is from the right."""
        if step.what != "compare" or step.distance is None:
            return []
        left = step.parts[0]
        made = [message("web-why-makes", value=self.worth(left))] if left.what in RECKONED else []
        return [*made, self.far(step)]

    def far(self, step: Step) -> Words:
        """Return how far the left side of a comparison is from the right, in the unit of both; empty of anything else."""
        if step.what != "compare" or step.distance is None:
            return ""
        if step.distance == 0:
            return message("web-why-at-the-threshold")
        left = step.parts[0]
        unit = "day" if left.kind == "date" else left.unit
        distance = abs(step.distance)
        if unit.startswith("money"):  # in the smallest coin, and never none: that would be at the threshold
            distance = max(round(distance), 1)
        far = self.written(distance, "integer" if left.kind == "date" else left.kind, unit)
        return message("web-why-above" if step.distance > 0 else "web-why-below", far=far)

    def _reason(self, step: Step) -> Words:
        """Return why a step is unknown, unless a stale fact says so already."""
        if step.reason is None:
            return ""
        given = self._input(step)
        return "" if given and given.fact else message(step.reason)

    def who(self, index: int) -> Words:
        number = self.explanation.members[index][1]
        return self.names.get(index) or message("web-person-numbered", number=str(number))


def label_of_list(name: str) -> str:
    return f"registry-list-{name}" if name in RELATIONS else f"item-{name}"


def _leaves(step: Step) -> Iterator[Step]:
    """Yield the facts a reckoning rests on, the questions it puts to the members, and what counted without a fact."""
    if step.what in ("field", *STATED, *_OVER_MEMBERS) or (step.what, step.operator) == ("default", "used"):
        yield step
    else:
        for part in step.parts:
            yield from _leaves(part)


def _shallow(line: Line) -> Line:
    """Return a question to the members with whether each counts, and no more."""
    return replace(line, parts=tuple(replace(each, parts=()) if each.is_condition else each for each in line.parts))


def _named(teller: Teller, step: Step) -> Message:
    return message("web-why-named", name=teller.label(step))


_PHRASED: dict[str, Callable[[Teller, Step], Words]] = {
    **dict.fromkeys(("field", "parameter", *STATED), lambda told, step: told._with_value(_named(told, step), step)),
    **dict.fromkeys(
        ("size", "days_since", "decision_day"),
        lambda told, step: told._with_value(message(f"web-why-{step.what.replace('_', '-')}"), step),
    ),
    **dict.fromkeys(("not", "has"), lambda told, step: message(f"web-why-{step.what}", of=told.phrase(step.parts[0]))),
    **dict.fromkeys(JOINED, lambda told, step: message(JOINED[step.what])),
    **dict.fromkeys(("exists", "exists_one", "all"), Teller.bare_list),
    **dict.fromkeys(("count", "total", "months"), lambda told, step: told._with_value(told.bare_list(step), step)),
    "line": lambda told, step: told._with_value(message("web-sum-line", number=int(step.operator)), step),
    "literal": Teller._literal,
    "age": Teller._age,
    "compare": lambda told, step: told._held(_COMPARED[step.operator], step),
    "arithmetic": Teller._reckoned,
    "extreme": Teller._extreme,
    "in": Teller._in,
    "text": Teller._text,
}
