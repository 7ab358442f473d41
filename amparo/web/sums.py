"""The arithmetic of a decision on numbered lines, so that anybody can do it again with a pencil.

Shape   the trace of a rule or amount in; lines out, each resting on facts, figures of the law and lines before it
Units   a line reckons in numbers as people write them: money in major units, at most six decimals, `≈` where more were cut
Nulls   a line whose result is not known says so and why; nothing is reckoned with it
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from amparo.kernel.messages import message
from amparo.rules.trace.step import MemberStep, Step
from amparo.web.exact import NOISE, exact
from amparo.web.explaining import Teller, Words
from amparo.web.explaining_functions import RECKONED

_SIGNS = {"+": "plus", "-": "minus", "*": "times", "/": "divided", "%": "remainder"}
_HELD = {"==": "equal", "!=": "different", "<": "less", "<=": "at-most", ">": "more", ">=": "at-least"}
_ANSWER = {True: "web-sum-yes", False: "web-sum-no", None: "web-sum-open"}
_LISTS = ("exists", "exists_one", "all", "count", "total", "months")
_ASKED = ("compare", "in", "not", "has", "text")


@dataclass(frozen=True)
class Sum:
    """One line. `reckoning`: the same in numbers only; `holds` of a condition, else `result`; `note`: distance, or why unknown."""

    number: int
    words: Words
    reckoning: Words = ""
    is_condition: bool = False
    holds: bool | None = None
    result: Any = None
    note: Words = ""


def reckoned(teller: Teller) -> tuple[list[Sum], list[Sum]]:
    """Return the lines of the rule, and those of the amount, which go on from there; none of it where nothing is granted."""
    sheet, trace = _Sheet(teller), teller.explanation.amount_trace
    for each in teller.explanation.trace.clauses:
        sheet.take(each, is_condition=True)
    of_rule = len(sheet.lines)
    if trace is not None:
        amount = sheet.take(trace.root)
        if amount.what != "line" or int(amount.operator) <= of_rule:
            sheet.write(trace.root, teller.phrase(amount))
    return sheet.lines[:of_rule], sheet.lines[of_rule:]


@dataclass
class _Sheet:
    teller: Teller
    lines: list[Sum] = field(default_factory=list)

    def write(self, step: Step, words: Words, reckoning: Words = "", *, is_condition: bool = False) -> Step:
        """Write a line, unless the same stands there already, and return what stands for it in later ones."""
        note = self.teller.far(step) or (message(step.reason) if step.reason and step.value is None else "")
        result = None if is_condition else self.teller.worth(step)
        holds = step.value if is_condition else None
        line = Sum(len(self.lines) + 1, words, reckoning, is_condition, holds, result, note)
        line = next((each for each in self.lines if replace(each, number=line.number) == line), line)
        if line not in self.lines:
            self.lines.append(line)
        return replace(step, what="line", operator=str(line.number), parts=(), members=())

    def take(self, step: Step, *, is_condition: bool = False) -> Step:
        """Return a step for use in a line, with what must be reckoned first on lines of its own."""
        if step.what in _WAYS:
            return _WAYS[step.what](self, step, is_condition)
        taken = self._taken(step)
        if step.what in RECKONED or step.what == "extreme":
            return self.write(step, self.teller.phrase(taken), self._in_numbers(taken))
        if is_condition or step.what in _ASKED:
            return self.write(step, self.teller.phrase(taken), self._held(taken), is_condition=True)
        return taken

    def _taken(self, step: Step) -> Step:
        return replace(step, parts=tuple(map(self.take, step.parts)))

    def _joined(self, step: Step, _: bool) -> Step:
        parts = [self.take(each, is_condition=True) for each in step.parts]
        words = message("web-sum-all-of" if step.what == "and" else "web-sum-one-of", lines=_numbers(parts))
        return self.write(step, words, is_condition=True)

    def _branch(self, step: Step, is_condition: bool) -> Step:
        asked = self.take(step.parts[0], is_condition=True)
        number = int(asked.operator)
        if asked.value is None:
            return self.write(step, message("web-sum-if-unknown", number=number), is_condition=is_condition)
        then = self.take(step.parts[1], is_condition=is_condition)
        words = message(
            "web-sum-if-true" if asked.value else "web-sum-if-false", number=number, then=self.teller.phrase(then)
        )
        return self.write(step, words, is_condition=is_condition)

    def _programme(self, step: Step, _: bool) -> Step:
        inner = self.take(step.parts[0], is_condition=True)
        words = message("web-sum-granted", number=int(inner.operator), programme=self.teller.label(step))
        return self.write(step, words, is_condition=True)

    def _table(self, step: Step, is_condition: bool) -> Step:
        of = [self.teller.phrase(each) for each in self._taken(step).parts]
        row = self._row(step) or message("web-condition-unknown")
        words = message("web-sum-row", table=self.teller.label(step), of=of, row=row)
        return self.write(step, words, is_condition=is_condition)

    def _score(self, step: Step, _: bool) -> Step:
        # A field chose among the regional variants; what an answer is reckoned from stands on lines before it.
        terms = [self._taken(each) for each in step.parts if each.what != "field"]
        lines = [self.write(each, self._term(each)) for each in terms]
        words = message("web-sum-added-up", of=self.teller.label(step), lines=_numbers(lines))
        return self.write(step, words, self._series("added", [each.value for each in terms], step))

    def _term(self, step: Step) -> Words:
        """Return what a term of a score counts; of points with the row of the scorecard that gives them."""
        words = self.teller.term(step).words
        is_read_off = all(each.kind in ("code", "boolean") for each in step.parts)
        return words if is_read_off or not step.cells else message("web-sum-points", of=words, row=self._row(step))

    def _row(self, step: Step) -> list[Words]:
        """Return the row that answers: of what has codes the code's words, of a number between which it lies."""
        cells = zip(step.parts, step.cells, strict=False)
        return [
            self.teller.worth(of) if of.kind in ("code", "boolean") and cell != "-" else _cell(cell)
            for of, cell in cells
        ]

    def _list(self, step: Step, is_condition: bool) -> Step:
        """Write each element, then what becomes of all together."""
        lines = [line for each in step.members if (line := self._element(each, step))]
        way = "count" if step.what == "count" else step.operator
        words: Words = self.teller.bare_list(step)
        if lines:
            words = message("web-sum-by-lines", what=words, lines=_numbers(lines), count=len(lines))
        return self.write(step, words, self._together(way, step), is_condition=step.what in _ALONE or is_condition)

    def _element(self, each: MemberStep, of: Step) -> Step | None:
        """Write who or what it is, whether it counts, and with how much."""
        counts = each.condition is None or each.condition.value is not False
        told = [] if each.condition is None else self._inline(each.condition)
        if each.body is not None and counts:
            body = self.take(each.body)
            told.append(self.teller.phrase(body))
        shown = each.condition or each.body
        if shown is None:
            return None
        words = message("web-sum-of-whom", who=self.teller.who_of(each, of), of=_chain(told))
        return self.write(shown, words, is_condition=shown.kind == "boolean")

    def _inline(self, step: Step) -> list[Words]:
        """Return a condition within one line: its parts, each with whether it holds."""
        if step.what in ("and", "or"):
            of = _chain([self._within(part) for part in step.parts])
            return [message("web-sum-all-needed" if step.what == "and" else "web-sum-one-enough", of=of)]
        name = self.teller.label(step) if step.what == "field" else ""
        of = message("web-why-named", name=name) if name else self.teller.phrase(self._taken(step))
        return [message(_ANSWER[step.value], of=of)]

    def _within(self, step: Step) -> Words:
        """Return a part of a condition; a connection within another stands in brackets, so that one sees where it ends."""
        (told,) = self._inline(step)
        return message("web-why-bracketed", of=told) if step.what in ("and", "or") else told

    def _together(self, way: str, step: Step) -> Words:
        """Return in numbers how the elements of a list come to one; empty where that cannot be shown element by element."""
        if step.what in _ALONE or (step.what == "months" and way == "count"):
            return ""
        values = _counting(step)
        if way == "mean":
            return self._series("mean", values, step, count=len(step.cells))
        if step.what == "months" and way != "sum" and len(values) != len(step.cells):
            return ""
        return self._series({"min": "least", "max": "greatest"}.get(way, "added"), values, step)

    def _series(self, way: str, values: Sequence[Any], step: Step, **told: int) -> Words:
        if not _is_number(step.value) or not values or not all(map(_is_number, values)):
            return ""
        numbers = [exact(each, self._decimals(step)) for each in values]
        first, *others = (numbers,) if way in ("least", "greatest") else numbers
        of: Any = first
        for each in others:
            of = message("web-sum-and", left=of, right=_signed(each))
        return message(f"web-sum-{way}", of=of, **told, **self._result(step))

    def _in_numbers(self, step: Step) -> Words:
        """Return an operation in numbers only; empty where it is not one of numbers, or something is not known."""
        numbers = [self._number(each) for each in step.parts]
        if not _is_number(step.value) or None in numbers:
            return ""
        if step.what == "extreme":
            return message(f"web-sum-{step.operator}", of=numbers, **self._result(step))
        if step.what == "arithmetic":
            left, right = numbers
            told = {"left": left, "right": _signed(right), **self._result(step)}
            return message(f"web-sum-{_SIGNS[step.operator]}", **told)
        if step.what == "round_to":
            return message("web-sum-becomes-multiple", of=numbers[0], multiple=numbers[1], **self._result(step))
        return message("web-sum-becomes", of=numbers[0], **self._result(step))

    def _held(self, step: Step) -> Words:
        numbers = [self._number(each) for each in step.parts]
        if step.what != "compare" or step.value is None or None in numbers:
            return ""
        return message(f"web-sum-{_HELD[step.operator]}", left=numbers[0], right=numbers[1])

    def _number(self, step: Step) -> Decimal | None:
        return exact(step.value, self._decimals(step)) if _is_number(step.value) else None

    def _result(self, step: Step) -> dict[str, Any]:
        decimals = self._decimals(step)
        number = exact(step.value, decimals)
        whole = Decimal(str(step.value)).scaleb(-decimals)
        return {"equals": "≈" if abs(whole - number) > abs(whole) * NOISE else "=", "result": number}

    def _decimals(self, step: Step) -> int:
        return self.teller.words.decimals if step.unit.startswith("money") else 0


