"""`score(model)` and `probability(model)`: a scorecard or proxy-means model of the profile, as one sum.

Points, weights and constants are decimals; everything is reckoned in whole numbers of the smallest place that occurs,
and divided once at the end, so that every engine gives the same digits.

Units   a score without decimals is a whole number, else a double; neither has a unit. A weight is per major unit of money
Nulls   the score of unknown answers lies between the least and the greatest possible, where points are given by
        answer; a comparison may be known nevertheless. An unknown that is weighed makes the score unknown
Errors  RuleRefused, as of tables; more than nine decimals in all; a question that is asked for nothing
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import reduce

from amparo.rules.check import rows
from amparo.rules.check.cells import cell, scaled
from amparo.rules.check.drawn import Written, drawn
from amparo.rules.check.expressions import typed
from amparo.rules.check.scope import Scope
from amparo.rules.check.tables import days, laws, named, reading, table_node, whole
from amparo.rules.check.unify import wanted
from amparo.rules.contents import SCORE, TABLE, ModelVersion, Question, ScoringModel, Variant
from amparo.rules.lower.intervals import is_interval
from amparo.rules.model.lookups import Cell, Lookup, Stated
from amparo.rules.model.nodes import (
    NOWHERE,
    Arithmetic,
    AsNumber,
    Literal,
    Node,
    OverList,
    Place,
    Rounded,
    walk,
    with_parts,
)
from amparo.rules.model.rule import RuleRefused
from amparo.rules.model.types import INTEGER, NUMBER, NUMERIC, Kind
from amparo.rules.text import syntax
from amparo.rules.text.parser import parse

COLUMNS = ("question", "answer", "points")
EACH = "each"  # the answer that stands for every number: it is weighed
MOST_PLACES = 9

Asked = dict[str, list[list[Written]]]


def score(written: syntax.Call, scope: Scope) -> Node:
    return model_node(_model(written, scope), scope, written.place)


def probability(written: syntax.Call, scope: Scope) -> Node:
    """Return what the model's table says of its score."""
    model = _model(written, scope)
    table = scope.parameters.contents.of(TABLE).get(model.probability or "")
    if table is None or len(table.inputs) != 1:
        raise RuleRefused("rules-score-without-probability", written.place, model=model.name)
    return table_node(table, [model_node(model, scope, written.place)], written.place)


def _model(written: syntax.Call, scope: Scope) -> ScoringModel:
    if len(written.arguments) != 1:
        raise RuleRefused("rules-arguments", written.name_place, function=written.name, expected=1)
    return named(written, scope, SCORE)


def model_node(model: ScoringModel, scope: Scope, place: Place) -> Node:
    """Return the model's score on any day; in a rule about persons, `member` is that person."""
    with whole(SCORE, model.name, place):
        sums = [version_sum(model, each, scope) for each in model.versions]
    if scope.variables and any(isinstance(each, OverList) for made, _ in sums for each in walk(made)):
        raise RuleRefused("rules-nested", place)
    is_whole = not any(places for _, places in sums)
    nodes = tuple(made if is_whole else _divided(made, places) for made, places in sums)
    type = INTEGER if is_whole else NUMBER
    return Stated(type, place, SCORE, model.name, (), nodes, days(model), laws(model))


def _divided(whole_number: Node, places: int) -> Node:
    return Arithmetic(
        NUMBER,
        whole_number.place,
        "/",
        AsNumber(NUMBER, whole_number.place, whole_number),
        Literal(NUMBER, whole_number.place, float(10**places)),
    )


def version_sum(model: ScoringModel, version: ModelVersion, scope: Scope) -> tuple[Node, int]:
    """Return the version's score in whole numbers, and of how many decimals; refuses what cannot be read."""
    asked = [_asked(each, version.questions) for each in version.variants]
    for question in version.questions:
        if not any(question.name in each for each in asked):
            raise RuleRefused("rules-score-question-unused", NOWHERE, question=question.name)
    inside = Scope(scope.catalogue, scope.parameters, scope.unit, of_group=scope.of_group, path=scope.path)
    inputs = {each.name: question_node(each.input, inside) for each in version.questions}
    places = _places(model, version, asked, inputs)
    sums = [
        _sum(model, version, each, rows_of, inputs, places)
        for each, rows_of in zip(version.variants, asked, strict=True)
    ]
    return _chosen(model, version, sums, inside), places


def question_node(text: str, scope: Scope) -> Node:
    """Return a question's rule text as a node that quotes it."""
    with reading(text):
        return quoted(typed(parse(text), scope), text)


def quoted(node: Node, text: str) -> Node:
    """Return the node with its own words beside each place, since it will stand in another rule."""
    if node.place.quoted is not None:
        return node
    place = replace(node.place, quoted=node.place.words(text))
    return replace(with_parts(node, lambda part: quoted(part, text)), place=place)


