"""Writes random rules, backwards from the type wanted, so that nearly every one is a rule of the language.

`draw` is a random.Random: the seeded one of a benchmark, or Hypothesis's own, which it can shrink.
"""

from dataclasses import dataclass, replace
from random import Random

from amparo.rules.catalogue import HOUSEHOLD, MEMBER, RuleField, RuleList
from amparo.rules.model.types import BOOLEAN, DATE, DAYS, INTEGER, MONTHS, NUMBER, YEARS, Kind, Type
from tests.lib.rules.world import CATALOGUE, PARAMETERS, REGIONS, SEXES, TODAY

MONEY = Type.of("money", "money/month")
UNROUNDED = Type.of("number", "money/month")
AREA = Type.of("number", "m2")
SPANS = (YEARS, MONTHS, DAYS)
COMPARED = (INTEGER, NUMBER, MONEY, UNROUNDED, YEARS, MONTHS, DAYS, AREA, DATE)
RELATIONS = ("==", "!=", "<", "<=", ">", ">=")
DATES = ("2019-06-30", "2024-02-29", "2008-03-01", "1957-03-01", "1957-03-02")


@dataclass(frozen=True)
class Writer:
    """`variables`: name and grain of those of the macros we are in; `depth`: how many levels may still follow."""

    draw: Random
    unit: str = "household"
    variables: tuple[tuple[str, str], ...] = ()
    depth: int = 4

    def below(self) -> "Writer":
        return replace(self, depth=self.depth - 1)

    def a(self, type: Type) -> str:
        """Return an expression of the type."""
        ways = _LEAVES[type.kind] if self.depth <= 0 else _LEAVES[type.kind] + _WAYS[type.kind] * 2
        return self.draw.choice(ways)(self.below(), type)


def a_rule(draw: Random, unit: str = "household", *, depth: int = 4) -> str:
    """Return the text of a rule; often one that demands a member, so as not to be true of the blank household."""
    text = Writer(draw, unit, depth=depth).a(BOOLEAN)
    return draw.choice([text, f"household.size >= 1 && ({text})", f"has(household.rooms) && ({text})"])


def an_amount(draw: Random, unit: str = "household", *, depth: int = 3) -> str:
    return Writer(draw, unit, depth=depth).a(MONEY)


def _fields(at: Writer) -> list[tuple[str, RuleField]]:
    holders = _holders(at)
    return [
        (f"{root}.{each.name}", each) for each in CATALOGUE.fields for root, grain in holders if grain == each.grain
    ]


def _holders(at: Writer) -> list[tuple[str, str]]:
    return [(HOUSEHOLD, HOUSEHOLD), *at.variables, *([(MEMBER, MEMBER)] if at.unit == "person" else [])]


def _a_list(at: Writer) -> tuple[str, RuleList | None] | None:
    """Return a list that can be asked here, None for the members; None where nothing more is asked within."""
    if len(at.variables) == 2 or (at.variables and at.draw.random() < 0.5):
        return None
    found: list[tuple[str, RuleList | None]] = [] if at.variables else [("members", None)] * 4
    for root, grain in _holders(at):
        for each in CATALOGUE.lists:
            if each.grain == grain:
                found.append((f"{root}.{each.name}" if each.elements == MEMBER else f"{root}.items({each.name})", each))
    return at.draw.choice(found)


def _leaf(at: Writer, type: Type) -> str:
    """Return a field or parameter of the type, or a literal where there is none or chance has it."""
    names = [name for name, each in _fields(at) if Type.of(each.type, each.unit) == type]
    names += [
        f"param.{each.name}"
        for each in PARAMETERS.all
        if Type.of(each.type, each.unit) == type and each.on(TODAY) is not None
    ]
    if type == INTEGER:
        names.append("household.size")
    return at.draw.choice(names) if names and at.draw.random() < 0.85 else _literal(at, type)


