"""Writes random rules, backwards from the type wanted, so that nearly every one is a rule of the language.

`draw` is a random.Random: the seeded one of a benchmark, or Hypothesis's own, which it can shrink.
"""

from dataclasses import dataclass, replace
from random import Random

from amparo.rules.catalogue import HOUSEHOLD, MEMBER, RuleField
from amparo.rules.model.types import BOOLEAN, DATE, INTEGER, NUMBER, YEARS, Kind, Type
from tests.lib.rules.world import CATALOGUE, PARAMETERS, REGIONS, SEXES, TODAY

MONEY = Type.of("money", "money/month")
UNROUNDED = Type.of("number", "money/month")
AREA = Type.of("number", "m2")
COMPARED = (INTEGER, NUMBER, MONEY, UNROUNDED, YEARS, AREA, DATE)
RELATIONS = ("==", "!=", "<", "<=", ">", ">=")
DATES = ("2019-06-30", "2024-02-29", "2008-03-01", "1957-03-01", "1957-03-02")


@dataclass(frozen=True)
class Writer:
    """`variable`: that of the macro we are in, None outside; `depth`: how many levels may still follow."""

    draw: Random
    unit: str = "household"
    variable: str | None = None
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
    roots = {HOUSEHOLD: ["household"], MEMBER: []}
    if at.variable:
        roots[MEMBER].append(at.variable)
    if at.unit == "person":
        roots[MEMBER].append("member")
    return [(f"{root}.{each.name}", each) for each in CATALOGUE.fields for root in roots[each.grain]]


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
    return f'date("{at.draw.choice(DATES)}")'


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
    if at.variable:
        options.append(f'{at.variable}.sex == "{at.draw.choice(SEXES)}"')
    return f"({at.draw.choice(options)})"


def _has(at: Writer, _: Type) -> str:
    return f"has({at.draw.choice(_fields(at))[0]})"


def _quantified(at: Writer, type: Type) -> str:
    if at.variable:
        return _compare(at, type)
    macro = at.draw.choice(["exists", "all"])
    return f"{_members(at)}.{macro}(m, {_within(at).a(BOOLEAN)})"


def _counted(at: Writer, _: Type) -> str:
    """Return a comparison of counts, which may be decided although a count is uncertain."""
    if at.variable:
        return _compare(at, BOOLEAN)
    count = _count(at, INTEGER)
    arithmetic = f"{count} {at.draw.choice('+-*/')} {_leaf(at, INTEGER)}"
    capped = f"math.{at.draw.choice(['least', 'greatest'])}({count}, {_leaf(at, INTEGER)})"
    left = at.draw.choice([count, arithmetic, capped])
    right = at.draw.choice(["1", "2", "household.size", "param.most_children", _count(at, INTEGER), "-1"])
    return f"({left}) {at.draw.choice(RELATIONS)} {right}"


def _within(at: Writer) -> Writer:
    return replace(at, variable="m")


def _members(at: Writer) -> str:
    filters = at.draw.choice([0, 1, 1, 2])
    return "members" + "".join(f".filter(m, {_within(at).a(BOOLEAN)})" for _ in range(filters))


def _count(at: Writer, type: Type) -> str:
    return _leaf(at, type) if at.variable else f"{_members(at)}.size()"


def _total(at: Writer, type: Type) -> str:
    if at.variable:
        return _leaf(at, type)
    summable = type.kind is not Kind.DATE and not type.is_unrounded_money
    ways = ["min", "max", *(["sum"] * 3 if summable else [])]
    return f"{_members(at)}.map(m, {_within(at).a(type)}).{at.draw.choice(ways)}()"


def _branch(at: Writer, type: Type) -> str:
    return f"({at.a(BOOLEAN)} ? {at.a(type)} : {at.a(type)})"


def _extreme(at: Writer, type: Type) -> str:
    way = at.draw.choice(["least", "greatest"])
    return f"math.{way}({', '.join(at.a(type) for _ in range(at.draw.choice([2, 3])))})"


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
    return _leaf(at, type) if type == YEARS else f"math.{at.draw.choice(['round', 'floor', 'ceil'])}({at.a(of)})"


def _years(at: Writer, type: Type) -> str:
    return f"age({at.a(DATE)})" if type == YEARS else _leaf(at, type)


def _per_month(at: Writer, type: Type) -> str:
    return "per_month(household.rent)" if type == UNROUNDED else _leaf(at, type)


def _negative(at: Writer, type: Type) -> str:
    return f"-({at.a(type)})"


_EXACT = [_sum, _product, _branch, _extreme, _total, _rounded, _negative]
_LEAVES = {kind: [_leaf] for kind in Kind}
_WAYS = {
    Kind.BOOLEAN: [_chain, _chain, _not, _compare, _compare, _age, _membership, _has, _quantified, _counted, _branch],
    Kind.INTEGER: [*_EXACT, _count, _remainder, _years],
    Kind.MONEY: _EXACT,
    Kind.NUMBER: [_sum, _product, _quotient, _ratio, _branch, _extreme, _total, _per_month, _negative],
    Kind.DATE: [_branch, _extreme, _total],
    Kind.CODE: [_leaf],
    Kind.TEXT: [_leaf],
}