def _asked(variant: Variant, questions: Sequence[Question]) -> Asked:
    """Return question → its rows, in the order in which they are drawn."""
    known, found = [each.name for each in questions], Asked()
    with reading(variant.rows):
        for row in drawn(variant.rows, COLUMNS):
            if row[0].text not in known:
                raise RuleRefused("rules-score-question-unknown", row[0].place, name=row[0].text, known=known)
            found.setdefault(row[0].text, []).append(row)
    return found


def _is_weighed(asked: Sequence[list[Written]]) -> bool:
    return len(asked) == 1 and asked[0][1].text == EACH


def _places(model: ScoringModel, version: ModelVersion, asked: Sequence[Asked], inputs: Mapping[str, Node]) -> int:
    """Return the decimals of the smallest place that occurs in the version."""
    found = [0]
    for variant, questions in zip(version.variants, asked, strict=True):
        found.append(_decimals(_decimal(variant.constant, Written(variant.constant, NOWHERE))))
        with reading(variant.rows):
            for name, its_rows in questions.items():
                own = _input_places(model, version, name, inputs[name]) if _is_weighed(its_rows) else 0
                found += [own + _decimals(_decimal(row[2].text, row[2])) for row in its_rows]
    if max(found) > MOST_PLACES:
        raise RuleRefused("rules-score-too-fine", NOWHERE, found=max(found), most=MOST_PLACES)
    return max(found)


def _input_places(model: ScoringModel, version: ModelVersion, name: str, node: Node) -> int:
    if node.type.kind is Kind.MONEY:
        return model.decimals
    if node.type.is_exact:
        return 0
    return next(each.places for each in version.questions if each.name == name)


def _decimal(text: str, written: Written) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise RuleRefused("rules-score-points", written.place, value=text[:40])
    return number


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _scaled(number: Decimal, places: int, written: Written) -> int:
    try:
        return scaled(number, places)
    except ValueError:
        raise RuleRefused("rules-score-points", written.place, value=str(number)[:40]) from None


def _sum(
    model: ScoringModel,
    version: ModelVersion,
    variant: Variant,
    asked: Asked,
    inputs: Mapping[str, Node],
    places: int,
) -> Node:
    written = Written(variant.constant, NOWHERE)
    constant = _literal(_scaled(_decimal(variant.constant, written), places, written), "constant")
    with reading(variant.rows):
        terms = [_term(model, version, name, its_rows, inputs[name], places) for name, its_rows in asked.items()]
    points = _added([constant, *filter(is_interval, terms)])
    # Apart, for a large weight times an amount may overflow, and each sum of two ends above it would be written fivefold.
    weighed = [each for each in terms if not is_interval(each)]
    return _added([points, _added(weighed)]) if weighed else points


def _added(terms: Sequence[Node]) -> Node:
    return reduce(lambda left, right: Arithmetic(INTEGER, right.place, "+", left, right), terms)


def _literal(value: int, words: str) -> Node:
    return Literal(INTEGER, replace(NOWHERE, quoted=words), value)


def _term(
    model: ScoringModel, version: ModelVersion, name: str, asked: list[list[Written]], node: Node, places: int
) -> Node:
    if _is_weighed(asked):
        return _weighed(model, version, name, asked[0][2], node, places)
    cells = [(cell(row[1], node.type, model.decimals),) for row in asked]
    found = rows.gaps(cells, [node.type], [row[1:] for row in asked], model.decimals)
    if found:
        raise rows.refuse(found[0], [row[1:] for row in asked])
    points = tuple(_literal(_scaled(_decimal(row[2].text, row[2]), places, row[2]), row[2].text) for row in asked)
    return Lookup(INTEGER, replace(node.place, quoted=name), (node,), points, tuple(cells))


def _weighed(model: ScoringModel, version: ModelVersion, name: str, written: Written, node: Node, places: int) -> Node:
    """Return weight × answer in whole numbers; a fractional answer is rounded first, half away from zero."""
    wanted(node, *NUMERIC, operation=EACH)
    own = _input_places(model, version, name, node)
    if not node.type.is_exact:
        shifted = Arithmetic(NUMBER, node.place, "*", node, Literal(NUMBER, node.place, float(10**own)))
        node = Rounded(INTEGER, node.place, "round", shifted)
    weight = _literal(_scaled(_decimal(written.text, written), places - own, written), written.text)
    return Arithmetic(INTEGER, replace(node.place, quoted=name), "*", weight, node)


def _chosen(model: ScoringModel, version: ModelVersion, sums: Sequence[Node], scope: Scope) -> Node:
    """Return the one sum, or the one that the choosing answer picks."""
    if version.chosen_by is None:
        if len(sums) != 1:
            raise RuleRefused("rules-score-variants", NOWHERE, model=model.name)
        return sums[0]
    node = question_node(version.chosen_by, scope)
    written = [[Written(each.cell, NOWHERE)] for each in version.variants]
    cells: list[tuple[Cell, ...]] = [(cell(row[0], node.type, model.decimals),) for row in written]
    found = rows.gaps(cells, [node.type], written, model.decimals)
    if found:
        raise rows.refuse(found[0], written)
    return Lookup(INTEGER, node.place, (node,), tuple(sums), tuple(cells))