def _literal(at: Writer, type: Type) -> str:
    if type.unit.power("money"):
        return "param.poverty_line" if type.kind is Kind.MONEY else "(param.poverty_line * param.taper)"
    match type.kind:
        case Kind.BOOLEAN:
            return at.draw.choice(["true", "false"])
        case Kind.INTEGER:
            return at.draw.choice(["0", "1", "2", "3", "16", "65", "-1", "1000000007"])
        case Kind.NUMBER:
            return at.draw.choice(["0.0", "0.5", "1.5", "2.5", "-0.25", "1e3", "40.0", "1e200"])
    return at.draw.choice(["decision_day", *(f'date("{each}")' for each in DATES)])


def _chain(at: Writer, _: Type) -> str:
    operator = at.draw.choice([" && ", " || "])
    return f"({operator.join(at.a(BOOLEAN) for _ in range(at.draw.choice([2, 2, 3])))})"


def _not(at: Writer, _: Type) -> str:
    return f"!({at.a(BOOLEAN)})"


def _compare(at: Writer, _: Type) -> str:
    type = at.draw.choice(COMPARED)
    left, right = at.a(type), at.a(type)
    if type.is_numeric and at.draw.random() < 0.4:
        right = "0" if type.unit.power("money") else _literal(at, INTEGER)
    return f"{left} {at.draw.choice(RELATIONS)} {right}"


def _age(at: Writer, _: Type) -> str:
    """Return an age against a constant, which the columnar engine turns into dates."""
    limit = at.draw.choice(["0", "16", "18", "67", "param.old_age", "param.child_age", "-1", "3000"])
    pair = [f"age({_leaf(at, DATE)})", limit]
    at.draw.shuffle(pair)
    return f" {at.draw.choice(RELATIONS)} ".join(pair)


def _membership(at: Writer, _: Type) -> str:
    codes = at.draw.sample(REGIONS, 2)
    options = ['household.region in ["' + '", "'.join(codes) + '"]', f"{at.a(INTEGER)} in [1, 2, 3]"]
    options += [f'{name}.sex == "{at.draw.choice(SEXES)}"' for name, grain in at.variables if grain == MEMBER]
    options += [f'{name}.kind == "wage"' for name, grain in at.variables if grain == "item:earning"]
    options.append(f'source_of({at.draw.choice(_fields(at))[0]}) == "census"')
    return f"({at.draw.choice(options)})"


def _has(at: Writer, _: Type) -> str:
    return f"has({at.draw.choice(_fields(at))[0]})"


def _quantified(at: Writer, type: Type) -> str:
    asked = _filtered(at)
    if asked is None:
        return _compare(at, type)
    text, within = asked
    macro = at.draw.choice(["exists", "exists_one", "all"])
    return f"{text}.{macro}({within.variables[-1][0]}, {within.a(BOOLEAN)})"


def _counted(at: Writer, _: Type) -> str:
    """Return a comparison of counts, which may be decided although a count is uncertain."""
    if len(at.variables) > 1:
        return _compare(at, BOOLEAN)
    count = _count(at, INTEGER)
    arithmetic = f"{count} {at.draw.choice('+-*/')} {_leaf(at, INTEGER)}"
    capped = f"math.{at.draw.choice(['least', 'greatest'])}({count}, {_leaf(at, INTEGER)})"
    left = at.draw.choice([count, arithmetic, capped])
    right = at.draw.choice(["1", "2", "household.size", "param.most_children", _count(at, INTEGER), "-1"])
    return f"({left}) {at.draw.choice(RELATIONS)} {right}"


def _filtered(at: Writer) -> tuple[str, Writer] | None:
    """Return a list, filtered or not, and the writer of what is asked of its elements; None where none may be asked."""
    found = _a_list(at)
    if found is None:
        return None
    text, of = found
    within = replace(at, variables=(*at.variables, ("mcd"[len(at.variables)], of.elements if of else MEMBER)))
    filters = at.draw.choice([0, 1, 1, 2])
    return text + "".join(f".filter({within.variables[-1][0]}, {within.a(BOOLEAN)})" for _ in range(filters)), within


def _count(at: Writer, type: Type) -> str:
    asked = _filtered(at)
    return _leaf(at, type) if asked is None else f"{asked[0]}.size()"