_ALONE = ("exists", "exists_one", "all")
_WAYS = {
    **dict.fromkeys(("and", "or"), _Sheet._joined),
    **dict.fromkeys(_LISTS, _Sheet._list),
    "if": _Sheet._branch,
    "programme": _Sheet._programme,
    "table": _Sheet._table,
    "score": _Sheet._score,
}


def _chain(words: Sequence[Words]) -> Words:
    first, *others = words
    for each in others:
        first = message("web-sum-then", left=first, right=each)
    return first


def _cell(cell: str) -> Any:
    """Return in words between which numbers a row of a table holds."""
    if cell == "-":
        return message("web-sum-any")
    first, dots, last = (each.strip() for each in cell.partition(".."))
    if not dots:
        return _figure(cell)
    if last.startswith("<"):
        first, last = _figure(first), _figure(last[1:].strip())
        return message("web-sum-from-below" if first else "web-sum-below", first=first, last=last)
    first, last = _figure(first), _figure(last)
    id = "web-sum-from-to" if first and last else "web-sum-from" if first else "web-sum-up-to"
    return message(id, first=first, last=last)


def _figure(text: str) -> Any:
    """Return a number of a table for the language to write; anything else as it stands."""
    try:
        return message("web-number", number=Decimal(text)) if text else text
    except InvalidOperation:
        return text


def _signed(number: Decimal | None) -> Words | Decimal | None:
    """Return a number to stand behind a sign; one below zero in brackets."""
    return message("web-why-bracketed", of=number) if number is not None and number < 0 else number


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(lines: Sequence[Step]) -> list[int]:
    return [int(each.operator) for each in lines]


def _counting(step: Step) -> list[Any]:
    """Return what each element counts: with its body, or of a number of elements as one or none."""
    if step.what == "count":
        return [
            None
            if each.condition and each.condition.value is None
            else int(each.condition is None or each.condition.value)
            for each in step.members
        ]  # type: ignore[arg-type]
    counting = (each for each in step.members if each.body is not None)
    return [each.body.value for each in counting if each.condition is None or each.condition.value]  # type: ignore[union-attr]