def _total(at: Writer, type: Type) -> str:
    asked = _filtered(at)
    if asked is None:
        return _leaf(at, type)
    text, within = asked
    variable = within.variables[-1][0]
    summable = type.kind is not Kind.DATE and not type.is_unrounded_money
    way = at.draw.choice(["min", "max", *(["sum"] * 3 if summable else [])])
    if at.draw.random() < 0.25:
        key = within.a(at.draw.choice([DATE, INTEGER, NUMBER]))
        most = at.draw.choice(["1", "2", "3", "0", "param.most_children"])
        text += f".sortBy({variable}, {key}).slice(0, {most})"
    return f"{text}.map({variable}, {within.a(type)}).{way}()"


def _of_months(at: Writer, type: Type) -> str:
    """Return what is asked of the months of a series: of somebody's earnings, by whatever unit is wanted."""
    holders = [root for root, grain in _holders(at) if grain == MEMBER]
    if type not in (MONEY, UNROUNDED, INTEGER) or not holders or len(at.variables) > 1:
        return _leaf(at, type)
    variable = "xyz"[len(at.variables)]
    within = replace(at, variables=(*at.variables, (variable, "item:earning")))
    filtered = f".filter({variable}, {within.a(BOOLEAN)})" if at.draw.random() < 0.4 else ""
    items = f"{at.draw.choice(holders)}.items(earning){filtered}.map({variable}, {variable}.amount)"
    if type == INTEGER:
        return f"over({items}, 3).count()"
    months, least = at.draw.choice([("3", ""), ("3", "1"), ("2", "1"), ("13", "2"), ("1", "")])
    way = "mean" if type == UNROUNDED else at.draw.choice(["min", "max"])
    return f"over({items}, {months}).{way}({least})"


def _days_since(at: Writer, type: Type) -> str:
    return f"age_of({at.draw.choice(_fields(at))[0]})" if type == DAYS else _leaf(at, type)


def _branch(at: Writer, type: Type) -> str:
    return f"({at.a(BOOLEAN)} ? {at.a(type)} : {at.a(type)})"


def _extreme(at: Writer, type: Type) -> str:
    way = at.draw.choice(["least", "greatest"])
    several = ", ".join(at.a(type) for _ in range(at.draw.choice([1, 2, 2, 3])))
    return f"math.{way}([{several}])" if at.draw.random() < 0.2 else f"math.{way}({several})"


def _sum(at: Writer, type: Type) -> str:
    return f"({at.a(type)} {at.draw.choice('+-')} {at.a(type)})"


def _product(at: Writer, type: Type) -> str:
    other = INTEGER if type.is_exact else at.draw.choice([NUMBER, INTEGER])
    pair = [at.a(type), at.a(other)]
    at.draw.shuffle(pair)
    return f"({' * '.join(pair)})"


def _quotient(at: Writer, type: Type) -> str:
    exact = {UNROUNDED: MONEY, NUMBER: INTEGER}.get(type, type)
    return f"({at.a(at.draw.choice([type, exact]))} / {at.a(at.draw.choice([NUMBER, INTEGER]))})"


def _ratio(at: Writer, type: Type) -> str:
    return f"({at.a(MONEY)} / {at.a(MONEY)})" if type == NUMBER else _quotient(at, type)


def _remainder(at: Writer, type: Type) -> str:
    return f"({at.a(INTEGER)} % {at.a(INTEGER)})" if type == INTEGER else _leaf(at, type)


def _rounded(at: Writer, type: Type) -> str:
    of = Type(Kind.NUMBER, type.unit)
    ways = ["math.round", "math.floor", "math.ceil", "math.trunc", "half_even"]
    return _leaf(at, type) if type in SPANS else f"{at.draw.choice(ways)}({at.a(of)})"


def _rounded_to(at: Writer, type: Type) -> str:
    """Return a rounding to a multiple, of what is whole already or not; now and then to one that is none."""
    if type in SPANS:
        return _leaf(at, type)
    way = at.draw.choice(["round_to", "half_even_to", "floor_to", "ceil_to", "trunc_to"])
    literals = ["2", "5", "10"] if type == INTEGER else ["param.poverty_line"]
    multiple = at.draw.choice([*literals, "param.step" if type == INTEGER else "param.coin", at.a(type)])
    return f"{way}({at.a(at.draw.choice([type, Type(Kind.NUMBER, type.unit)]))}, {multiple})"


def _signed(at: Writer, type: Type) -> str:
    if type == INTEGER and at.draw.random() < 0.4:
        return f"math.sign({at.a(at.draw.choice([INTEGER, NUMBER, MONEY, YEARS]))})"
    return f"math.abs({at.a(type)})"


def _span(at: Writer, type: Type) -> str:
    """Return an age, or the months or days between two days; of bare numbers the year or month of a day."""
    if type == YEARS:
        return at.draw.choice([f"age({at.a(DATE)})", f"age({at.a(DATE)}, {at.a(DATE)})"])
    if type in (MONTHS, DAYS):
        return f"{'months' if type == MONTHS else 'days'}_between({at.a(DATE)}, {at.a(DATE)})"
    return f"{at.draw.choice(['year', 'month'])}({at.a(DATE)})" if type == INTEGER else _leaf(at, type)


def _later(at: Writer, _: Type) -> str:
    months = at.draw.choice(["0", "1", "-1", "12", "-24", "18", "120000", "param.infancy", at.a(MONTHS)])
    return f"add_months({at.a(DATE)}, {months})"


def _default(at: Writer, type: Type) -> str:
    """Return a field with what counts where it has no value."""
    fields = [name for name, each in _fields(at) if Type.of(each.type, each.unit) == type]
    if not fields:
        return _leaf(at, type)
    root, name = at.draw.choice(fields).split(".")
    return f"{root}.?{name}.orValue({at.a(type)})"


def _power(at: Writer, type: Type) -> str:
    if type != NUMBER:
        return _leaf(at, type)
    decimals = at.draw.choice([0, 1, 2, 4, 6, 10])
    of = at.a(at.draw.choice([NUMBER, NUMBER, INTEGER, YEARS, AREA]))
    if at.draw.random() < 0.4:
        return f"pow({of}, {at.draw.choice(['0.5', '2.0', '-1.0', '0.9', at.a(NUMBER)])}, {decimals})"
    return f"{at.draw.choice(['exp', 'ln'])}({of}, {decimals})"


def _text(at: Writer, _: Type) -> str:
    """Return a question about a text or code; the codes are north, south and coast."""
    of = at.draw.choice(
        ['household.village.{}("A")', 'household.village.{}("İ")', "household.village.{}(param.letters)"]
    )
    if at.draw.random() < 0.4:
        part = at.draw.choice(['startsWith("s")', 'endsWith("th")', 'contains("o")'])
        return f"household.region.{part}"
    return of.format(at.draw.choice(["startsWith", "endsWith", "contains"]))


def _per_month(at: Writer, type: Type) -> str:
    return "per_month(household.rent)" if type == UNROUNDED else _leaf(at, type)


def _negative(at: Writer, type: Type) -> str:
    return f"-({at.a(type)})"


_OF_ALL = [_branch, _default]
_OF_NUMBERS = [*_OF_ALL, _sum, _product, _extreme, _total, _total, _of_months, _negative, _signed]
_EXACT = [*_OF_NUMBERS, _days_since, _rounded, _rounded_to]
_QUESTIONS = [_compare, _compare, _age, _membership, _has, _quantified, _counted, _text]
_LEAVES = {kind: [_leaf] for kind in Kind}
_WAYS = {
    Kind.BOOLEAN: [*_OF_ALL, _chain, _chain, _not, *_QUESTIONS],
    Kind.INTEGER: [*_EXACT, _count, _remainder, _span, _span],
    Kind.MONEY: _EXACT,
    Kind.NUMBER: [*_OF_NUMBERS, _quotient, _ratio, _per_month, _power, _power],
    Kind.DATE: [*_OF_ALL, _extreme, _total, _later],
    Kind.CODE: [_leaf],
    Kind.TEXT: [_leaf],
}
